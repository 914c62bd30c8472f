# SPDX-License-Identifier: Apache-2.0
"""usbnvme and tether as a user runs them: processes, sockets, exit codes.

Only addresses of this machine's loopback are used.
"""
import hashlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import pytest

import harness
from harness import PATIENCE, take

USBNVME = harness.program("usbnvme")
TETHER = harness.program("tether")
UID = "000102030405060708090a0b"

SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
OUT, IN = 0, 1
GET_EID = bytes.fromhex("1ab4000b010008c8008002")


class Device(harness.Program):
    """A usbnvme process on a free port."""

    def __init__(self, *options):
        super().__init__([USBNVME, "--usbip", "127.0.0.1:0", *options])
        text = self.wait_log(r" port (\d+)\n")
        self.port = int(text.group(1))
        self.via = f"usbip:127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.log.close()
        assert status == 0, f"usbnvme ended with {status}"

    def tether(self, *arguments, status=0, via=None):
        done = subprocess.run([TETHER, *arguments, "--via", via or self.via],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == status, (arguments, done)
        return done

    def json(self, *arguments):
        return json.loads(self.tether(*arguments, "--json").stdout)


class Import:
    """A USB/IP client that can misbehave."""

    def __init__(self, port, busid=b"1-1"):
        self.s = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.seq = 0
        self.s.sendall(struct.pack(">HHI", 0x0111, 0x8003, 0) +
                       busid.ljust(32, b"\0"))
        version, code, self.status = struct.unpack(">HHI", take(self.s, 8))
        assert (version, code) == (0x0111, 0x0003)
        if self.status == 0:
            device = take(self.s, 312)
            busnum, devnum, self.speed = struct.unpack_from(
                ">III", device, 288)
            self.devid = busnum << 16 | devnum

    def submit(self, endpoint, direction, data=b"", length=None, setup=b"",
               packets=0xffffffff, devid=None):
        self.seq += 1
        length = len(data) if length is None else length
        self.s.sendall(struct.pack(
            ">IIIIIIIIII8s", SUBMIT, self.seq,
            self.devid if devid is None else devid, direction, endpoint, 0,
            length, 0, packets, 0, setup) +
            (data if direction == OUT else b""))
        return self.seq

    def unlink(self, seq):
        self.seq += 1
        self.s.sendall(struct.pack(">IIIIII24x", UNLINK, self.seq, self.devid,
                                   0, 0, seq))
        return self.seq

    def reply(self, in_urbs=()):
        command, seq, _, _, _, status, actual = struct.unpack(
            ">IIIIIiI20x", take(self.s, 48))
        data = b""
        if command == RET_SUBMIT and seq in in_urbs:
            data = take(self.s, actual)
        return command, seq, status, data

    def control(self, setup, data=b"", length=0):
        direction = IN if setup[0] & 0x80 else OUT
        seq = self.submit(0, direction, data,
                          length if direction == IN else None, setup)
        command, got, status, answer = self.reply(
            [seq] if direction == IN else [])
        assert (command, got) == (RET_SUBMIT, seq)
        return status, answer

    def configure(self):
        assert self.control(bytes([0, 9, 1, 0, 0, 0, 0, 0])) == (0, b"")

    def answers(self):
        """The device answers Get Endpoint ID."""
        wanted = self.submit(1, IN, length=512)
        self.submit(1, OUT, GET_EID)
        replies = {}
        for _ in range(2):
            command, seq, status, data = self.reply([wanted])
            assert command == RET_SUBMIT and status == 0
            replies[seq] = data
        return replies[wanted][8:].startswith(b"\x00\x00\x02\x00")

    def close(self):
        self.s.close()


def test_verbs():
    with Device("--uid", UID) as d:
        info = d.json("mctp", "info")
        assert info["eid"] == 9
        assert info["uuid"] == "63928d5a-39f1-49a7-8f0b-549193ab0742"
        assert [t["type"] for t in info["types"]] == ["00", "04", "7e"]
        assert info["vendors"] == [{"pci_vendor": "ccde", "set": 0}]
        usb = d.json("usb")
        assert usb[0]["serial"] == "63928d5a39f1"
        assert [i["class"] for i in usb[0]["interfaces"]] == ["14", "02", "0a"]
        assert d.json("nvme", "info")["minor"] == 2
        health = d.json("nvme", "health")
        assert health["celsius"] == 20 and len(health["controllers"]) == 2
        assert len(d.json("nvme", "controllers")) == 2
        assert d.json("nvme", "config")[1]["frequency"] == "100k"
        assert d.json("mctp", "set-eid", "33") == {"eid": 33}
        assert d.json("mctp", "info")["eid"] == 33
        echo = d.json("mctp", "echo", "--size", "1000", "--count", "50")
        assert (echo["back"], echo["wrong"], echo["lost"]) == (50, 0, 0)
        bench = d.json("mctp", "bench", "--size", "9", "--count", "70")
        assert (bench["received"], bench["dropped"]) == (70, 0)
        for words in (["usb"], ["mctp", "info"], ["nvme", "info"],
                      ["nvme", "health"], ["nvme", "controllers"],
                      ["nvme", "config"], ["mctp", "echo"], ["log"],
                      ["mctp", "bench", "--count", "10"]):
            assert d.tether(*words).stdout
        lines = d.tether("log", "--json").stdout.splitlines()
        assert json.loads(lines[0])["text"].startswith("usbnvme 0.")


def test_request():
    with Device("--uid", UID) as d:
        def ask(*words, status=0):
            return d.tether("mctp", "request", *words, status=status)
        assert ask("--type", "0", "8002").stdout == "000200090000\n"
        assert ask("80", "02", "--type", "00").stdout == "000200090000\n"
        health = "0800000100000000000000000000 00"
        plain = ask("--type", "4", "--ic", health).stdout.strip()
        assert plain == "8800000000000038ff140000000000"
        assert ask("--type", "4", "--ic", "--raw", health,
                   "--timeout", "100", status=1).stderr.endswith(
                       "no reply in 100 ms\n")
        raw = ask("--type", "4", "--ic", "--raw",
                  health + "%08x" % crc_swapped(health)).stdout.strip()
        assert raw.startswith(plain) and len(raw) == len(plain) + 8
        assert "no reply in 50 ms" in ask("--type", "5", "--timeout", "50",
                                          status=1).stderr
        assert "pairs of hex" in ask("--type", "0", "8", status=2).stderr
        assert "--type" in ask("8002", status=2).stderr
        assert "hex, 00 to 7f" in ask("--type", "99", "80", status=2).stderr
        silent = d.tether("mctp", "request", "--type", "5", "--timeout", "50",
                          "--json", status=1)
        assert json.loads(silent.stdout) == {"error": "no reply in 50 ms"}


def crc_swapped(text):
    """The MIC of an NVMe-MI request, as the hex digits go on the wire."""
    crc = 0xffffffff
    for byte in b"\x84" + bytes.fromhex(text):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return int.from_bytes((crc ^ 0xffffffff).to_bytes(4, "little"), "big")


def test_usage():
    for words in ([], ["what"], ["mctp"], ["mctp", "what"],
                  ["mctp", "set-eid"], ["mctp", "set-eid", "7"],
                  ["mctp", "info", "extra"], ["usb", "--count", "3"],
                  ["mctp", "echo", "--size", "70000"],
                  ["mctp", "echo", "--count", "0"],
                  ["mctp", "info", "--via", "serial:1"],
                  ["mctp", "info", "--via", "usbip:host:0"],
                  ["mctp", "info", "--via", "usbip:[::1"]):
        done = subprocess.run([TETHER, *words], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == 2, (words, done)
    for words in (["--help"], ["help"], ["--version"], ["mctp", "--help"],
                  ["mctp", "echo", "--help"]):
        done = subprocess.run([TETHER, *words], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == 0 and done.stdout, (words, done)


def test_nobody_there():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    done = subprocess.run([TETHER, "mctp", "info"], capture_output=True,
                          text=True, timeout=PATIENCE,
                          env={**os.environ,
                               "TETHER_VIA": f"usbip:127.0.0.1:{port}"})
    assert done.returncode == 1
    assert "nothing listens there" in done.stderr, done.stderr


def test_several_devices():
    with Device("--count", "3", "--uid", UID) as d:
        d.wait_log("1-3: .*USB waiting")
        many = d.tether("mctp", "info", status=2)
        assert "3 devices" in many.stderr and "/1-3" in many.stderr
        uuids = {json.loads(d.tether("mctp", "info", "--json",
                                     via=f"{d.via}/1-{k}").stdout)["uuid"]
                 for k in (1, 2, 3)}
        assert len(uuids) == 3
        assert "no such device" in d.tether(
            "mctp", "info", via=f"{d.via}/1-4", status=1).stderr
        assert len(d.json("usb")) == 3


def test_ls():
    """A device that is offered is listed, and how to take it."""
    def run(via, *words, status=0):
        done = subprocess.run([TETHER, *words], capture_output=True, text=True,
                              timeout=PATIENCE,
                              env={**os.environ, "TETHER_VIA": via})
        assert done.returncode == status, done
        return done
    with Device() as d:
        via = d.via + "/1-1"
        for words in (d.via, via):
            said = run(words, "ls").stdout
            assert said.startswith(via + "  "), said
            assert said.endswith(
                f"offered over USB/IP; tether --via {via}\n"), said
            listed = json.loads(run(words, "ls", "--json").stdout)
            assert len(listed) == 1 and listed[0]["via"] == via, listed
            assert listed[0]["functions"] == [] and not listed[0]["place"]
            assert int(listed[0]["vendor"], 16) != 0, listed
        assert "no board" in run(d.via + "/9-9", "ls").stdout
        run(via, "mctp", "info")  # as it is said, it is taken
    assert "nothing listens there" in run(via, "ls", status=1).stderr


def test_usbip_tool():
    tool = shutil.which("usbip") or shutil.which("usbip", path="/usr/sbin")
    if not tool:
        pytest.skip("the usbip tool is not installed")
    with Device("--count", "2") as d:
        d.wait_log("1-2: .*USB waiting")
        done = subprocess.run([tool, "--tcp-port", str(d.port), "list", "-r",
                               "127.0.0.1"], capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 0, done
        assert done.stdout.count("(ccde:0000)") == 2, done.stdout
        assert done.stdout.count("(14/00/01)") == 2, done.stdout


def test_a_child_that_dies_comes_back():
    with Device("--count", "2") as d:
        d.wait_log("1-2: .*USB waiting")
        children = subprocess.run(["ps", "-o", "pid=", "--ppid",
                                   str(d.process.pid)], capture_output=True,
                                  text=True).stdout.split()
        client = Import(d.port, b"1-2")
        os.kill(int(children[1]), signal.SIGKILL)
        d.wait_log(r"device 1-2 was killed by signal 9. Restarting it")
        try:
            take(client.s, 1)
            raise AssertionError("the connection outlived its device")
        except (EOFError, ConnectionResetError):
            pass
        d.wait_log(r"(?s)(1-2:          0 INFO  usbnvme.*){2}")
        d.tether("mctp", "info", via=f"{d.via}/1-2")


def test_start_errors():
    def start(*options):
        return subprocess.run([USBNVME, *options], capture_output=True,
                              text=True, timeout=PATIENCE)
    with Device() as d:
        done = start("--usbip", f"127.0.0.1:{d.port}")
        assert done.returncode == 1 and "in use" in done.stderr, done
    for options, text in (
            (["--usbip", "0.0.0.0:0"], "--allow-remote"),
            (["--usbip", "[::]:0"], "--allow-remote"),
            (["--usbip", "not-an-address:0"], "not an IP address"),
            (["--usbip", "192.0.2.1:0", "--allow-remote"], "this machine"),
            (["--model", "/nonexistent"], "cannot be read")):
        done = start(*options)
        assert done.returncode == 1 and text in done.stderr, (options, done)
    for options in (["--usbip", "127.0.0.1:70000"], ["--count", "0"],
                    ["--count", "65"], ["--uid", "12"], ["--speed", "slow"],
                    ["--dsp0283", "2"], ["--log-level", "loud"], ["extra"],
                    ["--vid", "12345"], ["--product", ""], ["--what"]):
        assert start(*options).returncode == 2, options
    assert start("--help").returncode == 0
    assert start("--version").returncode == 0


def test_model_file():
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as f:
        f.write("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n"
                "temperature = 400\n[endpoint]\nport = 0\n")
        f.flush()
        with Device("--model", f.name) as d:
            health = d.json("nvme", "health")
            assert health["celsius"] == 127 and health["warnings"] == "02"
        f.write("[what]\nkey = 1\n")
        f.flush()
        done = subprocess.run([USBNVME, "--model", f.name],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 1
        assert f"{f.name}:8: [what] is no section" in done.stderr, done.stderr


def vpd(d, offset, data=None):
    """VPD Read of 4 bytes, or VPD Write."""
    size = len(data) // 2 if data else 4
    request = (f"080000{'06' if data else '05'}000000"
               f"{offset:02x}000000{size:02x}000000{data or ''}")
    return d.tether("mctp", "request", "--type", "4", "--ic",
                    request).stdout.strip()


def test_state_file():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        with Device("--state", path) as d:
            assert vpd(d, 0xf0) == "8800000000000000000000"
            assert vpd(d, 0xf0, "c0ffee11") == "88000000000000"
        assert os.stat(path).st_mode & 0o777 == 0o600
        with Device("--state", path) as d:
            assert vpd(d, 0xf0) == "88000000000000c0ffee11"
            assert vpd(d, 0xf0, "deadbeef") == "88000000000000"
            harness.wait_for(
                lambda: b"\xde\xad\xbe\xef" in open(path, "rb").read(),
                "the state to be saved")
            d.process.kill()
            d.process.wait(PATIENCE)
            d.process.returncode = 0  # wanted
        with Device("--state", path) as d:
            assert vpd(d, 0xf0) == "88000000000000deadbeef"
        with open(path, "r+b") as f:
            f.truncate(5000)
        with Device("--state", path) as d:
            assert f"usbnvme: {path} is damaged. it was renamed to " \
                f"{path}.bad" in d.read_log()
            assert vpd(d, 0xf0) == "8800000000000000000000"
        assert os.stat(path + ".bad").st_size == 5000
        done = subprocess.run([USBNVME, "--state", folder],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 1
        assert "cannot be read" in done.stderr, done.stderr
    done = subprocess.run([USBNVME, "--count", "2", "--state", "x"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and "--count" in done.stderr, done


def test_control_socket():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "control")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        with Device("--control", path) as d:
            def sim(*words):
                return subprocess.run([TETHER, "sim", "set", *words],
                                      capture_output=True, text=True,
                                      timeout=PATIENCE)
            idle = socket.socket(socket.AF_UNIX)
            idle.connect(path)  # says nothing, and is in nobody's way
            done = sim("controller.0.temperature=350",
                       "controller.1.spare=3", "--control", path)
            assert done.returncode == 0 and not done.stdout, done
            health = d.json("nvme", "health")
            assert health["celsius"] == 77 and health["warnings"] == "01"
            done = sim("controller.7.spare=3", "--control", path)
            assert done.returncode == 1, done
            assert "controllers number from 0 to 1" in done.stderr, done
            done = sim("controller.0.spare=3", "--control", path, "--json")
            assert json.loads(done.stdout) == {"set": 1}, done
            assert sim("--control", path).returncode == 2
            assert sim("a=1").returncode == 2
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(b"x" * 4096)
                assert s.recv(4096).startswith(b"error: xxx")
            assert os.stat(path).st_mode & 0o077 == 0
        assert not os.path.exists(path)
        done = sim("port.0.speed=0", "--control", path)
        assert done.returncode == 1 and "Is usbnvme running" in done.stderr


def test_versions_and_speeds():
    for options in (["--dsp0283", "1.1"], ["--speed", "full"],
                    ["--dsp0283", "1.1", "--speed", "full"],
                    ["--no-packing"], ["--no-packing", "--dsp0283", "1.1"]):
        with Device(*options) as d:
            subclass = d.json("usb")[0]["interfaces"][0]["subclass"]
            assert subclass == ("02" if "1.1" in options else "00")
            for size in (0, 1, 47, 48, 49, 59, 60, 175, 236, 239, 240, 495,
                         500, 504, 4000, 8100, 8179, 60000, 65532):
                echo = d.json("mctp", "echo", "--size", str(size), "--count",
                              "20")
                assert echo["back"] == 20, (options, echo)
            bench = d.json("mctp", "bench", "--count", "500")
            assert bench["received"] == 500 and bench["wrong"] == 0


class Lossy:
    """Passes a USB/IP connection on, and spoils one MCTP transfer in a
    hundred, either way: the receiver drops it for its id."""

    in_urbs = set()

    def __init__(self, port):
        self.target = port
        self.spoilt = self.seen = 0
        self.state = 1
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.via = f"usbip:127.0.0.1:{self.listener.getsockname()[1]}/1-1"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            host, _ = self.listener.accept()
            device = socket.create_connection(("127.0.0.1", self.target))
            for a, b, to_device in ((host, device, True),
                                    (device, host, False)):
                a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.pass_on, daemon=True,
                                 args=(a, b, to_device)).start()

    def pass_on(self, a, b, to_device):
        data = bytearray()
        head = 40 if to_device else 8 + 312  # of the import
        try:
            while True:
                more = a.recv(1 << 18)
                if not more:
                    break
                data += more
                if head:
                    n = min(head, len(data))
                    b.sendall(data[:n])
                    del data[:n]
                    head -= n
                done = self.spoil(data, to_device) if not head else 0
                b.sendall(data[:done])
                del data[:done]
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def spoil(self, data, to_device):
        """Whole messages in data: bytes; some of them spoilt."""
        at = 0
        while len(data) - at >= 48:
            command, seq, _, direction, endpoint, _, length = \
                struct.unpack_from(">IIIIIII", data, at)
            size = 0
            if to_device and command == SUBMIT:
                if direction == IN:
                    self.in_urbs.add(seq)
                else:
                    size = length
            elif not to_device and command == RET_SUBMIT and \
                    seq in self.in_urbs:
                size = struct.unpack_from(">I", data, at + 24)[0]
            if len(data) - at < 48 + size:
                break
            at += 48 + size
            if size > 8 and data[at - size:at - size + 2] == b"\x1a\xb4":
                self.state = self.state * 1664525 + 1013904223 & 0xffffffff
                self.seen += 1
                # the EID is set first, which is not repeated
                if self.seen > 40 and (self.state >> 8) % 100 == 0:
                    data[at - size] ^= 0xff
                    self.spoilt += 1
        return at


def random_file(size):
    f = tempfile.NamedTemporaryFile()
    block = hashlib.sha256(str(size).encode()).digest() * 2048
    for at in range(0, size, len(block)):
        block = block[1:] + bytes([at >> 16 & 0xff])
        f.write(block[:size - at])
    f.flush()
    return f


def sha256_of(f):
    f.seek(0)
    return hashlib.sha256(f.read()).hexdigest()


def test_pldm_file():
    for options in ([], ["--dsp0283", "1.1"], ["--speed", "full"]):
        with Device("--pldm-file", *options) as d:
            idle = d.json("pldm", "status")
            assert idle["counters"]["parts"] == 0
            for size, part in ((0, 256), (1, 256), (70000, 256),
                               (300000, 4096), (16 << 20, 32768)):
                with random_file(size) as f:
                    done = d.json("pldm", "serve", f.name, "--part",
                                  str(part))
                    assert done["match"] and done["bytes"] == size, done
                    assert done["sha256"] == sha256_of(f)
                    after = d.json("pldm", "status")
                    assert after["state"] == "done"
                    assert after["sha256"] == done["sha256"]
                    assert after["name"] == os.path.basename(f.name)
                    assert after["part"] <= max(part, 256)
            # nothing failed; on a busy machine a part may be asked for again
            for name in ("failures", "aborts", "bad-checks"):
                assert after["counters"][name] == 0, after
            d.wait_log(r"PLDM: 16777216 bytes in \d+ ms, \d+ kB/s, SHA-256 " +
                       done["sha256"])
            info = d.json("mctp", "info")
            assert "01" in [t["type"] for t in info["types"]]
            assert "SHA-256" in d.tether("pldm", "status").stdout


def test_pldm_file_with_loss():
    with Device("--pldm-file") as d, random_file(16 << 20) as f:
        lossy = Lossy(d.port)
        done = json.loads(d.tether("pldm", "serve", f.name, "--json",
                                   via=lossy.via).stdout)
        assert done["match"] and done["sha256"] == sha256_of(f), done
        assert lossy.spoilt > 100, lossy.spoilt
        lost = done["counters"]
        assert lost["lost-parts"] + lost["retries"] > 10, done
        print(f"  {lossy.spoilt} transfers spoilt, {lost['lost-parts']} "
              f"requests overtaken, {lost['retries']} timed out, "
              f"{done['ms']} ms")


def test_pldm_errors():
    with Device() as d, random_file(100) as f:
        assert "no PLDM" in d.tether("pldm", "status", status=1).stderr
        refused = d.tether("pldm", "serve", f.name, "--timeout", "300",
                           status=1)
        assert "--pldm-file" in refused.stderr, refused
        assert "cannot open /nonexistent" in d.tether(
            "pldm", "serve", "/nonexistent", status=1).stderr
        assert "not a regular file" in d.tether(
            "pldm", "serve", "/dev", status=1).stderr
        assert "power of two" in d.tether(
            "pldm", "serve", f.name, "--part", "300", status=2).stderr
    with Device("--pldm-file") as d, random_file(5 << 20) as f:
        # nobody serves: the device gives up, and says where
        d.tether("mctp", "set-eid", "20")
        failed = d.json("pldm", "status")
        assert failed["counters"]["starts"] == 1
        d.tether("pldm", "serve", f.name)
        assert d.json("pldm", "status")["state"] == "done"


def test_pldm_follow():
    with Device("--pldm-file") as d, random_file(100000) as f:
        server = subprocess.Popen([TETHER, "pldm", "serve", f.name, "-f",
                                   "--json", "--via", d.via],
                                  stdout=subprocess.PIPE, text=True)
        done = json.loads(server.stdout.readline())
        assert done["match"], done
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0


def test_garbage_from_the_network():
    with Device() as d:
        for data in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4096,
                     struct.pack(">HHI", 0x0100, 0x8005, 0),
                     struct.pack(">HHI", 0x0111, 0x8003, 0) + b"1-1"):
            with socket.create_connection(("127.0.0.1", d.port)) as s:
                s.sendall(data)
            assert d.json("mctp", "info")["eid"] == 9
        assert "not a USB/IP 1.1.1 request" in d.read_log()
        # after the import
        for data in (b"\xff" * 48, b"\0" * 48, b"\0" * 47,
                     struct.pack(">IIIII28x", RET_SUBMIT, 1, 0, 0, 0),
                     struct.pack(">IIIIIIIIII8x", SUBMIT, 1, 0x10002, OUT, 99,
                                 0, 4, 0, 0xffffffff, 0),
                     struct.pack(">IIIIIIIIII8x", SUBMIT, 1, 0x10002, OUT, 1,
                                 0, 0xfffffff0, 0, 0xffffffff, 0),
                     struct.pack(">IIIIIIIIII8x", SUBMIT, 1, 0x10002, IN, 1, 0,
                                 0x7fffffff, 0, 0xffffffff, 0)):
            client = Import(d.port)
            assert client.status == 0
            client.s.sendall(data)
            client.close()
            d.wait_log("Connection closed")
            d.json("mctp", "info")


def test_client_gone_in_the_middle():
    with Device() as d:
        for cut in (1, 40, 48, 60, 200):
            client = Import(d.port)
            client.configure()
            client.submit(1, IN, length=512)
            header = struct.pack(">IIIIIIIIII8x", SUBMIT, 99, client.devid,
                                 OUT, 1, 0, 400, 0, 0xffffffff, 0)
            client.s.sendall((header + b"\x1a" * 400)[:cut])
            client.close()
            d.json("mctp", "info")


def test_one_host_at_a_time():
    with Device() as d:
        first = Import(d.port)
        first.configure()
        assert Import(d.port).status == 1
        assert "in use" in d.tether("mctp", "info", status=1).stderr
        assert first.answers()
        first.close()
        again = harness.wait_for(
            lambda: not (i := Import(d.port)).status and i,
            "the device to be free")
        again.configure()
        assert again.answers()
        again.close()
        assert Import(d.port, b"9-9").status == 4


def test_urbs():
    with Device() as d:
        client = Import(d.port)
        client.configure()
        # taken back while it waits, and when it was answered already
        waiting = client.submit(1, IN, length=512)
        unlink = client.unlink(waiting)
        assert client.reply() == (RET_UNLINK, unlink, -104, b"")
        unlink = client.unlink(waiting)
        assert client.reply() == (RET_UNLINK, unlink, 0, b"")
        # isochronous, with its packets' descriptors behind the data
        seq = client.submit(1, OUT, b"x" * 8 + b"\0" * 32, length=8,
                            packets=2)
        assert client.reply() == (RET_SUBMIT, seq, -22, b"")
        # another device's number
        seq = client.submit(1, OUT, GET_EID, devid=0x990099)
        assert client.reply() == (RET_SUBMIT, seq, -19, b"")
        # no such endpoint
        seq = client.submit(9, OUT, b"x")
        assert client.reply() == (RET_SUBMIT, seq, -32, b"")
        # control with data, refused and taken
        assert client.control(bytes([0x21, 0x20, 0, 0, 1, 0, 7, 0]),
                              bytes([0, 0xc2, 1, 0, 0, 0, 8])) == (0, b"")
        status, coding = client.control(
            bytes([0xa1, 0x21, 0, 0, 1, 0, 7, 0]), length=7)
        assert (status, coding) == (0, bytes([0, 0xc2, 1, 0, 0, 0, 8]))
        assert client.control(bytes([0x80, 6, 0, 0x77, 0, 0, 4, 0]),
                              length=4)[0] == -32
        # many kilobytes out: four large echoes in one URB, back in many
        body = bytes(range(256)) * 4
        message = b"\x7e\xcc\xde\xf0" + body
        packets = b""
        units = [message[i:i + 247] for i in range(0, len(message), 247)]
        for i, unit in enumerate(units):
            flags = 8 | (i & 3) << 4 | (0x80 if i == 0 else 0) | \
                (0x40 if i == len(units) - 1 else 0)
            packet = bytes([0x1a, 0xb4, 0, len(unit) + 8, 1, 0, 8, flags])
            packets += (packet + unit)
        # a v1.0 packet does not cross 512 bytes: two full ones, then pad
        assert len(units) == 5
        asked = [client.submit(1, IN, length=512) for _ in range(8)]
        for i in range(0, len(units), 2):
            at = sum(len(u) + 8 for u in units[:i])
            to = sum(len(u) + 8 for u in units[:i + 2])
            client.submit(1, OUT, packets[at:to])
        got, pending = b"", set(asked)
        while len(got) < len(message):
            command, seq, status, data = client.reply(asked)
            assert command == RET_SUBMIT and status == 0
            pending.discard(seq)
            while data:
                got += data[8:data[3]]
                data = data[data[3]:]
        assert got == message
        for seq in sorted(pending):
            client.unlink(seq)
            assert client.reply()[0] == RET_UNLINK
        assert client.answers()
        client.close()
