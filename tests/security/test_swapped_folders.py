# SPDX-License-Identifier: Apache-2.0
"""A process below the root of the MCP server exchanges a folder and a link to /
without pause. No call may mount, read or write through the link."""
import ctypes
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../boards"))
import servers  # noqa: E402
import test_mcp  # noqa: E402

TRIES = 200
AT_FDCWD = -100
RENAME_EXCHANGE = 2


class Swapper:
    """Exchange two names in a thread of its own."""

    def __init__(self, one, other):
        self.names = os.fsencode(one), os.fsencode(other)
        self.swaps = 0
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
        while not self.end.is_set():
            assert not exchange(AT_FDCWD, self.names[0], AT_FDCWD,
                                self.names[1], RENAME_EXCHANGE)
            self.swaps += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        assert self.swaps > TRIES, "the race did not happen"


def make_world():
    w = servers.World()
    test_mcp.fake_engine(w)
    os.makedirs(w.path("ws/x"))
    os.makedirs(w.path("outside"))
    w.write("ws/x/file", "inside")
    w.write("outside/file", "secret")
    os.symlink(w.path("outside"), w.path("ws/absolute"))
    os.symlink("../outside", w.path("ws/y"))
    return w


def test_no_mount_leads_out_of_the_root():
    w = make_world()
    inside = os.stat(w.path("ws/x")).st_ino
    mounted = refused = 0
    with test_mcp.Mcp(w, "--root", w.path("ws")) as m, \
            Swapper(w.path("ws/x"), w.path("ws/y")):
        for _ in range(TRIES):
            failed, text = m.call("start_container", workspace_dir="x")
            if failed:
                assert "outside of the folders" in text, text
                refused += 1
            else:
                assert test_mcp.read_mount(w) == inside
                mounted += 1
    assert mounted and refused, (mounted, refused)


def test_no_file_outside_of_the_root_is_read_or_written():
    w = make_world()
    refused = 0
    with test_mcp.Mcp(w, "--root", w.path("ws")) as m, \
            Swapper(w.path("ws/x"), w.path("ws/y")):
        assert not m.call("start_container", name="b")[0]
        for number in range(TRIES // 2):
            failed, text = m.call("inspect", file_path="x/file")
            assert "secret" not in text
            refused += failed and "outside" in text
            m.call("collect_artifacts", container="b",
                   host_path=f"x/new{number}/deep")
    assert refused
    assert os.listdir(w.path("outside")) == ["file"]


def test_a_container_mounted_by_name_checks_its_volumes(tmp_path):
    """Without root the engine resolves the name again: the first process of the
    container ends before anything else runs in it."""
    script = subprocess.run(
        [os.path.join(os.path.dirname(__file__), "../../tools/embed"),
         "--one-line", "--print", os.path.join(
             os.path.dirname(__file__),
             "../../cli/mcp_server/scripts/container.sh")],
        capture_output=True, text=True, check=True).stdout
    script = script.replace("exec sleep 2147483647", "echo runs") \
        .replace("/artifacts", str(tmp_path / "artifacts"))
    s = os.stat(tmp_path)
    fine = f"{tmp_path}\n{s.st_dev}:{s.st_ino}\n"
    wrong = f"{tmp_path}\n{s.st_dev}:{s.st_ino + 1}\n"
    for shell in (["dash"], ["busybox", "ash"]):
        for expected, status in (("", 0), (fine, 0), (fine + fine, 0),
                                 (wrong, 78), (fine + wrong, 78),
                                 ("/nowhere\n1:1\n", 78)):
            done = subprocess.run([*shell, "-c", script, "sh", expected],
                                  capture_output=True, text=True,
                                  timeout=servers.PATIENCE)
            assert done.returncode == status, (expected, done)
            assert ("runs" in done.stdout) == (status == 0)
