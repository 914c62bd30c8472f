# SPDX-License-Identifier: Apache-2.0
"""USB/IP servers that attack their client. Each serves one connection at a time
with a function of the test."""
import socket
import struct
import threading


class HostileServer:
    def __init__(self, serve):
        self.s = socket.create_server(("127.0.0.1", 0))
        self.port = self.s.getsockname()[1]
        self.serve = serve
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while True:
            try:
                peer, _ = self.s.accept()
            except OSError:
                return
            with peer:
                try:
                    self.serve(self, peer)
                except OSError:
                    pass  # the client has given up

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.s.shutdown(socket.SHUT_RDWR)
        self.s.close()
        self.thread.join(10)


def device(busid=b"1-1", path=b"/x", interfaces=b""):
    """The entry of a device list."""
    return struct.pack(">256s32sIIIHHHBBBBBB", path, busid, 1, 2, 3, 0xcafe,
                       0x4001, 0x100, 0, 0, 0, 1, 1,
                       len(interfaces) // 4) + interfaces


MCTP = b"\x14\0\1\0"


def listing(*devices):
    return struct.pack(">HHII", 0x111, 5, 0, len(devices)) + b"".join(devices)


def drip(server, peer, data):
    """Send a byte each 0.2 s: never silent, never finished."""
    for at in range(len(data)):
        if server.stop.wait(0.2):
            return
        peer.sendall(data[at:at + 1])
