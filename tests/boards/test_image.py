# SPDX-License-Identifier: Apache-2.0
"""tether image: the commands that it runs, and cards that are loop devices."""
import os
import random
import shlex
import shutil
import struct
import subprocess
import threading

import pytest

import servers
from servers import World, private_mounts

NOBODY = 65534
OWN = "share/tether/packaging/buildroot"


def world():
    """Return a World with a stub of Buildroot that logs its arguments."""
    w = World()
    w.write("buildroot/Makefile",
            "all:\n\tmkdir -p $(O)/images; echo made >$(O)/images/sdcard.img\n"
            "%_defconfig:\n\techo $@ $(BR2_EXTERNAL) >$(O)/.config\n"
            "fail:\n\texit 7\n")
    os.makedirs(w.path("output"))
    os.makedirs(w.path("ext"))
    # The tests run tether as another user, who may not enter the build folder.
    shutil.copy(servers.TETHER, w.path("bin/tether"))
    # The br2-external tree that tether installs, with one board.
    w.write(OWN + "/package/tetherd/tetherd.mk", "")
    w.write(OWN + "/configs/tether_stm32mp157c_dk2_defconfig", "")
    if os.geteuid() == 0:
        os.chown(w.path("output"), NOBODY, NOBODY)
        os.chown(w.dir, NOBODY, NOBODY)
    return w


def image(w, *words, status=0, user=True, **more):
    if user and os.geteuid() == 0:
        more.update(user=NOBODY, group=NOBODY)
    return w.tether("image", *words, status=status, cwd=w.dir,
                    program=w.path("bin/tether"), **more)


def test_builds_in_place():
    w = world()
    external = ("--external", "ext")
    assert "missing" in image(w, "status").stdout
    assert "Build it with `tether image build`" in image(
        w, "collect", status=1).stderr
    image(w, "build", *external)
    with open(w.path("output/.config")) as f:
        assert f.read() == f"stm32mp157c_dk2_defconfig {w.path('ext')}\n"
    image(w, "build", "--board", "other")  # keeps the existing configuration
    with open(w.path("output/.config")) as f:
        assert f.read().startswith("stm32mp157c_dk2")
    assert image(w, "build", "--", "cat", ".config").stdout.startswith("stm")
    image(w, "build", "--", "sh", "-c", "exit 9", status=9)
    assert image(w, "shell", input="pwd\n").stdout == w.path("output\n")
    image(w, "collect", "--to", "out")
    with open(w.path("out/sdcard.img")) as f:
        assert f.read() == "made\n"
    said = servers.json.loads(image(w, "status", "--json").stdout)
    assert said["images/sdcard.img"] == 5
    os.unlink(w.path("output/.config"))
    for words, expected in (
            ([], f"tether_stm32mp157c_dk2_defconfig {w.path(OWN)}\n"),
            (["--external", OWN],
             f"tether_stm32mp157c_dk2_defconfig {w.path(OWN)}\n"),
            (["--board", "raspberrypi4"],
             f"raspberrypi4_defconfig {w.path(OWN)}\n"),
            (["--without-tetherd"], "stm32mp157c_dk2_defconfig\n")):
        image(w, "build", *words)
        with open(w.path("output/.config")) as f:
            assert f.read() == expected
        os.unlink(w.path("output/.config"))
    # An image without tetherd is an error, unless an option asks for it.
    error = "tether: the image would not contain tetherd: "
    assert "raspberrypi4_defconfig does not contain tetherd" in image(
        w, "build", "--board", "raspberrypi4", "--dry-run").stderr
    os.unlink(w.path(OWN, "package/tetherd/tetherd.mk"))
    for words in (["build"], ["build", "--dry-run"], ["shell"]):
        assert image(w, *words, status=1).stderr.startswith(error), words
    assert not os.path.exists(w.path("output/.config"))
    image(w, "build", "--without-tetherd")
    with open(w.path("output/.config")) as f:
        assert f.read() == "stm32mp157c_dk2_defconfig\n"
    os.unlink(w.path("output/.config"))
    image(w, "build", "--without-tetherd", "--external", "ext", status=2)
    assert "invalid --board" in image(w, "build", "--board", "../x",
                                      "--without-tetherd", status=1).stderr
    assert "git clone" in image(w, "build", "--buildroot", "no",
                                status=1).stderr
    if os.geteuid() == 0:
        assert "does not run as root" in image(w, "build", status=1,
                                               user=False).stderr
    for words in (["what"], [], ["build", "x"], ["flash", "x"]):
        assert "image" in image(w, *words, status=2).stderr
    assert "none, docker or podman" in image(w, "build", "-e", "x",
                                             status=2).stderr


def test_builds_in_a_container():
    w = world()
    w.env["HOME"] = w.dir
    for engine in ("docker", "podman"):
        w.write("bin/" + engine, "#!/bin/sh\n"
                f"printf '%s\\n' {engine} \"$@\" >>{w.path('words')}\n"
                f"exit 5\n", 0o755)
        done = image(w, "build", "--engine", engine, "--external", "ext",
                     "--dry-run")
        configure, make = [shlex.split(s) for s in done.stdout.splitlines()]
        uid = f"{NOBODY}:{NOBODY}" if os.geteuid() == 0 else \
            f"{os.getuid()}:{os.getgid()}"
        keep = ["--userns=keep-id"] if engine == "podman" else []
        assert make == [
            engine, "run", "--rm", "--init", "-i", *keep, "--user", uid,
            "-v", w.path("buildroot") + ":/buildroot:ro",
            "-v", w.path("ext") + ":/external:ro",
            "-v", w.path("output") + ":/output",
            "-v", w.path(".cache/tether-image") + ":/cache",
            "-e", "HOME=/tmp", "-e", "BR2_DL_DIR=/cache/dl", "-w", "/output",
            "--", "stm32mp1-sdk", "make", "-C/buildroot", "O=/output",
            "BR2_EXTERNAL=/external"]
        assert configure == make + ["stm32mp157c_dk2_defconfig"]
        # Without --external, the container gets the tree that contains tether's
        # br2-external folder: the sources of tetherd are there.
        own = image(w, "build", "--engine", engine, "--dry-run").stdout
        configure, make = [shlex.split(s) for s in own.splitlines()]
        assert w.path("share/tether") + ":/tether:ro" in make
        assert make[-1] == "BR2_EXTERNAL=/tether/packaging/buildroot"
        assert configure == make + ["tether_stm32mp157c_dk2_defconfig"]
        assert not os.path.exists(w.path("words"))
        image(w, "build", "--engine", engine, status=5)
        with open(w.path("words")) as f:
            assert f.readline() == engine + "\n"
        os.unlink(w.path("words"))
    if os.geteuid() == 0:
        # If root runs tether, the container runs as the owner of the output
        # folder.
        said = image(w, "build", "--engine", "docker", "--dry-run",
                     user=False).stdout
        assert f"'--user' '{NOBODY}:{NOBODY}'" in said, said
        assert os.stat(w.path(".cache/tether-image")).st_uid == NOBODY
        os.chown(w.path("output"), 0, 0)
        error = image(w, "build", "--engine", "docker", status=1,
                      user=False).stderr
        assert error == (
            "tether: Buildroot does not run as root, not even in a container. "
            f"Be an ordinary user, or give {w.path('output')} to one with "
            "chown\n")
        assert not os.path.exists(w.path("words"))


class Card:
    def __init__(self, w, name, size):
        self.path = w.path(name)
        with open(self.path, "wb") as f:
            f.truncate(size)
        self.device = subprocess.run(
            ["losetup", "-f", "--show", self.path], check=True, text=True,
            capture_output=True).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["losetup", "-d", self.device], check=True)


def test_flash_writes_and_refuses():
    w = world()
    img = w.write("sd.img", random.Random(1).randbytes((3 << 20) + 12345))
    for device, expected in ((w.path("no"), "No such file"),
                             (img, "is not a disk"),
                             ("/dev/null", "is not a disk"),
                             (w.dir, "is not a disk")):
        assert expected in image(w, "flash", img, device, status=1).stderr
    for file, expected in ((w.path("no"), "No such file"),
                           (w.dir, "is empty or not a regular file"),
                           (w.write("empty", ""), "is empty or not")):
        assert expected in image(w, "flash", file, "/dev/null",
                                 status=1).stderr
    require_loop_devices()
    with Card(w, "card", 8 << 20) as card:
        def flash(*words, status=0):
            return image(w, "flash", img, card.device, *words, status=status,
                         user=False)
        assert flash("--dry-run").stdout.startswith("would write")
        with open(card.path, "rb") as f:
            assert f.read(100) == bytes(100)
        assert flash().stdout == \
            f"written  {card.device}  {os.path.getsize(img)} bytes, verified\n"
        with open(card.path, "rb") as a, open(img, "rb") as b:
            data = b.read()
            assert a.read(len(data)) == data
            assert a.read() == bytes((8 << 20) - len(data))
        subprocess.run(["mkfs.ext4", "-q", card.device], check=True)
        os.mkdir(w.path("mnt"))
        subprocess.run(["mount", card.device, w.path("mnt")], check=True)
        try:
            assert "is in use" in flash(status=1).stderr
        finally:
            subprocess.run(["umount", w.path("mnt")], check=True)
        said = servers.json.loads(flash("--json").stdout)
        assert set(said) == servers.documented("image")
    with Card(w, "small", 1 << 20) as card:
        done = image(w, "flash", img, card.device, status=1, user=False)
        assert done.stderr == (f"tether: {card.device} has 1048576 bytes, but "
                               f"the image has {os.path.getsize(img)}\n")


def require_loop_devices():
    if not private_mounts() or subprocess.run(
            ["losetup", "-f"], capture_output=True).returncode:
        pytest.skip("this user may not make loop devices, which stand for "
                    "cards")


def is_empty(path):
    with open(path, "rb") as f:
        return not f.read(512).strip(b"\0")


def test_flash_checks_the_device_not_its_name():
    """tether checks the block device behind the path. Here a fake sysfs
    describes a loop device as a disk, a card or a partition."""
    require_loop_devices()
    w = world()
    img = w.write("sd.img", random.Random(2).randbytes(1 << 20))
    built_in = "is a built-in disk, not a card. If it is the right one, add " \
        "--fixed"
    partition = "is a partition. Give the whole disk"
    with Card(w, "disk", 8 << 20) as card:
        number = os.stat(card.device).st_rdev
        for disk, files, expected, fixed in (
                ("sda", {"removable": "0"}, built_in, None),
                ("dm-0", {"removable": "0"}, built_in, None),
                ("sdb", {"removable": "1"}, None, None),
                ("sda1", {"partition": "1"}, partition, partition),
                ("mmcblk0", {"removable": "0", "device/type": "MMC"},
                 built_in, None),
                ("mmcblk1", {"removable": "0", "device/type": "SD"},
                 None, None),
                ("mmcblk2", {}, built_in, None),
                (None, {}, "this system does not tell", None)):
            path = w.path(f"ata-DISK_{disk}")
            os.symlink(card.device, path)
            subprocess.run(["mount", "-t", "tmpfs", "none", "/sys"],
                           check=True)
            try:
                if disk:
                    os.makedirs("/sys/dev/block")
                    os.symlink(f"../../devices/x/{disk}", "/sys/dev/block/"
                               f"{os.major(number)}:{os.minor(number)}")
                for name, text in files.items():
                    w.write(f"/sys/class/block/{disk}/{name}", text + "\n")
                for words, why in ([], expected), (["--fixed"], fixed):
                    done = image(w, "flash", img, path, *words,
                                 status=1 if why else 0, user=False)
                    if why:
                        assert why in done.stderr and path in done.stderr, \
                            (disk, done)
                    assert is_empty(card.path) == bool(why), (disk, words)
                    with open(card.path, "r+b") as f:
                        f.write(bytes(1 << 20))
            finally:
                subprocess.run(["umount", "/sys"], check=True)


def test_flash_reports_wrong_data_on_the_card():
    """The card returns other data than written. The test simulates this by an
    image that changes all the time: its last 8 bytes are a counter."""
    require_loop_devices()
    w = world()
    size = 3 << 20
    img = w.write("sd.img", bytes(size))
    stop = threading.Event()

    def count():
        n = 1
        with open(img, "r+b", buffering=0) as f:
            while not stop.is_set():
                os.pwrite(f.fileno(), struct.pack("<Q", n), size - 8)
                n += 1

    counter = threading.Thread(target=count)
    with Card(w, "card", 8 << 20) as card:
        counter.start()
        try:
            done = image(w, "flash", img, card.device, status=1, user=False)
        finally:
            stop.set()
            counter.join()
        assert done.stderr == (
            f"tether: {card.device} returns other data than written, in the "
            f"MiB at byte {2 << 20}. Replace the card\n")
