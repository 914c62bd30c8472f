# SPDX-License-Identifier: Apache-2.0
"""tether as the client of USB/IP servers that attack it."""
import subprocess
import time

import harness
from hostile_server import HostileServer, MCTP, device, drip, listing

ESCAPES = (b"1-1\x1b]0;owned\x07", b"1-1\x1b[2J\x1b[31m", b"1-1\r\n2-2 ok",
           b"1-1\x9b2J", b"1-1\xe2\x80\xae", b"\x08\x08\x7f1-1")


def tether(*words):
    return subprocess.run([harness.program("tether"), *words],
                          capture_output=True, timeout=harness.PATIENCE)


def check_printable(data):
    assert all(b in b"\n\t" or 32 <= b < 127 for b in data), data


def test_names_of_a_server_do_not_control_the_terminal():
    for busid in ESCAPES:
        reply = listing(device(busid, busid, MCTP), device(b"9-9", b"/", MCTP))
        with HostileServer(lambda _, peer, r=reply: (peer.recv(64),
                                                     peer.sendall(r))) as s:
            via = f"usbip:127.0.0.1:{s.port}"
            for words in (("ls",), ("mctp", "info"), ("usb",),
                          ("nvme", "health")):
                done = tether(*words, "--via", via)
                check_printable(done.stdout)
                check_printable(done.stderr)
                assert b"9-9" in done.stdout + done.stderr, (words, done)
            done = tether("ls", "--json", "--via", via)
            check_printable(done.stdout)


def test_a_server_that_drips_does_not_hang_the_client():
    many = listing(*[device(b"1-%d" % n, b"/", MCTP) for n in range(200)])
    header = listing(device(b"1-1", b"/", MCTP))

    def late(server, peer):
        peer.recv(64)
        drip(server, peer, many)

    def cut(server, peer):
        peer.recv(64)
        peer.sendall(header[:100])
        server.stop.wait(60)

    def silent(server, peer):
        server.stop.wait(60)

    for serve in late, cut, silent:
        with HostileServer(serve) as s:
            started = time.monotonic()
            done = tether("ls", "--via", f"usbip:127.0.0.1:{s.port}")
            spent = time.monotonic() - started
            assert done.returncode == 1, done
            assert b"no complete reply" in done.stderr, done
            # 5 s, and a start on a loaded machine
            assert spent < 5 + 5 * harness.measure_patience(), spent
