# SPDX-License-Identifier: Apache-2.0
"""Check the image of a board: `make image-test IMAGE=FILE`.

FILE is the image of a card with partitions (GPT or MBR), or a root file system
(ext2 to ext4), also compressed (.gz, .xz). Nothing of it runs. Each check prints
one line, and a fault names the file and what to do. Exit status: 0 no fault,
1 faults, 2 wrong usage.
"""
import argparse
import csv
import glob
import gzip
import lzma
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGING = os.path.join(HERE, "../../packaging")
PATCHES = "buildroot/board/stm32mp1/patches/linux/*.patch"
SECTOR = 512


class Fault(Exception):
    """What is wrong with the image, and what to do."""


class NoImage(Exception):
    """The file is no image that this program can read."""


# --- partitions ---

def is_ext(f, offset):
    f.seek(offset + 1024 + 56)
    return f.read(2) == b"\x53\xef"


def gpt(f):
    """Offset and size of each partition of a GPT, in bytes."""
    f.seek(SECTOR)
    header = f.read(92)
    if header[:8] != b"EFI PART":
        return []
    first, count, size = struct.unpack("<QII", header[72:88])
    if size < 128 or count > 1024:
        raise NoImage("the partition table is damaged")
    f.seek(first * SECTOR)
    entries = [f.read(size) for _ in range(count)]
    found = []
    for entry in entries:
        if len(entry) == size and any(entry[:16]):
            begin, end = struct.unpack("<QQ", entry[32:48])
            found.append((begin * SECTOR, (end + 1 - begin) * SECTOR))
    return found


def mbr(f):
    f.seek(446)
    table = f.read(66)
    if table[64:] != b"\x55\xaa":
        return []
    found = []
    for i in range(4):
        begin, count = struct.unpack("<II", table[16 * i + 8:16 * i + 16])
        if count and table[16 * i + 4] != 0xee:
            found.append((begin * SECTOR, count * SECTOR))
    return found


def copy_part(f, offset, size, path):
    """Copy a part of a file, and leave holes for zeros."""
    f.seek(offset)
    with open(path, "wb") as to:
        while size > 0:
            data = f.read(min(size, 1 << 20))
            if not data:
                raise NoImage("a partition ends behind the end of the file: "
                              "the image is cut")
            if data.count(0) == len(data):
                to.seek(len(data), os.SEEK_CUR)
            else:
                to.write(data)
            size -= len(data)
        to.truncate()


def find_root(path, folder):
    """Copy the root file system: the partition with /etc, of several ones."""
    size = os.path.getsize(path)
    with open(path, "rb") as f:
        parts = [(0, size)] if is_ext(f, 0) else gpt(f) or mbr(f)
        parts = [p for p in parts if is_ext(f, p[0])]
        if not parts:
            raise NoImage("the file has no ext2, ext3 or ext4 file system. Give "
                          "sdcard.img or rootfs.ext4")
        root = os.path.join(folder, "root.ext4")
        for offset, length in parts:
            copy_part(f, offset, length, root)
            listed = subprocess.run(["debugfs", "-R", "stat /etc", root],
                                    capture_output=True, text=True)
            if "Inode:" in listed.stdout:
                return root
    raise NoImage("no file system of the image has /etc")


def unpack(path, folder):
    openers = {".gz": gzip.open, ".xz": lzma.open}
    opener = openers.get(os.path.splitext(path)[1])
    if not opener:
        return path
    plain = os.path.join(folder, "image")
    try:
        with opener(path, "rb") as f, open(plain, "wb") as to:
            shutil.copyfileobj(f, to, 1 << 20)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise NoImage(f"cannot decompress it: {error}") from error
    return plain


# --- the root file system ---

class Root:
    """The files of a root file system, with links that stay inside."""

    def __init__(self, image, folder):
        self.image, self.folder = image, os.path.join(folder, "root")
        os.mkdir(self.folder)
        subprocess.run(["debugfs", "-R", f"rdump / {self.folder}", image],
                       capture_output=True, check=True)

    def path(self, name):
        """The file that a path of the board leads to, or None."""
        done, left, links = [], [p for p in name.split("/") if p], 0
        while left:
            part = left.pop(0)
            if part == "..":
                done = done[:-1]
                continue
            here = os.path.join(self.folder, *done, part)
            if os.path.islink(here) and links < 40:
                links += 1
                target = os.readlink(here)
                if target.startswith("/"):
                    done = []
                left = [p for p in target.split("/") if p not in ("", ".")] + left
            elif os.path.lexists(here) and not os.path.islink(here):
                done.append(part)
            else:
                return None
        return os.path.join(self.folder, *done)

    def read(self, name):
        path = self.path(name)
        if not path or not os.path.isfile(path):
            raise Fault(f"{name} is missing")
        with open(path, "rb") as f:
            return f.read()

    def glob(self, pattern):
        return [p[len(self.folder):] for p in
                sorted(glob.glob(self.folder + pattern, recursive=True))]


def need_program(root, name, why):
    path = root.path(name)
    if not path or not os.path.isfile(path):
        raise Fault(f"{name} is missing: {why}")
    if not os.stat(path).st_mode & 0o111:
        raise Fault(f"{name} is not executable: {why}")


# --- kernel ---

MAGICS = {b"\x1f\x8b\x08": lambda d: zlib.decompressobj(31).decompress(d),
          b"\xfd7zXZ\0": lambda d: lzma.LZMADecompressor().decompress(d),
          b"\x5d\0\0": lambda d: lzma.LZMADecompressor(
              lzma.FORMAT_ALONE).decompress(d)}
# Modules by their option, for kernels without a configuration inside.
MODULES = {"USB_GADGET": "udc-core", "USB_DWC2": "dwc2", "USB_DWC3": "dwc3",
           "USB_MUSB_HDRC": "musb_hdrc", "USB_CHIPIDEA": "ci_hdrc",
           "USB_CONFIGFS": "libcomposite", "USB_CONFIGFS_ECM": "usb_f_ecm",
           "USB_CONFIGFS_NCM": "usb_f_ncm", "USB_CONFIGFS_ACM": "usb_f_acm",
           "USB_CONFIGFS_F_FS": "usb_f_fs", "USB_CONFIGFS_RNDIS": "usb_f_rndis",
           "USB_ETH": "g_ether", "USB_NET_RNDIS_HOST": "rndis_host",
           "USB_ROLE_SWITCH": "roles", "TYPEC": "typec",
           "TYPEC_STUSB160X": "stusb160x"}
RNDIS = {"USB_CONFIGFS_RNDIS", "USB_ETH_RNDIS", "USB_NET_RNDIS_HOST"}


def unpacked_kernels(data):
    """The kernel as it is, and what its compressed parts contain."""
    yield data
    for magic, decompress in MAGICS.items():
        at = data.find(magic)
        while at >= 0:
            try:
                inside = decompress(data[at:])
                if len(inside) > 64:
                    yield inside
            except (zlib.error, lzma.LZMAError, EOFError):
                pass
            at = data.find(magic, at + 1)


def inside_config(data):
    """The configuration that CONFIG_IKCONFIG puts into a kernel, or None."""
    for kernel in unpacked_kernels(data):
        at = kernel.find(b"IKCFG_ST\x1f\x8b")
        if at >= 0:
            return zlib.decompressobj(31).decompress(kernel[at + 8:]).decode()
    return None


def parse_config(text):
    return {m[1]: m[2] for m in
            re.finditer(r"^CONFIG_(\w+)=(.*)$", text, re.MULTILINE)}


def has_module(root, name):
    """Whether the folder of modules has one, by its name with - or _."""
    want = name.replace("-", "_")
    for path in root.glob("/lib/modules/**/*.ko*"):
        base = os.path.basename(path).split(".ko")[0].replace("-", "_")
        if base == want:
            return path
    return None


def guess_config(root):
    """Options from the lists of modules, without a configuration."""
    lists = root.glob("/lib/modules/*/modules.builtin")
    if not lists:
        raise Fault("the kernel has no configuration inside, and /lib/modules has "
                    "no modules.builtin. Build it with CONFIG_IKCONFIG=y")
    builtin = b"".join(root.read(p) for p in lists).decode()
    names = {os.path.basename(line).split(".ko")[0].replace("-", "_")
             for line in builtin.splitlines()}
    found = {}
    for option, module in MODULES.items():
        if module.replace("-", "_") in names:
            found[option] = "y"
        elif has_module(root, module):
            found[option] = "m"
    if found.get("USB_DWC2"):
        found["USB_DWC2_DUAL_ROLE"] = "y"  # the lists do not say
    return found


class Image:
    def __init__(self, path, folder, licenses):
        self.path, self.licenses = path, licenses
        self.root = Root(find_root(unpack(path, folder), folder), folder)
        self.boot = self.config = None

    def boot_files(self):
        """The kernel, device tree and arguments of extlinux.conf."""
        if not self.boot:
            name = "/boot/extlinux/extlinux.conf"
            words = dict(re.findall(r"^\s*(kernel|fdt|append)\s+(.*\S)",
                                    self.root.read(name).decode(), re.MULTILINE))
            for word in ("kernel", "fdt", "append"):
                if word not in words:
                    raise Fault(f"{name} has no line \"{word}\"")
            self.boot = words
        return self.boot

    def options(self):
        if self.config is None:
            kernel = self.root.read(self.boot_files()["kernel"])
            text = inside_config(kernel)
            if text is None:
                files = self.root.glob("/boot/config-*")
                text = self.root.read(files[0]).decode() if files else None
            self.config = (guess_config(self.root) if text is None
                           else parse_config(text))
        return self.config

    def has(self, option):
        """Whether an option is on, and its module, if it is one, in the root."""
        value = self.options().get(option)
        if value == "m":
            return bool(has_module(self.root, MODULES.get(option, option.lower())))
        return value == "y"

    def tree(self):
        return parse_tree(self.root.read(self.boot_files()["fdt"]))


# --- device tree ---

def parse_tree(data):
    """The nodes of a flattened device tree: path to properties."""
    try:
        magic, _, begin, strings = struct.unpack(">4I", data[:16])
        if magic != 0xd00dfeed:
            raise Fault("the device tree is no flattened device tree")
        nodes, path, at = {}, [], begin
        while True:
            token, = struct.unpack_from(">I", data, at)
            at += 4
            if token == 1:
                end = data.index(b"\0", at)
                path.append(data[at:end].decode())
                nodes["/".join(path) or "/"] = {}
                at = (end + 4) & ~3
            elif token == 2:
                path.pop()
            elif token == 3:
                length, name = struct.unpack_from(">II", data, at)
                at += 8
                end = data.index(b"\0", strings + name)
                nodes["/".join(path) or "/"][
                    data[strings + name:end].decode()] = data[at:at + length]
                at = (at + length + 3) & ~3
            elif token == 9:
                return nodes
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise Fault("the device tree is damaged") from error


def words_of(value):
    return [w.decode(errors="replace") for w in value.split(b"\0") if w]


def cells_of(value):
    return list(struct.unpack(f">{len(value) // 4}I", value[:len(value) // 4 * 4]))


def otg_nodes(nodes):
    for path, properties in nodes.items():
        compatible = words_of(properties.get("compatible", b""))
        if any(c.endswith("hsotg") or c.endswith("dwc2") for c in compatible):
            yield path, properties


def fifo_of_patch():
    """The values that our patch gives the controller."""
    for file in sorted(glob.glob(os.path.join(PACKAGING, PATCHES))):
        with open(file) as f:
            found = re.search(r"^\+\s*g-tx-fifo-size = <([\d ]+)>", f.read(),
                              re.MULTILINE)
        if found:
            return [int(n) for n in found[1].split()]
    raise Fault("packaging/buildroot has no patch of g-tx-fifo-size")


# --- checks ---

def check_file_system(image):
    done = subprocess.run(["e2fsck", "-fn", image.root.image],
                          capture_output=True, text=True)
    if done.returncode:
        raise Fault("e2fsck finds errors in the root file system: "
                    + done.stdout.strip().splitlines()[-1])


def check_boot_files(image):
    words = image.boot_files()
    for word in ("kernel", "fdt"):
        image.root.read(words[word])
    if not re.search(r"\broot=\S", words["append"]):
        raise Fault("extlinux.conf gives the kernel no root=")


def check_no_rndis(image):
    options = image.options()
    on = sorted(o for o in RNDIS if options.get(o) in ("y", "m"))
    if options.get("USB_ETH") and "USB_ETH_RNDIS" not in options:
        on.append("USB_ETH")
    if on:
        raise Fault("the kernel has " + ", ".join("CONFIG_" + o for o in on)
                    + ". Turn them off, as linux.fragment does")
    for name in ("usb_f_rndis", "rndis_host", "g_ether"):
        path = has_module(image.root, name)
        if path:
            raise Fault(f"{path} is in the root file system. Remove the module")
    for path in image.root.glob("/etc/**/*"):
        real = image.root.path(path)
        if real and os.path.isfile(real) and re.search(
                rb"^[^#]*\brndis\.\w+", open(real, "rb").read(), re.MULTILINE):
            raise Fault(f"{path} creates an RNDIS function. Remove it")


def check_gadget_drivers(image):
    missing = [o for o in ("USB_GADGET", "USB_CONFIGFS", "USB_CONFIGFS_ECM",
                           "USB_CONFIGFS_NCM", "USB_CONFIGFS_ACM",
                           "USB_CONFIGFS_F_FS") if not image.has(o)]
    if missing:
        raise Fault("the kernel lacks "
                    + ", ".join("CONFIG_" + o for o in missing)
                    + ". Merge packaging/buildroot/board/stm32mp1/linux.fragment")


def check_udc(image):
    dwc2 = image.has("USB_DWC2") and any(
        image.options().get(o) == "y"
        for o in ("USB_DWC2_DUAL_ROLE", "USB_DWC2_PERIPHERAL"))
    if list(otg_nodes(image.tree())) and not dwc2:
        raise Fault("the kernel lacks the driver of the board's UDC, "
                    "CONFIG_USB_DWC2 with CONFIG_USB_DWC2_DUAL_ROLE")
    if not dwc2 and not any(image.has(o) for o in (
            "USB_DWC3", "USB_MUSB_HDRC", "USB_CHIPIDEA")):
        raise Fault("the kernel has no driver of a UDC")


def check_type_c(image):
    """A board whose port has a Type-C controller needs its driver."""
    nodes = image.tree().values()
    has_controller = any(
        "st,stusb1600" in words_of(p.get("compatible", b""))
        and words_of(p.get("status", b"okay")) != ["disabled"] for p in nodes)
    needed = ["TYPEC", "TYPEC_STUSB160X", "USB_ROLE_SWITCH"]
    missing = [o for o in needed if not image.has(o)] if has_controller else []
    if missing:
        raise Fault("the board has a Type-C controller st,stusb1600, but the "
                    "kernel lacks " + ", ".join("CONFIG_" + o for o in missing))


def check_device_tree(image):
    found = list(otg_nodes(image.tree()))
    if not found:
        return
    enabled = [(p, v) for p, v in found
               if words_of(v.get("status", b"okay")) != ["disabled"]]
    if not enabled:
        raise Fault(f"{found[0][0]} is disabled. Set status = \"okay\"")
    path, values = enabled[0]
    if words_of(values.get("dr_mode", b"otg")) == ["host"]:
        raise Fault(f"{path}: dr_mode is \"host\". Set \"otg\" or \"peripheral\"")
    fifo = cells_of(values.get("g-tx-fifo-size", b""))
    if fifo != fifo_of_patch():
        raise Fault(f"{path}: g-tx-fifo-size is {fifo or 'missing'}, not "
                    f"{fifo_of_patch()}: two functions do not fit. Apply the "
                    "patches of packaging/buildroot")


def board_files():
    """MODE, destination and set of each file of a board."""
    with open(os.path.join(PACKAGING, "board-files")) as f:
        for line in f:
            words = line.split()
            if len(words) == 4 and words[0].startswith("0"):
                yield int(words[0], 8), words[2], words[3]


def check_tetherd(image):
    root = image.root
    units = ("/usr/lib/systemd/system", "/lib/systemd/system",
             "/etc/systemd/system")
    systemd = root.path("/usr/lib/systemd/systemd") or root.path(
        "/lib/systemd/systemd")
    for mode, name, group in board_files():
        if group not in ("all", "config", "systemd" if systemd else "busybox"):
            continue
        names = [name.replace("UNITDIR", u) for u in units]
        path = next((p for p in map(root.path, names) if p), None)
        if not path or not os.path.isfile(path):
            raise Fault(f"{names[0]} is missing. Enable BR2_PACKAGE_TETHERD")
        if mode & 0o111 and not os.stat(path).st_mode & 0o111:
            raise Fault(f"{names[0]} is not executable")
    if systemd and not root.glob(
            "/*/systemd/system/*.wants/tetherd.service"):
        raise Fault("tetherd.service is installed, but not enabled")


def machine_of(data):
    return data[18:20] if data[:4] == b"\x7fELF" else None


def check_programs(image):
    root = image.root
    need_program(root, "/usr/bin/tetherd", "nothing brings up the network")
    need_program(root, "/usr/sbin/udhcpd", "hosts get no address. Merge "
                 "busybox.fragment")
    if not root.path("/usr/sbin/dropbear") and not root.path("/usr/sbin/sshd"):
        raise Fault("neither dropbear nor sshd is installed: no login over SSH")
    ours = machine_of(root.read("/usr/bin/tetherd"))
    if not ours or ours != machine_of(root.read("/bin/sh")):
        raise Fault("/usr/bin/tetherd is no program for the machine of /bin/sh")
    said = subprocess.run(["readelf", "-d", root.path("/usr/bin/tetherd")],
                          capture_output=True, text=True).stdout
    for library in re.findall(r"\(NEEDED\).*\[(.*)\]", said):
        if not any(root.glob(f"{d}/**/{library}") for d in ("/lib", "/usr/lib")):
            raise Fault(f"/usr/bin/tetherd needs {library}, which is missing")


def find_manifest(image):
    folder = os.path.dirname(os.path.abspath(image.path))
    for name in (image.licenses, f"{folder}/manifest.csv",
                 f"{folder}/legal-info/manifest.csv",
                 f"{folder}/../legal-info/manifest.csv"):
        if name and os.path.isfile(name):
            return name
    raise Fault("no list of licences. Run `make legal-info` in Buildroot, and give "
                "its manifest.csv with LICENSES=FILE")


def check_licenses(image):
    name = find_manifest(image)
    with open(name, newline="") as f:
        rows = list(csv.DictReader(f))
    packages = {r.get("PACKAGE", ""): r.get("LICENSE") or "" for r in rows}
    for package in ("busybox", "linux", "tetherd"):
        if package not in packages:
            raise Fault(f"{name} does not list {package}")
    unknown = sorted(p for p, license in packages.items()
                     if license.strip().lower() in ("", "unknown"))
    if unknown:
        raise Fault(f"{name}: no licence of " + ", ".join(unknown))


CHECKS = [
    ("file system", check_file_system),
    ("boot files", check_boot_files),
    ("no RNDIS", check_no_rndis),
    ("gadget drivers", check_gadget_drivers),
    ("UDC driver", check_udc),
    ("Type-C driver", check_type_c),
    ("device tree", check_device_tree),
    ("tetherd", check_tetherd),
    ("programs", check_programs),
    ("licences", check_licenses),
]


def run_checks(image):
    """The fault of each check, or None, by its name."""
    found = {}
    for name, check in CHECKS:
        try:
            check(image)
            found[name] = None
        except Fault as fault:
            found[name] = str(fault)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            found[name] = f"the check cannot read the image: {error}"
    return found


def print_sizes(image):
    for title, path in (("image", image.path), ("root", image.root.image)):
        print(f"        {title:<7}{os.path.getsize(path):>12} bytes")
    for word in ("kernel", "fdt"):
        name = (image.boot or {}).get(word)
        path = name and image.root.path(name)
        if path:
            print(f"        {word:<7}{os.path.getsize(path):>12} bytes  {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--licenses", metavar="FILE",
                        help="Read this manifest.csv of Buildroot")
    options = parser.parse_args()
    start = time.monotonic()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool, package in (("debugfs", "e2fsprogs"), ("e2fsck", "e2fsprogs"),
                          ("readelf", "binutils")):
        if not shutil.which(tool):
            print(f"image_check: {tool} is missing. Install {package}",
                  file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory(prefix="tether-image-") as folder:
        try:
            image = Image(options.image, folder, options.licenses)
        except (NoImage, OSError) as error:
            print(f"image_check: {options.image}: {error}", file=sys.stderr)
            return 1
        found = run_checks(image)
        for name, fault in found.items():
            print(f"FAILED  {name}: {fault}" if fault else f"ok      {name}")
        print_sizes(image)
    failed = sum(1 for fault in found.values() if fault)
    print(f"        {(time.monotonic() - start) / 60:.1f} minutes")
    print(f"image: {len(found) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
