#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A run with a live USB/IP host is recorded, and its record replays: the same
transfers at the same instants end the same. A record that was changed does
not. usage: replay.py NUCLEO_EMU ECHO_ELF TETHER"""
import os
import re
import signal
import subprocess
import sys
import tempfile

emu, elf, tether = sys.argv[1:4]
with tempfile.TemporaryDirectory() as work:
    record = os.path.join(work, "record")
    board = [emu, "--flash", elf, "--no-zlp-check"]
    live = subprocess.Popen(board + ["--usbip", "127.0.0.1:0",
                                     "--record", record],
                            stderr=subprocess.PIPE, text=True)
    port = None
    for line in live.stderr:
        found = re.search(r"port (\d+)$", line.strip())
        if found:
            port = found.group(1)
            break
    assert port, "the emulator does not listen"
    subprocess.run([tether, "usb", "--via", f"usbip:127.0.0.1:{port}"],
                   check=True, stdout=subprocess.DEVNULL, timeout=60)
    live.send_signal(signal.SIGTERM)
    live.communicate(timeout=60)
    assert live.returncode == 0, f"exit {live.returncode}"
    text = open(record).read()
    assert text.count(" submit ") > 5, text
    subprocess.run(board + ["--script", record], check=True, timeout=60)
    # One byte of an answer.
    changed = re.sub(r"(done \d+ 80 18 .*)12(01)", r"\g<1>13\2", text, count=1)
    assert changed != text
    open(record, "w").write(changed)
    run = subprocess.run(board + ["--script", record], timeout=60,
                         capture_output=True, text=True)
    assert run.returncode == 1 and "differs from the record" in run.stderr, run
print(f"{text.count('submit')} transfers, replayed")
