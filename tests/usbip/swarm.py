# SPDX-License-Identifier: Apache-2.0
"""A swarm of hostile USB/IP clients on loopback, while good clients are served.

usage: swarm.py SECONDS

Prints how many good clients were answered in time. Ends with 1 if fewer than 19
of 20 were, or if usbnvme grew."""
import os
import random
import resource
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import harness  # noqa: E402
from device import Device, SUBMIT  # noqa: E402

GOOD, HOSTILE = 20, 24
LIST = struct.pack(">HHI", 0x0111, 0x8005, 0)
IMPORT = struct.pack(">HHI", 0x0111, 0x8003, 0) + b"1-1".ljust(32, b"\0")


class Swarm:
    def __init__(self, port):
        self.port = port
        self.stop = threading.Event()
        self.times = []
        self.attacks = 0

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 10)

    def attack(self, number):
        """Hold, drip, cut, flood and violate, with at most 64 sockets."""
        chance = random.Random(number)
        held = []
        while not self.stop.is_set():
            self.attacks += 1
            try:
                s = self.connect()
                kind = chance.randrange(6)
                if kind == 0:  # say nothing
                    held.append(s)
                elif kind == 1:  # a part of a request
                    s.sendall(IMPORT[:chance.randrange(1, 40)])
                    held.append(s)
                elif kind == 2:
                    s.sendall(chance.randbytes(chance.randrange(1, 200)))
                    s.close()
                elif kind == 3:  # import, and say nothing
                    s.sendall(IMPORT)
                    held.append(s)
                elif kind == 4:  # import, and violate the protocol
                    s.sendall(IMPORT + struct.pack(
                        ">IIIIIIIIII8x", SUBMIT, 1, 0x10002,
                        chance.randrange(4), chance.randrange(20), 0,
                        chance.randrange(1 << 32), 0, 0xffffffff, 0))
                    s.close()
                else:  # reset the connection
                    s.sendall(LIST)
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
                    s.close()
            except OSError:
                pass
            while len(held) > 40:
                held.pop(0).close()
            self.stop.wait(0.02)

    def ask(self):
        """Request the device list. Return the seconds until it is complete, or
        None without a complete answer."""
        start = time.monotonic()
        try:
            with self.connect() as s:
                s.sendall(LIST)
                data = b""
                while len(data) < 12 + 312:
                    more = s.recv(4096)
                    if not more:
                        return None
                    data += more
        except OSError:
            return None
        return time.monotonic() - start

    def serve_good(self):
        while not self.stop.is_set():
            self.times.append(self.ask())
            self.stop.wait(0.1)


def resident(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def run(seconds):
    """Return (good clients in time, all good clients, attacks, growth in bytes,
    lines of the log)."""
    limit = 2 * harness.measure_patience()
    with Device() as d:
        swarm = Swarm(d.port)
        threads = [threading.Thread(target=swarm.attack, args=(n,))
                   for n in range(HOSTILE)]
        threads += [threading.Thread(target=swarm.serve_good)
                    for _ in range(GOOD)]
        for t in threads:
            t.start()
        time.sleep(min(seconds / 2, 30))  # a load, not a state to wait for
        before = resident(d.process.pid)
        time.sleep(seconds - min(seconds / 2, 30))
        growth = resident(d.process.pid) - before
        swarm.stop.set()
        for t in threads:
            t.join()
        lines = d.read_log().count("\n")
    good = sum(t is not None and t <= limit for t in swarm.times)
    return good, len(swarm.times), swarm.attacks, growth, lines


def main():
    good, count, attacks, growth, lines = run(float(sys.argv[1]))
    print(f"{attacks} attacks; {good} of {count} good clients answered in "
          f"time; growth {growth >> 10} KiB; {lines} log lines")
    return not (good >= 0.95 * count and count > GOOD and growth < 2 << 20)


if __name__ == "__main__":
    sys.exit(main())
