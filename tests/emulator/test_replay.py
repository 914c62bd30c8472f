# SPDX-License-Identifier: Apache-2.0
"""nucleo-emu --record records a run with a live USB/IP host, and --script
replays the record: the same transfers at the same times have the same results.
The replay of a modified record fails."""
import os
import re
import signal
import subprocess

import harness
from harness import PATIENCE


def test_record_of_a_live_run_replays(tmp_path):
    record = os.path.join(tmp_path, "record")
    board = [harness.program("nucleo-emu"), "--flash",
             harness.program("echo-elf")]
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
    subprocess.run([harness.program("tether"), "usb", "--via",
                    f"usbip:127.0.0.1:{port}"], check=True,
                   stdout=subprocess.DEVNULL, timeout=PATIENCE)
    live.send_signal(signal.SIGTERM)
    live.communicate(timeout=PATIENCE)
    assert live.returncode == 0, f"exit {live.returncode}"
    with open(record) as f:
        text = f.read()
    assert text.count(" submit ") > 5, text
    subprocess.run(board + ["--script", record], check=True, timeout=PATIENCE)
    # Modify one byte of an answer.
    changed = re.sub(r"(done \d+ 80 18 .*)12(01)", r"\g<1>13\2", text, count=1)
    assert changed != text
    with open(record, "w") as f:
        f.write(changed)
    run = subprocess.run(board + ["--script", record], timeout=PATIENCE,
                         capture_output=True, text=True)
    assert run.returncode == 1 and "differs from the record" in run.stderr, run
