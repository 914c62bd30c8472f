# SPDX-License-Identifier: Apache-2.0
"""tether nvme list, tether ls and tether top: all drives at once."""
import os
import re
import subprocess
import tempfile

import pytest

from device import DefaultDrive, Device, Import, TETHER
from harness import PATIENCE
from terminal import Terminal

MODEL = "tether Simulated NVMe SSD 3.84TB"


@pytest.fixture(scope="module")
def three():
    with DefaultDrive("--count", "3") as d:
        d.wait_log("1-3: .*USB waiting")
        yield d


def sim(control, *words):
    done = subprocess.run([TETHER, "sim", *words, "--control", control],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done
    return done.stdout


def test_list_has_a_row_for_each_drive(three):
    rows = three.json("nvme", "list")
    assert [r["serial"] for r in rows] == [
        f"TS384A00000{n}" for n in (1, 2, 3)]
    assert [r["device"] for r in rows] == [
        f"{three.via}/1-{n}" for n in (1, 2, 3)]
    for r in rows:
        assert (r["model"], r["firmware"], r["celsius"], r["spare"],
                r["life_used"], r["state"]) == (MODEL, "1.4.2", 38, 100, 3,
                                                "ok")
        assert r["bytes"] == 3840755982336 and r["ready"]
    lines = three.tether("nvme", "list").stdout.splitlines()
    assert re.match(r"DEVICE +SERIAL +MODEL +FIRMWARE +SIZE +TEMP +SPARE +"
                    r"USED +STATE$", lines[0]), lines
    assert len(lines) == 4 and lines[1].split("  ")[0] == f"{three.via}/1-1"
    assert lines[1].endswith("  3.84 TB  38 C  100 %  3 %   ok"), lines
    starts = {line.index("TS384A") for line in lines[1:]}
    assert starts == {lines[0].index("SERIAL")}


def test_list_shortens_the_model_on_a_narrow_terminal(three):
    t = Terminal([TETHER, "nvme", "list", "--via", three.via], 110)
    status, output = t.finish()
    assert status == 0
    plain = re.sub(r"\x1b\[\d*m", "", output).splitlines()
    assert max(map(len, plain)) <= 110, plain
    assert "\x1b[32mok\x1b[0m" in output


def test_list_names_a_drive_in_use_and_goes_on(three):
    client = Import(three.port, b"1-2")
    try:
        rows = three.json("nvme", "list")
        assert [r["reached"] for r in rows] == [True, False, True]
        assert rows[1]["state"] == "in use" and rows[1]["error"]
    finally:
        client.close()


def test_list_shows_warnings():
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "control")
        with DefaultDrive("--control", control) as d:
            sim(control, "set", "temperature=85C")
            row, = d.json("nvme", "list")
            assert (row["celsius"], row["state"]) == (
                85, "warning: temperature")
            sim(control, "set", "fatal=true")
            assert d.json("nvme", "list")[0]["state"] == "failed"


def test_list_without_drives_says_so():
    with Device() as d:
        port = d.port
    done = subprocess.run([TETHER, "nvme", "list"], capture_output=True,
                          text=True, timeout=PATIENCE,
                          env={**os.environ, "TETHER_VIA": ""})
    assert done.returncode == 0, done
    done = subprocess.run([TETHER, "nvme", "list", "--via",
                           f"usbip:127.0.0.1:{port}"], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == 1 and "nothing listens" in done.stderr


def test_ls_shows_serial_number_and_model(three):
    devices = three.json("ls")
    assert [d["drive"]["serial"] for d in devices] == [
        f"TS384A00000{n}" for n in (1, 2, 3)]
    assert devices[0]["drive"]["model"] == MODEL
    text = three.tether("ls").stdout
    assert f"drive  {MODEL}  serial TS384A000002" in text


def test_top_prints_one_table_or_json(three):
    table = three.tether("top", "--once").stdout.splitlines()
    assert len(table) == 4 and table[1].endswith("  ok"), table
    assert max(map(len, table)) <= 80
    rows = three.json("top")
    assert [r["serial"] for r in rows] == [
        f"TS384A00000{n}" for n in (1, 2, 3)]
    assert rows[0]["requests_per_second"] is None and rows[0]["events"] == 0
    assert "needs a terminal" in three.tether("top", status=1).stderr
    assert "1 to 3600" in three.tether("top", "--interval", "0",
                                       status=2).stderr


def test_top_follows_changes_sorts_and_opens_a_drive():
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "control")
        with DefaultDrive("--control", control) as d:
            t = Terminal([TETHER, "top", "--interval", "1", "--via", d.via])
            screen = t.wait_screen(r"TS384A000001 +38 C")
            lines = screen.splitlines()
            assert len(lines) == 24 and max(map(len, lines)) <= 80
            assert re.search(r"> TS384A000001 +38 C 100 % +3 % .* 0  ok$",
                             screen, re.M), screen
            assert lines[-1].startswith("q quit")
            sim(control, "set", "temperature=85C")
            t.wait_screen(r"85 C .* 1  warning: temperature$")
            t.type("t")
            t.wait_screen("sorted by temperature")
            t.type("\r")
            screen = t.wait_screen("ok -> warning: temperature")
            assert MODEL in screen and "3.84 TB, 1.92 TB not allocated" in \
                screen
            sim(control, "set", "temperature=30C")
            t.wait_screen("warning: temperature -> ok")
            t.type("\x1b")
            t.wait_screen("sorted by temperature")
            t.type("q")
            status, output = t.finish()
            assert status == 0 and output.rstrip().endswith("\x1b[?1l\x1b>"), \
                output[-80:]


def test_top_selects_by_arrow_keys(three):
    t = Terminal([TETHER, "top", "--interval", "1", "--via", three.via])
    t.wait_screen(r"> TS384A000001")
    t.type("\x1bOB\x1bOB")
    t.wait_screen(r"> TS384A000003")
    t.type("\x1bOA")
    t.wait_screen(r"> TS384A000002")
    t.type("q")
    assert t.finish()[0] == 0


def test_top_ends_when_its_terminal_is_gone(three):
    t = Terminal([TETHER, "top", "--interval", "1", "--via", three.via])
    t.wait_screen(r"> TS384A000001")
    os.close(t.main)
    t.process.wait(PATIENCE)


def test_top_shows_a_lost_drive_and_reaches_it_again():
    with DefaultDrive("--count", "1", "--uid", "00" * 12) as d:
        t = Terminal([TETHER, "top", "--interval", "1", "--via", d.via])
        t.wait_screen(r"TS384A000000 .* ok$")
        d.process.terminate()
        d.process.wait(PATIENCE)
        t.wait_screen(r"^> usbip:.* - .* 1 ")
        with DefaultDrive("--uid", "00" * 12, "--usbip",
                          f"127.0.0.1:{d.port}"):
            t.wait_screen(r"TS384A000000 .* 2  ok$")
            t.type("q")
            assert t.finish()[0] == 0
