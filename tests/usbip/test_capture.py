# SPDX-License-Identifier: Apache-2.0
"""Captures of usbnvme and tether, dissected by tshark and by tether mctp
decode."""
import json
import os
import pathlib
import subprocess

import pytest

from device import (Device, Import, OUT, TETHER, UID, USBNVME)
from harness import PATIENCE, Program, ROOT, wait_for

UUID = "63928d5a39f149a78f0b549193ab0742"


@pytest.fixture(scope="session")
def tshark_program():
    done = subprocess.run([ROOT / "tools/fetch-tshark"], capture_output=True,
                          text=True, timeout=PATIENCE)
    if done.returncode:
        pytest.skip("no tshark with MCTP: " + done.stderr.strip()[-200:])
    return done.stdout.strip()


@pytest.fixture
def tshark(tshark_program):
    """Return a function that dissects a file: it returns the values of the
    named fields for each packet that matches a display filter."""
    def dissect(path, match, *fields):
        words = [w for field in fields for w in ("-e", field)]
        done = subprocess.run(
            [tshark_program, "-n", "-r", path, "-Y", match, "-T", "fields",
             "-E", "separator=|", *words],
            capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return [line.split("|") for line in done.stdout.splitlines()]
    return dissect


def decode(path, *options):
    done = subprocess.run([TETHER, "mctp", "decode", path, "--json", *options],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()]


def number(text):
    return int(text, 0)


def test_tshark_dissects_a_bring_up(tshark, tmp_path):
    host, device = tmp_path / "host.pcapng", tmp_path / "device.pcapng"
    with Device("--uid", UID, "--pcap", device) as d:
        d.tether("mctp", "info", "--pcap", str(host))
    # Both ends saw the same packets, in the other direction.
    assert tshark(host, "mctp", "mctp.src", "mctp.dst", "mctp.tag") == \
        tshark(device, "mctp", "mctp.src", "mctp.dst", "mctp.tag")
    assert {row[0] for row in tshark(host, "mctpc.rq == 1",
                                     "sll.pkttype")} == {"4"}
    assert {row[0] for row in tshark(device, "mctpc.rq == 1",
                                     "sll.pkttype")} == {"0"}
    assert not tshark(host, "_ws.malformed or frame.comment", "frame.number")
    rows = tshark(host, "mctpc", "mctp.src", "mctp.dst", "mctpc.rq",
                  "mctpc.command", "mctpc.cc", "mctpc.data")
    assert rows[0][:5] == ["8", "0", "True", "2", ""] or \
        rows[0][:5] == ["8", "0", "1", "2", ""]
    commands = [int(row[3]) for row in rows]
    assert commands[0::2] == commands[1::2] == [2, 1, 3, 5, 4, 4, 4, 4,
                                                6]
    assert rows[2][5].replace(":", "").replace(" ", "") == "0009"
    assert rows[3][5].replace(":", "").replace(" ", "") == "000900"
    assert rows[5][5].replace(":", "").replace(" ", "") == UUID
    assert all(number(row[4]) == 0 for row in rows[1::2])
    # tether mctp decode agrees.
    messages = decode(host)
    assert [m["title"] for m in messages[:6:2]] == [
        "Get Endpoint ID", "Set Endpoint ID", "Get Endpoint UUID"]
    assert [m["source"] for m in messages] == [int(r[0]) for r in rows]
    assert messages[5]["fields"]["uuid"].replace("-", "") == UUID
    times = [m["time"] for m in messages]
    assert times == sorted(times) and times[0] > 1.6e9


def test_tshark_dissects_identify(tshark, tmp_path):
    path = tmp_path / "identify.pcapng"
    with Device("--pcap", path) as d:
        serial = d.json("nvme", "identify")["sn"]
    request = tshark(path, "nvme-mi.ror == 0", "nvme-mi.type",
                     "nvme-mi.admin.opcode", "nvme-mi.admin.sqe10",
                     "nvme-mi.admin.dlen", "nvme-mi.csi")
    assert [[number(v) for v in row] for row in request] == [[2, 6, 1, 4096,
                                                              0]]
    answer = tshark(path, "nvme-mi.ror == 1", "nvme-mi.admin.status",
                    "nvme-mi.admin.cqe3", "nvme-mi.admin.data",
                    "nvme-mi.response_to", "mctp.fragment.count")
    assert len(answer) == 1
    status, completion, data, _, fragments = answer[0]
    assert number(status) == 0 and number(completion) >> 17 == 0
    data = bytes.fromhex(data.replace(":", "").replace(" ", ""))
    assert len(data) == 4096
    assert data[4:24].decode().strip() == serial
    assert int(fragments) == -(-(20 + 4096 + 4) // 64)
    assert not tshark(path, "_ws.malformed or _ws.expert.group == checksum",
                      "frame.number")
    answer = decode(path)[-1]
    assert answer["title"] == "Identify" and answer["response"]
    assert answer["fields"]["data_bytes"] == 4096


def test_tshark_dissects_pldm(tshark, tmp_path):
    path, content = tmp_path / "pldm.pcapng", tmp_path / "content"
    content.write_bytes(os.urandom(10000))
    with Device("--pldm-file", "--pcap", path) as d:
        d.tether("pldm", "serve", str(content))
    rows = tshark(path, "pldm", "pldm.direction", "pldm.type",
                  "pldm.baseCommands", "pldm.platformCommands",
                  "pldm.completionCode")
    requests = [row for row in rows if number(row[0]) >= 2]
    base = [number(r[2]) for r in requests if number(r[1]) == 0]
    assert base[:2] == [3, 3] and 4 in base and 9 in base
    assert 0x51 in [number(r[3]) for r in requests if number(r[1]) == 2]
    titles = [m["title"] for m in decode(path) if m["protocol"] == "pldm"]
    for title in "GetPLDMVersion", "GetPDR", "DfOpen", "MultipartReceive", \
            "DfClose":
        assert titles.count(title) >= 2, title
    parts = [m["fields"] for m in decode(path)
             if m["title"] == "MultipartReceive" and m["response"]]
    assert sum(p.get("length", 0) for p in parts) == 10000


def packet(flags, body, dest=9):
    data = bytes([1, dest, 8, flags]) + body
    return bytes([0x1a, 0xb4, 0, len(data) + 4]) + data


def test_dropped_packets_have_a_comment(tshark, tmp_path):
    path = tmp_path / "lost.pcapng"
    body = b"\x7e\xcc\xde\xf0" + bytes(60)
    with Device("--uid", UID, "--pcap", path) as d:
        d.tether("mctp", "set-eid", "9")
        host = Import(d.port)
        for setup in ("0009010000000000",):  # SET_CONFIGURATION
            host.submit(0, OUT, setup=bytes.fromhex(setup))
        # Packet 1 of three is lost.
        host.submit(1, OUT, packet(0x88, body))
        host.submit(1, OUT, packet(0x28, body))
        host.submit(1, OUT, packet(0x78, body))
        # Another EID, then bytes without a header.
        host.submit(1, OUT, packet(0xc8, body, dest=77))
        host.submit(1, OUT, b"\x12\x34" + bytes(20))
        wait_for(lambda: b"usb-drop-id" in path.read_bytes(), "the capture")
        host.s.close()
    rows = tshark(path, "frame.comment", "frame.comment", "mctp.dst",
                  "mctp.seq")
    assert [(c, d, number(s or "0")) for c, d, s in rows] == [
        ("dropped: wrong sequence number (drop-sequence)", "9", 2),
        ("dropped: no start packet came before (drop-no-start)", "9", 3),
        ("dropped: the destination is another EID (drop-dest)", "77", 0),
        ("dropped: the transfer has a header without 1AB4h (usb-drop-id)", "",
         0),
    ]
    drops = [m for m in decode(path) if "comment" in m]
    assert [m["comment"] for m in drops] == [row[0] for row in rows]


def test_drops_of_services_have_a_comment(tmp_path):
    path = tmp_path / "drops.pcapng"
    with Device("--pcap", path) as d:
        for words in (["--type", "4", "84"],  # no integrity check
                      ["--type", "4", "--ic", "--raw", "08" + "00" * 18],
                      ["--type", "7e", "0000"], ["--type", "0", "02"],
                      ["--type", "55", "02"]):
            d.tether("mctp", "request", *words, "--timeout", "50", status=1)
    comments = [m["comment"] for m in decode(path) if "comment" in m]
    assert [c.split("(")[1] for c in comments] == [
        "nvme-mi-drop-no-request)", "nvme-mi-drop-integrity)",
        "vendor-drop-unknown)", "control-drop-no-request)", "drop-type)"]


def test_capture_goes_through_a_pipe(tshark_program):
    with Device() as d:
        capture = subprocess.Popen(
            [TETHER, "--via", d.via, "--pcap", "-", "mctp", "info"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        dissected = subprocess.run(
            [tshark_program, "-r", "-", "-Y", "mctpc.command == 3"],
            stdin=capture.stdout, capture_output=True, text=True,
            timeout=PATIENCE)
        text = capture.communicate(timeout=PATIENCE)[1].decode()
    assert len(dissected.stdout.splitlines()) == 2, dissected
    assert "EID" in text  # the verb's output


def test_each_device_is_an_interface(tshark, tmp_path):
    path = tmp_path / "many.pcapng"
    with Device("--count", "3", "--pcap", path) as d:
        for n in 1, 2, 3, 2:
            d.tether("mctp", "echo", "--count", "20", "--size", "200",
                     via=f"{d.via}/1-{n}")
    rows = tshark(path, "mctp", "frame.interface_name")
    counts = {n: rows.count([n]) for n in ("1-1", "1-2", "1-3")}
    assert counts["1-1"] == counts["1-3"] >= 40
    assert counts["1-2"] >= 80


def test_device_outlives_the_reader_of_its_capture():
    read, write = os.pipe()
    p = Program([USBNVME, "--usbip", "127.0.0.1:0", "--pcap", "-"],
                stdout=write)
    os.close(write)
    port = p.wait_log(r" port (\d+)\n").group(1)
    os.close(read)
    done = subprocess.run([TETHER, "--via", f"usbip:127.0.0.1:{port}",
                           "mctp", "info"], capture_output=True,
                          timeout=PATIENCE)
    assert done.returncode == 0, done
    p.wait_log("the capture - ends: Broken pipe")
    p.process.terminate()
    assert p.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("words, text", [
    (["--pcap", "/nowhere/x"], "--pcap /nowhere/x: cannot write: No such"),
    (["--pcap", "/dev/full"], "No space left"),
])
def test_capture_that_cannot_be_written_is_an_error(words, text):
    with Device() as d:
        done = d.tether("mctp", "info", *words, status=1)
        assert text in done.stderr
    done = subprocess.run([USBNVME, "--usbip", "127.0.0.1:0", *words],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and text in done.stderr


def test_pcap_is_for_verbs_with_a_device():
    done = subprocess.run([TETHER, "completion", "bash", "--pcap", "x"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and not pathlib.Path("x").exists()
    done = subprocess.run([USBNVME, "--count", "2", "--pcap", "-"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and "single device" in done.stderr


@pytest.mark.parametrize("words, line", [
    ("0109 08c8 0080 02", "  8 > 9    tag 0*  control  Get Endpoint ID "
     "instance=0"),
    ("1ab4000b010908c8008002", "  8 > 9    tag 0*  control  Get Endpoint ID "
     "instance=0"),
    ("00:80:02", "control  Get Endpoint ID instance=0"),
    ("01 80 02 51 01 00 00 00 --as message",
     "pldm     GetPDR pldm_type=platform record=1 instance=0"),
])
def test_decode_describes_hex(words, line):
    done = subprocess.run([TETHER, "mctp", "decode", *words.split()],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, line + "\n")


@pytest.mark.parametrize("words, text", [
    (["no-such-file"], "not a file"),
    (["1ab"], "not bytes in hex"),
    (["010908880080"], "does not complete a message"),
    ([TETHER], "neither a pcapng nor a pcap file"),
    (["/"], "Is a directory"),
])
def test_decode_explains_what_it_cannot_read(words, text):
    done = subprocess.run([TETHER, "mctp", "decode", *words],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and text in done.stderr
