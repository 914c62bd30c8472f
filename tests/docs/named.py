# SPDX-License-Identifier: Apache-2.0
"""Whether a test that a document names for a command has that command: its
program or verb and each of its options, within a few lines."""
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
NEAR = 4  # lines
VARIABLES = {"nucleo-emu": "(?i:emulator)"}  # what scripts have it as


def files_of(text):
    """The test files, and those of folders, that a text names."""
    for path in re.findall(r"tests/[\w/.-]*\w", text):
        path = os.path.join(ROOT, path)
        assert os.path.exists(path), path
        if os.path.isdir(path):
            yield from (os.path.join(path, n) for n in sorted(os.listdir(path))
                        if os.path.isfile(os.path.join(path, n)))
        else:
            yield path


def parts_of(command):
    """Patterns that belong together: "tether deploy x --run" has deploy and
    --run; of other programs the name."""
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
    """Fail where none of the named files has the command; what make builds is
    what they run on."""
    if command.split()[0] == "make":
        return
    files = list(files_of(text))
    for path in files:
        with open(path, errors="replace") as f:
            if is_in(command, f.read()):
                return
    raise AssertionError(f"{command}: not in {text}")
