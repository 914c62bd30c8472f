# SPDX-License-Identifier: Apache-2.0
"""tether on a terminal: progress bars and colours, and neither on a pipe."""
import re
import subprocess
import tempfile

import pytest

from device import Drive, MINIMAL, TETHER
from harness import PATIENCE
from terminal import Terminal

BAR = re.compile(r"\r([^\r\n\x1b]*)\x1b\[K")


def run(d, *words, columns=80, **more):
    """Run tether on a terminal. Return its exit code, the bars that it drew,
    and its whole output."""
    t = Terminal([TETHER, *words, "--via", d.via], columns, **more)
    status, output = t.finish()
    return status, [b for b in BAR.findall(output) if b], output


@pytest.fixture(scope="module")
def drive():
    """A drive whose operations take two to three seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as f:
        with open(MINIMAL) as minimal:
            f.write(minimal.read().replace(
                "[subsystem]", "[subsystem]\nmedia-rate = 5000000\n"
                "self-test-short = 3000"))
        f.flush()
        with Drive("--model", f.name) as d:
            yield d


@pytest.mark.parametrize("words", [
    ("nvme", "format", "1", "--yes"),
    ("nvme", "sanitize", "block", "--yes"),
    ("nvme", "selftest", "short", "--follow"),
])
def test_long_operations_show_a_bar_with_the_time_left(drive, words):
    status, bars, output = run(drive, *words)
    assert status == 0, output
    assert len(bars) > 3, output
    percent = [int(n) for b in bars for n in re.findall(r"(\d+) %", b)]
    assert percent == sorted(percent) and percent[-1] > percent[0], bars
    assert any(re.search(r"\d:\d\d left", b) for b in bars), bars
    assert bars[-1] not in output.splitlines()[-1], "the bar was not erased"


def test_download_shows_bytes_and_rate(tmp_path):
    """Each response is delayed: a fast machine would otherwise end before
    the first rate is measured."""
    scenario = tmp_path / "slow.scenario"
    scenario.write_text("at 0 fault command=admin.firmware-download "
                        "delay=40ms\n")
    image = tmp_path / "image"
    image.write_bytes(bytes(100 << 10))
    with Drive("--scenario", str(scenario)) as d:
        status, bars, output = run(d, "nvme", "fw", "download", str(image))
    assert status == 0, output
    assert any(re.search(r"\d [kM]B  [\d.]+ [kM]B/s  \d+:\d\d left", b)
               for b in bars), bars


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_bar_keeps_to_the_width_of_the_terminal(drive, columns):
    status, bars, output = run(drive, "nvme", "sanitize", "block", "--yes",
                               columns=columns)
    assert status == 0 and bars, output
    assert max(map(len, bars)) < columns, bars


def test_pipe_and_json_get_no_bar(drive):
    words = "nvme", "sanitize", "crypto", "--yes"
    piped = drive.tether(*words)
    assert piped.stderr == "" and piped.stdout == "sanitized\n"
    status, bars, output = run(drive, *words, "--json")
    assert status == 0 and not bars and "\x1b" not in output, output
    status, bars, output = run(drive, *words, env={"TERM": "dumb"})
    assert status == 0 and not bars, output


def test_colours_are_for_terminals_unless_asked_for(drive):
    green = "\x1b[32mready\x1b[0m"
    assert green in run(drive, "nvme", "health")[2]
    assert green in run(drive, "nvme", "health",
                        env={"NO_COLOR": ""})[2], "NO_COLOR is empty"
    for more in ({"env": {"NO_COLOR": "1"}}, {"env": {"TERM": "dumb"}},
                 {"stdout": subprocess.DEVNULL}):
        assert "\x1b" not in run(drive, "nvme", "health", **more)[2], more
    assert "\x1b" not in run(drive, "nvme", "health", "--color=never")[2]
    assert "\x1b" not in drive.tether("nvme", "health").stdout
    assert green in drive.tether("nvme", "health", "--color",
                                 "always").stdout
    assert "\x1b" not in drive.tether("nvme", "health", "--json",
                                      "--color=always").stdout
    assert "auto, always or never" in drive.tether(
        "nvme", "health", "--color", "red", status=2).stderr


def test_errors_are_red_on_a_terminal(drive):
    status, _, output = run(drive, "nvme", "log-page", "0x70")
    assert status == 1 and "\x1b[31mtether:\x1b[0m " in output, output
    done = subprocess.run([TETHER, "nvme", "log-page", "0x70", "--via",
                           drive.via], capture_output=True, text=True,
                          timeout=PATIENCE)
    assert done.stderr.startswith("tether: "), done
