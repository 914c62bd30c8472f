# SPDX-License-Identifier: Apache-2.0
"""What all programs have in common: help that fits a terminal, messages about
wrong words, and exit codes. Also how tether finds its own files."""
import os
import re
import shutil
import subprocess

import pytest

import harness
from harness import PATIENCE

NAMES = ["tether", "usbnvme", "tetherd", "nucleo-emu", "tether-manual"]
COLUMNS = 80


def run(name, *words, status=0, **more):
    done = subprocess.run([harness.program(name), *words], text=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE,
                          stdout=more.pop("stdout", subprocess.PIPE),
                          stderr=subprocess.PIPE, **more)
    assert done.returncode == status, (name, words, done)
    return done


def tether_helps():
    """Yield the words of each help of tether: itself, groups, verbs, words."""
    yield ["--help"]
    page = run("tether", "--help").stdout
    verbs = re.findall(r"^  ([a-z][a-z -]*?)  +\S", page, re.M)
    groups = {verb.split()[0] for verb in verbs if " " in verb}
    assert len(verbs) > 40 and {"nvme", "mctp", "sim"} <= groups, verbs
    for group in groups:
        yield ["help", group]
        yield [group, "--help"]
    for verb in verbs:
        yield ["help", *verb.split()]
        text = run("tether", "help", *verb.split()).stdout
        if "\nwords:\n" in text:
            for word in re.findall(r"^  ([a-z-]+)", text.split("\nwords:\n")[1]
                                   .split("\n\n")[0], re.M):
                yield ["help", *verb.split(), word]


def test_every_help_line_fits_80_columns():
    helps = [(name, ["--help"]) for name in NAMES] + \
        [("tether", words) for words in tether_helps()]
    for name, words in helps:
        for line in run(name, *words).stdout.splitlines():
            assert len(line) <= COLUMNS, (name, words, line)
            # No name runs into its description.
            assert not re.match(r"  --?\w[\w-]*[A-Z][a-z]", line), line


@pytest.mark.parametrize("name", NAMES)
def test_help_is_printed_to_stdout(name):
    for word in "--help", "-h":
        done = run(name, word)
        assert done.stdout.startswith(f"usage: {name}"), done
        assert not done.stderr, done


@pytest.mark.parametrize("name", NAMES)
def test_output_that_is_lost_is_an_error(name):
    words = ["--help"] if name == "tether-manual" else ["--help", "--version"]
    for word in words:
        with open("/dev/full", "w") as full:
            done = run(name, word, status=1, stdout=full)
        assert done.stderr == (f"{name}: cannot write the output: No space "
                               "left on device\n"), done
        # Without stdout, nothing can be written either.
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh",
                               harness.program(name), word],
                              stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 1 and "Bad file" in done.stderr, done


@pytest.mark.parametrize("name, words, similar", [
    ("usbnvme", ["--modle", "x"], "--model"),
    ("usbnvme", ["--hlep"], "--help"),
    ("usbnvme", ["--log-lvel=debug"], "--log-level"),
    ("nucleo-emu", ["--flsh", "x"], "--flash"),
    ("nucleo-emu", ["--max-insn5", "3"], "--max-insns"),
    ("tetherd", ["chekc"], "check"),
    ("tetherd", ["stauts", "--json"], "status"),
    ("tetherd", ["status", "--jsno"], "--json"),
    ("tether", ["depoly", "x"], "tether deploy"),
    ("tether", ["usb", "--jsno"], "--json"),
])
def test_similar_word_is_suggested(name, words, similar):
    error = run(name, *words, status=2).stderr
    assert error.startswith(f"{name}"), error
    assert re.search(rf"Did you mean `?{similar}`?\?", error), error
    assert error.count("\n") == 1, error


@pytest.mark.parametrize("name, words, reason", [
    ("usbnvme", ["--xyzzy"], "unknown option --xyzzy"),
    ("usbnvme", ["-x"], "unknown option -x"),
    ("usbnvme", ["--model"], "--model needs a value"),
    ("usbnvme", ["--no-packing=1"], "--no-packing takes no value"),
    ("usbnvme", ["--s", "1"], "--s is ambiguous"),
    ("usbnvme", ["extra"], 'unexpected argument "extra"'),
    ("nucleo-emu", ["--xyzzy"], "unknown option --xyzzy"),
    ("nucleo-emu", ["--elf"], "--elf needs a value"),
    ("nucleo-emu", ["-q"], "unknown option -q"),
    ("tetherd", ["xyzzy"], "unknown verb xyzzy"),
    ("tetherd", ["--xyzzy"], "unknown option --xyzzy"),
    ("tetherd", ["down", "extra"], "unexpected argument extra"),
    ("tetherd", ["check", "a", "b"], "unexpected argument b"),
])
def test_wrong_word_is_named(name, words, reason):
    error = run(name, *words, status=2).stderr
    assert error.startswith(f"{name}: {reason}"), error
    assert f"See {name} --help" in error or "see" in error, error


def test_flash_refuses_what_is_no_image(tmp_path):
    """The emulated chip would execute the text of the file."""
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    odd = tmp_path / "odd"  # the reset handler is outside of the image
    odd.write_bytes(bytes.fromhex("00000224 01000009") + bytes(100))
    arm = tmp_path / "arm"  # the reset handler is not in Thumb state
    arm.write_bytes(bytes.fromhex("00000224 10000008") + bytes(100))
    for name in "/etc/passwd", empty, odd, arm, __file__:
        error = run("nucleo-emu", "--flash", str(name), status=1).stderr
        assert error.startswith(f"nucleo-emu: cannot load {name}: it is "
                                "neither an ELF program"), error
    assert "Is a directory" in run("nucleo-emu", "--flash", "/etc",
                                   status=1).stderr
    assert "65536" in run("nucleo-emu", "--flash", harness.program("tether"),
                          status=1).stderr


def test_flash_accepts_a_binary_with_a_vector_table(tmp_path):
    image = tmp_path / "image"
    # A stack at the end of AXI SRAM1, a reset handler that ends the run: BKPT
    # 0xAB with r0 = 0x18 (semihosting SYS_EXIT), r1 = ADP_Stopped_...Exit.
    image.write_bytes(bytes.fromhex(
        "00000224 09000008 1820 0149 abbe fee7 26000200"))
    run("nucleo-emu", "--flash", str(image), "--semihosting", "--max-insns",
        "100")


def test_check_reads_a_configuration_file(tmp_path):
    config = tmp_path / "tetherd.conf"
    config.write_text("functions = ncm\naddress = 192.168.7.5/24\n")
    assert "waiting for the USB device controller" in \
        run("tetherd", "check", str(config)).stdout
    config.write_text("functions = ncm\nspeed = 3\n")
    error = run("tetherd", "check", str(config), status=1).stderr
    assert f"{config}:2: unknown key" in error, error
    missing = str(tmp_path / "missing")
    assert f"cannot read {missing}: No such file" in \
        run("tetherd", "check", missing, status=1).stderr


@pytest.fixture(params=["PATH", "link", "relative", "absolute"])
def installed(request, tmp_path):
    """Install tether with a kit below tmp_path/usr. Return a function that runs
    it: found by the shell through PATH, by a link elsewhere, or by its path."""
    usr = tmp_path / "usr"
    (usr / "bin").mkdir(parents=True)
    shutil.copy(harness.program("tether"), usr / "bin/tether")
    subprocess.run([harness.ROOT / "packaging/kit", usr / "lib/tether/kit",
                    f"amd64={harness.program('tetherd')}"], check=True)
    external = usr / "share/tether/packaging/buildroot"
    shutil.copytree(harness.ROOT / "packaging/buildroot", external)
    links = tmp_path / "links"
    links.mkdir()
    (links / "tether").symlink_to("../usr/bin/tether")
    command, path = {
        "PATH": ("tether", usr / "bin"), "link": ("tether", links),
        "relative": ("usr/bin/tether", None),
        "absolute": (usr / "bin/tether", None)}[request.param]
    env = dict(os.environ)
    env.pop("TETHER_KIT", None)
    if path:
        env["PATH"] = f"{path}:{env['PATH']}"

    def call(*words, status=0):
        done = subprocess.run(["sh", "-c", '"$@"', "sh", command, *words],
                              cwd=tmp_path, env=env, capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == status, done
        return done
    call.folder = tmp_path
    return call


def test_kit_is_found_however_tether_is_called(installed):
    root = installed.folder / "root"
    for folder in "etc/init.d", "bin", "sbin", "usr/bin", "usr/sbin", "lib":
        (root / folder).mkdir(parents=True)
    plan = installed("install", "--rootfs", "root", "--dry-run",
                     "--tetherd", harness.program("tetherd")).stdout
    assert "tetherd" in plan, plan


def test_image_contains_tetherd_however_tether_is_called(installed):
    (installed.folder / "buildroot").mkdir()
    plan = installed("image", "build", "--dry-run").stdout
    external = installed.folder / "usr/share/tether/packaging/buildroot"
    assert f"BR2_EXTERNAL={external}" in plan, plan
    assert "tether_stm32mp157c_dk2_defconfig" in plan, plan
    shutil.rmtree(external)
    error = installed("image", "build", "--dry-run", status=1).stderr
    assert "would not contain tetherd" in error, error
    installed("image", "build", "--dry-run", "--without-tetherd")
