#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""witness.py IP...: sees on the host's taps how soon an address has its shares.

Prints "IP WHAT MS" as each happens for the first time, counted from the first frame that
came from a tap with the address as its sender's (ARP or IPv4):

    frame      that frame
    answered   the host's answer to a connection to port 445
    opened     a share opened (SMB2 TREE_CONNECT, MS-SMB2 2.2.10)
    read       bytes of a file (2.2.20)

Listens on all interfaces at once, since what a gate drops never reaches the bridge's; prints
"ready" when it does."""

import socket
import struct
import sys
import time

OUTGOING = 4
TREE_CONNECT, READ = 3, 8


def sender(frame):
    """(address, is it IPv4?) of who sent the frame; None where it names nobody."""
    kind = frame[12:14]
    if kind == b"\x08\x06" and len(frame) >= 42:
        return socket.inet_ntoa(frame[28:32]), False
    if kind == b"\x08\x00" and len(frame) >= 34:
        return socket.inet_ntoa(frame[26:30]), True
    return None, False


def host_says(frame):
    """What the host's frame means to the guest; None for anything else."""
    ihl = (frame[14] & 15) * 4
    tcp = frame[14 + ihl:14 + struct.unpack(">H", frame[16:18])[0]]
    if frame[23] != 6 or len(tcp) < 20 or tcp[0:2] != b"\x01\xbd":
        return None
    if tcp[13] & 0x12 == 0x12:
        return "answered"
    smb = tcp[(tcp[12] >> 4) * 4 + 4:]
    if len(smb) < 64 or smb[0:4] != b"\xfeSMB" or smb[8:12] != b"\0\0\0\0":
        return None
    return {TREE_CONNECT: "opened", READ: "read"}.get(struct.unpack_from("<H", smb, 12)[0])


def main():
    since, told = dict.fromkeys(sys.argv[1:]), set()

    def tell(ip, what):
        if (ip, what) not in told:
            told.add((ip, what))
            print("%s %s %.1f" % (ip, what, (time.monotonic() - since[ip]) * 1000), flush=True)

    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    print("ready", flush=True)
    while True:
        frame, (name, _, kind, _, _) = wire.recvfrom(2048)
        if len(frame) < 34 or name == "lo" or name == "br-hub":
            continue
        ip, is_ip = sender(frame)
        if kind != OUTGOING and ip in since and since[ip] is None:
            since[ip] = time.monotonic()
            tell(ip, "frame")
        elif kind == OUTGOING and is_ip:
            guest, what = socket.inet_ntoa(frame[30:34]), host_says(frame)
            if what and since.get(guest):
                tell(guest, what)


main()
