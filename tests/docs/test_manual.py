# SPDX-License-Identifier: Apache-2.0
"""Check the manual pages: the build has each page of docs/man, each page has the
options that --help prints, and the model pages have each key of the model file."""
import os
import re
import subprocess

import pytest

import harness

MAN = harness.ROOT / "docs/man"
TETHERD = harness.BUILD / "gadget/tetherd"


def page(name):
    return (MAN / f"{name}.scd").read_text()


def options(text):
    """Return the long options in a text, without *markup*."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*[a-z0-9]", text))


def printed(program, *args):
    return subprocess.run([program, *args], check=True, capture_output=True,
                          text=True, timeout=harness.PATIENCE).stdout


def test_build_has_each_page():
    built = re.search(r"man_sources = files\((.*?)\)",
                      (MAN / "meson.build").read_text(), re.S)[1]
    built = re.findall(r"'([^']+)'", built)
    assert sorted(built) == sorted(p.name for p in MAN.glob("*.scd"))
    assert built == sorted(built)


def test_each_page_is_named_by_another():
    pages = {p.stem: p.read_text() for p in MAN.glob("*.scd")}
    for name in pages:
        title, section = name.rsplit(".", 1)
        reference = f"*{title}*({section})"
        others = [text for other, text in pages.items() if other != name]
        assert any(reference in text for text in others), reference
        assert pages[name].startswith(f"{title}({section})\n"), name


def test_references_exist():
    own = re.compile(r"\*((?:tether|usbnvme|nucleo)[\w.-]*)\*\((\d)\)")
    for path in MAN.glob("*.scd"):
        for title, section in own.findall(path.read_text()):
            assert (MAN / f"{title}.{section}.scd").exists(), (path, title)


@pytest.mark.parametrize("name", ["usbnvme", "nucleo-emu"])
def test_page_has_the_options_of_help(name):
    text = page(f"{name}.1")
    listed = re.search(r"^# OPTIONS\n(.*?)(?=^# )", text, re.M | re.S)[1]
    # A definition is a line that begins with the option; the rest refers to
    # options.
    defined = set()
    for line in listed.splitlines():
        if line.startswith("*--"):
            defined |= options(line)
    assert defined == options(printed(harness.program(name), "--help"))


def test_page_of_tetherd_has_each_verb():
    text, out = page("tetherd.8"), printed(TETHERD, "--help")
    for verb in re.findall(r"^  (-*[a-z]+)\b", out, re.M):
        assert f"*{verb}*" in text, verb
    for option in options(out):
        assert option in text, option


def test_model_pages_have_each_key():
    source = (harness.ROOT / "drive_file/model_keys.c").read_text()
    keys = set(re.findall(r'\{ "([a-z][a-z0-9-]*)", set_', source))
    assert len(keys) > 30
    text = page("usbnvme-model.5")
    for key in keys:
        assert f"*{key}*" in text, key
    guide = (harness.ROOT / "docs/model.md").read_text()
    for key in keys - {k for k in keys if k.startswith("feature-")}:
        assert re.search(rf"(?<![\w-]){key}(?![\w-])", guide), key


def test_example_of_the_model_page_is_a_drive(tmp_path):
    example = re.search(r"^```\n(.*?)```", page("usbnvme-model.5"),
                        re.M | re.S)[1]
    (tmp_path / "drive.ini").write_text(example)
    program = harness.Program(
        [harness.program("usbnvme"), "--model", tmp_path / "drive.ini",
         "--usbip", "127.0.0.1:0"])
    try:
        port = program.wait_log(r" port (\d+)\n")[1]
        out = printed(harness.program("tether"), "nvme", "identify", "--via",
                      f"usbip:127.0.0.1:{port}")
        assert "Great Drive" in out
    finally:
        program.process.kill()
        program.process.wait()


def test_formula_is_of_the_archive(tmp_path):
    """The Homebrew formula names the archive, its version and its sum."""
    archive = tmp_path / "tether-9.8.7.tar.gz"
    archive.write_bytes(b"archive")
    env = dict(os.environ, TETHER_HOMEPAGE="https://a.b/c")
    formula = subprocess.run(
        [harness.ROOT / "packaging/homebrew/write-formula", archive],
        check=True, capture_output=True, text=True, env=env).stdout
    assert "https://a.b/c/releases/download/v9.8.7/tether-9.8.7.tar.gz" in formula
    total = subprocess.run(["sha256sum", archive], check=True, text=True,
                           capture_output=True).stdout.split()[0]
    assert f'sha256 "{total}"' in formula and "@" not in formula
