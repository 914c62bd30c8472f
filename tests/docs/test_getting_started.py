# SPDX-License-Identifier: Apache-2.0
"""Run every command of docs/getting-started.md: the blocks ```sh, in order, in
one shell.

A block that starts with "```sh needs ..." is not run, and the output says so.
The tests that this line names must contain each command of the block, unless the
line has "not tested:" and the reason.
`make run` uses the programs of the existing build.
"""
import os
import re
import shlex
import shutil
import subprocess

import harness
import named

DEVICE_IS_THERE = "until grep -q ' port ' usbnvme.log; do sleep 0.1; done"


def test_every_command_runs(tmp_path):
    root = harness.ROOT
    document = root / "docs/getting-started.md"
    with open(document) as f:
        blocks = re.findall(r"^```sh *(.*)\n((?:.*\n)*?)```$", f.read(), re.M)
    assert len(blocks) > 4, "no commands found"
    script, ran = "set -e\n", 0
    for needs, commands in blocks:
        if needs:
            assert needs.startswith("needs "), needs
            for line in commands.splitlines():
                if "; not tested: " not in needs:
                    named.check(line, needs)
            print(f"not run ({needs}):\n  " + "\n  ".join(commands.split("\n")))
            continue
        for line in commands.splitlines():
            ran += 1
            script += f"printf '$ %s\\n' {shlex.quote(line)}\n"
            # A user sees when the device is there; a busy machine can need
            # longer than the second in the document.
            script += line.replace("& sleep 1", "& " + DEVICE_IS_THERE) + "\n"
    # Simulate the tree of a user: links to the sources and to the build.
    for name in os.listdir(root):
        if not name.startswith((".git", "build")):
            os.symlink(root / name, tmp_path / name)
    # TETHER_DOCS_PROGRAMS: the folder with the installed programs.
    installed = os.environ.get("TETHER_DOCS_PROGRAMS")
    if installed:
        os.mkdir(tmp_path / "build")
        os.symlink(os.path.abspath(installed), tmp_path / "build/bin")
    else:
        os.symlink(harness.BUILD, tmp_path / "build")
    make = tmp_path / "stub"
    os.mkdir(make)
    with open(make / "make", "w") as f:
        f.write('#!/bin/sh\n[ "$*" = run ] || { echo "only make run" >&2; '
                'exit 1; }\nexec tools/show-device build/bin\n')
    os.chmod(make / "make", 0o755)
    env = dict(os.environ, PATH=f"{make}:" + os.environ["PATH"])
    env.pop("TETHER_VIA", None)
    done = subprocess.run([shutil.which("bash"), "-m", "-c", script],
                          cwd=tmp_path, env=env, timeout=harness.PATIENCE * 3)
    assert ran and not done.returncode
