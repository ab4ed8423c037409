# SPDX-License-Identifier: ISC
"""silent.py DIRECTORY UID [OPTION...]: an empty file system of that user's, as fusermount(1) mounts it for
him (fuse(4)), which answers until it gets SIGUSR1, and then nobody, or SIGUSR2, and then nobody but
that user.  Says its process' number once it is mounted, and ends with its standard input."""
import ctypes, os, select, signal, struct, sys

LOOKUP, FORGET, GETATTR, INIT, ACCESS, INTERRUPT, BATCH_FORGET = 1, 2, 3, 26, 34, 36, 42
ENOENT, ENOSYS = 2, 38
silent = picky = False


def hush(number, frame):
    global silent, picky
    silent |= number == signal.SIGUSR1
    picky |= number == signal.SIGUSR2


def answer(opcode, node, uid):
    """The error and the body of an answer; None: none is wanted."""
    if opcode in (FORGET, INTERRUPT, BATCH_FORGET):
        return None
    if opcode == INIT:
        return 0, struct.pack("=IIIIHHIIHHI28x", 7, 31, 0, 0, 12, 9, 4096, 1, 1, 0, 0)
    if opcode == GETATTR:
        return 0, struct.pack("=QIIQQQQQQIIIIIIIIII", 0, 0, 0, node, 0, 0, 0, 0, 0,
                              0, 0, 0, 0o40755, 2, uid, uid, 0, 4096, 0)
    if opcode == ACCESS:
        return 0, b""
    return -(ENOENT if opcode == LOOKUP else ENOSYS), b""


signal.signal(signal.SIGUSR1, hush)
signal.signal(signal.SIGUSR2, hush)
directory, uid = sys.argv[1], int(sys.argv[2])
device = os.open("/dev/fuse", os.O_RDWR)
options = ",".join([f"fd={device},rootmode=40000,user_id={uid},group_id={uid}"] + sys.argv[3:])
if ctypes.CDLL(None, use_errno=True).mount(b"silent", directory.encode(), b"fuse", 6, options.encode()):
    sys.exit(f"silent.py: mount: {os.strerror(ctypes.get_errno())}")
print(os.getpid(), flush=True)
while True:
    if sys.stdin in select.select([device, sys.stdin], [], [])[0]:
        break
    request = os.read(device, 1 << 17)
    _, opcode, unique, node, asker = struct.unpack_from("=IIQQI", request)
    said = None if silent or (picky and asker != uid) else answer(opcode, node, uid)
    if said:
        error, body = said
        os.write(device, struct.pack("=IiQ", 16 + len(body), error, unique) + body)
