# SPDX-License-Identifier: Apache-2.0
"""tether help, its completions and its manual pages say what there is.
"""
import os
import pty
import re
import shutil
import subprocess

import pytest

import servers

TETHER = servers.TETHER
MAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                   "docs", "man")


def tether(*words, status=0):
    done = subprocess.run([TETHER, *words], capture_output=True, text=True,
                          timeout=servers.PATIENCE)
    assert done.returncode == status, (words, done)
    return done


def verbs():
    """Verbs for boards, from tether --help."""
    text = tether("--help").stdout
    return re.findall(r"^  ([a-z][a-z-]*) ", text[text.index("boards:"):], re.M)


def options(verb):
    return re.findall(r"^  (?:-\w, |    )--([a-z-]+)", tether(
        "help", verb).stdout, re.M)


def test_help():
    found = verbs()
    assert {"ssh", "run", "deploy", "doctor", "inspect", "mcp",
            "ssh-config"} <= set(found), found
    for verb in found:
        said = tether("help", verb).stdout
        assert said == tether(verb, "--help").stdout
        assert said.startswith(f"usage: tether {verb} ")
        assert max(len(line) for line in said.splitlines()) <= 80, said
        assert options(verb)[-2:] == ["json", "help"]
        assert "unrecognized option" in tether(verb, "--nothing",
                                               status=2).stderr
    assert "size" in tether("help", "mctp", "echo").stdout
    assert "nvme health" in tether("help", "nvme").stdout
    for words in (["what"], ["mctp", "what"], ["run", "x"]):
        assert "no verb" in tether("help", *words, status=2).stderr
    assert "\033" not in tether("help", "\033[2Jx", status=2).stderr


def on_terminal(*words):
    """What is printed on a terminal that could show colours."""
    mine, theirs = pty.openpty()
    env = dict(os.environ, TERM="xterm-256color", CLICOLOR_FORCE="1")
    env.pop("NO_COLOR", None)
    process = subprocess.Popen([TETHER, *words], stdin=theirs, stdout=theirs,
                               stderr=theirs, env=env)
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(mine, 4096):
            said += chunk
    except OSError:  # the other end is closed
        pass
    os.close(mine)
    process.wait(servers.PATIENCE)
    return said


def test_no_colours():
    """As the help says; a terminal's own words are for progress alone."""
    assert "NO_COLOR" in tether("--help").stdout
    for words in (["--help"], ["help", "deploy"], ["what"], ["ls"],
                  ["deploy"], ["inspect", "--file", "/nowhere"],
                  ["run", "--host", "-x", "true"]):
        said = on_terminal(*words)
        assert said and b"\033" not in said, (words, said)


def test_manual():
    for verb in verbs():
        if verb == "help":
            continue
        with open(os.path.join(MAN, f"tether-{verb}.1.scd")) as f:
            page = f.read()
        for option in options(verb):
            assert f"--{option}*" in page, (verb, option)
        with open(os.path.join(MAN, "tether.1.scd")) as f:
            assert f"*{verb}*" in f.read(), verb
    if not shutil.which("scdoc"):
        pytest.skip("scdoc is not installed")
    for name in os.listdir(MAN):
        if not name.endswith(".scd"):
            continue
        with open(os.path.join(MAN, name)) as f:
            done = subprocess.run(["scdoc"], stdin=f, capture_output=True,
                                  text=True)
        assert done.returncode == 0 and done.stdout, (name, done.stderr)


def test_manual_of_devices():
    """Each verb and word for devices has its page, which names its options."""
    text = tether("--help").stdout
    lines = re.findall(r"^  ([a-z]+)(?: ([a-z-]+))?(?= |$)(.*)",
                       text[:text.index("boards:")], re.M)
    groups = {"mctp", "nvme", "pldm", "sim"}
    found = {verb for verb, _, _ in lines}
    assert found == groups | {"usb", "log"}, found
    with open(os.path.join(MAN, "tether.1.scd")) as f:
        whole = f.read()
    for verb, word, rest in lines:
        with open(os.path.join(MAN, f"tether-{verb}.1.scd")) as f:
            page = f.read()
        assert f"*tether-{verb}*(1)" in whole, verb
        words = [verb, word] if verb in groups else [verb]
        if verb in groups:
            assert re.search(rf"\*(tether {verb} )?{word}\*", page), words
        usage = tether("help", *words).stdout
        for option in re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*|-f)", usage):
            assert f"{option}*" in page, (words, option)
        assert "*--json*" in page and "*--help*" in page, verb
    for via in re.findall(r"--via ([a-z]+):?", text[text.index("boards:"):]):
        assert re.search(rf"\b{via}[:\[]", whole), via


def test_json_of_boards():
    """Pages name keys for machines where a verb has them."""
    for verb, some in (("deploy", {"file", "place", "state", "bytes", "ms"}),
                       ("doctor", {"steps", "step", "state", "seen", "fix",
                                   "failed"}),
                       ("inspect", {"system", "purpose", "answer", "driver",
                                    "function", "findings", "rule", "fix",
                                    "source"}),
                       ("ssh-config", {"name", "host", "file", "server",
                                       "allowed", "note", "entry",
                                       "changed"}),
                       ("image", {"device", "bytes", "written"})):
        assert servers.documented(verb) == some, (verb,
                                                  servers.documented(verb))


def test_manual_of_nvme():
    words = re.findall(r"^  nvme ([a-z-]+) ", tether("--help").stdout, re.M)
    assert len(words) >= 18, words
    with open(os.path.join(MAN, "tether-nvme.1.scd")) as f:
        page = f.read()
    for word in words:
        assert f"*{word}*" in page, word
        text = tether("help", "nvme", word).stdout
        assert max(len(line) for line in text.splitlines()) <= 80, text
        for option in re.findall(r"^  (?:-\w, |    )--([a-z0-9-]+)", text,
                                 re.M):
            assert f"--{option}*" in page, (word, option)


def complete(*words):
    script = tether("completion", "bash").stdout + """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
compopt() { :; }
_tether; printf '%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(["bash", "-c", script, "x", *words],
                          capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.split()


def test_completions():
    assert complete("tether", "dep") == ["deploy"]
    assert set(verbs()) | {"usb", "mctp"} <= set(complete("tether", ""))
    assert complete("tether", "mctp", "ec") == ["echo"]
    assert "--count" in complete("tether", "mctp", "echo", "--c")
    assert complete("tether", "help", "insp") == ["inspect"]
    for verb in [v for v in verbs() if v != "help"]:
        assert complete("tether", verb, "--") == \
            ["--" + o for o in options(verb)], verb
    assert complete("tether", "deploy", "x", "--wa") == ["--watch"]
    assert "expected bash, zsh or fish" in tether("completion", "tcsh",
                                                  status=2).stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_valid(shell):
    script = tether("completion", shell).stdout
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed to check its script")
    done = subprocess.run([shell, "-n"], input=script, text=True,
                          capture_output=True)
    assert done.returncode == 0 and not done.stderr, done
