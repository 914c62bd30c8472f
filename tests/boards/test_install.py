# SPDX-License-Identifier: Apache-2.0
"""tether install: into folders, images, over SSH, over a bad serial line.

Boards are folders of this machine with BusyBox, entered by chroot; tetherd is
a double there that says what it was told. The real one is installed in
tests/vm/board-day.
"""
import os
import pty
import random
import select
import shutil
import signal
import struct
import subprocess
import threading
import time
import tty

import pytest

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGING = os.path.join(HERE, "..", "..", "packaging")
STAGE = "usr/.tether-install"
DOUBLE = r"""
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
static const char filling[@SIZE@] = { [0 ... @SIZE@ - 1] = 1 };
static int note(const char *path)
{
	return open(path, O_CREAT | O_WRONLY, 0644) < 0;
}
int main(int argc, char **argv)
{
	if (argc == 1) {
		note("/run/started");
		for (;;)
			pause();
	}
	if (!strcmp(argv[1], "status"))
		return access("/run/started", F_OK) || access("/run/ok", F_OK);
	if (!strcmp(argv[1], "restore") && !access("/run/slow", F_OK)) {
		note("/run/ok");
		note("/run/restoring");
		sleep(5);
	}
	if (!strcmp(argv[1], "restore"))
		return unlink("/run/started") + note("/run/restored");
	return filling[argc] - 1;
}
"""
ALL = ["etc/modprobe.d/tetherd.conf", "etc/tether/tetherd.conf",
       "usr/bin/tetherd"]
SYSTEMD = ["etc/systemd/network/10-tether.network",
           "etc/systemd/system/sysinit.target.wants/tetherd.service",
           "etc/systemd/system/tetherd.service",
           "etc/systemd/system/usbotg-config.service",
           "etc/udev/rules.d/97-ustotg.rules"]
BUSYBOX = ["etc/init.d/S30tetherd"]
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
if not MACHINE:
    pytest.skip("tether install has no name for machines like this "
                + os.uname().machine, allow_module_level=True)


def make_kit(w, size=4000):
    source = w.write("double.c", DOUBLE.replace("@SIZE@", str(size)))
    program = w.path("tetherd")
    subprocess.run(["cc", "-Os", "-s", "-o", program, source], check=True)
    subprocess.run([os.path.join(PACKAGING, "kit"), w.path("kit"),
                    f"{MACHINE}={program}"], check=True)
    w.env["TETHER_KIT"] = w.path("kit")
    return program


def copy_program(root, name):
    """A program of this machine with its libraries."""
    path = shutil.which(name)
    to = f"{root}/usr/bin/{os.path.basename(path)}"
    os.makedirs(f"{root}/usr/bin", exist_ok=True)
    if os.path.islink(to):  # to BusyBox, which is not to be written over
        os.unlink(to)
    shutil.copy(path, to)
    copy_libraries(root, path)


def copy_libraries(root, path):
    said = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    for word in said.split():
        if word.startswith("/"):
            os.makedirs(root + os.path.dirname(word), exist_ok=True)
            shutil.copy(os.path.realpath(word), root + word)


def start_number(w, root, number):
    """As the kernel names this start of the board."""
    w.write(f"{root}/proc/sys/kernel/random/boot_id", f"boot-{number}\n")


def make_root(w, name="root", init="busybox", without=()):
    root = w.path(name)
    for folder in ("bin", "sbin", "usr/bin", "usr/sbin", "etc/init.d", "dev",
                   "run", "tmp", "root", "var/log"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    start_number(w, root, 1)
    shutil.copy(shutil.which("busybox"), f"{root}/bin/busybox")
    copy_libraries(root, f"{root}/bin/busybox")
    # Where boards have them: start-stop-daemon is in /sbin.
    applets = subprocess.run(["busybox", "--list-full"], capture_output=True,
                             text=True).stdout.split()
    for applet in applets:
        if os.path.basename(applet) not in (*without, "busybox"):
            os.symlink("/bin/busybox", f"{root}/{applet}")
    copy_program(root, "cksum")  # Debian's BusyBox lacks it, boards' do not
    w.write(f"{root}/etc/passwd", "root::0:0:root:/root:/bin/sh\n")
    w.write(f"{root}/etc/group", "root:x:0:\n")
    if init == "systemd":
        w.write(f"{root}/lib/systemd/systemd", "", 0o755)
        w.write(f"{root}/etc/udev/rules.d/97-ustotg.rules", "stock\n")
    return root


def tree(root):
    found = {}
    for folder, folders, files in os.walk(root):
        for name in files + folders:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, root)
            if os.path.islink(path):
                found[key] = "-> " + os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as f:
                    found[key] = (f.read(), os.stat(path).st_mode)
    return found


def files_of(root):
    """What an install may change."""
    return tree(f"{root}/etc"), tree(f"{root}/usr")


def missing(root, names):
    return [n for n in names if not os.path.lexists(os.path.join(root, n))]


def test_rootfs():
    w = servers.World()
    program = make_kit(w)
    root = make_root(w, init="systemd")
    before = tree(root)
    plan = w.tether("install", "--rootfs", root, "--dry-run").stdout
    assert "put     /usr/bin/tetherd" in plan, plan
    assert "rename  /etc/udev/rules.d/97-ustotg.rules" in plan, plan
    assert tree(root) == before
    assert w.json("install", "--rootfs", root, "--dry-run")["done"] is False
    said = w.tether("install", "--rootfs", root).stdout
    assert said.startswith(plan) and said.endswith("starts when the board boots\n")
    assert not missing(root, ALL + SYSTEMD)
    assert missing(root, BUSYBOX) == BUSYBOX
    after = tree(root)
    with open(program, "rb") as f:
        assert after["usr/bin/tetherd"] == (f.read(), 0o100755)
    assert after[SYSTEMD[3]] == "-> /dev/null"
    assert after[SYSTEMD[1]] == "-> /etc/systemd/system/tetherd.service"
    assert after[SYSTEMD[4] + ".before-tether"][0] == b"stock\n"
    assert not os.path.exists(f"{root}/{STAGE}")
    # Again: nothing. Edited: kept.
    assert "nothing to do" in w.tether("install", "--rootfs",
                                               root).stdout
    assert tree(root) == after
    w.write(f"{root}/etc/tether/tetherd.conf", "functions = ncm\n")
    w.write(f"{root}/usr/bin/tetherd", b"old", 0o755)
    said = w.json("install", "--rootfs", root)
    does = {s["place"]: s["do"] for s in said["steps"]}
    assert does["/etc/tether/tetherd.conf"] == "keep", said
    assert does["/usr/bin/tetherd"] == "put", said
    assert does["/etc/udev/rules.d/97-ustotg.rules"] == "same", said
    assert said["done"] is True and said["machine"] == MACHINE
    w.tether("install", "--rootfs", root, "--uninstall")
    left = tree(root)
    assert left.pop("etc/tether/tetherd.conf")[0] == b"functions = ncm\n"
    assert left == before
    # With BusyBox's init, and MCTP.
    root = make_root(w, "other")
    w.tether("install", "--rootfs", root)
    assert not missing(root, ALL + BUSYBOX)
    assert missing(root, SYSTEMD) == SYSTEMD
    error = w.tether("install", "--rootfs", root, "--with-mctp",
                     status=1).stderr
    servers.grep("no usbnvme for the board's machine", error)
    config = f"{root}/etc/tether/tetherd.conf"
    plain = tree(root)["etc/tether/tetherd.conf"]
    said = w.json("install", "--rootfs", root, "--with-mctp", "--usbnvme",
                  program)
    does = {s["place"]: s["do"] for s in said["steps"]}
    assert does["/etc/tether/tetherd.conf"] == "put", said
    assert not missing(root, ["usr/bin/usbnvme"])
    with_mctp = tree(root)["etc/tether/tetherd.conf"]
    assert with_mctp[0] == plain[0] + b"functions = ecm, mctp\n"
    # A later install without the option keeps MCTP, and an --uninstall without
    # it removes usbnvme, too.
    w.tether("install", "--rootfs", root)
    assert tree(root)["etc/tether/tetherd.conf"] == with_mctp
    w.tether("install", "--rootfs", root, "--uninstall")
    assert not os.path.exists(config)
    assert not os.path.exists(f"{root}/usr/bin/usbnvme")
    # With the option a plain one goes as well; an edited one stays in any case.
    w.tether("install", "--rootfs", root)
    w.tether("install", "--rootfs", root, "--uninstall", "--with-mctp")
    assert not os.path.exists(config)
    w.write(config, plain[0] + b"# mine\n")
    for words, said in ((["--with-mctp", "--usbnvme", program],
                         "edited. For MCTP, add mctp to its functions\n"),
                        (["--uninstall"], "edited\n")):
        done = w.tether("install", "--rootfs", root, *words)
        assert said in done.stdout, done
        with open(config, "rb") as f:
            assert f.read() == plain[0] + b"# mine\n"


def as_machine(data, number):
    """A program of another machine, as far as its head tells."""
    return data[:18] + bytes((number, 0)) + data[20:]


def test_mctp_on_arm():
    """Of a board its own programs say what it is; the kit has usbnvme for it,
    that of `make board` where it was built."""
    w = servers.World()
    make_kit(w)
    root = make_root(w)
    with open(w.path("tetherd"), "rb") as f:
        program = f.read()
    with open(f"{root}/bin/busybox", "rb") as f:
        w.write(f"{root}/bin/busybox", as_machine(f.read(), 40), 0o755)
    built = os.path.join(HERE, "..", "..", "build-board", "usbnvme")
    usbnvme = as_machine(program, 40)
    if os.path.exists(built):
        with open(built, "rb") as f:
            usbnvme = f.read()
    else:
        print("        make board was not called: a double for its usbnvme")
    parts = [f"armhf={w.write('arm/tetherd', as_machine(program, 40))}",
             f"armhf={w.write('arm/usbnvme', usbnvme)}"]
    subprocess.run([os.path.join(PACKAGING, "kit"), w.path("kit"), *parts],
                   check=True)
    wrong = w.write("wrong/usbnvme", as_machine(program, 62))
    before = tree(root)
    for words, path in ((["--usbnvme", wrong], wrong),
                        (["--usbnvme", w.write("text", "#!/bin/sh\n")],
                         w.path("text"))):
        error = w.tether("install", "--rootfs", root, "--with-mctp", *words,
                         status=1).stderr
        kind = "amd64" if path == wrong else "no known machine"
        assert error == f"tether: {path} is a program for {kind}, but the " \
            "board is armhf\n", error
        assert tree(root) == before
    said = w.json("install", "--rootfs", root, "--with-mctp")
    assert said["machine"] == "armhf" and said["done"] is True
    with open(f"{root}/usr/bin/usbnvme", "rb") as f:
        assert f.read() == usbnvme
    os.unlink(w.path("kit", "bin", "armhf", "usbnvme"))
    os.unlink(f"{root}/usr/bin/usbnvme")
    error = w.tether("install", "--rootfs", root, "--with-mctp",
                     status=1).stderr
    servers.grep("Build it for armhf with `make board`", error)


def test_refusals():
    w = servers.World()
    make_kit(w)
    for words, status, expected in (
            ([], 2, "give one of --serial"),
            (["--ssh", "a", "--rootfs", "b"], 2, "give one of"),
            (["--rootfs", "/nowhere"], 1, "No such file"),
            (["--rootfs", "/"], 1, "is the root of this host"),
            (["--rootfs", w.home], 1, "is not a root file system"),
            (["--serial", "/dev/null"], 1, "not a tty"),
            (["--serial", "/dev/nothing"], 1, "No such file"),
            (["--image", "/dev/null"], 1, "is not a regular file"),
            (["--image", __file__], 1, "no partition `rootfs`"),
            (["--ssh", "-oProxyCommand=x"], 1, "invalid board")):
        done = w.tether("install", *words, status=status)
        assert expected in done.stderr, done
    error = w.tether("install", "--rootfs", "x", "--kit", "/nowhere",
                     status=1).stderr
    servers.grep("run make, or give a folder with --kit", error)
    # A link of the image that leads into this machine.
    root = make_root(w, init="systemd")
    outside = w.path("outside")
    os.mkdir(outside)
    os.symlink(outside, f"{root}/etc/modprobe.d")
    before = tree(root)
    error = w.tether("install", "--rootfs", root, status=1).stderr
    servers.grep("leads out of .* through a link. Nothing was changed", error)
    os.unlink(f"{root}/etc/modprobe.d")
    os.symlink(outside, f"{root}/usr/bin/tetherd")
    w.tether("install", "--rootfs", root)
    assert not os.listdir(outside) and os.path.isfile(f"{root}/usr/bin/tetherd")
    assert not os.path.islink(f"{root}/usr/bin/tetherd")
    # A program for another machine, a list that is none.
    data = bytearray(open(w.path("tetherd"), "rb").read())
    data[18] = 40
    w.write("arm", bytes(data), 0o755)
    error = w.tether("install", "--rootfs", root, "--tetherd", w.path("arm"),
                     status=1).stderr
    servers.grep(f"is a program for armhf, but the board is {MACHINE}", error)
    for line in ("0755 a", "0755 a b all", "link /x /y nothing", "x" * 999):
        w.write("bad/board-files", "# x\n" + line + "\n")
        error = w.tether("install", "--rootfs", root, "--kit", w.path("bad"),
                         status=1).stderr
        assert "line 2: expected MODE SOURCE" in error, error
    os.unlink(f"{root}/etc/modprobe.d/tetherd.conf")
    os.mkdir(f"{root}/etc/modprobe.d/tetherd.conf")
    error = w.tether("install", "--rootfs", root, status=1).stderr
    assert "is a folder or a device, where" in error, (error, before)


def test_hostile_root():
    """Links of an image that lead out by what tether writes meanwhile."""
    w = servers.World()
    program = make_kit(w)
    root = make_root(w, init="systemd")
    outside = w.path("outside")
    os.mkdir(outside)
    os.makedirs(f"{root}/{STAGE}")
    os.symlink(outside, f"{root}/{STAGE}/old")
    number = subprocess.run(["cksum", program], capture_output=True,
                            text=True, check=True).stdout.split()[0]
    for name in ("new", "part", f"{int(number):08x}"):
        os.symlink(f"{outside}/{name}", f"{root}/{STAGE}/{name}")
    rules = f"{root}/etc/udev/rules.d/97-ustotg.rules"
    os.symlink(outside, rules + ".before-tether")
    w.write(f"{root}/etc/tether/tetherd.conf", "functions = ncm\n")
    w.tether("install", "--rootfs", root)
    assert not os.listdir(outside), os.listdir(outside)
    assert not missing(root, ALL + SYSTEMD)
    with open(rules + ".before-tether") as f:
        assert f.read() == "stock\n"
    assert not os.path.exists(f"{root}/{STAGE}")


def debugfs(image, command):
    return subprocess.run(["/usr/sbin/debugfs", "-R", command, image],
                          capture_output=True).stdout


def make_gpt(path, partitions):
    """The parts of UEFI's partition table that name partitions."""
    table = bytearray(128 * 128)
    for n, (name, first, last) in enumerate(partitions):
        table[n * 128:n * 128 + 16] = b"\xaf" * 16
        table[n * 128 + 32:n * 128 + 48] = struct.pack("<QQ", first, last)
        text = name.encode("utf-16-le")
        table[n * 128 + 56:n * 128 + 56 + len(text)] = text
    head = bytearray(512)
    head[:8] = b"EFI PART"
    head[72:80] = struct.pack("<Q", 2)
    head[80:88] = struct.pack("<II", 128, 128)
    with open(path, "wb") as f:
        f.write(b"\0" * 446 + struct.pack("<B3sB3sII", 0, b"", 0xee, b"", 1,
                                          0xffffffff) + b"\0" * 48 + b"U\xaa")
        f.write(head + table)
        f.truncate(40 << 20)


def test_image():
    w = servers.World()
    program = make_kit(w)
    root = make_root(w, init="systemd")
    bare = w.path("root.img")
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", root, bare,
                    "24M"], check=True)
    card, start = w.path("sdcard.img"), 4 << 20
    make_gpt(card, (("fip", 34, start // 512 - 1),
                    ("rootfs", start // 512, (28 << 20) // 512 - 1)))
    with open(card, "r+b") as f, open(bare, "rb") as b:
        f.seek(start)
        f.write(b.read())
    with open(card, "rb") as f:
        head = f.read(start)
    for image, name in ((bare, bare), (card, f"{card}?offset={start}")):
        assert w.json("install", "--image", image,
                      "--dry-run")["machine"] == MACHINE
        w.tether("install", "--image", image)
        with open(program, "rb") as f:
            assert debugfs(name, "cat /usr/bin/tetherd") == f.read()
        stat = debugfs(name, "stat /usr/bin/tetherd").decode()
        servers.grep(r"Mode:\s+0755", stat)
        servers.grep(r"User:\s+0 ", stat)
        link = debugfs(name, "stat /etc/systemd/system/usbotg-config.service")
        assert b'"/dev/null"' in link, link
        assert debugfs(name, "cat /etc/udev/rules.d/97-ustotg.rules"
                       ".before-tether") == b"stock\n"
        assert "nothing to do" in w.tether("install", "--image",
                                                   image).stdout
        w.tether("install", "--image", image, "--uninstall")
        assert debugfs(name, "cat /etc/udev/rules.d/97-ustotg.rules"
                       ) == b"stock\n"
        assert not debugfs(name, "stat /usr/bin/tetherd")
    with open(card, "rb") as f:
        assert f.read(start) == head
    # Full: said, and the file system is in order.
    small = w.path("small.img")
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", root, "-m",
                    "0", small, "6M"], check=True)
    make_kit(w, 4 << 20)
    error = w.tether("install", "--image", small, status=1).stderr
    servers.grep("may be full. Start with a fresh image|is damaged", error)
    with open(small, "r+b") as f:  # broken before
        f.seek(1024 + 58)
        f.write(b"\2\0")
        f.seek(8192)
        f.write(b"\377" * 8192)
    servers.grep("is damaged before any change", w.tether("install", "--image", small,
                                                 status=1).stderr)


class Line:
    """A serial line: bytes are lost and doubled, at 115200 baud."""

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
        """As init does: whoever logs out finds a login again."""
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


def require_root():
    if os.geteuid() != 0:
        pytest.skip("a board in a chroot needs root")


def login(w, root):
    for name in ("null", "urandom"):
        if not os.path.exists(f"{root}/dev/{name}"):
            subprocess.run(["mknod", "-m", "666", f"{root}/dev/{name}", "c",
                            "1", "3" if name == "null" else "9"], check=True)
    return ["chroot", root, "/bin/login"]


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


def test_serial():
    require_root()
    serial_install(0, 1, 4000)


def test_serial_without_base64():
    require_root()
    serial_install(0, 1, 4000, without=("base64",))


def test_serial_bad_line():
    require_root()
    for seed in (1, 2):
        line, _ = serial_install(1 / 2500, seed, 20000)
        assert line.faults, "the line was good"


def test_serial_resumed():
    """Killed in the middle: what was there is not sent again."""
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


def test_serial_silence():
    """Nobody there, and a password that is wanted."""
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


def ssh_board(w, *options, init="busybox", **more):
    """sshd whose commands run in the board's folder, with the PATH that a
    board's sshd gives. CONFIRM stands for what the command that confirms a
    switch runs by: a script of this side."""
    root = make_root(w, init=init)
    login(w, root)
    w.write(f"{root}/etc/mtab", "")
    confirm = w.write("confirm", 'exec "$@"\n')
    server = servers.sshd(
        w, "ForceCommand=case \"$SSH_ORIGINAL_COMMAND\" in "
        f"*\"mv started confirmed\"*) set -- sh {confirm};; "
        f"*) set --;; esac; exec \"$@\" /usr/sbin/chroot {root} /bin/sh -c "
        "\"$SSH_ORIGINAL_COMMAND\"", "SetEnv=PATH=/usr/bin:/bin", *options,
        **more)
    if not more:
        w.trust(server.port)
    return root, server


def ssh_world():
    w = servers.World()
    make_kit(w)
    return (w, *ssh_board(w))


def stage_is_gone(root):
    servers.wait_for("the stage folder's end",
                     lambda: not os.path.exists(f"{root}/{STAGE}"))


def stop_double(root):
    subprocess.run(["chroot", root, "/bin/busybox", "start-stop-daemon", "-K",
                    "-q", "-p", "/run/tetherd.pid"], capture_output=True)


def test_ssh():
    require_root()
    w, root, server = ssh_world()
    open(f"{root}/run/ok", "w").close()
    with server:
        before = w.tether("install", "--ssh", "board", "--dry-run").stdout
        assert "rolls back" in before, before
        assert missing(root, ALL) == ALL
        done = w.tether("install", "--ssh", "board")
        assert done.stdout.endswith("done: tetherd is running\n"), done
        assert not missing(root, ALL + BUSYBOX)
        stage_is_gone(root)
        assert "nothing to do" in w.tether("install", "--ssh",
                                                   "board").stdout
        # By hand, from a shell whose PATH has no sbin. BusyBox looks in /proc
        # whether it is tetherd that runs.
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             'mount --rbind /proc "$0/proc" && exec /usr/sbin/chroot "$0" "$@"',
             root, "/etc/init.d/S30tetherd", "restart"],
            env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
        assert done.stdout == "Stopping tetherd: OK\nStarting tetherd: OK\n", \
            done
        w.tether("install", "--ssh", "board", "--uninstall")
        servers.wait_for("the removal",
                         lambda: missing(root, ALL + BUSYBOX) == ALL + BUSYBOX)
        stage_is_gone(root)
        assert os.path.exists(f"{root}/run/restored")
        stop_double(root)


def test_ssh_boards_that_lack_something():
    require_root()
    w, root, server = ssh_world()
    before = tree(root)
    with server:
        os.rename(f"{root}/usr/bin/cksum", f"{root}/usr/bin/other")
        assert w.tether("install", "--ssh", "board", status=1).stderr == (
            "tether: board has no cksum, which checks each file that arrives. "
            "Install it (BusyBox: CONFIG_CKSUM)\n")
        os.rename(f"{root}/usr/bin/other", f"{root}/usr/bin/cksum")
        os.rmdir(f"{root}/etc/init.d")
        assert w.tether("install", "--ssh", "board", status=1).stderr == (
            "tether: board has neither systemd nor /etc/init.d, so nothing can "
            "start tetherd\n")
        os.mkdir(f"{root}/etc/init.d")
        assert tree(root) == before
        os.rename(f"{root}/bin/sh", f"{root}/bin/no-sh")
        done = w.tether("install", "--ssh", "board", status=1)
        assert done.stderr.startswith("tether: cannot install on board: ssh ended "
                                      "with 127\n"), done
        os.rename(f"{root}/bin/no-sh", f"{root}/bin/sh")


def serial_fails(prepare, *expected):
    """An install over a good line to a board that is prepared so."""
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


def test_serial_tetherd_does_not_come_up():
    """Put there and started, and then it says that it does not run."""
    require_root()
    serial_fails(lambda root: None,
                 "a script on the board failed with exit code 1: ",
                 "\ntetherd does not start. tetherd check prints:\n")


def test_serial_board_cannot_write():
    require_root()
    serial_fails(lambda root: open(f"{root}/{STAGE}", "w").close(),
                 "the board cannot write the file")


def test_serial_nobody():
    """A line on which nothing ever comes, for as long as a board may boot."""
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


def test_ssh_goes_back():
    """tetherd starts and nothing works: all is as it was, by itself."""
    require_root()
    w, root, server = ssh_world()
    w.write(f"{root}/usr/bin/tetherd", "#!/bin/sh\n", 0o755)
    os.unlink(f"{root}/usr/bin/tetherd")
    before = files_of(root)
    with server:
        done = w.tether("install", "--ssh", "board", "--confirm", "12",
                        status=1)
        servers.grep("cannot reach the board again", done.stderr)
        stage_is_gone(root)
        assert files_of(root) == before
        assert os.path.exists(f"{root}/run/restored")
        assert os.path.exists(f"{root}/var/log/tether-install.log")
    stop_double(root)


def test_ssh_moves():
    """The stock board is at 192.168.7.1, tetherd at 192.168.7.2: the user's
    entry for the old address, by which alone ssh takes the board's ssh-rsa
    key, counts at the new one as well."""
    require_root()
    servers.require_private_network()
    w = servers.World()
    make_kit(w)
    for words in (["addr", "add", "192.168.7.1/32", "dev", "lo"],):
        subprocess.run(["ip", *words], check=True)
    root, server = ssh_board(w, "HostKeyAlgorithms=ssh-rsa", keys=("rsa",),
                             port=22, listen="0.0.0.0")
    open(f"{root}/run/ok", "w").close()
    moved = []

    def move():
        servers.wait_for("tetherd",
                         lambda: os.path.exists(f"{root}/run/started"))
        for words in (["del", "192.168.7.1/32"], ["add", "192.168.7.2/32"]):
            subprocess.run(["ip", "addr", *words, "dev", "lo"], check=True)
        moved.append(True)

    with server:
        w.tether("ssh-config", "192.168.7.1", "--name", "stm32mp1", "--user",
                 servers.getpass.getuser(), "--install")
        w.tether("run", "--host", "stm32mp1", "true")
        mover = threading.Thread(target=move)
        mover.start()
        done = w.tether("install", "--ssh", "192.168.7.1")
        mover.join()
        assert moved and "The board is at 192.168.7.2 now" in done.stdout, done
        assert done.stdout.endswith("done: tetherd is running\n"), done
        stage_is_gone(root)
        assert not missing(root, ALL + BUSYBOX)
        # Without that entry the new address is one that ssh does not take.
        plain = w.tether("run", "--host", "192.168.7.2", "true", status=255)
        assert "no matching host key type" in plain.stderr, plain
    stop_double(root)
    subprocess.run(["ip", "addr", "del", "192.168.7.2/32", "dev", "lo"],
                   check=True)


def test_ssh_confirmed_too_late():
    """The board goes back while the answer is on its way: no success."""
    require_root()
    w, root, server = ssh_world()
    open(f"{root}/run/slow", "w").close()
    w.write("confirm", f"until [ -e {root}/run/restoring ]; do sleep 0.05; "
            'done\nexec "$@"\n')
    before = files_of(root)
    with server:
        done = w.tether("install", "--ssh", "board", "--confirm", "10",
                        status=1)
        servers.grep("cannot reach the board again", done.stderr)
        stage_is_gone(root)
        assert files_of(root) == before
        assert os.path.exists(f"{root}/run/restoring")
    stop_double(root)


def test_ssh_answer_lost():
    """Confirmed, and the answer does not arrive: asked again it is yes."""
    require_root()
    w, root, server = ssh_world()
    open(f"{root}/run/ok", "w").close()
    w.write("confirm", f"[ ! -e {root}/run/tether-confirmed ] || exec \"$@\"\n"
            f'"$@" >/dev/null; [ ! -e {root}/{STAGE}/confirmed ] || '
            f"until [ ! -e {root}/{STAGE} ]; do sleep 0.05; done; exit 255\n")
    with server:
        done = w.tether("install", "--ssh", "board")
        assert done.stdout.endswith("done: tetherd is running\n"), done
        assert not missing(root, ALL + BUSYBOX)
    stop_double(root)


def test_ssh_reset_before_confirmed():
    """The board is reset in the window: it goes back when it starts."""
    require_root()
    for init, hook in (("busybox", "etc/init.d/S29tether-switch"),
                       ("systemd", "etc/systemd/system/sysinit.target.wants/"
                        "tether-switch-back.service")):
        w = servers.World()
        make_kit(w)
        root, server = ssh_board(w, init=init)
        for name in ("systemctl", "udevadm"):
            if init == "systemd":
                w.write(f"{root}/bin/{name}",
                        f"#!/bin/sh\necho {name} $* >>/run/words\n", 0o755)
        before = files_of(root)
        w.write("confirm", "exit 255\n")
        with server:
            p = subprocess.Popen(
                [servers.TETHER, "install", "--ssh", "board"], env=w.env,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            servers.wait_for("the switch",
                             lambda: os.path.exists(f"{root}/{STAGE}/started"))
            p.kill()
            p.wait()
            with open(f"{root}/{STAGE}/running") as f:
                os.kill(int(f.read()), signal.SIGKILL)
        stop_double(root)

        def start():
            """As init would."""
            if init == "busybox":
                script = f"/{hook} start"
            else:
                unit = os.path.realpath(f"{root}/{hook}").replace(root, "")
                unit = os.readlink(f"{root}/{hook}")
                with open(root + unit) as f:
                    script = servers.grep(r"\nExecStart=(.*)\n",
                                          f.read()).group(1)
            subprocess.run(["chroot", root, "/bin/sh", "-c", script],
                           check=True)

        assert not missing(root, ALL)
        start()  # by something else than a start of the board
        assert not missing(root, ALL)
        start_number(w, root, 2)
        start()
        assert files_of(root) == before
        if init == "systemd":
            with open(f"{root}/run/words") as f:
                assert "udevadm trigger -c add -s udc\nsystemctl --no-block " \
                    "start usbotg-config.service\n" in f.read()


def test_ssh_cannot_begin():
    """What fails before the switch is taken back at once."""
    require_root()
    w, root, server = ssh_world()
    w.write(f"{root}/etc/tether", "a file in the way")
    before = files_of(root)
    with server:
        done = w.tether("install", "--ssh", "board", status=1)
        servers.grep("etc/tether.*\n.*are rolled back\n$", done.stderr)
        assert files_of(root) == before
        os.unlink(f"{root}/etc/tether")
        before = files_of(root)
        os.unlink(f"{root}/usr/bin/setsid")
        w.write(f"{root}/usr/bin/setsid", "#!/bin/sh\nexit 1\n", 0o755)
        done = w.tether("install", "--ssh", "board", status=1)
        servers.grep("switch script does not start\n.*are rolled back\n$",
                     done.stderr)
        os.unlink(f"{root}/usr/bin/setsid")
        os.symlink("/bin/busybox", f"{root}/usr/bin/setsid")
        assert files_of(root) == before
