# SPDX-License-Identifier: ISC
"""terminal.py COLUMNS COMMAND...: runs it with a terminal of so many columns as its standard output;
prints what it wrote there, and ends as it does."""
import fcntl
import os
import pty
import struct
import sys
import termios

terminal, output = pty.openpty()
fcntl.ioctl(output, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
pid = os.fork()
if pid == 0:
    os.dup2(output, 1)
    os.close(terminal)
    os.close(output)
    os.execvp(sys.argv[2], sys.argv[2:])
os.close(output)
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:  # EIO: nobody has it open any more
        break
    os.write(1, data.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
