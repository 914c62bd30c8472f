# SPDX-License-Identifier: Apache-2.0
"""tether inspect: accepts the descriptors of real kernels, and reports each
broken rule."""
import json
import os
import socket
import struct
import subprocess
import tempfile
import threading

import servers
import harness

TETHER = servers.TETHER
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                        "fixtures")
APPLE = ("macOS", "iPadOS")
WINDOWS = ("Windows 10", "Windows 11")


def fixture(name):
    with open(os.path.join(FIXTURES, f"desc-{name}.hex")) as f:
        return bytearray(bytes.fromhex(f.read()))


def tether(*words, status=0):
    done = subprocess.run([TETHER, "inspect", *words], capture_output=True,
                          text=True, timeout=servers.PATIENCE)
    assert done.returncode == status, (words, done)
    return done


def judge(data, *words):
    with tempfile.NamedTemporaryFile() as f:
        f.write(bytes(data))
        f.flush()
        said = json.loads(tether("--file", f.name, "--json", *words).stdout)
    assert servers.keys(said) == servers.documented("inspect"), said
    return {(v["system"], v["purpose"]): v for v in said}


def network(data, *words):
    said = judge(data, *words)
    return [said[s, "network"]["answer"]
            for s in (*APPLE, *WINDOWS, "Linux")]


class Device:
    """A USB/IP device that answers control requests from a table and stalls
    all others."""

    def __init__(self, data, answers):
        self.answers = {(0x80, 6, 0x100, 0): bytes(data[:18]),
                        (0x80, 6, 0x200, 0): bytes(data[18:]), **answers}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        path = b"/sys/devices/x".ljust(256, b"\0") + b"1-1".ljust(32, b"\0")
        self.entry = path + struct.pack(">3I3H6B", 1, 2, 3, 0x1d6b, 0x104, 0,
                                        0, 0, 0, 1, 1, 1)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                try:
                    self.talk(peer)
                except (EOFError, OSError):
                    pass

    def talk(self, peer):
        _, code, _ = struct.unpack(">HHI", harness.take(peer, 8))
        if code == 0x8005:
            peer.sendall(struct.pack(">HHII", 0x111, 5, 0, 1) + self.entry +
                         bytes(4))
            return
        harness.take(peer, 32)
        peer.sendall(struct.pack(">HHI", 0x111, 3, 0) + self.entry)
        while True:
            head = harness.take(peer, 48)
            command, number = struct.unpack(">II", head[:8])
            if command != 1:
                peer.sendall(struct.pack(">II", 4, number) + bytes(40))
                continue
            kind, request, value, index, length = struct.unpack("<BBHHH",
                                                                head[40:48])
            data = self.answers.get((kind, request, value, index))
            if (kind, request) == (0x80, 6) and data is None:
                data = self.answers.get((kind, request, value, None))
            status = 0 if data is not None else -32
            data = (data or b"")[:length]
            peer.sendall(struct.pack(">5Ii5I", 3, number, 0, 0, 0, status,
                                     len(data), 0, 0, 0, 0)[:48].ljust(
                                         48, b"\0") + data)

    def answers_of(self, *words):
        said = json.loads(tether("--via", f"usbip:127.0.0.1:{self.port}",
                                 "--json", *words).stdout)
        found = {(v["system"], v["purpose"]): v["answer"] for v in said}
        return [found[s, "network"] for s in WINDOWS]


def compatible_ids(*ids):
    body = b"".join(bytes((n, 1)) + i.ljust(16, b"\0") + bytes(6)
                    for n, i in enumerate(ids))
    return struct.pack("<IHHB", 16 + len(body), 0x100, 4, len(ids)) + \
        bytes(7) + body


def test_reads_the_compatible_id_of_a_device():
    """tether reads the compatible ID (WINNCM) from a connected device."""
    ncm = fixture("ncm-7.2")
    string = b"\x12\x03" + "MSFT100".encode("utf-16-le") + b"\xbc\0"
    text = (0x80, 6, 0x3ee, 0)
    ask = (0xc0, 0xbc, 0, 4)
    good, none = ["doubtful", "yes"], ["no", "no"]
    for answers, expected in (
            ({text: string, ask: compatible_ids(b"WINNCM")}, good),
            ({text: string, ask: compatible_ids(b"", b"X", b"WINNCM")}, good),
            ({}, none), ({text: string}, none),
            ({text: string, ask: compatible_ids()}, none),
            ({text: string, ask: compatible_ids(b"OTHER")}, none),
            ({text: string, ask: compatible_ids(b"WINNCM")[:-1]}, none),
            ({text: string, ask: b"\xff" * 300}, none),
            ({text: string[:-2] + b"\xbd\0",
              ask: compatible_ids(b"WINNCM")}, none),
            ({text: string.replace(b"M", b"m"),
              ask: compatible_ids(b"WINNCM")}, none),
            ({text: string[:9], ask: compatible_ids(b"WINNCM")}, none)):
        device = Device(ncm, answers)
        assert device.answers_of() == expected, (answers, expected)
        # --compatible-id overrides the answer of the device.
        assert device.answers_of("--compatible-id", "WINNCM") == good
        device.listener.close()


def test_judges_descriptors_of_real_kernels():
    for kernel in ("6.1", "7.2"):
        yes, no, maybe = "yes", "no", "unknown"
        assert network(fixture(f"ecm-{kernel}")) == [yes, yes, no, no, yes]
        assert network(fixture(f"ncm-{kernel}")) == [yes, yes, maybe, maybe,
                                                     yes]
        assert network(fixture(f"ncm-{kernel}"), "--compatible-id",
                       "WINNCM") == [yes, yes, "doubtful", yes, yes]
        assert network(fixture(f"ncm-{kernel}"), "--compatible-id",
                       "none") == [yes, yes, no, no, yes]
        assert network(fixture(f"rndis-{kernel}")) == [no, no, maybe, maybe,
                                                       yes]
        assert network(fixture(f"rndis-{kernel}"), "--compatible-id",
                       "RNDIS") == [no, no, yes, yes, yes]
        said = judge(fixture(f"ecm-{kernel}"))
        assert said["Linux", "network"]["driver"] == "cdc_ether"
        assert said["macOS", "network"]["driver"] == "AppleUSBECM"
        for system in (*APPLE, *WINDOWS, "Linux"):
            for purpose in ("serial", "mctp"):
                verdict = said[system, purpose]
                assert verdict["answer"] == "no"
                assert verdict["findings"][0]["rule"].startswith(
                    "the device has no")


def edit(name, old, new):
    data = fixture(name)
    old, new = bytes.fromhex(old), bytes.fromhex(new)
    assert data.count(old) == 1 and len(old) == len(new), (name, old)
    return data.replace(old, new)


def test_reports_each_broken_rule():
    ncm, ecm = "ncm-7.2", "ecm-7.2"
    union, interrupt = "0524060001", "0705850310000909"
    for name, old, new, systems, expected in (
            (ncm, union, "0524ff0001", (*APPLE, *WINDOWS, "Linux"),
             "names no data interface"),
            (ecm, union, "0524ff0001", ("Linux",), "header or union"),
            (ecm, "0524001001", "0524ff1001", ("Linux",), "header or union"),
            (ncm, "ef0201406b", "ff0201406b", APPLE, "the device class"),
            (ncm, "ef0201406b", "000000406b", WINDOWS, "Code 10"),
            (ecm, "09040101020a000007", "09040101020a000107", APPLE,
             "not 0a/00/00"),
            (ncm, "09040101020a000107", "09040101020a000007",
             (*APPLE, *WINDOWS), "not 0a/00/01"),
            (ncm, "0705020200020" + "0", "0705020300020" + "0",
             (*APPLE, *WINDOWS), "exactly one bulk IN"),
            (ncm, interrupt, "0705850210000909", (*APPLE, "Linux"),
             "no interrupt IN"),
            (ncm, interrupt, "0705850210000909", WINDOWS,
             "exactly one endpoint"),
            (ncm, "0d240f06", "0d24ff06", APPLE, "shorter than 13"),
            (ncm, "0d240f06", "0d24ff06", (*WINDOWS, "Linux"),
             "is not 13 bytes long"),
            (ecm, "0d240f06", "0d24ff06", ("Linux",), "is not 13 bytes long"),
            (ecm, "0d240f06", "0d240f00", (*APPLE, "Linux"),
             "12 hex digits"),
            (ncm, "06241a000111", "0624ff000111", (*WINDOWS, "Linux"),
             "NCM functional"),
            (ncm, "09040101020a0001", "09040102020a0001", WINDOWS,
             "alternate 0 without")):
        said = judge(edit(name, old, new), "--compatible-id", "WINNCM")
        for system in systems:
            verdict = said[system, "network"]
            assert verdict["answer"] == "no", (expected, verdict)
            hit = [f for f in verdict["findings"] if expected in f["rule"]]
            assert hit and hit[0]["answer"] == "no", (expected, verdict)
            assert hit[0]["fix"] and hit[0]["source"]
    for name, old, new, expected in (
            (ncm, "06241a000111", "06241a000110", "bit 0"),
            (ncm, "0203010902", "0203020902", "several configurations")):
        verdict = judge(edit(name, old, new))["macOS", "network"]
        assert verdict["answer"] == "doubtful", verdict
        assert expected in verdict["findings"][0]["rule"]
    for mac, answer in (("021122334455", "yes"), ("02:11:22:33", "no"),
                        ("0211223344", "no"), ("02112233445g", "no"),
                        ("0211223344556", "no")):
        assert network(fixture(ncm), "--mac", mac)[4] == answer, mac


def with_interfaces(name, extra, count):
    """Return the descriptors of a fixture with further interfaces."""
    data = fixture(name)
    total = int.from_bytes(data[20:22], "little") + len(extra)
    data[20:22] = total.to_bytes(2, "little")
    data[22] += count
    return data + extra


ACM = bytes.fromhex("0904020001020201000524001001042402020524060203"
                    "07058603100009" "0904030002" "0a000000"
                    "07058702000200" "07050702000200")
MCTP = bytes.fromhex("0904020002140001000705060200020007058602000200")
RNDIS = bytes.fromhex("0904020001e001030007058603080009")


def test_judges_composite_devices():
    said = judge(with_interfaces("ncm-7.2", ACM, 2), "--compatible-id",
                 "WINNCM")
    assert [said[s, "serial"]["answer"] for s in
            (*APPLE, *WINDOWS, "Linux")] == ["yes", "no", "yes", "yes", "yes"]
    assert said["Windows 11", "serial"]["driver"] == "usbser.sys"
    verdict = judge(with_interfaces("ecm-7.2", ACM, 2))["macOS", "network"]
    assert verdict["answer"] == "doubtful" and \
        "10.15" in verdict["findings"][0]["rule"]
    said = judge(with_interfaces("ncm-7.2", MCTP, 1))
    assert said["Linux", "mctp"]["answer"] == "yes"
    assert said["macOS", "mctp"]["answer"] == "no"
    assert judge(with_interfaces("ncm-7.2", MCTP[:9], 1))[
        "Linux", "mctp"]["answer"] == "no"
    verdict = judge(with_interfaces("ncm-7.2", RNDIS, 1))["macOS", "network"]
    assert verdict["answer"] == "no" and \
        "also has an RNDIS function" in verdict["findings"][0]["rule"]


def test_refuses_malformed_descriptors():
    path = os.path.join(FIXTURES, "desc-rndis-6.1.hex")
    out = tether("--file", path, "-v").stdout
    assert out.startswith("macOS       network  no       RNDIS\n"
                          "    Apple has no driver for RNDIS\n"
                          "      fix: use NCM"), out
    assert "source: " in out
    for data, expected in (
            (b"", "does not start"), (b"\x11\x01" * 20, "does not start"),
            (b"12 0", "does not start"), (b"zz", "does not start"),
            (bytes(fixture("ecm-6.1"))[:40], "malformed"),
            (bytes(fixture("ecm-6.1"))[:18] + b"\xff" * 200, "malformed"),
            (b"\0" * 70000, "File too large")):
        with tempfile.NamedTemporaryFile() as f:
            f.write(data)
            f.flush()
            done = tether("--file", f.name, status=1)
            assert expected in done.stderr, (data[:20], done)
    assert "No such file" in tether("--file", "/nowhere", status=1).stderr
    for bad in ("../x", "1-2/../..", ".", "x" * 100):
        assert "invalid device" in tether(bad, status=1).stderr
    assert "No such file" in tether("9-9.9", status=1).stderr
    # tether decodes or rejects the file after a change of any single byte.
    good = fixture("ncm-7.2")
    for at in range(len(good)):
        data = bytearray(good)
        data[at] ^= 0xff
        with tempfile.NamedTemporaryFile() as f:
            f.write(data)
            f.flush()
            done = subprocess.run([TETHER, "inspect", "--file", f.name],
                                  capture_output=True, text=True)
            assert done.returncode in (0, 1), (at, done)
