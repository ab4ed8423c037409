# SPDX-License-Identifier: ISC
"""Asks the service as no well-behaved client does: the socket /run/hubshare/control by hand.

rights.py call [OPTION...] WORD...   asks, prints what the service said, ends with its status
    --directory DIR     sends DIR along, opened with O_PATH; and again for a second one
    --open PATH         sends PATH along, opened to be read
    --gone DIR          makes DIR, sends it along, and removes it before
    --pipe, --socket    sends such a one along
rights.py raw BYTES [--more]         sends BYTES (Python escapes); --more: and says no end
rights.py hold COUNT                 that many connections that say nothing, until it is killed
rights.py deaf WORD...               asks, and never reads the answer
"""

import array
import ast
import json
import os
import socket
import sys
import time

CONTROL = "/run/hubshare/control"


def connect():
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.settimeout(60)
    control.connect(CONTROL)
    return control


def hear(control):
    """The answer; its output and error are printed, its status is returned."""
    text = b""
    try:
        while not text.endswith(b"\n"):
            part = control.recv(65536)
            if not part:
                break
            text += part
    except ConnectionResetError:
        pass
    if not text.endswith(b"\n"):
        print("no answer")
        return 99
    answer = json.loads(text)
    print(answer["output"] + answer["error"], end="")
    return answer["status"]


def send(control, line, descriptors):
    rights = []
    if descriptors:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    try:
        control.sendmsg([line], rights)
    except BrokenPipeError:
        pass  # refused before it was heard: the answer is there


def request(words):
    return json.dumps({"version": 1, "words": words}).encode() + b"\n"


def call(words):
    descriptors = []
    while words and words[0].startswith("--") and words[0] != "--":
        option = words.pop(0)
        if option == "--pipe":
            descriptors.append(os.pipe()[0])
        elif option == "--socket":
            descriptors.append(socket.socket(socket.AF_UNIX).detach())
        elif option == "--open":
            descriptors.append(os.open(words.pop(0), os.O_RDONLY))
        elif option == "--gone":
            path = words.pop(0)
            os.mkdir(path)
            descriptors.append(os.open(path, os.O_PATH | os.O_DIRECTORY))
            os.rmdir(path)
        else:
            assert option == "--directory"
            descriptors.append(os.open(words.pop(0), os.O_PATH | os.O_DIRECTORY))
    if words and words[0] == "--":
        words.pop(0)
    control = connect()
    send(control, request(words), descriptors)
    return hear(control)


def raw(words):
    control = connect()
    send(control, ast.literal_eval('b"' + words[0].replace('"', '\\"') + '"'), [])
    if "--more" not in words:
        control.shutdown(socket.SHUT_WR)
    return hear(control)


def hold(words):
    held = [connect() for _ in range(int(words[0]))]
    print(f"{len(held)} held\npid", os.getpid(), flush=True)
    time.sleep(600)
    return 0


def deaf(words):
    control = connect()
    control.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    send(control, request(words), [])
    print("pid", os.getpid(), flush=True)
    time.sleep(600)
    return 0


sys.exit(globals()[sys.argv[1]](sys.argv[2:]))
