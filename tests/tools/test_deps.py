# SPDX-License-Identifier: Apache-2.0
"""tools/deps installs nothing here: these tests run it on imitated systems. Each
has a folder with links to a few programs as its PATH, and files that name it."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPS = ROOT / "tools/deps"
TABLE = ROOT / "tools/deps.txt"
TOOLS = ("awk", "cat", "cut", "dirname", "grep", "id", "mktemp", "rm", "sed",
         "sh", "tr")
ROWS = [line.split() for line in TABLE.read_text().splitlines()
        if line and not line.startswith("#")]
# An apt that knows all packages, and offers each as 1 MB.
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$CALLS"
case $* in
*--print-uris*)
	for one; do
		case $one in -* | install) continue ;; esac
		echo "'http://debian/$one.deb' $one.deb 1000000 MD5Sum:0"
	done ;;
esac
"""
APT_CACHE = """#!/bin/sh
shift 2
for one; do [ "$one" = tinyusb-source ] || echo "Package: $one"; done
"""
DPKG_QUERY = """#!/bin/sh
for one in $INSTALLED; do echo "$one installed"; done
"""


class System:
    """An imitated system: its PATH, and what it answers."""

    def __init__(self, folder, uname, **programs):
        self.folder, self.calls = folder, folder / "calls"
        self.calls.touch()
        for name in TOOLS:
            os.symlink(shutil.which(name), folder / name)
        self.add("uname", f"#!/bin/sh\necho {uname}\n")
        for name, text in programs.items():
            self.add(name.replace("_", "-"), text)

    def add(self, name, text):
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, *args, **env):
        done = subprocess.run([DEPS, *args], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120,
                              env={"PATH": str(self.folder),
                                   "CALLS": str(self.calls), **env})
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def debian(tmp_path):
    return System(tmp_path, "Linux", apt_get=APT_GET, apt_cache=APT_CACHE,
                  dpkg_query=DPKG_QUERY)


def debian_packages(*groups):
    return {row[2].split("|")[0] for row in ROWS
            if row[0] in groups and row[2] != "-"} - {"tinyusb-source"}


def test_table_has_a_name_for_each_system():
    for row in ROWS:
        assert len(row) == 6, row
        assert re.fullmatch(r"(cmd|pc|py):\S+|tinyusb", row[1]), row


@pytest.mark.parametrize("group, others", [
    ("build", ()), ("quick", ("build",)), ("lab", ("build",)),
    ("firmware", ("build",)), ("board", ("build",)), ("packaging", ("build",))])
def test_group_lists_its_packages_only(debian, group, others):
    status, out = debian.run("--list", group)
    assert status == 0, out
    listed = set(re.search(r"missing:(.*)", out)[1].split())
    assert listed - {"tinyusb-source", "debian-archive-keyring"} == \
        debian_packages(group, *others)
    assert re.search(r"to download: \d+\.0 MB", out), out
    assert " install -y" not in debian.calls.read_text()


def test_build_needs_no_server_and_no_emulator(debian):
    _, out = debian.run("--list", "build")
    for package in "openssh-server", "podman", "qemu", "lintian", "zsh", "udhcpd":
        assert package not in out


def test_installed_packages_are_not_listed(debian):
    every = " ".join(p for row in ROWS for p in row[2].split("|"))
    status, out = debian.run("all", INSTALLED=every + " debian-archive-keyring")
    assert (status, out) == (0, "")


def test_unknown_group_is_refused(debian):
    status, out = debian.run("everything")
    assert status == 2 and 'unknown group "everything"' in out


def test_fedora_and_arch_get_names_of_their_own(tmp_path):
    system = System(tmp_path, "Linux")
    status, out = system.run("quick", TINYUSB="/nonexistent")
    assert status == 1
    for name in "inih-devel", "libusb1-devel", "pkgconf-pkg-config", \
            "libcmocka-devel":
        assert re.search(rf"dnf install .*\b{name}\b", out), out
    for name in "libinih", "unicorn", "cmocka", "python-pytest":
        assert re.search(rf"pacman -S --needed .*\b{name}\b", out), out
    assert "0.18.0" in out and "-Dtinyusb=" in out
    assert "apt" not in out


def test_macos_gets_the_libraries_of_tether(tmp_path):
    status, out = System(tmp_path, "Darwin").run("build")
    assert status == 1
    names = re.search(r"brew install (.*)", out)[1].split()
    assert set(names) == {"meson", "ninja", "pkgconf", "inih", "json-c",
                          "libusb", "scdoc"}
    assert "dnf" not in out and "TinyUSB" not in out


def test_macos_with_all_libraries_goes_on(tmp_path):
    system = System(tmp_path, "Darwin")
    for row in ROWS:
        if row[0] == "build" and row[1].startswith("cmd:"):
            system.add(row[1][4:], "#!/bin/sh\n")
    status, out = system.run("build")
    assert (status, out) == (0, ""), out


def test_make_targets_name_existing_groups():
    makefile = (ROOT / "Makefile").read_text()
    groups = set(re.findall(r"\bdeps-([a-z-]+)", makefile))
    assert len(groups) > 8
    text = DEPS.read_text()
    for group in groups:
        assert re.search(rf"^\t(?:[\w-]+ \| )*{group}\b.*\) echo", text, re.M), group
