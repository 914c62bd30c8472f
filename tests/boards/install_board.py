# SPDX-License-Identifier: Apache-2.0
"""Simulated boards for the tests of tether install.

A board is a folder with BusyBox, entered by chroot. tetherd is a stub that
records its calls. tests/vm/board-day installs the real tetherd.
"""
import os
import shutil
import subprocess

import pytest


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
    """Copy a program of this machine, with its libraries, into root."""
    path = shutil.which(name)
    to = f"{root}/usr/bin/{os.path.basename(path)}"
    os.makedirs(f"{root}/usr/bin", exist_ok=True)
    if os.path.islink(to):  # the copy would overwrite BusyBox through the link
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
    """Set the kernel's boot ID that the board sees in /proc."""
    w.write(f"{root}/proc/sys/kernel/random/boot_id", f"boot-{number}\n")


def make_root(w, name="root", init="busybox", without=()):
    root = w.path(name)
    for folder in ("bin", "sbin", "usr/bin", "usr/sbin", "etc/init.d", "dev",
                   "run", "tmp", "root", "var/log"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    start_number(w, root, 1)
    shutil.copy(shutil.which("busybox"), f"{root}/bin/busybox")
    copy_libraries(root, f"{root}/bin/busybox")
    # Link each applet at the path that boards use: /sbin/start-stop-daemon.
    applets = subprocess.run(["busybox", "--list-full"], capture_output=True,
                             text=True).stdout.split()
    for applet in applets:
        if os.path.basename(applet) not in (*without, "busybox"):
            os.symlink("/bin/busybox", f"{root}/{applet}")
    copy_program(root, "cksum")  # not an applet of Debian's BusyBox
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
    """Return the files in the folders that an installation may change."""
    return tree(f"{root}/etc"), tree(f"{root}/usr")


def missing(root, names):
    return [n for n in names if not os.path.lexists(os.path.join(root, n))]


def require_root():
    if os.geteuid() != 0:
        pytest.skip("a board in a chroot needs root")


def login(w, root):
    for name in ("null", "urandom"):
        if not os.path.exists(f"{root}/dev/{name}"):
            subprocess.run(["mknod", "-m", "666", f"{root}/dev/{name}", "c",
                            "1", "3" if name == "null" else "9"], check=True)
    return ["chroot", root, "/bin/login"]


def stop_double(root):
    subprocess.run(["chroot", root, "/bin/busybox", "start-stop-daemon", "-K",
                    "-q", "-p", "/run/tetherd.pid"], capture_output=True)
