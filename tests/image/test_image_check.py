# SPDX-License-Identifier: Apache-2.0
"""image_check.py on made-up images: a good one passes, and each fault that it
claims to find is found in an image that has this fault alone."""
import gzip
import lzma
import os
import shutil
import struct
import subprocess

import pytest

import harness
import image_check

CONFIG = """\
CONFIG_USB_GADGET=y
CONFIG_USB_DWC2=y
CONFIG_USB_DWC2_DUAL_ROLE=y
CONFIG_USB_ROLE_SWITCH=y
CONFIG_USB_CONFIGFS=y
CONFIG_USB_CONFIGFS_ECM=y
CONFIG_USB_CONFIGFS_NCM=y
CONFIG_USB_CONFIGFS_ACM=y
CONFIG_USB_CONFIGFS_F_FS=y
CONFIG_TYPEC=y
CONFIG_TYPEC_STUSB160X=y
# CONFIG_USB_CONFIGFS_RNDIS is not set
"""
FIFO = (128, 128, 64, 16, 16, 16, 16, 16)
MANIFEST = '"PACKAGE","VERSION","LICENSE","LICENSE FILES"\n' \
    '"busybox","1.37.0","GPL-2.0","LICENSE"\n' \
    '"linux","6.12","GPL-2.0","COPYING"\n' \
    '"tetherd","local","Apache-2.0","LICENSE"\n'
EXTLINUX = "label tether\n  kernel /boot/zImage\n  fdt /boot/board.dtb\n" \
    "  append root=/dev/mmcblk0p4 rootwait\n"
PROGRAM = os.path.realpath(shutil.which("true"))  # any program with libraries


# --- parts of an image ---

def text(*words):
    return b"".join(w.encode() + b"\0" for w in words)


def device_tree(otg=None, type_c=True, status="okay"):
    """A flattened device tree with the USB controller and the Type-C one."""
    strings, body = b"", b""

    def node(name, properties, *children):
        nonlocal strings
        out = struct.pack(">I", 1) + pad(name.encode() + b"\0")
        for key, value in properties.items():
            out += struct.pack(">3I", 3, len(value), len(strings)) + pad(value)
            strings += key.encode() + b"\0"
        return out + b"".join(children) + struct.pack(">I", 2)

    def pad(data):
        return data + bytes(-len(data) % 4)

    usb = {"compatible": text("st,stm32mp15-hsotg", "snps,dwc2"),
           "status": text(status), "dr_mode": text("otg"),
           "g-tx-fifo-size": struct.pack(">8I", *FIFO)}
    usb.update(otg or {})
    usb = {k: v for k, v in usb.items() if v is not None}
    children = [node("usb-otg@49000000", usb)]
    if type_c:
        children.append(node("stusb1600@28", {
            "compatible": text("st,stusb1600")}))
    body = node("", {"compatible": text("st,stm32mp157c-dk2")}, *children)
    body += struct.pack(">I", 9)
    head = 40 + 16
    return struct.pack(">10I", 0xd00dfeed, head + len(body) + len(strings), head,
                       head + len(body), 40, 17, 16, 0, len(strings),
                       len(body)) + bytes(16) + body + strings


def kernel(config, pack=gzip.compress):
    """A compressed kernel behind its decompressor."""
    inside = b"Linux version 6.12" * 64
    if config is not None:
        inside += b"IKCFG_ST" + gzip.compress(config.encode()) + b"IKCFG_ED"
    return b"\x18\x28\x6f\x01" * 99 + pack(inside) + b"end"


class Board:
    """The files of a root file system. Attributes are what tests change."""

    def __init__(self, folder):
        self.folder, self.root = str(folder), os.path.join(folder, "files")
        self.config, self.tree = CONFIG, device_tree()
        self.pack, self.manifest = gzip.compress, MANIFEST
        for mode, name, group in image_check.board_files():
            if group in ("all", "config", "busybox"):
                self.put(name, b"#!/bin/sh\n", mode)
        with open(PROGRAM, "rb") as f:
            program = f.read(1 << 24)
        self.put("/usr/bin/tetherd", program, 0o755)
        self.put("/bin/busybox", program, 0o755)
        for name in ("/bin/sh", "/usr/sbin/udhcpd"):
            self.link(name, "/bin/busybox")
        self.put("/usr/sbin/dropbear", program, 0o755)
        said = subprocess.run(["readelf", "-d", PROGRAM], capture_output=True,
                              text=True, check=True).stdout
        for line in said.splitlines():
            if "(NEEDED)" in line:
                self.put("/usr/lib/" + line.split("[")[1].split("]")[0])
        self.put("/boot/extlinux/extlinux.conf", EXTLINUX.encode())

    def put(self, name, data=b"", mode=0o644):
        path = self.root + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, mode)

    def link(self, name, target):
        os.makedirs(os.path.dirname(self.root + name), exist_ok=True)
        os.symlink(target, self.root + name)

    def remove(self, name):
        os.unlink(self.root + name)

    def file_system(self):
        if self.tree is not None:
            self.put("/boot/board.dtb", self.tree)
        self.put("/boot/zImage", kernel(self.config, self.pack))
        path = os.path.join(self.folder, "rootfs.ext4")
        subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-d",
                        self.root, path, "8192"], check=True)
        if self.manifest is not None:
            with open(os.path.join(self.folder, "manifest.csv"), "w") as f:
                f.write(self.manifest)
        return path


def faults(path):
    """Run the program: the names of the checks that failed, and its output."""
    done = subprocess.run(["python3", image_check.__file__, path],
                          capture_output=True, text=True,
                          timeout=harness.PATIENCE)
    lines = [line for line in done.stdout.splitlines()
             if line.startswith(("ok ", "FAILED "))]
    assert len(lines) == len(image_check.CHECKS), done
    failed = [line for line in lines if line.startswith("FAILED ")]
    assert done.returncode == (1 if failed else 0), done
    return {line[8:].split(":")[0]: line for line in failed}, done.stdout


def disk(parts, table):
    """An image of a card: an empty first partition, then the parts."""
    start, entries, body = 2048, [], bytes(2048 * 512)
    for data in [bytes(64 * 512)] + parts:
        entries.append((start, len(data) // 512))
        body += data
        start += len(data) // 512
    body = bytearray(body + bytes(34 * 512))
    body[510:512] = b"\x55\xaa"
    for i, (first, count) in enumerate(entries):
        if table == "gpt":
            at = 1024 + 128 * i
            body[at:at + 48] = b"\xaf" * 32 + struct.pack(
                "<QQ", first, first + count - 1)
        else:
            at = 446 + 16 * i
            body[at + 4] = 0x83
            body[at + 8:at + 16] = struct.pack("<II", first, count)
    if table == "gpt":
        body[512:520] = b"EFI PART"
        body[512 + 72:512 + 88] = struct.pack("<QII", 2, 128, 128)
        body[446 + 4] = 0xee
    return bytes(body)


# --- tests ---

@pytest.fixture(autouse=True)
def tools():
    for name in ("mke2fs", "debugfs", "e2fsck", "readelf"):
        if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            pytest.skip(f"{name} is missing")
    os.environ["PATH"] += ":/usr/sbin:/sbin"


def test_good_images_pass(tmp_path):
    board = Board(tmp_path)
    path = board.file_system()
    found, said = faults(path)
    assert not found, said
    assert "image: 10 passed, 0 failed" in said and " bytes  /boot/zImage" in said
    with open(path, "rb") as f:
        data = f.read()
    for table in ("gpt", "mbr"):
        card = tmp_path / f"{table}.img"
        card.write_bytes(disk([data], table))
        assert not faults(str(card))[0]
    packed = tmp_path / "sdcard.img.gz"
    packed.write_bytes(gzip.compress(data, 1))
    assert not faults(str(packed))[0]


def test_reads_the_configuration_wherever_it_is(tmp_path):
    board = Board(tmp_path)
    board.pack = lzma.compress
    assert not faults(board.file_system())[0]
    board.config = None
    board.put("/boot/config-6.12", CONFIG.encode())
    assert not faults(board.file_system())[0]
    # from the lists of modules, and from modules themselves
    board.remove("/boot/config-6.12")
    builtin = ["udc-core", "libcomposite", "usb_f_ecm", "usb_f_ncm", "usb_f_acm",
               "usb_f_fs", "roles", "typec", "stusb160x"]
    board.put("/lib/modules/6.12/modules.builtin", "".join(
        f"kernel/drivers/usb/{name}.ko\n" for name in builtin).encode())
    board.put("/lib/modules/6.12/kernel/dwc2.ko.xz")
    assert not faults(board.file_system())[0]


def option(name, value="n"):
    def change(board):
        line = f"CONFIG_{name}=y\n"
        assert line in board.config or value != "n"
        board.config = board.config.replace(line, "")
        if value != "n":
            board.config += f"CONFIG_{name}={value}\n"
    return change


def put(name, data=b"x", mode=0o644):
    return lambda board: board.put(name, data, mode)


def remove(name):
    return lambda board: board.remove(name)


def tree(**words):
    def change(board):
        board.tree = device_tree(**words)
    return change


def manifest(value):
    def change(board):
        board.manifest = value
    return change


def systemd(enabled):
    def change(board):
        board.put("/usr/lib/systemd/systemd", b"x", 0o755)
        board.put("/usr/lib/systemd/system/tetherd.service")
        board.put("/etc/systemd/network/10-tether.network")
        board.remove("/etc/init.d/S30tetherd")
        if enabled:
            board.link("/etc/systemd/system/sysinit.target.wants/tetherd.service",
                       "/usr/lib/systemd/system/tetherd.service")
    return change


FAULTS = {
    "kernel with the RNDIS function": (
        option("USB_CONFIGFS_RNDIS", "y"), "no RNDIS", "CONFIG_USB_CONFIGFS_RNDIS"),
    "kernel with RNDIS in g_ether": (
        option("USB_ETH_RNDIS", "y"), "no RNDIS", "CONFIG_USB_ETH_RNDIS"),
    "kernel with the RNDIS function as a module": (
        option("USB_CONFIGFS_RNDIS", "m"), "no RNDIS", "CONFIG_USB_CONFIGFS_RNDIS"),
    "kernel with the RNDIS driver of a host": (
        option("USB_NET_RNDIS_HOST", "y"), "no RNDIS", "RNDIS_HOST"),
    "module of RNDIS in the root": (
        put("/lib/modules/6.12/kernel/usb_f_rndis.ko.xz"), "no RNDIS",
        "usb_f_rndis.ko.xz is in the root"),
    "script that creates RNDIS": (
        put("/etc/init.d/S50gadget", b"mkdir functions/rndis.usb0\n"), "no RNDIS",
        "/etc/init.d/S50gadget creates an RNDIS"),
    "kernel without configfs": (
        option("USB_CONFIGFS"), "gadget drivers", "CONFIG_USB_CONFIGFS."),
    "kernel without NCM": (
        option("USB_CONFIGFS_NCM"), "gadget drivers", "CONFIG_USB_CONFIGFS_NCM"),
    "kernel whose module of ECM is not in the root": (
        option("USB_CONFIGFS_ECM", "m"), "gadget drivers", "CONFIG_USB_CONFIGFS_ECM"),
    "kernel without the UDC": (
        option("USB_DWC2"), "UDC driver", "CONFIG_USB_DWC2 with"),
    "kernel with the UDC as a host only": (
        option("USB_DWC2_DUAL_ROLE"), "UDC driver", "CONFIG_USB_DWC2 with"),
    "kernel without the Type-C controller": (
        option("TYPEC_STUSB160X"), "Type-C driver", "CONFIG_TYPEC_STUSB160X"),
    "kernel without role switches": (
        option("USB_ROLE_SWITCH"), "Type-C driver", "CONFIG_USB_ROLE_SWITCH"),
    "device tree with the FIFOs of Linux": (
        tree(otg={"g-tx-fifo-size": struct.pack(
            ">8I", 256, 16, 16, 16, 16, 16, 16, 16)}), "device tree",
        "g-tx-fifo-size is [256, 16"),
    "device tree without FIFOs": (
        tree(otg={"g-tx-fifo-size": None}), "device tree", "is missing, not [128"),
    "device tree that makes the port a host": (
        tree(otg={"dr_mode": text("host")}), "device tree", 'dr_mode is "host"'),
    "device tree with a disabled port": (
        tree(status="disabled"), "device tree", "is disabled"),
    "no init script": (
        remove("/etc/init.d/S30tetherd"), "tetherd", "S30tetherd is missing"),
    "init script that is not executable": (
        put("/etc/init.d/S30tetherd", b"#!/bin/sh\n"), "tetherd",
        "S30tetherd is not executable"),
    "no configuration of tetherd": (
        remove("/etc/tether/tetherd.conf"), "tetherd", "tetherd.conf is missing"),
    "unit that is not enabled": (systemd(False), "tetherd", "not enabled"),
    "no SSH server": (
        remove("/usr/sbin/dropbear"), "programs", "neither dropbear nor sshd"),
    "no DHCP server": (
        remove("/usr/sbin/udhcpd"), "programs", "/usr/sbin/udhcpd is missing"),
    "DHCP server that is a dead link": (
        lambda b: (b.remove("/usr/sbin/udhcpd"), b.link("/usr/sbin/udhcpd", "gone")),
        "programs", "/usr/sbin/udhcpd is missing"),
    "tetherd of another machine": (
        put("/usr/bin/tetherd", b"\x7fELF\1\1\1" + bytes(9) + b"\2\0\x28\0", 0o755),
        "programs", "no program for the machine"),
    "library that is missing": (
        remove("/usr/lib/libc.so.6"), "programs", "libc.so.6, which is missing"),
    "no kernel argument root=": (
        put("/boot/extlinux/extlinux.conf",
            EXTLINUX.replace("root=", "boot=").encode()), "boot files", "no root="),
    "no list of licences": (manifest(None), "licences", "make legal-info"),
    "package without a licence": (
        manifest(MANIFEST + '"foo","1","unknown","not saved"\n'), "licences",
        "no licence of foo"),
    "list of licences without tetherd": (
        manifest(MANIFEST.replace("tetherd", "other")), "licences",
        "does not list tetherd"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_finds(tmp_path, fault):
    change, check, words = FAULTS[fault]
    board = Board(tmp_path)
    change(board)
    found, said = faults(board.file_system())
    assert list(found) == [check], said
    assert words in found[check], said


def test_accepts_an_enabled_unit(tmp_path):
    board = Board(tmp_path)
    systemd(True)(board)
    found, said = faults(board.file_system())
    assert not found, said


def test_reports_a_damaged_file_system(tmp_path):
    path = Board(tmp_path).file_system()
    with open(path, "r+b") as f:
        f.seek(1024 + 16)  # free inodes
        f.write(struct.pack("<I", 1))
    assert list(faults(path)[0]) == ["file system"]


def test_rejects_what_is_no_image(tmp_path):
    path = tmp_path / "sdcard.img"
    for data in (b"", b"text", bytes(1 << 16), disk([], "gpt"), disk([], "mbr")):
        path.write_bytes(data)
        done = subprocess.run(["python3", image_check.__file__, str(path)],
                              capture_output=True, text=True)
        assert done.returncode == 1
        assert "no ext2, ext3 or ext4" in done.stderr
        assert "Traceback" not in done.stderr


def test_rejects_an_image_that_is_cut(tmp_path):
    with open(Board(tmp_path).file_system(), "rb") as f:
        data = disk([f.read()], "gpt")
    path = tmp_path / "cut.img"
    path.write_bytes(data[:len(data) // 2])
    packed = tmp_path / "cut.img.gz"
    packed.write_bytes(gzip.compress(data, 1)[:10000])
    for name, words in ((path, "the image is cut"), (packed, "cannot decompress")):
        done = subprocess.run(["python3", image_check.__file__, str(name)],
                              capture_output=True, text=True)
        assert done.returncode == 1 and words in done.stderr, done
        assert "Traceback" not in done.stderr


def test_survives_damaged_device_trees(tmp_path):
    good = device_tree()
    for at in range(0, len(good), 3):
        for data in (good[:at], good[:at] + b"\xff\xff" + good[at + 2:]):
            try:
                image_check.parse_tree(data)
            except (image_check.Fault, UnicodeDecodeError):
                pass
