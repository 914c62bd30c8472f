# SPDX-License-Identifier: Apache-2.0
"""gdb-multiarch debugs usbnvme.elf on the emulated board."""
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

import pytest

import harness

IMAGE = harness.require_images() / "usbnvme.elf"
GDB = shutil.which("gdb-multiarch") or shutil.which("arm-none-eabi-gdb")
pytestmark = pytest.mark.skipif(
    not GDB, reason="gdb-multiarch is not installed (run tools/deps test)")


@pytest.fixture
def start(tmp_path):
    """Start the emulator with usbnvme.elf and return (process, port, log)."""
    processes = []

    def run(*options):
        log = tmp_path / "log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [harness.program("nucleo-emu"), "--errata", "error", "--elf",
                 IMAGE, "--rtt", "-", "--gdb", "0", *options], stdout=out,
                stderr=out)
        processes.append(process)
        port = harness.wait_for(
            lambda: re.search(r"target remote 127\.0\.0\.1:(\d+)",
                              log.read_text()), "the port of gdb")[1]
        return process, port, log
    yield run
    for process in processes:
        process.terminate()
        process.wait(harness.PATIENCE)


def start_gdb(commands):
    argv = [GDB, "-nx", "-batch", "-ex", "set confirm off", "-ex",
            "set width 0"]
    for command in commands:
        argv += ["-ex", command]
    return subprocess.Popen([*argv, IMAGE], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def read_session():
    """Return the commands of the session in docs/emulator.md and the lines that
    gdb prints."""
    text = (harness.ROOT / "docs/emulator.md").read_text()
    section = text.split("## Debug with gdb")[1].split("\n## ")[0]
    lines = [line.strip() for line in section.splitlines()
             if line.startswith("    ")]
    lines = lines[next(i for i, line in enumerate(lines)
                       if line.startswith("(gdb)")):]
    commands = [line[6:] for line in lines if line.startswith("(gdb) ")]
    return commands, [line for line in lines
                      if line[0] != "^" and not line.startswith("(gdb)")]


def pattern_of(line):
    """Return a regular expression in which each number of the line may be any
    number."""
    return re.sub(r"(?:0x[0-9a-f]+|\d+)", "(?:0x[0-9a-f]+|[0-9]+)",
                  re.escape(line).replace(r"\ ", " "))


def test_session_of_the_manual(start):
    process, port, log = start()
    commands, expected = read_session()
    assert commands[0].startswith("target remote") and len(expected) > 5
    commands[0] = f"target remote 127.0.0.1:{port}"
    # The trace shows that the program runs after the last "continue".
    last = len(commands) - 1 - commands[::-1].index("continue")
    commands.insert(last, "monitor trace irq")
    gdb = start_gdb(commands)
    harness.wait_for(lambda: "enter 15" in log.read_text(), "an interrupt")
    gdb.send_signal(signal.SIGINT)
    said = gdb.communicate(timeout=harness.PATIENCE)[0]
    for line in expected:
        # The function that the interrupt finds depends on the image.
        line = re.sub(r"^#2 .*", "#2", line)
        assert re.search(pattern_of(line), said), f"no {line!r} in:\n{said}"
    assert process.poll() is None  # it runs on


def test_interrupt_handler_of_usb_is_reached_through_the_driver(start):
    with tempfile.NamedTemporaryFile("w", suffix=".script") as script:
        script.write("connect\ncontrol 8006000100001200 => 1201*\n")
        script.flush()
        process, port, _ = start("--script", script.name)
        gdb = start_gdb([f"target remote 127.0.0.1:{port}",
                         "break dcd_int_handler", "continue", "backtrace",
                         "monitor usb", "watch _usbd_dev.speed", "delete 1",
                         "continue", "backtrace", "delete", "continue"])
        said = gdb.communicate(timeout=harness.PATIENCE)[0]
        assert process.wait(harness.PATIENCE) == 0
    assert re.search(r"Breakpoint 1, dcd_int_handler .*\n(?:.*\n)*?"
                     r"#1 +.*<signal handler called>", said), said
    assert "high speed, address 0" in said
    assert "exited normally" in said
