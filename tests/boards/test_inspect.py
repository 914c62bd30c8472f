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
    # Reports about NCM beside RNDIS on macOS disagree.
    verdict = judge(with_interfaces("ncm-7.2", RNDIS, 1))["macOS", "network"]
    assert verdict["answer"] == "doubtful" and \
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
            (b"\0" * (17 << 20), "File too large")):
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


def device(*configurations, ids="6b1d0401", classes="ef0201"):
    """Return a device descriptor and configurations of interfaces in hex."""
    data = bytes.fromhex("12010002" + classes + "40" + ids + "00010102" "03") + \
        bytes([len(configurations)])
    for n, body in enumerate(configurations):
        body = bytes.fromhex(body)
        count, at, numbers = 0, 0, set()
        while at < len(body):
            if body[at + 1] == 4:
                numbers.add(body[at + 2])
            at += body[at]
        data += struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), len(numbers),
                            n + 1, 0, 0xc0, 50) + body
    return data


IAD_NCM = "080b0002020d0000"
VENDOR = "0904000002ff000000" "07050102000200" "07058102000200"
RNDIS_E0 = ("0904000001e0010300" "0524001001" "0524010001" "04240200"
            "0524060001" "0705830308000a" "0904010002" "0a000000"
            "07058102000200" "07050202000200")
RNDIS_02 = RNDIS_E0.replace("e00103", "0202ff", 1)
ECM_ONLY = ("0904000001020600" "04" "0524001001" "0524060001"
            "0d240f0600000000ea05000000" "07058303100009" "0904010000" "0a000000"
            "0904010102" "0a000000" "07058102000200" "07050202000200")
EEM = "0904000002020c0700" "07058102000200" "07050202000200"


def test_reads_every_configuration():
    """Each system has its own rule for the configuration that it selects."""
    def answers(*configurations, **more):
        data = device(*configurations, **more)
        said = judge(data)
        return [said[s, "network"]["answer"] for s in
                (*APPLE, *WINDOWS, "Linux")], said

    # Linux skips a vendor-specific first configuration.
    found, said = answers(VENDOR, ECM_ONLY, classes="000000")
    assert found == ["doubtful", "doubtful", "no", "no", "yes"]
    assert said["Linux", "network"]["driver"] == "cdc_ether"
    rules = [f["rule"] for f in said["Windows 11", "network"]["findings"]]
    assert any("not in the first configuration" in r for r in rules)
    # Linux prefers the second one to RNDIS (02/02/ff), if that is the first.
    found, said = answers(RNDIS_02, ECM_ONLY, classes="020000")
    assert found[4] == "yes" and \
        said["Linux", "network"]["driver"] == "cdc_ether"
    # e0/01/03 is no such exception.
    _, said = answers(RNDIS_E0, ECM_ONLY, classes="000000")
    assert said["Linux", "network"]["driver"] == "rndis_host"
    # All configurations are vendor specific: the first one.
    found, said = answers(VENDOR, VENDOR + ECM_ONLY.replace(
        "09040000", "09040200", 1), classes="000000")
    assert found[4] == "no" and "bConfigurationValue" in \
        said["Linux", "network"]["findings"][0]["fix"]
    # The device class is vendor specific: the first one.
    found, _ = answers(VENDOR, ECM_ONLY, classes="ff0000")
    assert found[4] == "no"
    # Windows splits a device only if it has one configuration.
    said = judge(device(RNDIS_E0 + "080b020202020100" + ACM.hex().replace(
        "0904020001", "0904020001"), ECM_ONLY))
    assert said["Windows 11", "network"]["answer"] == "no"


def test_knows_the_other_network_functions():
    said = judge(device(EEM, classes="000000"))
    assert [said[s, "network"]["answer"] for s in
            (*APPLE, *WINDOWS, "Linux")] == ["no"] * 4 + ["yes"]
    assert said["Linux", "network"]["driver"] == "cdc_eem"
    said = judge(device(EEM.replace("07058102", "07058103"),
                        classes="000000"))
    assert said["Linux", "network"]["answer"] == "no"
    # RNDIS as e0/01/03 needs no ID on Windows; 02/02/ff is a COM port there.
    for name, expected in ((RNDIS_E0, "yes"), (RNDIS_02, "no")):
        said = judge(device(name, classes="000000"), "--compatible-id", "none")
        assert said["Windows 11", "network"]["answer"] == expected
        assert said["Linux", "network"]["driver"] == "rndis_host"
        symptoms = [f["symptom"] for f in
                    said["Windows 10", "network"]["findings"]]
        assert any("COM port" in s for s in symptoms) == (expected == "no")
    # The class of the association counts, not that of the interface.
    for code, name, expected in (("e00103", RNDIS_02, "yes"),
                                 ("0206ff", RNDIS_E0, "no"),
                                 ("ef0401", RNDIS_02, "yes")):
        said = judge(device(f"080b0002{code}00" + name), "--compatible-id",
                     "none")
        assert said["Windows 11", "network"]["answer"] == expected, code
    mbim = "0904000001020e0000" "07058303100009"
    said = judge(device(mbim, classes="000000"))
    assert [said[s, "network"]["driver"] for s in ("Windows 11", "Linux")] == \
        ["cxwmbclass.sys", "cdc_mbim"]
    # A driver that binds by product cannot be known from the vendor.
    verdict = judge(device(VENDOR, ids="950b9017", classes="ff0000"))[
        "Linux", "network"]
    assert verdict["answer"] == "unknown" and "asix" in verdict["driver"]
    verdict = judge(device(VENDOR, ids="03040160", classes="000000"))[
        "Linux", "serial"]
    assert verdict["driver"] == "ftdi_sio"
    # cdc_acm binds to the protocols 0 to 6.
    acm = ("09040000010202{:02x}00" "0524001001" "0524060001" "07058303100009"
           "0904010002" "0a000000" "07058102000200" "07050202000200")
    for protocol, linux, apple in ((0, "yes", "yes"), (1, "yes", "yes"),
                                   (6, "yes", "doubtful"), (7, "no", "no")):
        said = judge(device(acm.format(protocol), classes="020000"))
        assert said["Linux", "serial"]["answer"] == linux
        assert said["macOS", "serial"]["answer"] == apple
    # Linux' mctp-usb binds to DSP0283 1.0 only.
    for subclass, expected in (("00", "yes"), ("02", "no")):
        said = judge(device(f"090400000214{subclass}0100"
                            "07058102000200" "07050202000200"))
        assert said["Linux", "mctp"]["answer"] == expected


def test_judges_the_mac_address():
    for mac, answer in (("021122334455", "yes"), ("031122334455", "doubtful"),
                        ("000000000000", "doubtful"), ("02112233445", "no"),
                        ("02:11:22:33:44:55", "no"), ("02112233445x", "no")):
        assert network(fixture("ncm-7.2"), "--mac", mac)[4] == answer, mac


def test_asks_a_device_for_its_ntb_parameters():
    ncm = fixture("ncm-7.2")
    text = (0x80, 6, 0x3ee, 0)
    string = b"\x12\x03" + "MSFT100".encode("utf-16-le") + b"\xbc\0"
    answers = {text: string, (0xc0, 0xbc, 0, 4): compatible_ids(b"WINNCM")}
    for divisor, expected in ((4, ["doubtful", "yes"]), (1, ["no", "no"]),
                              (2, ["no", "no"]), (512, ["doubtful", "yes"]),
                              (None, ["doubtful", "yes"])):
        ntb = struct.pack("<HHIHHHHIHHHH", 28, 1, 2048, 4, 0, 4, 0, 2048,
                          divisor or 0, 0, 4, 0)
        # Without an answer, the divisor is unknown.
        more = {(0xa1, 0x80, 0, 0): ntb} if divisor else {}
        d = Device(ncm, {**answers, **more})
        assert d.answers_of() == expected, divisor
        d.listener.close()
    d = Device(ncm, {**answers, (0xa1, 0x80, 0, 0): ntb[:27]})
    assert d.answers_of() == ["no", "no"]
    d.listener.close()


# --- files ---


def dumps(data):
    """Return a dump of the data in each text format."""
    hexed = bytes(data).hex()
    lines = [bytes(data[i:i + 16]) for i in range(0, len(data), 16)]
    text = lambda b: "".join(chr(c) if 32 <= c < 127 else "." for c in b)
    pairs = lambda b: [f"{c:02x}" for c in b]
    xxd = "".join(
        f"{16 * n:08x}: " +
        " ".join(b.hex()[i:i + 4] for i in range(0, 2 * len(b), 4)).ljust(39) +
        f"  {text(b)}\n" for n, b in enumerate(lines))
    canonical = "".join(
        f"{16 * n:08x}  " + (" ".join(pairs(b[:8])) + "  " +
                             " ".join(pairs(b[8:]))).ljust(48) +
        f"  |{text(b)}|\n" for n, b in enumerate(lines)) + \
        f"{len(data):08x}\n"
    od = "".join(f"{16 * n:07o} " + " ".join(pairs(b)) + "\n"
                 for n, b in enumerate(lines)) + f"{len(data):07o}\n"
    words = "".join(f"{16 * n:07x} " + " ".join(
        f"{b[i + 1]:02x}{b[i]:02x}" for i in range(0, len(b) - 1, 2)) + "\n"
        for n, b in enumerate(lines))
    return {
        "hex": hexed, "hex with spaces": " ".join(pairs(data)),
        "lines": "\n".join(hexed[i:i + 40] for i in range(0, len(hexed), 40)),
        "xxd": xxd, "xxd, CRLF": xxd.replace("\n", "\r\n"),
        "xxd -g1": "".join(
            f"{16 * n:08x}: " + " ".join(pairs(b)).ljust(47) +
            f"  {text(b)}\n" for n, b in enumerate(lines)),
        "hexdump -C": canonical, "od -tx1": od,
        **({} if len(data) % 2 else {"hexdump": words}),
        "list": ", ".join(f"0x{c:02x}" for c in data) + ",\n",
        "list of C": "static const uint8_t d[] = {\n".replace(
            "static const uint8_t d[] = ", "") + "".join(
            "\t" + ", ".join(f"0x{c:02X}" for c in b) + ", // line\n"
            for b in lines) + "};\n",
        "short list": ",".join(hex(c) for c in data),
        "upper case": hexed.upper(),
    }


def usbmon(data, big=False, mmapped=False, bus=1, number=5, urb=0xffff88801234,
           names=()):
    """Return the packets of an enumeration as usbmon captures them."""
    order = ">" if big else "<"
    pad = bytes(16 if mmapped else 0)

    def packet(kind, setup, body):
        return struct.pack(order + "QBBBBHbbqiiII", urb, ord(kind), 2,
                           0x80, number, bus, 0 if setup else ord("-"), 0, 0,
                           0, 0, len(body), len(body)) + \
            (setup or bytes(8)) + pad + body

    for value, answer in enumeration(data, names):
        setup = struct.pack("<BBHHH", 0x80, 6, value, 0, 255)
        yield packet("S", setup, b"")
        yield packet("C", b"", answer)


def enumeration(data, names=()):
    yield 0x100, bytes(data[:8])
    yield 0x100, bytes(data[:18])
    at = 18
    for index in range(data[17]):
        total = int.from_bytes(data[at + 2:at + 4], "little")
        yield 0x200 | index, bytes(data[at:at + 9])
        yield 0x200 | index, bytes(data[at:at + total])
        at += total
    for index, name in names:
        yield 0x300 | index, bytes([2 + 2 * len(name), 3]) + \
            name.encode("utf-16-le")


def usbpcap(data, number=5, names=(), old=False):
    def packet(irp, info, stage, body):
        return struct.pack("<HQIHBHHBBIB", 28, irp, 0, 8, info, 1, number, 0x80,
                           2, len(body), stage) + body

    for n, (value, answer) in enumerate(enumeration(data, names)):
        yield packet(n, 0, 0, struct.pack("<BBHHH", 0x80, 6, value, 0, 255))
        yield packet(n, 1, 1 if old else 3, answer)


def pcap(packets, link, big=False, nano=False):
    order = ">" if big else "<"
    out = struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4, 2,
                      4, 0, 0, 65535, link)
    for p in packets:
        out += struct.pack(order + "IIII", 0, 0, len(p), len(p)) + p
    return out


def pcapng(packets, link, big=False, simple=False):
    order = ">" if big else "<"

    def block(kind, body):
        body += bytes(-len(body) % 4)
        total = 12 + len(body)
        return struct.pack(order + "II", kind, total) + body + \
            struct.pack(order + "I", total)

    out = block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))
    out += block(1, struct.pack(order + "HHI", 1, 0, 65535))  # Ethernet
    if simple:
        out = out[:28]
    out += block(1, struct.pack(order + "HHI", link, 0, 65535))
    out += block(5, bytes(12))  # statistics
    for p in packets:
        if simple:
            out += block(3, struct.pack(order + "I", len(p)) + p)
        else:
            out += block(6, struct.pack(order + "IIIII", 1, 0, 0, len(p),
                                        len(p)) + p)
    return out


def read(content, *words, status=0):
    with tempfile.NamedTemporaryFile() as f:
        f.write(content if isinstance(content, bytes) else content.encode())
        f.flush()
        return tether("--file", f.name, *words, "--json", status=status).stdout


def test_reads_dumps_in_hex():
    for data in (fixture("ncm-7.2"), device(VENDOR, ECM_ONLY, classes="000000"),
                 with_interfaces("ecm-7.2", ACM, 2)):
        expected = read(bytes(data))
        for name, text in dumps(data).items():
            assert read(text) == expected, (name, text)


def test_reads_captures():
    ncm = fixture("ncm-7.2")
    two = device(VENDOR, ECM_ONLY, classes="000000")
    hub = device("0904000001" "09000000" "0705810301000c",
                 classes="090000")
    for data in ncm, two:
        expected = read(bytes(data), "--mac", "021122334455")
        names = [(n, "021122334455") for n in range(1, 8)]
        for big in False, True:
            for mmapped, link in (False, 189), (True, 220):
                packets = list(usbmon(hub, big, mmapped, number=1)) + \
                    list(usbmon(data, big, mmapped, names=names)) + \
                    list(usbmon(hub, big, mmapped, number=9))
                assert read(pcap(packets, link, big)) == expected
                assert read(pcap(packets, link, big, True)) == expected
                assert read(pcapng(packets, link, big)) == expected
                assert read(pcapng(packets, link, big, True)) == expected
        for old in False, True:
            packets = list(usbpcap(data, names=names, old=old))
            assert read(pcap(packets, 249)) == expected
            assert read(pcapng(packets, 249)) == expected
    # A capture without the enumeration, or cut at any place, is no crash.
    whole = pcap(usbmon(ncm), 189)
    for cut in (24, 40, 100, 200, len(whole) - 1):
        assert "does not start with a device descriptor" in read(
            whole[:cut], status=1) or cut > 200
    assert "a capture" in read(pcap([], 1), status=1)


LSUSB = """
Bus 001 Device 005: ID 1d6b:0104 Linux Foundation Multifunction Composite Gadget
Couldn't open device, some information will be missing
Device Descriptor:
  bLength                18
  bDescriptorType         1
  bcdUSB               2.00
  bDeviceClass          239 Miscellaneous Device
  bDeviceSubClass         2 
  bDeviceProtocol         1 Interface Association
  bMaxPacketSize0        64
  idVendor           0x1d6b Linux Foundation
  idProduct          0x0104 Multifunction Composite Gadget
  bcdDevice            7.02
  iManufacturer           1 Maker
  iProduct                2 Thing
  iSerial                 3 0001
  bNumConfigurations      1
  Configuration Descriptor:
    bLength                 9
    bDescriptorType         2
    wTotalLength       0x006f
    bNumInterfaces          2
    bConfigurationValue     1
    iConfiguration          4 ncm
    bmAttributes         0xc0
      Self Powered
    MaxPower                2mA
    Interface Association:
      bLength                 8
      bDescriptorType        11
      bFirstInterface         0
      bInterfaceCount         2
      bFunctionClass          2 Communications
      bFunctionSubClass      13 
      bFunctionProtocol       0 
      iFunction               8 CDC NCM
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        0
      bAlternateSetting       0
      bNumEndpoints           1
      bInterfaceClass         2 Communications
      bInterfaceSubClass     13 
      bInterfaceProtocol      0 
      iInterface              5 CDC Network Control Model (NCM)
      CDC Header:
        bcdCDC               1.10
      CDC Union:
        bMasterInterface        0
        bSlaveInterface         1 
      CDC Ethernet:
        iMacAddress                      6 MAC
        bmEthernetStatistics    0x00000000
        wMaxSegmentSize               1514
        wNumberMCFilters            0x0000
        bNumberPowerFilters              0
      CDC NCM:
        bcdNcmVersion        1.00
        bmNetworkCapabilities 0x11
          crc mode
          packet filter
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x85  EP 5 IN
        bmAttributes            3
          Transfer Type            Interrupt
          Synch Type               None
          Usage Type               Data
        wMaxPacketSize     0x0010  1x 16 bytes
        bInterval               9
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        1
      bAlternateSetting       0
      bNumEndpoints           0
      bInterfaceClass        10 CDC Data
      bInterfaceSubClass      0 
      bInterfaceProtocol      1 
      iInterface              0 
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        1
      bAlternateSetting       1
      bNumEndpoints           2
      bInterfaceClass        10 CDC Data
      bInterfaceSubClass      0 
      bInterfaceProtocol      1 
      iInterface              7 CDC Network Data
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x81  EP 1 IN
        bmAttributes            2
          Transfer Type            Bulk
        wMaxPacketSize     0x0200  1x 512 bytes
        bInterval               0
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x02  EP 2 OUT
        bmAttributes            2
          Transfer Type            Bulk
        wMaxPacketSize     0x0200  1x 512 bytes
        bInterval               0
Device Qualifier (for other device speed):
  bLength                10
  bDescriptorType         6
  bcdUSB               2.00
  bDeviceClass          239 Miscellaneous Device
  bNumConfigurations      1
Device Status:     0x0001
  Self Powered
"""


def test_reads_the_text_of_lsusb():
    expected = read(bytes(fixture("ncm-7.2")), "--mac", "021122334455")
    good = LSUSB.replace("6 MAC", "6 021122334455")
    assert read(good) == expected
    assert read(good.replace("\n", "\r\n")) == expected
    # The first of several devices is read.
    other = LSUSB.replace("Linux Foundation", "Other").replace(
        "bInterfaceSubClass     13", "bInterfaceSubClass      6")
    assert read(good + other) == expected
    # A descriptor that lsusb does not know is in hex.
    unknown = good.replace("""      CDC Union:
        bMasterInterface        0
        bSlaveInterface         1 
""", "      ** UNRECOGNIZED:  05 24 06 00 01\n")
    assert unknown != good and read(unknown) == expected
    said = {(v["system"], v["purpose"]): v for v in json.loads(
        read(LSUSB.replace("6 MAC", "6 not a MAC")))}
    assert said["Linux", "network"]["answer"] == "no"
    for line in LSUSB.splitlines():  # any line may be missing
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(good.replace(line + "\n", "", 1))
            f.flush()
            done = subprocess.run([TETHER, "inspect", "--file", f.name],
                                  capture_output=True)
            assert done.returncode in (0, 1), (line, done)
