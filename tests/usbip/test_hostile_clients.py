# SPDX-License-Identifier: Apache-2.0
"""usbnvme under clients that hold, drip and flood."""
import os
import resource
import socket
import struct
import time

import harness
import swarm
from device import Device, Import

HEADER = struct.pack(">HHI", 0x0111, 0x8005, 0)


def is_closed(s):
    s.settimeout(0)
    try:
        return s.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_idle_connections_do_not_keep_others_out():
    """Each new connection of an address replaces its oldest one."""
    with Device() as d:
        idle = [socket.create_connection(("127.0.0.1", d.port))
                for _ in range(200)]
        assert d.json("mctp", "info")["eid"] == 9
        harness.wait_for(lambda: sum(map(is_closed, idle)) >= 180,
                         "the old connections")
        for s in idle:
            s.close()
        # Lines about them are limited.
        assert d.read_log().count("too many connections") <= 10


def test_unfinished_requests_end_after_five_seconds():
    with Device() as d:
        with socket.create_connection(("127.0.0.1", d.port)) as s:
            s.sendall(HEADER[:7])
            start = time.monotonic()
            harness.wait_for(lambda: is_closed(s), "the end")
            assert time.monotonic() - start >= 4


def test_import_without_a_command_is_ended():
    with Device() as d:
        holder = Import(d.port)
        assert holder.status == 0
        assert Import(d.port).status == 1  # in use
        d.wait_log("sent no command")
        assert d.json("mctp", "info")["eid"] == 9


def test_refusals_do_not_flood_the_log():
    with Device() as d:
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", d.port)) as s:
                s.sendall(b"GET / HTTP/1.1\r\n\r\n")
                harness.wait_for(lambda c=s: is_closed(c), "the refusal")
        for _ in range(50):
            assert Import(d.port, b"9-9\x1b[2J").status == 4
        log = d.read_log()
        assert log.count("USB/IP: ") < 30, log
        assert "\x1b" not in log


def test_lack_of_descriptors_does_not_spin():
    with Device() as d:
        pid = d.process.pid
        fds = len(os.listdir(f"/proc/{pid}/fd"))
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (fds + 2, hard))
        idle = [socket.create_connection(("127.0.0.1", d.port))
                for _ in range(8)]
        d.wait_log("accept: Too many open files")

        def ticks():
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        before = ticks()
        time.sleep(1)  # the time over which the load is measured
        assert ticks() - before < 50, "usbnvme spins"
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (256, hard))
        for s in idle:
            s.close()
        assert d.json("mctp", "info")["eid"] == 9


def test_good_clients_are_served_during_a_swarm():
    good, count, attacks, growth, lines = swarm.run(8)
    assert count > swarm.GOOD and attacks > 100
    assert good >= 0.95 * count, (good, count)
    assert growth < 2 << 20 and lines < 200, (growth, lines)
