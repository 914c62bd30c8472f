# SPDX-License-Identifier: Apache-2.0
"""tether install over a serial line that loses and duplicates bytes."""
import os
import pty
import random
import select
import signal
import subprocess
import threading
import time
import tty

from install_board import (STAGE, ALL, BUSYBOX, make_kit, make_root, missing,
                           require_root, login, stop_double)
import servers


class Line:
    """A serial line at 115200 baud that loses and duplicates bytes."""

    def __init__(self, argv, lost, seed, **more):
        self.lost, self.random = lost, random.Random(seed)
        self.mine, theirs = pty.openpty()
        self.board, slave = pty.openpty()
        tty.setraw(self.mine)
        self.tty = os.ttyname(theirs)
        self.keep = theirs
        self.bytes, self.faults, self.cut = 0, 0, None
        self.stop = False
        self.process = None
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()
        self.shell = threading.Thread(target=self.serve,
                                      args=(argv, slave, more), daemon=True)
        self.shell.start()

    def serve(self, argv, slave, more):
        """Start the login program again after each logout, as init does."""
        while not self.stop:
            self.process = subprocess.Popen(
                argv, stdin=slave, stdout=slave, stderr=slave,
                start_new_session=True,
                preexec_fn=lambda: __import__("fcntl").ioctl(
                    0, __import__("termios").TIOCSCTTY, 1), **more)
            self.process.wait()

    def spoil(self, data):
        out = bytearray()
        for byte in data:
            chance = self.random.random()
            if chance < self.lost:
                self.faults += 1
                if chance < self.lost / 2:
                    continue
                out.append(byte)
            out.append(byte)
        return bytes(out)

    def carry(self):
        while not self.stop:
            ready, _, _ = select.select([self.mine, self.board], [], [], 0.2)
            for fd in ready:
                try:
                    data = os.read(fd, 512)
                except OSError:
                    return
                time.sleep(len(data) / 11520)
                if fd == self.mine:
                    self.bytes += len(data)
                    if self.cut and self.bytes > self.cut[0]:
                        self.cut[1]()
                        self.cut = None
                    os.write(self.board, self.spoil(data))
                else:
                    os.write(self.mine, self.spoil(data))

    def close(self):
        self.stop = True
        if self.process and self.process.poll() is None:
            self.process.kill()


def serial_install(lost, seed, size, without=(), env=None, cut=None):
    w = servers.World()
    program = make_kit(w, size)
    root = make_root(w, without=without)
    open(f"{root}/run/ok", "w").close()
    line = Line(login(w, root), lost, seed)
    started = time.monotonic()
    try:
        if cut:
            cut(w, line)
        done = w.tether("install", "--serial", line.tty, env=env)
    finally:
        line.close()
        subprocess.run(["chroot", root, "/bin/busybox", "start-stop-daemon",
                        "-K", "-q", "-p", "/run/tetherd.pid"],
                       capture_output=True)
    assert not missing(root, ALL + BUSYBOX)
    with open(program, "rb") as f, open(f"{root}/usr/bin/tetherd", "rb") as g:
        data = f.read()
        assert data == g.read()
    assert os.path.exists(f"{root}/run/started")
    assert not os.path.exists(f"{root}/{STAGE}"), os.listdir(
        f"{root}/{STAGE}")
    assert done.stdout.endswith("done: tetherd is running\n"), done
    print(f"        {len(data)} bytes in {time.monotonic() - started:.1f} s, "
          f"{line.faults} bytes lost or doubled, {line.bytes} sent")
    return line, len(data)


def test_serial_installs():
    require_root()
    serial_install(0, 1, 4000)


def test_serial_installs_without_base64():
    require_root()
    serial_install(0, 1, 4000, without=("base64",))


def test_serial_installs_over_a_bad_line():
    require_root()
    for seed in (1, 2):
        line, _ = serial_install(1 / 2500, seed, 20000)
        assert line.faults, "the line was good"


def test_serial_continues_after_a_kill():
    """After tether is killed, a second run does not send again the part of the
    file that arrived."""
    require_root()
    sent = []

    def cut(w, line):
        first = subprocess.Popen([servers.TETHER, "install", "--serial",
                                  line.tty], env=w.env,
                                 stdout=subprocess.DEVNULL)
        line.cut = (40000, first.kill)
        first.wait(servers.PATIENCE)
        assert first.returncode == -signal.SIGKILL
        sent.append(line.bytes)

    line, size = serial_install(0, 1, 50000, cut=cut)
    assert sent[0] >= 40000
    assert line.bytes - sent[0] < size * 4 / 3 - 20000, (line.bytes, sent)


def test_serial_asks_for_a_password():
    """The board asks for a password, and the user has given none."""
    require_root()
    w = servers.World()
    make_kit(w)
    root = make_root(w)
    line = Line(["sh", "-c", "stty -echo; printf 'x login: '; while read -r a;"
                 "do printf 'Password: '; read -r a; printf 'x login: ';"
                 "done"], 0, 1)
    try:
        error = w.tether("install", "--serial", line.tty, status=1).stderr
        assert "TETHER_PASSWORD" in error, error
    finally:
        line.close()


def serial_fails(prepare, *expected):
    """Install over a line without faults after prepare(root), and expect an
    error."""
    w = servers.World()
    make_kit(w)
    root = make_root(w)
    prepare(root)
    line = Line(login(w, root), 0, 1)
    try:
        done = w.tether("install", "--serial", line.tty, status=1)
    finally:
        line.close()
        stop_double(root)
    for text in expected:
        assert text in done.stderr, done


def test_serial_reports_that_tetherd_does_not_start():
    """tetherd is installed and started, but reports no status."""
    require_root()
    serial_fails(lambda root: None,
                 "a script on the board failed with exit code 1: ",
                 "\ntetherd does not start. tetherd check prints:\n")


def test_serial_reports_that_the_board_cannot_write():
    require_root()
    serial_fails(lambda root: open(f"{root}/{STAGE}", "w").close(),
                 "the board cannot write the file")


def test_serial_reports_a_silent_line():
    """The board sends nothing for the maximum duration of a boot."""
    w = servers.World()
    make_kit(w)
    main, other = pty.openpty()
    tty.setraw(main)
    done = subprocess.run(
        [servers.TETHER, "install", "--serial", os.ttyname(other)], env=w.env,
        capture_output=True, text=True, timeout=3 * servers.PATIENCE)
    assert done.returncode == 1 and "the board sends nothing" in \
        done.stderr, done
    os.close(main)
    os.close(other)
