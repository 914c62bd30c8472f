#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""In a test machine: connect the serial port of a device to the kernel's
mctp-serial driver, through a line that damages one byte in RATE (0: none). Run
until SIGTERM, then print how many bytes were damaged.

usage: serial_line.py PORT RATE
"""
import fcntl
import os
import pathlib
import signal
import struct
import sys
import termios

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from noisy_line import NoisyLine  # noqa: E402 (the path is set above)

N_MCTP = 28  # line discipline, linux/tty.h


def main():
    line = NoisyLine(sys.argv[1], int(sys.argv[2]))
    signal.signal(signal.SIGTERM, lambda *_: None)
    port = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(port, termios.TIOCSETD, struct.pack("i", N_MCTP))
    signal.pause()
    os.close(port)
    line.close()
    print(f"{line.damaged} of {line.bytes} bytes damaged")


main()
