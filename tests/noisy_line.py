# SPDX-License-Identifier: Apache-2.0
"""A serial line with noise between two pseudo-terminals."""
import os
import pty
import random
import select
import threading
import tty


class NoisyLine:
    """Connect a pseudo-terminal to the port of a device, and damage one byte in
    `rate` (0: none): drop it, double it or change one of its bits."""

    def __init__(self, port, rate=1000, seed=1):
        self.random = random.Random(seed)
        self.rate = rate
        self.damaged = self.bytes = 0
        self.ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.keep = theirs
        self.path = os.ttyname(theirs)
        self.device = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.device)
        self.stop_read, self.stop_write = os.pipe()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def add_noise(self, data):
        out = bytearray()
        self.bytes += len(data)
        for byte in data:
            if not self.rate or self.random.randrange(self.rate):
                out.append(byte)
                continue
            self.damaged += 1
            kind = self.random.randrange(3)
            if kind == 1:
                out += bytes([byte, byte])
            elif kind == 2:
                out.append(byte ^ 1 << self.random.randrange(8))
        return bytes(out)

    def run(self):
        ends = {self.ours: self.device, self.device: self.ours}
        while True:
            ready = select.select([self.stop_read, *ends], [], [])[0]
            if self.stop_read in ready:
                return
            for end in ready:
                data = self.add_noise(os.read(end, 4096))
                while data:
                    data = data[os.write(ends[end], data):]

    def close(self):
        os.write(self.stop_write, b"x")
        self.thread.join()
        for end in (self.ours, self.keep, self.device, self.stop_read,
                    self.stop_write):
            os.close(end)
