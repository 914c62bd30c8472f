# SPDX-License-Identifier: Apache-2.0
"""Check every command of README.md.

This test runs each command, or lists why it cannot run the command and which
test does. The test fails if README.md contains a command that is not listed
here or lacks a listed command, or if an example differs from the real output.
"""
import os
import re
import subprocess
import tempfile

import pytest

import harness
import named

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.path.abspath(harness.BUILD)
# Where PATH finds the programs: those of the build, or of installed packages.
BIN = os.path.abspath(os.environ.get("TETHER_DOCS_PROGRAMS", f"{BUILD}/bin"))

DEVICE = "usbnvme", "--pldm-file", "--control", "control"
# Commands that the test runs unchanged. Their output is compared with the
# output in README.md.
RUN = [
    "tether inspect --file tests/fixtures/desc-rndis-7.2.hex",
    "tether install --rootfs root --tetherd tetherd --dry-run",
]
# Verbs from the section "Choose a path" of README.md and its links. All use the
# same device.
VERBS = ["tether nvme info", "tether mctp set-eid 9", "tether nvme identify",
         "tether nvme log-page 2", "tether nvme ns list", "tether nvme fw log",
         "tether pldm serve file", "tether pldm status",
         "tether sim set controller.1.temperature=333 --control control",
         "tether ls", "tether help deploy",
         "mkdir -p project && tether mcp-server --root project </dev/null"]
# Commands that start a device, and the bus ID of the device that `tether mctp
# info` then uses. The test adds a free port.
DEVICES = {
    "usbnvme": "1-1",
    "usbnvme --count 64": "1-64",
    "usbnvme --model drive.ini": "1-1",
    "usbnvme --state drive.state": "1-1",
    "usbnvme --pldm-file": "1-1",
    "usbnvme --uid 000102030405060708090a0b --speed full --no-packing": "1-1",
}
NOT_RUN = {
    "sudo apt-get install make": "changes this machine; tests/packaging/fresh-root",
    "export PATH=$PWD/build/bin:$PATH": "each command here runs with this PATH",
    "make board all": "a cross build; tests/packaging/debian",
    "make lab": "needs a terminal; tests/vm/lab",
    "make quick": "part of make test",
    "make test": "runs this; .ci",
    "make test-firmware": "part of make test",
    "make test-qemu": "minutes; .ci",
    "make check": "minutes, and runs this; tools/check, .ci",
    "make bench": "minutes, and figures need an idle machine; tools/bench",
    "make soak": "hours; tools/soak",
    "make install DESTDIR=, make deb, make dist, make release-check":
        "tests/packaging/debian",
    "usbnvme --usbip 0.0.0.0:3240 --allow-remote":
        "would offer a device to the network of this machine",
    "usbnvme --usbredir unix:PATH":
        "needs a peer; tests/usbredir/test_usbredir.py",
    "usbnvme --functionfs DIR": "needs a USB device port; tests/vm/functionfs",
    "tether install --serial /dev/ttyACM0":
        "needs a board; tests/boards/test_install_serial.py, tests/vm/board-day",
    "tether install --ssh root@192.168.7.2":
        "needs a board; tests/boards/test_install_ssh.py, tests/vm/board-day",
    "tether doctor": "needs a board; tests/vm/board-day",
    "tether ssh-config --install":
        "needs a board; tests/boards/test_ssh.py, tests/vm/board-day",
    "tether deploy app --run":
        "needs a board; tests/boards/test_deploy.py, tests/vm/board-day",
    "tether ssh": "needs a board; tests/vm/board-day",
    "make firmware": "a cross build of minutes; tools/build-firmware, .ci",
    "make flash-loader flash logs": "needs a Nucleo and probe-rs",
    "dfu-util -d ccde:0001 -a 0 -R -D build/firmware/usbnvme.bin":
        "needs a Nucleo",
    "nucleo-emu --flash build/firmware/xspiloader.elf "
    "--xspi build/firmware/usbnvme.elf --rtt - --usbip 127.0.0.1:3240":
        "needs the firmware; tests/firmware",
}


def commands(readme):
    """Return the commands of the indented blocks, without the explanations
    beside them."""
    indented = re.sub(r"^```(?:.*\n)*?```$", "", readme, flags=re.M)
    indented = re.sub(r" *\\\n *", " ", indented)
    return [re.split(r"   +|  (?=the )", line)[0]
            for line in re.findall(r"^ {4}(\S.*)", indented, re.M)]


def shape(text):
    """Return the words of an output that are equal in each run. Numbers become
    "#", and the name of a commit is removed."""
    text = re.sub(r"\S+ device ", "# device ", text)
    return re.sub(r"\b[0-9a-f]*\d[0-9a-f.]*\b", "#", text).split()


def example(readme):
    """Yield (command, output lines) of the block that shows a session."""
    block = re.search(r"^```\n(\$(?:.*\n)*?)```$", readme, re.M)[1]
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, *output = part.splitlines()
        yield command, [line for line in output if line]


def sh(command, work, **variables):
    """Run a command as a user types it: through PATH, without TETHER_KIT."""
    env = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", HOME=work,
               TETHER_BATCH="1", **variables)
    env.pop("TETHER_KIT", None)
    done = subprocess.run(["sh", "-c", command], cwd=work, env=env, text=True,
                          capture_output=True, timeout=harness.PATIENCE)
    assert not done.returncode, (command, done.returncode, done.stderr)
    return done.stdout


class Device:
    def __init__(self, words, work):
        self.program = harness.Program(
            [f"{BIN}/{words[0]}", *words[1:], "--usbip", "127.0.0.1:0"],
            cwd=work)
        port = self.program.wait_log(r" port (\d+)\n")[1]
        self.via = f"usbip:127.0.0.1:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.process.kill()
        self.program.process.wait()


@pytest.fixture(scope="module")
def readme():
    with open(os.path.join(ROOT, "README.md")) as f:
        return f.read()


@pytest.fixture(scope="module")
def work():
    """Create a folder with the files that the commands of README.md use."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        yield folder


def prepare(work):
    for name in "tests", "build", "packaging":
        to = BUILD if name == "build" else os.path.join(ROOT, name)
        os.symlink(os.path.abspath(to), os.path.join(work, name))
    os.symlink(os.path.join(ROOT, "tests/vm/model.ini"),
               os.path.join(work, "drive.ini"))
    os.symlink(f"{BIN}/tetherd", os.path.join(work, "tetherd"))
    os.makedirs(os.path.join(work, "root/etc/init.d"))
    os.makedirs(os.path.join(work, "root/usr/bin"))
    # What `make` adds to the build folder: programs to put into PATH, and the
    # kit, which tether finds beside its executable file.
    subprocess.run([os.path.join(ROOT, "packaging/kit"),
                    f"{BUILD}/lib/tether/kit"], check=True)
    os.makedirs(f"{BUILD}/bin", exist_ok=True)
    for program in ("ports/usbnvme", "cli/tether", "gadget/tetherd",
                    "emulator/nucleo-emu"):
        link = f"{BUILD}/bin/{os.path.basename(program)}"
        if not os.path.lexists(link):
            os.symlink(f"../{program}", link)
    with open(os.path.join(work, "file"), "wb") as f:
        f.write(bytes(9999))
    open(os.path.join(work, ".config"), "w").close()


def test_each_is_known(readme):
    known = {*RUN, *DEVICES, *NOT_RUN, "make run"}
    found = set(commands(readme))
    assert found == known, ("only README.md", found - known,
                            "only this test", known - found)
    for command, reason in NOT_RUN.items():
        print(f"not run: {command}\n    {reason}")
        for path in re.findall(r"(?:tests|tools)/[\w/.-]+|\.ci", reason):
            assert os.path.exists(os.path.join(ROOT, path)), path
        if "tests/" in reason and not command.startswith("make"):
            for use in command.split(" | "):
                whole = use.startswith(("tether ", "usbnvme ", "nucleo-emu "))
                named.check(use if whole else f"tether {use}", reason)


def test_session(readme, work):
    """Run the commands of `make run`. README.md must show their output."""
    shown = sh(f"{ROOT}/tools/show-device {BIN}", work)
    number = 0
    for command, lines in example(readme):
        number += 1
        at = shown.index(f"$ {command}\n")
        came = shape(shown[at:shown.find("\n$ ", at)])
        for line in lines:
            words = shape(line)
            assert any(came[i:i + len(words)] == words
                       for i in range(len(came))), (command, line, came)
    assert number > 6


def shown_after(readme, command):
    """Return the lines of the block that follows a command, without "..."."""
    block = re.search(re.escape(f"    {command}\n") + r"\n```\n((?:.*\n)*?)```$",
                      readme, re.M)[1]
    return [line for line in block.splitlines() if line != "..."]


@pytest.mark.parametrize("command", RUN)
def test_output_is_as_shown(readme, work, command):
    printed = [shape(line) for line in
               sh(command, work).splitlines()]
    for line in shown_after(readme, command):
        assert shape(line) in printed, (line, printed)


def test_verbs(work):
    with Device(DEVICE, work) as device:
        for command in VERBS:
            print(f"$ {command}")
            sh(command, work, TETHER_VIA=device.via)


def test_devices(work):
    for command, bus in DEVICES.items():
        print(f"$ {command}")
        with Device(command.split(), work) as device:
            sh("tether mctp info", work, TETHER_VIA=f"{device.via}/{bus}")
