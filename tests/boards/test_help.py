# SPDX-License-Identifier: Apache-2.0
"""The help, the completions and the manual pages agree with the verbs."""
import os
import pty
import re
import shutil
import subprocess

import pytest

import servers

TETHER = servers.TETHER
MANUAL = os.path.join(os.path.dirname(TETHER), "tether-manual")
MAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                   "docs", "man")


def tether(*words, status=0):
    done = subprocess.run([TETHER, *words], capture_output=True, text=True,
                          timeout=servers.PATIENCE)
    assert done.returncode == status, (words, done)
    return done


def sections():
    """Return the verbs for devices and those for boards, from tether --help."""
    text = tether("--help").stdout
    parts = re.split(r"^(?:devices|boards|options):\n", text, flags=re.M)
    return [re.findall(r"^  ([a-z][a-z -]*?)  +\S", part, re.M)
            for part in parts[1:3]]


def verbs():
    """Return all verbs, such as "ls" and "mctp echo"."""
    return sum(sections(), [])


def options(verb):
    return re.findall(r"^  (?:-\w, |    )--([a-z0-9-]+)", tether(
        "help", *verb.split()).stdout, re.M)


def page_of(subject):
    """Return the source of a manual page, completed by tether-manual."""
    with open(os.path.join(MAN, f"tether-{subject}.1.scd")) as f:
        return subprocess.run([MANUAL, subject], stdin=f, check=True,
                              capture_output=True, text=True).stdout


def test_help():
    devices, boards = sections()
    assert {"ssh", "run", "deploy", "doctor", "inspect", "mcp-server",
            "ssh-config"} <= set(boards), boards
    assert {"usb", "log", "mctp echo", "nvme health"} <= set(devices), devices
    for verb in verbs():
        text = tether("help", *verb.split()).stdout
        assert text == tether(*verb.split(), "--help").stdout
        assert text == tether(*verb.split(), "-h").stdout
        assert text.startswith(f"usage: tether {verb}"), text
        assert max(len(line) for line in text.splitlines()) <= 80, text
        assert options(verb)[-3:] == ["json", "color", "help"], verb
        assert "unrecognized option" in tether(*verb.split(), "--nothing",
                                               status=2).stderr
    assert max(len(line) for line in tether("--help").stdout.splitlines()) <= 80
    assert "size" in tether("help", "mctp", "echo").stdout
    assert "nvme health" in tether("help", "nvme").stdout
    for words in (["what"], ["mctp", "what"], ["run", "x"]):
        assert "no verb" in tether("help", *words, status=2).stderr
    assert "\033" not in tether("help", "\033[2Jx", status=2).stderr


def test_global_options_before_the_verb():
    for words in (["--json", "usb", "--via", "mctp:1,9"],
                  ["--json", "--via", "mctp:1,9", "usb"],
                  ["--via=mctp:1,9", "usb", "--json"]):
        assert tether(*words, status=1).stdout.startswith('{"error":'), words
    assert "uses no device" in tether("--via", "usb", "run", "x",
                                      status=2).stderr
    assert "unrecognized" in tether("--count", "3", "mctp", "echo",
                                    status=2).stderr


def on_terminal(*words):
    """Return the output of tether on a terminal that supports colours."""
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
    except OSError:  # tether has closed the terminal
        pass
    os.close(mine)
    process.wait(servers.PATIENCE)
    return said


def test_only_errors_of_verbs_have_colours():
    """Help contains no terminal control sequences."""
    assert "NO_COLOR" in tether("--help").stdout
    for words in (["--help"], ["help", "deploy"], ["ls"],
                  ["inspect", "--file", "/nowhere", "--color=never"]):
        said = on_terminal(*words)
        assert said and b"\033" not in said, (words, said)
    assert on_terminal("inspect", "--file", "/nowhere").startswith(
        b"\033[31mtether:\033[0m cannot ")


def test_manual_describes_every_verb_and_option():
    with open(os.path.join(MAN, "tether.1.scd")) as f:
        whole = f.read()
    for verb in verbs():
        subject = verb.split()[0]
        if subject == "help":
            continue
        page = page_of(subject)
        assert not re.search(r"^@\w+@$", page, re.M), page
        assert f"*tether {verb}*" in page, verb
        assert f"*tether-{subject}*(1)" in whole, verb
        for option in options(verb):
            assert f"--{option}*" in page, (verb, option)
    for via in re.findall(r"--via ([a-z]+):?", tether("--help").stdout):
        assert re.search(rf"\*{via}:?\*", whole), via


@pytest.mark.skipif(not shutil.which("scdoc"), reason="scdoc is not installed")
def test_scdoc_accepts_manual():
    for name in os.listdir(MAN):
        if not name.endswith(".scd"):
            continue
        subject = re.match(r"(?:tether-)?([a-z-]+)", name).group(1)
        if name.startswith("tether-") and subject != "config":
            source = page_of(subject)
        else:
            with open(os.path.join(MAN, name)) as f:
                source = f.read()
        done = subprocess.run(["scdoc"], input=source, capture_output=True,
                              text=True)
        assert done.returncode == 0 and done.stdout, (name, done.stderr)


def test_json_of_boards():
    """The pages document the JSON keys of the verbs for boards."""
    for verb, some in (("deploy", {"file", "place", "state", "bytes", "ms"}),
                       ("doctor", {"steps", "step", "state", "seen", "fix",
                                   "failed"}),
                       ("inspect", {"system", "purpose", "answer", "driver",
                                    "function", "findings", "rule", "fix",
                                    "source", "symptom"}),
                       ("ssh-config", {"name", "host", "file", "server",
                                       "allowed", "note", "entry",
                                       "changed"}),
                       ("image", {"device", "bytes", "written"})):
        assert servers.documented(verb) == some, (verb,
                                                  servers.documented(verb))


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
    assert {verb.split()[0] for verb in verbs()} <= set(complete("tether", ""))
    assert complete("tether", "mctp", "ec") == ["echo"]
    assert "--count" in complete("tether", "mctp", "echo", "--c")
    assert complete("tether", "help", "insp") == ["inspect"]
    for verb in verbs():
        if verb != "help":
            assert complete("tether", *verb.split(), "--") == \
                ["--" + o for o in options(verb)], verb
    assert complete("tether", "deploy", "x", "--wa") == ["--watch"]
    assert complete("tether", "nvme", "ns", "cr") == ["create"]
    assert complete("tether", "nvme", "features", "get", "4", "--select",
                    "de") == ["default"]
    assert complete("tether", "completion", "z") == ["zsh"]
    assert complete("tether", "nvme", "log-page", "sm") == ["smart"]
    assert complete("tether", "nvme", "features", "get", "temp") == \
        ["temperature-threshold"]
    assert complete("tether", "nvme", "identify", "--cns", "control") == \
        ["controller", "controllers"]
    assert "expected bash, zsh or fish" in tether("completion", "tcsh",
                                                  status=2).stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_valid(shell):
    script = tether("completion", shell).stdout
    for verb in verbs():
        for option in options(verb):
            assert option in script, (verb, option)
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed to check its script")
    done = subprocess.run([shell, "-n"], input=script, text=True,
                          capture_output=True)
    assert done.returncode == 0 and not done.stderr, done
