# SPDX-License-Identifier: Apache-2.0
"""tether install: into mounted root file systems and into images."""
import os
import struct
import subprocess

from install_board import (HERE, PACKAGING, STAGE, ALL, SYSTEMD, BUSYBOX,
                           MACHINE, make_kit, make_root, tree, missing)
import servers


def test_rootfs_installs_updates_and_uninstalls():
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
    # A second run changes nothing. A later run keeps an edited file.
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
    # A board with BusyBox init: without MCTP, then with MCTP.
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
    assert with_mctp[0] == plain[0] + b"functions = auto, mctp\n"
    # An install without --with-mctp keeps MCTP. An --uninstall without
    # --with-mctp also removes usbnvme.
    w.tether("install", "--rootfs", root)
    assert tree(root)["etc/tether/tetherd.conf"] == with_mctp
    w.tether("install", "--rootfs", root, "--uninstall")
    assert not os.path.exists(config)
    assert not os.path.exists(f"{root}/usr/bin/usbnvme")
    # --uninstall --with-mctp removes an unedited tetherd.conf. An edited
    # tetherd.conf always stays.
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
    """Return an ELF file with another machine number in its header."""
    return data[:18] + bytes((number, 0)) + data[20:]


def test_rootfs_with_mctp_takes_usbnvme_for_the_machine():
    """tether reads the machine from the ELF header of a program of the board,
    and installs the kit's usbnvme for that machine. `make board` builds the
    usbnvme of the kit."""
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


def test_refuses_wrong_destinations_and_kits():
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
    # A symbolic link in the root leads out of the root.
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
    # tetherd is for another machine. The list of files is malformed.
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


def test_rootfs_does_not_follow_links_out():
    """Symbolic links at the paths that tether writes lead out of the root."""
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
    """Write a GPT with named partitions."""
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


def test_image_installs_and_uninstalls():
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
    # tether reports a full file system, and the file system stays intact.
    small = w.path("small.img")
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", root, "-m",
                    "0", small, "6M"], check=True)
    make_kit(w, 4 << 20)
    error = w.tether("install", "--image", small, status=1).stderr
    servers.grep("may be full. Start with a fresh image|is damaged", error)
    with open(small, "r+b") as f:  # damage the file system before the install
        f.seek(1024 + 58)
        f.write(b"\2\0")
        f.seek(8192)
        f.write(b"\377" * 8192)
    servers.grep("is damaged before any change", w.tether("install", "--image", small,
                                                 status=1).stderr)
