# SPDX-License-Identifier: Apache-2.0
"""The shell scripts that tether sends to boards, under dash and BusyBox ash.

Each script runs with its comments stripped by tools/embed and its inputs in
front, on a temporary root. tetherd, systemctl and the init script are stubs
that write a log.
"""
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import time

import pytest

import servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "cli" / name / "scripts"
           for name in ("board", "install", "mcp_server")]
SHELLS = {"dash": ["dash"], "ash": ["busybox", "ash"]}


def read_script(name):
    path = next(f / name for f in FOLDERS if (f / name).exists())
    option = ["--one-line"] if name == "console.sh" else []
    return subprocess.run([ROOT / "tools/embed", *option, "--print", path],
                          capture_output=True, text=True, check=True).stdout


def compose(*names, words=None, **inputs):
    """Return scripts behind their inputs. board_script.h describes the form."""
    lines = [f"{key}={shlex.quote(str(value))}"
             for key, value in inputs.items()]
    if words is not None:
        lines.append(shlex.join(["set", "--", *map(str, words)]))
    return "\n".join([*lines, *(read_script(f"{n}.sh") for n in names)])


@pytest.fixture(params=SHELLS)
def shell(request):
    if not shutil.which(SHELLS[request.param][0]):
        pytest.skip(f"{SHELLS[request.param][0]} is not installed")
    return SHELLS[request.param]


def run(shell, text, *arguments, status=0, env=None, **more):
    done = subprocess.run([*shell, "-c", text, "sh", *arguments], text=True,
                          capture_output=True, timeout=servers.PATIENCE,
                          env=env, **more)
    assert done.returncode == status, done
    return done.stdout


def cksum(data):
    return subprocess.run(["cksum"], input=data, capture_output=True,
                          check=True).stdout.decode().strip()


def read_tree(root):
    """Return the targets of links, and the contents and modes of files."""
    return {str(p.relative_to(root)):
            os.readlink(p) if p.is_symlink() else
            (p.read_bytes(), p.stat().st_mode) if p.is_file() else "folder"
            for p in root.rglob("*")}


# --- deploy ---


def send(shell, folder, data, name="app", sum_of=None, status=0, mode="0750"):
    text = compose("send", FOLDER=folder, NAME=name, MODE=mode, TOOL="cksum",
                   SUM=cksum(data if sum_of is None else sum_of))
    done = subprocess.run([*shell, "-c", text], input=data, check=False,
                          capture_output=True, timeout=servers.PATIENCE)
    assert done.returncode == status, done
    assert not list(pathlib.Path(folder).glob(".tether-*"))


def test_survey_reports_checksums_of_existing_files(shell, tmp_path):
    (tmp_path / "a b").write_bytes(b"one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("a b")
    names = ["a b", "folder", "link", "it's missing"]
    said = run(shell, compose("survey", words=names, TO=tmp_path, PARENT=""))
    assert said.splitlines() == ["tether-survey folder cksum", cksum(b"one"),
                                 "folder", "-", "-"]


def test_survey_tells_a_new_name_from_a_missing_folder(shell, tmp_path):
    for to, parent, kind in ((tmp_path / "new", tmp_path, "name"),
                             (tmp_path / "a/b", tmp_path / "a", "none")):
        said = run(shell, compose("survey", words=["x"], TO=to, PARENT=parent))
        assert said.splitlines() == [f"tether-survey {kind} cksum", "-"]


def test_send_replaces_the_file_and_sets_its_mode(shell, tmp_path):
    (tmp_path / "it's").write_bytes(b"old")
    send(shell, tmp_path, b"new\0data" * 10000, name="it's")
    assert (tmp_path / "it's").read_bytes() == b"new\0data" * 10000
    assert (tmp_path / "it's").stat().st_mode & 0o7777 == 0o750


def test_send_keeps_the_old_file_when_the_data_is_cut(shell, tmp_path):
    (tmp_path / "app").write_bytes(b"old")
    send(shell, tmp_path, b"hal", sum_of=b"half", status=93)
    assert (tmp_path / "app").read_bytes() == b"old"


def test_send_keeps_the_old_file_when_the_disk_is_full(shell, tmp_path):
    if os.environ.get("TETHER_PRIVATE_MOUNTS") != "yes":
        pytest.skip("this user may not mount a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "small",
                    tmp_path], check=True)
    try:
        (tmp_path / "app").write_bytes(b"old")
        send(shell, tmp_path, bytes(1 << 20), status=92)
        assert (tmp_path / "app").read_bytes() == b"old"
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_send_removes_its_part_when_a_signal_ends_it(shell, tmp_path):
    text = compose("send", FOLDER=tmp_path, NAME="app", MODE="0644",
                   TOOL="cksum", SUM="1 1")
    process = subprocess.Popen([*shell, "-c", text], stdin=subprocess.PIPE,
                               start_new_session=True)
    servers.wait_for("the part", lambda: list(tmp_path.glob(".tether-*")))
    os.killpg(process.pid, signal.SIGTERM)
    # A signal between fork and exec of cat is lost for cat. As when a
    # connection ends, the end of the input then ends cat.
    process.stdin.close()
    assert process.wait(servers.PATIENCE) in (90, 92)
    assert not list(tmp_path.iterdir())


def ended_pid():
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_send_removes_parts_of_ended_writers_only(shell, tmp_path):
    dead = tmp_path / f".tether-{ended_pid()}-abc.part"
    dead.mkdir(0o700)
    (dead / "data").touch()
    empty = tmp_path / f".tether-{ended_pid()}-def.part"
    empty.mkdir(0o700)
    (tmp_path / f".tether-{ended_pid()}.part").touch()  # of an earlier version
    alive = tmp_path / f".tether-{os.getpid()}-abc.part"
    alive.mkdir(0o700)
    send_quietly(shell, tmp_path)
    assert sorted(tmp_path.iterdir()) == [alive, tmp_path / "app"]


def send_quietly(shell, folder, data=b""):
    text = compose("send", FOLDER=folder, NAME="app", MODE="0644",
                   TOOL="cksum", SUM=cksum(data))
    subprocess.run([*shell, "-c", text], input=data, check=True)


def test_send_keeps_what_it_did_not_write(shell, tmp_path):
    """A leftover that is a link, has another mode or another owner is kept, and
    so is what its link leads to."""
    shared = tmp_path / "shared"
    shared.mkdir()
    victim = tmp_path / "victim"
    victim.mkdir(0o700)
    (victim / "data").write_text("precious")
    pid = ended_pid()
    (shared / f".tether-{pid}-link.part").symlink_to(victim)
    wide = shared / f".tether-{pid}-wide.part"
    wide.mkdir()
    wide.chmod(0o755)
    (wide / "data").write_text("of others")
    more = shared / f".tether-{pid}-more.part"
    more.mkdir(0o700)
    (more / "other").write_text("unknown")
    if os.geteuid() == 0:
        other = shared / f".tether-{pid}-owner.part"
        other.mkdir(0o700)
        (other / "data").write_text("of others")
        os.chown(other, 65534, 65534)
    before = read_tree(tmp_path)
    send_quietly(shell, shared)
    after = read_tree(tmp_path)
    del after["shared/app"]
    assert after == before


def test_send_is_not_redirected_by_links_in_a_shared_folder(shell, tmp_path):
    """While the script waits for its data, another user of the folder replaces
    each name that the script has made by a link."""
    victim = tmp_path / "victim"
    victim.write_text("root's")
    shared = tmp_path / "shared"
    shared.mkdir()
    text = compose("send", FOLDER=shared, NAME="app", MODE="0755",
                   TOOL="cksum", SUM=cksum(b"new"))
    process = subprocess.Popen([*shell, "-c", text], stdin=subprocess.PIPE)
    servers.wait_for("the data file",
                     lambda: list(shared.glob(".tether-*/data")))
    part = next(shared.glob(".tether-*"))
    assert part.stat().st_mode & 0o7777 == 0o700
    part.rename(shared / "moved")
    part.symlink_to(tmp_path)
    (tmp_path / "data").symlink_to(victim)
    process.communicate(b"new", timeout=servers.PATIENCE)
    assert victim.read_text() == "root's"
    assert (tmp_path / "data").is_symlink()
    assert process.returncode == 0
    assert (shared / "app").read_text() == "new"


def test_send_does_not_write_through_a_name_that_exists(shell, tmp_path):
    """The name of the file is a link to a folder: the link is replaced."""
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "app").symlink_to(target)
    send(shell, tmp_path, b"x", status=95)
    assert not list(target.iterdir())


STEPS = ("mkdir", "cat", "cksum", "chmod", "mv")


@pytest.mark.parametrize("step", STEPS)
def test_send_killed_at_each_step_leaves_the_old_or_the_new_file(
        shell, tmp_path, step):
    """A tool of the script kills the shell. The next run removes the rest."""
    tools = tmp_path / "tools"
    tools.mkdir()
    folder = tmp_path / "folder"
    folder.mkdir()
    real = shutil.which(step)
    for name, first, then in (("before", "kill -9 $PPID", f'{real} "$@"'),
                              ("after", f'{real} "$@"', "kill -9 $PPID")):
        stub = tools / step
        stub.write_text(f"#!/bin/sh\n{first}\n{then}\n")
        stub.chmod(0o755)
        (folder / "app").write_bytes(b"old")
        text = compose("send", FOLDER=folder, NAME="app", MODE="0755",
                       TOOL="cksum", SUM=cksum(b"new"))
        # BusyBox runs its own tools unless a function names the program.
        call = f'{step}() {{ {shlex.quote(str(stub))} "$@"; }}\n'
        done = subprocess.run([*shell, "-c", call + text], input=b"new",
                              capture_output=True, timeout=servers.PATIENCE)
        assert done.returncode != 0 or step == "cksum", (name, done)
        assert (folder / "app").read_bytes() in (b"old", b"new"), name
        send_quietly(shell, folder, b"last")
        assert [p.name for p in folder.iterdir()] == ["app"], name
        assert (folder / "app").read_bytes() == b"last"


def test_send_refuses_a_folder_of_that_name_and_a_missing_folder(shell,
                                                                 tmp_path):
    (tmp_path / "app").mkdir()
    send(shell, tmp_path, b"x", status=95)
    send(shell, tmp_path / "missing", b"x", status=91)


def test_mode_changes_the_mode_only(shell, tmp_path):
    (tmp_path / "app").write_bytes(b"x")
    run(shell, compose("mode", FOLDER=tmp_path, NAME="app", MODE="0701"))
    assert (tmp_path / "app").stat().st_mode & 0o7777 == 0o701


def test_mode_does_not_follow_a_link_in_a_shared_folder(shell, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"x")
    victim.chmod(0o600)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "app").symlink_to(victim)
    run(shell, compose("mode", FOLDER=shared, NAME="app", MODE="0777"),
        status=94)
    assert victim.stat().st_mode & 0o7777 == 0o600
    (shared / "app").unlink()
    (shared / "app").write_bytes(b"x")
    run(shell, compose("mode", FOLDER=shared, NAME="app", MODE="0701"))
    assert (shared / "app").stat().st_mode & 0o7777 == 0o701
    assert [p.name for p in shared.iterdir()] == ["app"]


# --- run, doctor, mcp ---


def test_end_marked_ends_a_marked_command_and_its_children(shell):
    mark = f"TETHER_CALL=test-{os.getpid()}-{time.monotonic_ns()}"
    process = subprocess.Popen(
        [*shell, "-c", read_script("run-marked.sh"), "sh", mark,
         "sleep 1000 & trap '' TERM; wait; sleep 1000; :"],
        start_new_session=True)
    marked = mark.encode()

    def count():
        found = 0
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                found += marked in (folder / "environ").read_bytes()
            except OSError:
                pass
        return found

    servers.wait_for("the command", lambda: count() >= 2)
    run(shell, compose("end-marked", MARK=mark), stdin=subprocess.DEVNULL)
    process.wait(servers.PATIENCE)
    servers.wait_for("its children's end", lambda: not count())


def test_probe_reports_clock_tools_and_disk(shell, tmp_path):
    said = run(shell, read_script("probe.sh"), cwd=tmp_path).splitlines()
    assert abs(int(said[0].removeprefix("tether-doctor ")) - time.time()) < 60
    assert said[1].endswith("sha256sum") and said[2].endswith("cksum")
    assert int(said[-1].split()[3]) > 0


def test_container_creates_the_folder_and_idles(shell, tmp_path):
    text = read_script("container.sh").replace("/artifacts",
                                               f"{tmp_path}/artifacts")
    process = subprocess.Popen([*shell, "-c", text])
    servers.wait_for("the folder", (tmp_path / "artifacts").is_dir)
    assert process.poll() is None
    process.kill()
    process.wait()


# --- install ---


class Board:
    """A root folder with stubs, and an installation of four steps: a new file,
    a replaced file, a new link, and a link that replaces a file."""

    def __init__(self, folder, init="busybox"):
        self.root, self.init = folder / "root", init
        self.stage = self.root / "usr/.tether-install"
        self.log = folder / "log"
        for name in ("etc/init.d", "etc/systemd/system", "run", "var/log",
                     "usr/bin", "proc/sys/kernel/random"):
            (self.root / name).mkdir(parents=True)
        self.set_boot("boot-1")
        stubs = folder / "stubs"
        stubs.mkdir()
        started = self.root / "run/started"
        self.write(stubs / "tetherd", f'echo "tetherd $*" >>{self.log}\n'
                   f"case $1 in status) [ -e {started} ] ;;\n"
                   f"restore) rm -f {started} ;; esac\n")
        self.write(stubs / "systemctl", f'echo "systemctl $*" >>{self.log}\n'
                   f"[ \"$1\" != restart ] || touch {started}\n")
        self.write(stubs / "udevadm", f'echo "udevadm $*" >>{self.log}\n')
        self.write(stubs / "sync", "")
        self.write(self.root / "etc/init.d/S30tetherd",
                   f'echo "S30tetherd $*" >>{self.log}\n'
                   f"[ $1 != start ] || touch {started}\n")
        self.env = dict(os.environ, PATH=f"{stubs}:{os.environ['PATH']}")
        (self.root / "usr/bin/tool").write_bytes(b"old")
        (self.root / "etc/rules").write_bytes(b"stock")
        (self.root / "etc/gone").symlink_to("/dev/null")
        (self.root / "etc/gone.before-tether").write_bytes(b"original")
        self.steps = [
            *("put", 0, "/opt/new/file", "none", "", "0000000a", "0755"),
            *("put", 1, "/usr/bin/tool", "file", "", "0000000b", "0700"),
            *("link", 2, "/etc/a link", "none", "", "/usr/bin/tool", "0000"),
            *("aside", 3, "/etc/rules", "file", "", "/dev/null", "0000")]
        # The steps of an --uninstall, which has no rollback.
        self.removal = [
            *("remove", 0, "/usr/bin/tool", "file", "", "0000000b", "0700"),
            *("remove", 1, "/etc/gone", "link", "/dev/null", "/dev/null",
              "0000")]
        self.before = self.tree()
        self.stage.mkdir()
        (self.stage / "0000000a").write_bytes(b"new file")
        (self.stage / "0000000b").write_bytes(b"new tool")

    def write(self, path, text):
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)

    def set_boot(self, name):
        (self.root / "proc/sys/kernel/random/boot_id").write_text(name + "\n")

    def tree(self):
        """Return the files and links that an installation may change."""
        return {name: value for name, value in read_tree(self.root).items()
                if value != "folder" and not name.startswith(("run", "var",
                                                              "proc"))}

    def inputs(self, **more):
        return dict(ROOT=self.root, STAGE=self.stage, INIT=self.init, **more)

    def run(self, shell, *names, status=0, argument=None, words=None, **more):
        text = compose(*names, words=words, **self.inputs(**more))
        if argument is not None:
            text = f"ARGUMENT={shlex.quote(argument)}\n{text}"
        return run(shell, text, status=status, env=self.env, cwd=self.root)

    def switch_text(self, confirm_s):
        """Return the script STAGE/switch, as install_switch.c composes it."""
        return (compose(**self.inputs(CONFIRM_S=confirm_s, WAS_RUNNING="no"))
                + "\nARGUMENT=$1\n" +
                compose("service", "pause", "wait", "rollback", "switch",
                        words=self.steps))

    def arm(self, shell, confirm_s):
        hook = read_script("tether-switch-back.service"
                           if self.init == "systemd" else "S29tether-switch")
        said = self.run(shell, "arm", NONCE="n1", HOOK=hook,
                        SWITCH=self.switch_text(confirm_s))
        assert said == "tether-armed\n"

    def start_switch(self, shell, argument="4194305"):
        return subprocess.Popen([*shell, self.stage / "switch", argument],
                                env=self.env, cwd=self.root)

    def check_applied(self):
        tree = self.tree()
        assert tree["opt/new/file"] == (b"new file", 0o100755)
        assert tree["usr/bin/tool"] == (b"new tool", 0o100700)
        assert tree["etc/a link"] == "/usr/bin/tool"
        assert tree["etc/rules"] == "/dev/null"
        assert tree["etc/rules.before-tether"][0] == b"stock"


@pytest.fixture(params=["busybox", "systemd"])
def board(request, tmp_path):
    return Board(tmp_path, request.param)


def test_state_reports_init_and_places(shell, tmp_path):
    board = Board(tmp_path)
    places = ["/usr/bin/tool", "/etc/gone", "/etc/init.d", "/missing"]
    said = board.run(shell, "state", words=places).splitlines()
    assert said == [f"tether-state busybox {os.uname().machine} no",
                    "file " + cksum(b"old").split()[0], "link /dev/null",
                    "other", "none"]
    (board.root / "lib/systemd").mkdir(parents=True)
    (board.root / "lib/systemd/systemd").touch()
    assert board.run(shell, "state", words=[]).startswith(
        "tether-state systemd ")


def test_receive_stores_whole_files_only(shell, tmp_path):
    """receive.sh divides its input into files, and runs "go" if each file has
    its checksum."""
    board = Board(tmp_path)
    files = {"go": b"echo went\n", "00000000": b"", "0000000c": b"x" * 512,
             "0000000d": bytes(range(256)) * 5}
    words, stream = [], b""
    for name, data in files.items():
        words += [name, cksum(data).split()[0], len(data)]
        stream += data + bytes(512 - len(data) % 512)
    text = compose("receive", words=words, STAGE=board.stage)
    for damage in ("", "changed", "cut"):
        for path in board.stage.iterdir():
            path.unlink()
        sent = {"": stream, "changed": stream[:-600] + b"?" + stream[-599:],
                "cut": stream[:-700]}[damage]
        done = subprocess.run([*shell, "-c", text], input=sent, check=False,
                              capture_output=True)
        stored = {p.name: p.read_bytes() for p in board.stage.iterdir()
                  if p.name in files}
        if damage:
            assert done.returncode == 1 and b"incomplete" in done.stderr
            assert not done.stdout and "0000000d" not in stored, damage
        else:
            assert (done.returncode, done.stdout) == (0, b"went\n"), done
            assert stored == files


def test_apply_makes_all_changes(shell, tmp_path):
    board = Board(tmp_path)
    said = board.run(shell, "apply", words=board.steps)
    assert said == "tether-done\n"
    board.check_applied()


def test_take_back_restores_all_files_after_each_step(shell, tmp_path):
    """take-back undoes an installation that stopped after any of its steps."""
    for count in range(5):
        board = Board(tmp_path / str(count))
        board.run(shell, "apply", words=board.steps[:7 * count])
        said = board.run(shell, "rollback", "take-back", words=board.steps)
        assert said == "tether-back\n"
        assert board.tree() == board.before, count
        assert not board.stage.exists()


def test_apply_stops_at_a_failure_and_take_back_restores(shell, tmp_path):
    board = Board(tmp_path)
    (board.root / "opt").write_bytes(b"a file in the way")
    before = dict(board.before, opt=(b"a file in the way", 0o100644))
    text = compose("apply", words=board.steps, **board.inputs())
    done = subprocess.run([*shell, "-c", text], env=board.env, check=False,
                          capture_output=True)
    assert done.returncode and b"tether-done" not in done.stdout, done
    board.run(shell, "rollback", "take-back", words=board.steps)
    # The rollback accepts that /opt is a file: /opt/new/file does not exist.
    assert board.tree() == before


def test_switch_keeps_the_files_when_confirmed(shell, board):
    board.arm(shell, 30)
    board.run(shell, "apply", words=board.steps)
    switch = board.start_switch(shell)
    servers.wait_for("the switch", (board.stage / "started").exists)
    board.run(shell, "confirm", NONCE="another", status=1)
    assert board.run(shell, "confirm", NONCE="n1") == "tether-confirmed\n"
    assert switch.wait(servers.PATIENCE) == 0
    board.check_applied()
    assert not board.stage.exists()
    assert not list(board.root.rglob("*tether-switch*"))
    # The host repeats the confirmation if the first answer is lost.
    assert board.run(shell, "confirm", NONCE="n1") == "tether-confirmed\n"


def test_switch_rolls_back_when_nobody_confirms(shell, board):
    board.arm(shell, 1)
    board.run(shell, "apply", words=board.steps)
    assert board.start_switch(shell).wait(servers.PATIENCE) == 0
    assert board.tree() == board.before
    assert not board.stage.exists()
    log = board.log.read_text()
    assert "tetherd restore\n" in log, log
    assert ("systemctl stop tetherd.service\n" if board.init == "systemd" else
            "S30tetherd stop\n") in log, log
    assert (board.root / "var/log/tether-install.log").exists()


def test_boot_hook_rolls_back_after_a_reset_only(shell, board):
    board.arm(shell, 30)
    board.run(shell, "apply", words=board.steps)
    hooks = sorted(p.name for p in board.root.rglob("*tether-switch*"))
    assert len(hooks) == (2 if board.init == "systemd" else 1), hooks
    assert board.start_switch(shell, "boot").wait(servers.PATIENCE) == 0
    board.check_applied()
    board.set_boot("boot-2")
    assert board.start_switch(shell, "boot").wait(servers.PATIENCE) == 0
    assert board.tree() == board.before
    assert not board.stage.exists()
    if board.init == "systemd":
        assert "udevadm trigger -c add -s udc\n" in board.log.read_text()


def test_boot_hook_keeps_a_confirmed_installation(shell, board):
    board.arm(shell, 30)
    board.run(shell, "apply", words=board.steps)
    (board.stage / "confirmed").touch()
    board.set_boot("boot-2")
    assert board.start_switch(shell, "boot").wait(servers.PATIENCE) == 0
    board.check_applied()
    assert not board.stage.exists()


def test_launch_runs_the_switch_detached(shell, tmp_path):
    board = Board(tmp_path)
    if shutil.which("systemd-run"):
        # The real systemd-run would start the script as a host service.
        board.write(tmp_path / "stubs/systemd-run", "exit 1\n")
    (board.stage / "switch").write_text(
        f"echo $$ >{board.stage}/running\necho \"$1\" >{board.stage}/pid\n")
    assert board.run(shell, "pause", "launch") == "tether-launched\n"
    servers.wait_for("the argument",
                     lambda: (board.stage / "pid").read_text().strip())
    assert (board.stage / "pid").read_text() == f"{os.getpid()}\n"


def test_uninstall_restores_the_gadget_before_the_files_go(shell, board):
    (board.root / "run/started").touch()
    board.run(shell, "service", "pause", "wait", "uninstall", "apply",
              "clean", argument="4194305", words=board.removal, KEEP="")
    assert "tetherd restore\n" in board.log.read_text()
    tree = board.tree()
    assert "usr/bin/tool" not in tree
    assert tree["etc/gone"][0] == b"original"
    assert not board.stage.exists()


def test_start_and_restore_control_tetherd(shell, board):
    board.run(shell, "service", "pause", "start")
    assert (board.root / "run/started").exists()
    board.run(shell, "service", "restore")
    assert not (board.root / "run/started").exists()


def test_clean_leaves_the_console_its_script(shell, tmp_path):
    board = Board(tmp_path)
    (board.stage / "old").mkdir()
    (board.stage / "script").touch()
    board.run(shell, "clean", KEEP="script")
    assert [p.name for p in board.stage.iterdir()] == ["script"]
    board.run(shell, "clean", KEEP="")
    assert not board.stage.exists()


def request(text):
    return f"x {cksum(text.encode()).split()[0]} {text}\n"


def test_console_stores_files_and_runs_a_script(shell, tmp_path):
    """A session of console.sh with a damaged line and repeated requests."""
    script = "echo it works\nexit 3\n"
    data = subprocess.run(["base64", "-w0"], input=script.encode(),
                          capture_output=True, check=True).stdout.decode()
    octal = "".join(f"{b:03o}" for b in script.encode())
    lines = [request("o script ")] + 2 * [request(f"t 0 {data}")] + [
        "x 1 z script \n", "\n"] + 2 * [request("r 1 ")] + [
        request("g 1 "), request("z script "), request(f"u 0 {octal}"),
        request("r 2 "), request("b  "), request("q  ")]
    text = f"D={tmp_path}/stage\n" + read_script("console.sh")
    said = subprocess.run([*shell, "-c", text], input="".join(lines),
                          capture_output=True, text=True,
                          timeout=servers.PATIENCE, check=False).stdout
    answers = []
    for line in said.splitlines():
        number, _, answer = line.strip("@").partition(" ")
        assert number == cksum(answer.encode()).split()[0], line
        answers.append(answer)
    assert answers == [
        "up", "o script 4294967295 0", *2 * [f"t 0 {len(script)}"], "no",
        *2 * ["r 1 3 1"], "g 1 it works", "z script", f"u 0 {len(script)}",
        "r 2 3 1", "b 1", "q"]
    assert not (tmp_path / "stage").exists()


# --- packaging ---


def test_init_script_starts_once_and_waits_for_the_end(shell, tmp_path):
    stub = tmp_path / "start-stop-daemon"
    pidfile = tmp_path / "run/tetherd.pid"
    stub.write_text(f"""#!/bin/sh
case $* in
"-K -t "*) kill -0 "$(cat {pidfile} 2>/dev/null)" 2>/dev/null ;;
"-K "*) kill "$(cat {pidfile} 2>/dev/null)" 2>/dev/null ;;
"-S "*) sleep 1000 >/dev/null 2>&1 & echo $! >{pidfile} ;;
esac
""")
    stub.chmod(0o755)
    pidfile.parent.mkdir()
    text = (ROOT / "packaging/busybox/S30tetherd").read_text()
    script = tmp_path / "S30tetherd"
    script.write_text(text.replace("=/run/", f"={tmp_path}/run/")
                      .replace("=/var/", f"={tmp_path}/var/"))
    env = dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}")

    def control(verb):
        done = subprocess.run([*shell, script, verb], env=env, text=True,
                              capture_output=True, check=False,
                              timeout=servers.PATIENCE)
        return done.returncode, done.stdout

    assert control("start") == (0, "Starting tetherd: OK\n")
    status, said = control("start")
    assert status == 1 and "FAIL" in said, said
    pid = int(pidfile.read_text())
    assert control("stop") == (0, "Stopping tetherd: OK\n")
    assert not pathlib.Path(f"/proc/{pid}").exists()
    assert control("stop") == (1, "Stopping tetherd: FAIL\n")
    assert control("other")[0] == 2


def test_mask_stock_masks_and_restores(shell, tmp_path):
    script = ROOT / "packaging/systemd/mask-stock"
    rules = tmp_path / "etc/udev/rules.d/97-ustotg.rules"
    rules.parent.mkdir(parents=True)
    rules.write_text("stock")
    unit = tmp_path / "etc/systemd/system/usbotg-config.service"
    for _ in range(2):
        subprocess.run([*shell, script, tmp_path], check=True)
        assert os.readlink(rules) == os.readlink(unit) == "/dev/null"
    for _ in range(2):
        subprocess.run([*shell, script, "--undo", tmp_path], check=True)
        assert rules.read_text() == "stock" and not unit.is_symlink()


def test_every_script_is_tested_here():
    source = pathlib.Path(__file__).read_text()
    for folder in FOLDERS:
        for script in folder.iterdir():
            assert f'"{script.name.removesuffix(".sh")}' in source, script
