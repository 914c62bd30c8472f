# SPDX-License-Identifier: Apache-2.0
"""The device fetches files by PLDM, also over a link that loses transfers."""
import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading

from device import Device, IN, RET_SUBMIT, SUBMIT, TETHER
from harness import PATIENCE


class Lossy:
    """Relay a USB/IP connection, and corrupt one MCTP transfer in a hundred in
    each direction: the receiver drops it because of its vendor id."""

    def __init__(self, port):
        self.target = port
        self.in_urbs = set()  # sequence numbers of transfers to the host
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
        head = 40 if to_device else 8 + 312  # bytes of the import message
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
        """Relay the complete USB/IP messages in data, some of them corrupted."""
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
            if not to_device:
                self.in_urbs.discard(seq)
            at += 48 + size
            if size > 8 and data[at - size:at - size + 2] == b"\x1a\xb4":
                self.state = self.state * 1664525 + 1013904223 & 0xffffffff
                self.seen += 1
                # Do not corrupt the first messages: Set Endpoint ID is among
                # them and is not retransmitted.
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


def test_file_is_transferred_completely():
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
            # On a busy machine, the device may request a part again.
            for name in ("failures", "aborts", "bad_checks"):
                assert after["counters"][name] == 0, after
            d.wait_log(r"PLDM: 16777216 bytes in \d+ ms, \d+ kB/s, SHA-256 " +
                       done["sha256"])
            info = d.json("mctp", "info")
            assert "01" in [t["type"] for t in info["types"]]
            assert "SHA-256" in d.tether("pldm", "status").stdout


def test_lost_transfers_are_repeated():
    with Device("--pldm-file") as d, random_file(16 << 20) as f:
        lossy = Lossy(d.port)
        done = json.loads(d.tether("pldm", "serve", f.name, "--json",
                                   via=lossy.via).stdout)
        assert done["match"] and done["sha256"] == sha256_of(f), done
        assert lossy.spoilt > 100, lossy.spoilt
        lost = done["counters"]
        assert lost["lost_parts"] + lost["retries"] > 10, done
        print(f"  {lossy.spoilt} transfers spoilt, {lost['lost_parts']} "
              f"requests overtaken, {lost['retries']} timed out, "
              f"{done['ms']} ms")


def test_errors_name_their_cause():
    with Device() as d, random_file(100) as f:
        assert "no PLDM file requester" in d.tether(
            "pldm", "status", status=1).stderr
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
        # Without a file server, the device gives up and reports its state.
        d.tether("mctp", "set-eid", "20")
        failed = d.json("pldm", "status")
        assert failed["counters"]["starts"] == 1
        d.tether("pldm", "serve", f.name)
        assert d.json("pldm", "status")["state"] == "done"


def test_follow_serves_until_interrupted():
    with Device("--pldm-file") as d, random_file(100000) as f:
        server = subprocess.Popen([TETHER, "pldm", "serve", f.name, "-f",
                                   "--json", "--via", d.via],
                                  stdout=subprocess.PIPE, text=True)
        done = json.loads(server.stdout.readline())
        assert done["match"], done
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0
