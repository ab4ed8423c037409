#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A guest that speaks SMB by itself (MS-SMB2) and has no manners: whatever it has been refused
or has lost, it goes on using, by the same numbers, as no well-behaved client would.

    rude.py ADDRESS          does what it reads, a line each, and prints what came of it:
        tcon SHARE               opens a share; what follows uses it
        open H NAME [lease]      opens or makes a file; with a lease it never gives back
        opendir H NAME
        read H                   its first bytes
        write H TEXT
        lock H                   its first 100 bytes, for itself alone
        rename H NAME
        watch H                  asks to be told of changes in the directory H
        told                     prints what it has been told of since
        broken                   says whether the server asked for a lease back
        pour H                   writes numbered blocks of 4 KiB, 8 on their way at a time, until
                                 it cannot, and prints how many were acknowledged
        shuffle H NAME           renames it to NAME.0, NAME.1, NAME.0 ... until it cannot
        !echo TEXT               prints TEXT
    rude.py ADDRESS crowd N  connects N times, says nothing, prints "here"; for each line
                             "SHARE" all of them log on and try to open that share: prints how
                             many succeeded
    rude.py ADDRESS knock N  begins N connections, prints "here" and waits

A fault is printed as NT_STATUS and its number, the end of the connection as "closed"."""

import select
import socket
import struct
import sys
import uuid

OK, PENDING, MORE = 0, 0x103, 0xC0000016
NEGOTIATE, SETUP, TCON, CREATE, READ, WRITE, LOCK, NOTIFY, SET_INFO = 0, 1, 3, 5, 8, 9, 10, 15, 17
BLOCK = 4096
UNASKED = 2 ** 64 - 1


class Refused(Exception):
    pass


class Closed(Exception):
    pass


class Smb:
    """One connection, its session, its last tree.  Credits are asked for plenty."""

    def __init__(self, server):
        self.server = server
        self.socket = socket.create_connection((server, 445), timeout=20)
        self.next = self.session = self.tree = 0
        self.came = {}

    def log_on(self):
        """SMB 3.0.2, no signing; NTLMSSP as nobody (MS-NLMP 3.2.5.1.2)."""
        self.ask(NEGOTIATE, struct.pack("<HHHHI16sQ", 36, 1, 1, 0, 0, uuid.uuid4().bytes, 0)
                 + struct.pack("<H", 0x302))
        self.setup(b"NTLMSSP\0" + struct.pack("<II16x", 1, 0xA0088205), MORE)
        none = struct.pack("<HHI", 0, 0, 65)
        self.setup(b"NTLMSSP\0" + struct.pack("<I", 3) + struct.pack("<HHI", 1, 1, 64) + none * 5
                   + struct.pack("<I", 0xA0088A05) + b"\0", OK)

    def setup(self, blob, wanted):
        body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 0x58, len(blob), 0) + blob
        status, self.session, _ = self.hear(self.say(SETUP, body))
        if status != wanted:
            raise Refused("NT_STATUS_%#x" % status)

    def say(self, command, body):
        mid, self.next = self.next, self.next + 1
        head = struct.pack("<4sHHIHHIIQIIQ16x", b"\xfeSMB", 64, 1, 0, command, 256, 0, 0, mid, 0,
                           self.tree, self.session)
        try:
            self.socket.sendall(struct.pack(">I", len(head + body)) + head + body)
        except OSError:
            raise Closed("closed")
        return mid

    def bytes(self, count):
        got = b""
        while len(got) < count:
            try:
                more = self.socket.recv(count - len(got))
            except OSError:
                more = b""
            if not more:
                raise Closed("closed")
            got += more
        return got

    def take(self):
        """One message from the server: an answer, or what nobody asked for."""
        frame = self.bytes(struct.unpack(">I", self.bytes(4))[0])
        status, = struct.unpack_from("<I", frame, 8)
        mid, = struct.unpack_from("<Q", frame, 24)
        tree, session = struct.unpack_from("<IQ", frame, 36)
        self.came[mid, status == PENDING] = status, session, (tree, frame)

    def hear(self, mid, pending=False):
        while (mid, pending) not in self.came:
            if pending and (mid, False) in self.came:
                return self.came.pop((mid, False))
            self.take()
        return self.came.pop((mid, pending))

    def ask(self, command, body):
        status, _, answer = self.hear(self.say(command, body))
        if status != OK:
            raise Refused("NT_STATUS_%#x" % status)
        return answer

    def tcon(self, share):
        path = ("\\\\%s\\%s" % (self.server, share)).encode("utf-16-le")
        self.tree, _ = self.ask(TCON, struct.pack("<HHHH", 9, 0, 0x48, len(path)) + path)

    def create(self, name, directory, lease):
        name = name.encode("utf-16-le")
        pad = b"\0" * (-len(name) % 8)
        context = b""
        if lease: # RqLs, a lease to read, write and keep (MS-SMB2 2.2.13.2.8)
            context = (struct.pack("<IHHHHI4s4x", 0, 16, 4, 0, 24, 32, b"RqLs")
                       + struct.pack("<16sIIQ", uuid.uuid4().bytes, 7, 0, 0))
        body = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0xFF if lease else 0, 2, 0, 0,
                           0x100081 if directory else 0x13019F, 0, 7, 1 if directory else 3,
                           1 if directory else 0x40, 0x78, len(name),
                           0x78 + len(name + pad) if lease else 0, len(context))
        _, frame = self.ask(CREATE, body + name + pad + context + b"\0")
        return frame[128:144], frame[66]

    def write(self, file, offset, data):
        return self.say(WRITE, struct.pack("<HHIQ16sIIHHI", 49, 0x70, len(data), offset, file, 0,
                                           0, 0, 0, 0) + data)

    def renaming(self, file, name):
        name = name.encode("utf-16-le")
        data = struct.pack("<B7xQI", 1, 0, len(name)) + name
        return self.say(SET_INFO, struct.pack("<HBBIHHI16s", 33, 1, 10, len(data), 0x60, 0, 0,
                                              file) + data)


class Guest:
    def __init__(self, smb):
        self.smb, self.files, self.watches = smb, {}, []
        smb.log_on()

    def done(self, mid):
        status, _, answer = self.smb.hear(mid)
        if status != OK:
            raise Refused("NT_STATUS_%#x" % status)
        return answer

    def tcon(self, share):
        self.smb.tcon(share)

    def open(self, handle, name, lease=None):
        self.files[handle], oplock = self.smb.create(name, False, lease)
        if lease and oplock != 0xFF:
            return "no lease"

    def opendir(self, handle, name="."):
        self.files[handle], _ = self.smb.create("" if name == "." else name, True, False)

    def read(self, handle):
        _, frame = self.smb.ask(READ, struct.pack("<HBBIQ16sIIIHHB", 49, 0x50, 0, 64, 0,
                                                  self.files[handle], 0, 0, 0, 0, 0, 0))
        return frame[frame[66]:].decode(errors="replace").rstrip()

    def write(self, handle, text):
        self.done(self.smb.write(self.files[handle], 0, text.encode()))

    def lock(self, handle):
        self.smb.ask(LOCK, struct.pack("<HHI16sQQII", 48, 1, 0, self.files[handle], 0, 100, 0x12, 0))

    def rename(self, handle, name):
        self.done(self.smb.renaming(self.files[handle], name))

    def watch(self, handle):
        """What has happened since it was told last comes at once, and it asks again."""
        status = OK
        while status == OK:
            mid = self.smb.say(NOTIFY, struct.pack("<HHI16sII", 32, 1, 4096, self.files[handle],
                                                   0x17F, 0))
            status, _, _ = self.smb.hear(mid, True)
        if status != PENDING:
            raise Refused("NT_STATUS_%#x" % status)
        self.watches.append(mid)

    def look(self):
        while select.select([self.smb.socket], [], [], 0)[0]:
            self.smb.take()

    def broken(self):
        self.look()
        return "yes" if (UNASKED, False) in self.smb.came else "no"

    def told(self):
        self.look()
        for mid in self.watches[-1:]:
            if (mid, False) in self.smb.came:
                status, _, (_, frame) = self.smb.came[mid, False]
                return "%#x %s" % (status, frame[84:].decode("utf-16-le", "ignore"))
        return "nothing"

    def until_it_cannot(self, step):
        """step(n) sends the n-th request; prints how many of them were acknowledged."""
        done, sent = 0, []
        print("begun", flush=True)
        try:
            while True:
                while len(sent) < 8:
                    sent.append(step(done + len(sent)))
                self.done(sent.pop(0))
                done += 1
        except (Refused, Closed) as end:
            return "%d acknowledged, then %s" % (done, end)

    def pour(self, handle):
        return self.until_it_cannot(lambda n: self.smb.write(
            self.files[handle], n * BLOCK, b"%08d" % n * (BLOCK // 8)))

    def shuffle(self, handle, name):
        return self.until_it_cannot(lambda n: self.smb.renaming(
            self.files[handle], "%s.%d" % (name, n % 2)))


def obey(guest, line):
    word, *arguments = line.split(" ")
    if word == "!echo":
        return " ".join(arguments)
    try:
        return getattr(guest, word)(*arguments) or "done"
    except (Refused, Closed) as fault:
        return str(fault)
    except KeyError as handle:
        return "NT_STATUS_none: %s is not open" % handle


def crowd(server, count):
    all_of_them = [Smb(server) for _ in range(count)]
    print("here", flush=True)
    for line in sys.stdin:
        succeeded = 0
        for smb in all_of_them:
            try:
                smb.session or smb.log_on()
                smb.tcon(line.strip())
                succeeded += 1
            except (Refused, Closed):
                pass
        print("%d of %d" % (succeeded, count), flush=True)


def knock(server, count):
    begun = []
    for _ in range(count):
        begun.append(socket.socket())
        begun[-1].setblocking(False)
        begun[-1].connect_ex((server, 445))
    print("here", flush=True)
    sys.stdin.read()


def main():
    server, *mode = sys.argv[1:]
    if mode:
        {"crowd": crowd, "knock": knock}[mode[0]](server, int(mode[1]))
        return
    try:
        guest = Guest(Smb(server))
    except (OSError, Refused, Closed) as fault:
        print("NT_STATUS_none: no session, %s" % fault, flush=True)
        return
    for line in sys.stdin:
        print(obey(guest, line.rstrip("\n")), flush=True)


main()
