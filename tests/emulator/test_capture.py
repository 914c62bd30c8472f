# SPDX-License-Identifier: Apache-2.0
"""Captures of nucleo-emu: option --pcap."""
import json
import subprocess

import pytest

import harness

EMULATOR = harness.program("nucleo-emu")
TETHER = harness.program("tether")
SCRIPT = """connect
reset
control 0005070000000000
control 800600020000ff00
control 0009010000000000
out 1 1ab4000b010008c8008002
in 1 512 => 1ab4000f010800c000000200??????
"""


def test_capture_has_the_packets_of_the_bus(tmp_path):
    image = harness.images() / "usbnvme-stripped.elf"
    if not image.exists():
        pytest.skip("no images: run make firmware")
    path, script = tmp_path / "bus.pcapng", tmp_path / "host.script"
    script.write_text(SCRIPT)
    done = subprocess.run([EMULATOR, "--elf", image, "--script", script,
                           "--pcap", path], capture_output=True, text=True,
                          timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stderr
    lines = subprocess.run([TETHER, "mctp", "decode", path, "--json"],
                           capture_output=True, text=True, check=True).stdout
    messages = [json.loads(line) for line in lines.splitlines()]
    assert [(m["source"], m["destination"], m["title"], m["response"])
            for m in messages] == [
        (8, 0, "Get Endpoint ID", False), (0, 8, "Get Endpoint ID", True)]


def test_capture_that_cannot_be_written_is_an_error(tmp_path):
    script = tmp_path / "host.script"
    script.write_text("connect\n")
    done = subprocess.run([EMULATOR, "--flash", harness.program("echo-elf"),
                           "--script", script, "--pcap", "/nowhere/x"], capture_output=True, text=True,
                          timeout=harness.PATIENCE)
    assert done.returncode == 1 and "/nowhere/x: cannot write" in done.stderr
