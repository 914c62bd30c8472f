# SPDX-License-Identifier: Apache-2.0
"""Run every command of docs/getting-started.md: the blocks ```sh, in order, in
one shell.

A block whose first line says what it needs is not run, and that is printed;
the tests that the line names are to have each of its commands.
`make run` is run on the programs that are built already.
"""
import os
import re
import shlex
import shutil
import subprocess

import harness
import named


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
                named.check(line, needs)
            print(f"not run ({needs}):\n  " + "\n  ".join(commands.split("\n")))
            continue
        for line in commands.splitlines():
            ran += 1
            script += f"printf '$ %s\\n' {shlex.quote(line)}\n"
            script += line + "\n"
    # A user's tree: the sources, with the build in its place.
    for name in os.listdir(root):
        if not name.startswith((".git", "build")):
            os.symlink(root / name, tmp_path / name)
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
