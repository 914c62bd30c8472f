# SPDX-License-Identifier: Apache-2.0
"""Check that a test which a document names for a command contains that command:
its program or verb, and each of its options, within a few lines."""
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
NEAR = 4  # lines
VARIABLES = {"nucleo-emu": "(?i:emulator)"}  # name of its variable in scripts


def files_of(text):
    """Yield the test files that a text names. For a folder, yield its files."""
    for path in re.findall(r"tests/[\w/.-]*\w", text):
        path = os.path.join(ROOT, path)
        assert os.path.exists(path), path
        if os.path.isdir(path):
            yield from (os.path.join(path, n) for n in sorted(os.listdir(path))
                        if os.path.isfile(os.path.join(path, n)))
        else:
            yield path


def parts_of(command):
    """Return the patterns that a test of the command must contain. For "tether
    deploy x --run" these are deploy and --run. For another program they are
    its name and its options."""
    words = [w for w in command.split() if w != "sudo"]
    program = os.path.basename(words.pop(0))
    parts = [] if program == "tether" else [
        rf"\b{re.escape(program)}\b|{VARIABLES.get(program, program)}"]
    if program == "tether":
        parts.append(rf"(?<![\w-]){re.escape(words.pop(0))}(?![\w-])")
    if program == "tether" and words and words[0] in ("setup", "teardown"):
        parts.append(rf"\b{words[0]}\b")
    return parts + [rf"(?<![\w-]){re.escape(w)}(?![\w-])" for w in words
                    if re.match(r"--\w", w)]


def is_in(command, text):
    lines = text.splitlines()
    parts = parts_of(command)
    return any(all(re.search(p, "\n".join(lines[n:n + NEAR])) for p in parts)
               for n in range(len(lines)))


def check(command, text):
    """Fail if none of the files that `text` names contains the command. Accept
    every make command: the tests run on the programs that make builds."""
    if command.split()[0] == "make":
        return
    files = list(files_of(text))
    for path in files:
        with open(path, errors="replace") as f:
            if is_in(command, f.read()):
                return
    raise AssertionError(f"{command}: not in {text}")
