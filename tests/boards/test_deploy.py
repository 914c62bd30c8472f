# SPDX-License-Identifier: Apache-2.0
"""tether deploy: a file on the board has its complete old or new contents."""
import getpass
import json
import os
import pty
import random
import re
import signal
import stat
import subprocess
import time

import harness
import servers
from servers import PATIENCE, Wire, World, sshd

USER = getpass.getuser()
HOST = ("--host", "board")
NAMES = ["plain", "two  words", "it's", 'quo"te', "new\nline", "-rf", "--",
         "$(id)", "`id`", "*", "?", "a;b", "a&b|c>d", "\\n", "é", ".hidden",
         " lead", "trail ", "tab\there", "#x", "~", "!!", "a" * 200]


def wait_for(what, condition):
    harness.wait_for(condition, what)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def data(size, seed):
    return random.Random(seed).randbytes(size)


def test_deploys_files_and_skips_unchanged_ones():
    w = World()
    with sshd(w) as s:
        w.trust(s.port)
        to = w.path("to")
        os.mkdir(to)
        app = w.write("src/app", "#!/bin/sh\necho \"ran $# $1|$2\"\nexit 9\n",
                      0o755)
        note = w.write("src/note", data(300000, 1), 0o640)
        done = w.tether("deploy", app, note, *HOST, "--to", to)
        assert done.stdout.startswith(f"deployed  board:{to}/app  "), done
        assert read(to + "/note") == data(300000, 1)
        assert stat.S_IMODE(os.stat(to + "/app").st_mode) == 0o755
        assert stat.S_IMODE(os.stat(to + "/note").st_mode) == 0o640
        assert sorted(os.listdir(to)) == ["app", "note"]
        # A file with the same contents is not sent again. Its mode is set.
        inode = os.stat(to + "/note").st_ino
        os.chmod(note, 0o600)
        said = w.json("deploy", app, note, *HOST, "--to", to)
        assert [f["state"] for f in said] == ["unchanged", "unchanged"]
        assert set(said[0]) == servers.documented("deploy")
        assert said[1]["place"] == to + "/note"
        assert os.stat(to + "/note").st_ino == inode
        assert stat.S_IMODE(os.stat(to + "/note").st_mode) == 0o600
        w.write("src/note", "")
        dry = w.tether("deploy", note, *HOST, "--to", to, "--dry-run").stdout
        assert dry == f"would deploy  board:{to}/note\n"
        assert os.stat(to + "/note").st_size == 300000
        assert w.json("deploy", note, *HOST, "--to",
                      to)[0]["state"] == "deployed"
        assert read(to + "/note") == b""
        # --to with a new file name. A symbolic link with that name is replaced,
        # and the target of the link is unchanged.
        w.tether("deploy", app, *HOST, "--to", to + "/other")
        assert read(to + "/other") == read(app)
        os.unlink(to + "/other")
        os.symlink(to + "/note", to + "/other")
        w.tether("deploy", app, *HOST, "--to", to)
        w.tether("deploy", app, *HOST, "--to", to + "/other")
        assert read(to + "/note") == b"" and not os.path.islink(to + "/other")
        done = w.tether("deploy", app, *HOST, "--to", to, "--run", "--",
                        "a b", "it's", status=9)
        assert done.stdout.endswith("ran 2 a b|it's\n"), done
        assert w.sockets() == []


def test_keeps_unusual_file_names():
    w = World()
    with sshd(w) as s:
        w.trust(s.port)
        for n, name in enumerate(NAMES):
            w.write(os.path.join("src", name), f"{n} {name}")
        for to in [w.path("to")] + [w.path("in", n) for n in NAMES[1:12]]:
            os.makedirs(to)
            done = w.tether("deploy", *HOST, "--to", to, "--", *NAMES,
                            cwd=w.path("src"))
            assert done.stdout.count("deployed") == len(NAMES)
            assert sorted(os.listdir(to)) == sorted(NAMES)
            for n, name in enumerate(NAMES):
                assert read(os.path.join(to, name)) == \
                    f"{n} {name}".encode()
        said = json.loads(w.tether("deploy", "--json", *HOST, "--to", to, "--",
                                   *NAMES, cwd=w.path("src")).stdout)
        assert {f["state"] for f in said} == {"unchanged"}
        os.chmod(w.path("src", "-rf"), 0o755)
        w.write("src/-rf", "#!/bin/sh\necho dash\n", 0o755)
        done = w.tether("deploy", *HOST, "--run", "--to", w.path("to"),
                        "./-rf", cwd=w.path("src"))
        assert done.stdout.endswith("dash\n")


def test_reports_wrong_arguments_and_targets():
    w = World()
    with sshd(w) as s:
        w.trust(s.port)
        app = w.write("app", "x")

        def fails(expected, *words, status=1):
            done = w.tether("deploy", *words, *HOST, status=status)
            assert done.stderr == f"tether: {expected}\n", done
        fails(f"cannot read {app}2: No such file or directory", app + "2")
        fails(f"{w.dir} is not a regular file. Give a file", w.dir)
        fails("board has no folder /nowhere/x. Create it with `tether run "
              "mkdir -p`, or give another one with --to", app, "--to", "/nowhere/x")
        fails(f"board has no folder {w.path('no')}/. Create it with `tether "
              "run mkdir -p`, or give another one with --to", app, "--to",
              w.path("no") + "/")
        os.makedirs(w.path("to", "app"))
        fails(f"{w.path('to')}/app on board is a folder, where the file must "
              "go", app, "--to",
              w.path("to"))
        fails("--to is empty. Give a folder on the board", app, "--to", "")
        os.mkdir(w.path("both"))
        one, other = w.write("1/same", "1"), w.write("2/same", "2")
        fails(f"{one} and {other} would replace each other on the board. "
              "Deploy them separately with --to", one, app, other, "--to", w.path("both"))
        assert not os.listdir(w.path("both"))
        done = w.tether("deploy", *HOST, status=2)
        assert "no file given" in done.stderr
        done = w.tether("deploy", app, *HOST, "--to", "/sys/kernel", status=1)
        assert done.stderr.startswith(
            f"tether: cannot deploy {app} to /sys/kernel/app on board: cannot "
            "write there. The old file is unchanged\n"), done
        assert "mkdir" in done.stderr
    done = w.tether("deploy", app, *HOST, status=1)
    assert done.stderr.startswith(
        "tether: cannot connect to board: ssh ended with 255\n")
    assert done.stderr.endswith(
        "tether: the board runs no SSH server on this port. `tether doctor` "
        "checks each step\n"), done
    said = servers.json.loads(w.tether("deploy", app, *HOST, "--json",
                                       status=1).stdout)
    assert "Connection refused" in said["error"]


def test_keeps_the_old_file_when_a_step_on_the_board_fails():
    """Each command on the board fails once. The old file remains, no temporary
    file remains, and the error names the step."""
    w = World()
    to = w.path("to")
    force = w.write("force", f"#!/bin/sh\nPATH={w.path('wrong')}:$PATH; export PATH\n"
                    "sh -c \"$SSH_ORIGINAL_COMMAND\"; code=$?\n"
                    "case $SSH_ORIGINAL_COMMAND in *tether-survey*)\n"
                    f"[ ! -e {w.path('vanish')} ] || rm -r {to};; esac\n"
                    "exit $code\n", 0o755)
    with sshd(w, "ForceCommand=" + force) as s:
        w.trust(s.port)
        app = w.write("app", "new")
        for name, script, why, left in (
                ("cksum", "cat >/dev/null; echo 1 1",
                 "the checksum differs: the file changed meanwhile, the disk "
                 "is full, or the connection was cut",
                 ["app"]),
                ("chmod", "exit 1", "cannot set its mode", ["app"]),
                ("fsync", f"rm {to}/app; mkdir {to}/app",
                 "a folder has that name", ["app"]),
                ("mv", "exit 1", "cannot rename it into place", ["app"]),
                ("vanish", "", "cannot enter the folder", None)):
            os.makedirs(to, exist_ok=True)
            w.write(to + "/app", "old")
            path = w.write(f"wrong/{name}" if script else name,
                           f"#!/bin/sh\n{script}\n", 0o755)
            done = w.tether("deploy", app, *HOST, "--to", to, status=1)
            os.unlink(path)
            assert done.stderr.startswith(
                f"tether: cannot deploy {app} to {to}/app on board: {why}. "
                "The old file is unchanged\n"), (name, done)
            assert (os.listdir(to) if os.path.exists(to) else None) == left
            if name == "fsync":
                os.rmdir(to + "/app")
            elif left:
                assert read(to + "/app") == b"old", name
        os.makedirs(to)
        w.tether("deploy", app, *HOST, "--to", to)
        assert read(to + "/app") == b"new"


def test_shows_progress_on_a_terminal_only():
    """The progress bar appears only if stderr is a terminal."""
    w = World()
    with sshd(w) as s:
        wire = Wire(s.port, rate=2 << 20)
        w.trust(wire.port)
        app = w.write("app", data(6 << 20, 9))
        os.mkdir(w.path("to"))
        words = [servers.TETHER, "deploy", app, *HOST, "--to", w.path("to")]
        main, other = pty.openpty()
        p = subprocess.Popen(words, env=w.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=other)
        os.close(other)
        shown = b""
        try:
            while True:
                shown += os.read(main, 4096)
        except OSError:
            pass
        assert p.wait(PATIENCE) == 0
        os.close(main)
        bars = re.findall(r"\rapp  \[(#*)-*\] +(\d+) %  [0-9.]+ .?B  "
                          r"[0-9.]+ .B/s  0:\d\d left\x1b\[K",
                          shown.decode())
        assert len(bars) > 3, shown
        percent = [int(b[1]) for b in bars]
        assert percent == sorted(percent), percent
        lengths = [len(b[0]) for b in bars]
        assert lengths == sorted(lengths) and lengths[-1] > lengths[0], bars
        os.unlink(w.path("to", "app"))
        done = w.tether(*words[1:])
        assert "%" not in done.stderr + done.stdout, done
        wire.close()


def test_works_with_few_tools_on_the_board():
    """The board's shell prints a greeting. The board has sha256sum but not
    cksum, then neither."""
    w = World()
    tools = w.path("tools")
    os.mkdir(tools)
    for name in ("sh", "cat", "mv", "rm", "chmod", "sync", "mkdir", "rmdir",
                 "id", "ls", "tr", "cut", "head", "sha256sum"):
        real = subprocess.run(["which", name], capture_output=True,
                              text=True, check=True).stdout.strip()
        os.symlink(real, os.path.join(tools, name))
    noisy = w.write("force", "#!/bin/sh\necho 'Welcome to the board'\n"
                    f"PATH={tools}; export PATH\n"
                    "eval \"$SSH_ORIGINAL_COMMAND\"\n", 0o755)
    with sshd(w, "ForceCommand=" + noisy) as s:
        w.trust(s.port)
        app = w.write("app", data(70000, 2))
        os.mkdir(w.path("to"))
        for state in ("deployed", "unchanged"):
            said = w.json("deploy", app, *HOST, "--to", w.path("to"))
            assert said[0]["state"] == state
        assert read(w.path("to", "app")) == data(70000, 2)
        os.unlink(os.path.join(tools, "sha256sum"))
        done = w.tether("deploy", app, *HOST, "--to", w.path("to"), status=1)
        assert "neither cksum nor sha256sum" in done.stderr
        w.write("force", "#!/bin/sh\necho hello\n", 0o755)
        done = w.tether("deploy", app, *HOST, "--to", w.path("to"), status=1)
        assert "no shell answers on board" in done.stderr
        # A malicious board: its output is limited in length, and control
        # characters are removed.
        w.write("force", "#!/bin/sh\necho 'tether-survey folder cksum'\n"
                "head -c 3000000 /dev/zero | tr '\\0' '\\033'\n", 0o755)
        done = w.tether("deploy", app, *HOST, "--to", w.path("to"),
                        "--dry-run")
        assert "would deploy" in done.stdout and "\033" not in done.stdout


def cut_targets(w):
    to = w.path("to")
    os.makedirs(to, exist_ok=True)
    return to, os.path.join(to, "file")


def test_keeps_a_whole_file_when_cut_every_64k():
    w = World()
    old, new = data(500000, 3), data(1 << 20, 4)
    with sshd(w) as s:
        to, place = cut_targets(w)
        new_file = w.write("file", new)
        outcomes = {"old": 0, "new": 0}
        for cut in [0, 1000, 3000, 4500] + list(range(8192, (1 << 20) + 98304,
                                                      65536)):
            with open(place, "wb") as f:
                f.write(old)
            wire = Wire(s.port, cut_after=cut)
            w.trust(wire.port)
            done = subprocess.run(
                [servers.TETHER, "deploy", new_file, *HOST, "--to", to],
                capture_output=True, text=True, env=w.env, timeout=PATIENCE)
            wait_for("the temporary file's end",
                     lambda: os.listdir(to) == ["file"])
            now = read(place)
            assert now in (old, new), f"a part of a file, cut at {cut}"
            assert (done.returncode == 0) <= (now == new), done
            if done.returncode:
                assert "tether: " in done.stderr and (
                    "cannot connect to board" in done.stderr or
                    "no part of one" in done.stderr or
                    "is unchanged" in done.stderr), done
            outcomes["new" if now == new else "old"] += 1
            wire.close()
        print(outcomes)
        assert outcomes["old"] > 10 and outcomes["new"] >= 1


def test_reports_a_silent_connection():
    """The connection stops transferring data. ssh ends at its time-out."""
    w = World()
    with sshd(w, "ClientAliveInterval=1", "ClientAliveCountMax=2") as s:
        to, place = cut_targets(w)
        with open(place, "wb") as f:
            f.write(b"old")
        wire = Wire(s.port, cut_after=400000, silent=True)
        w.trust(wire.port)
        done = w.tether("deploy", w.write("file", data(1 << 20, 5)), *HOST,
                        "--to", to, status=1)
        assert "no part of one. Deploy again" in done.stderr, done
        assert read(place) == b"old"
        wait_for("the temporary file's end",
                 lambda: os.listdir(to) == ["file"])
        wire.close()


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found += [int(entry)] + children(int(entry))
        except (OSError, ValueError):
            pass
    return found


def test_keeps_a_whole_file_when_the_server_is_killed():
    w = World()
    to, place = cut_targets(w)
    new = w.write("file", data(1 << 20, 6))
    for everything in (False, True):
        with open(place, "wb") as f:
            f.write(b"old")
        with sshd(w) as s:
            wire = Wire(s.port, rate=300000)
            w.trust(wire.port)
            p = subprocess.Popen([servers.TETHER, "deploy", new, *HOST,
                                  "--to", to], env=w.env, text=True,
                                 stderr=subprocess.PIPE)
            wait_for("some of the file", lambda: wire.bytes > 300000)
            victims = children(s.process.pid)
            assert victims
            # Second pass: also kill the shell, so that it cannot remove the
            # temporary file. All processes stop before the first is killed.
            chosen = victims if everything else victims[:1]
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in chosen:
                    os.kill(pid, number)
            error = p.communicate(timeout=PATIENCE)[1]
            assert p.returncode == 1, error
            assert read(place) == b"old"
            wire.close()
    # The next deploy removes the temporary file that remained.
    assert len(os.listdir(to)) == 2
    with sshd(w) as s:
        w.trust(s.port)
        w.tether("deploy", new, *HOST, "--to", to)
    assert os.listdir(to) == ["file"], os.listdir(to)
    assert read(place) == data(1 << 20, 6), read(place)[:100]


def test_keeps_the_old_file_when_the_disk_is_full():
    servers.require_private_mounts()
    w = World()
    to, place = cut_targets(w)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "t", to],
                   check=True)
    try:
        with open(place, "wb") as f:
            f.write(b"old" * 100000)
        with sshd(w) as s:
            w.trust(s.port)
            new = w.write("file", data(600000, 7))
            done = w.tether("deploy", new, *HOST, "--to", to, status=1)
            assert done.stderr.startswith(
                f"tether: cannot deploy {new} to {place} on board: cannot "
                "write there. The old file is unchanged\n"), done
            assert "No space left on device" in done.stderr
            assert read(place) == b"old" * 100000
            assert os.listdir(to) == ["file"]
            subprocess.run(["mount", "-o", "remount,ro", to], check=True)
            done = w.tether("deploy", w.write("file", "x"), *HOST, "--to", to,
                            status=1)
            assert "Read-only file system" in done.stderr
    finally:
        subprocess.run(["umount", to], check=True)


def test_keeps_a_whole_file_when_interrupted():
    w = World()
    to, place = cut_targets(w)
    with open(place, "wb") as f:
        f.write(b"old")
    with sshd(w) as s:
        for number in (signal.SIGINT, signal.SIGTERM):
            wire = Wire(s.port, rate=300000)
            w.trust(wire.port)
            p = subprocess.Popen(
                [servers.TETHER, "deploy", w.write("file", data(1 << 20, 8)),
                 *HOST, "--to", to], env=w.env, text=True,
                stderr=subprocess.PIPE)
            wait_for("some of the file", lambda: wire.bytes > 300000)
            p.send_signal(number)
            error = p.communicate(timeout=PATIENCE)[1]
            assert p.returncode == 1 and "interrupted" in error, error
            assert read(place) == b"old"
            wire.close()
            wait_for("the temporary file's end",
                     lambda: os.listdir(to) == ["file"])


def test_watch_deploys_and_restarts_on_change():
    w = World()
    with sshd(w) as s:
        w.trust(s.port)
        to = w.path("to")
        os.mkdir(to)
        log = w.path("log")
        script = f"#!/bin/sh\necho %d $1 >>{log}\nexec sleep 1000\n"
        app = w.write("app", script % 1, 0o755)
        p = subprocess.Popen([servers.TETHER, "deploy", app, *HOST, "--to",
                              to, "--watch", "--run", "--", "arg"], env=w.env,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL)
        def has(text):
            return os.path.exists(log) and read(log) == text
        wait_for("the first run", lambda: has(b"1 arg\n"))
        w.write("app2", script % 2, 0o755)
        os.rename(w.path("app2"), app)
        wait_for("the second run", lambda: has(b"1 arg\n2 arg\n"))
        p.send_signal(signal.SIGINT)
        assert p.wait(PATIENCE) == 0
        def sleeping():
            return [pid for pid in children(s.process.pid)
                    if b"sleep\x00" in read(f"/proc/{pid}/cmdline")]
        wait_for("the end of what ran", lambda: not sleeping())


def test_deploys_to_dropbear():
    servers.require_private_mounts()
    w = World()
    with servers.dropbear(w) as s:
        w.trust(s.port)
        to, place = cut_targets(w)
        for size in (0, 1, 65536, 3000001):
            w.tether("deploy", w.write("file", data(size, size)), *HOST,
                     "--to", to)
            assert read(place) == data(size, size)
        for cut in range(3000, 400000, 98304):
            with open(place, "wb") as f:
                f.write(b"old")
            wire = Wire(s.port, cut_after=cut)
            w.trust(wire.port)
            w.tether("deploy", w.write("file", data(1 << 20, 9)), *HOST,
                     "--to", to, status=1)
            assert read(place) == b"old"
            wait_for("the temporary file's end",
                     lambda: os.listdir(to) == ["file"])
            wire.close()
