# SPDX-License-Identifier: Apache-2.0
"""The static checks of tools/ accept a clean tree, and report each violation
that a test adds to it."""
import os
import pathlib
import subprocess

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"

CLEAN = {
    "core/base/wire.h": "struct rd {\n\tint at;\n};\nint rd_u8(void);\n",
    "core/base/wire.c": '#include "wire.h"\nint rd_u8(void)\n{\n\treturn 1;\n}\n',
    "gadget/plan.h": "struct plan {\n\tint x;\n};\nint plan_make(void);\n",
    "gadget/plan.c": '#include "base/wire.h"\n#include "gadget/plan.h"\n'
                     "int plan_make(void)\n{\n\treturn 2;\n}\n",
    "gadget/start.sh": "#!/bin/sh\necho \"$1\"\n",
}


@pytest.fixture
def tree(tmp_path):
    """Return a function that creates and builds a tree with the clean files and
    further files."""
    def make(more):
        for name, text in {**CLEAN, **more}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        for source in sorted(tmp_path.rglob("*.c")):
            name = source.relative_to(tmp_path)
            folder = tmp_path / "build" / name.parent / "lib.a.p"
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cc", "-c", "-I", tmp_path, "-I",
                            tmp_path / "core", source, "-o",
                            folder / (name.name + ".o")], check=True)
        return tmp_path
    return make


def run(tool, *args, **env):
    done = subprocess.run([TOOLS / tool, *args], capture_output=True,
                          text=True, env={**os.environ, **env})
    return done.returncode, done.stdout + done.stderr


CHECKS = {
    "layers": lambda tree: run("check-layers", tree),
    "names": lambda tree: run("check-names", "--root", tree, "build"),
    "lengths": lambda tree: run("check-lengths", tree),
    "shell": lambda tree: run("check-shell", ROOT=str(tree)),
}


@pytest.mark.parametrize("check", CHECKS)
def test_accepts_clean_tree(tree, check):
    status, out = CHECKS[check](tree({}))
    assert status == 0, out


LONG = "int plan_long(void)\n{\n" + "\t;\n" * 61 + "\treturn 0;\n}\n"

VIOLATIONS = {
    "layers, include of an upper folder": (
        "layers", {"core/base/bad.c": '#include "gadget/plan.h"\n'},
        "core/base/bad.c:1: core/base may not include gadget/plan.h"),
    "layers, system header in a portable folder": (
        "layers", {"core/base/bad.c": "#include <unistd.h>\n"},
        "core/base may not include unistd.h"),
    "layers, unknown folder": (
        "layers", {"new/bad.c": "int x;\n"}, "folder new is not in"),
    "layers, include cycle": (
        "layers", {"gadget/a.h": '#include "gadget/b.h"\n',
                   "gadget/b.h": '#include "gadget/a.h"\n'},
        "include cycle: gadget/a, gadget/b"),
    "layers, include cycle through the sources": (
        "layers", {"gadget/a.h": "", "gadget/b.h": "",
                   "gadget/a.c": '#include "gadget/b.h"\n',
                   "gadget/b.c": '#include "gadget/a.h"\n'},
        "include cycle: gadget/a, gadget/b"),
    "names, symbol without prefix": (
        "names", {"gadget/bad.c": "int take(void)\n{\n\treturn 1;\n}\n"},
        "gadget/bad.c: take has no prefix of its module"),
    "names, symbol defined twice": (
        "names", {"core/base/bad.c": "int plan_make(void)\n{\n\treturn 1;\n}\n"},
        "plan_make is defined in core/base/bad.c, gadget/plan.c"),
    "names, two headers of one name": (
        "names", {"core/base/plan.h": ""},
        "plan.h is the name of core/base/plan.h, gadget/plan.h"),
    "names, two structs of one name": (
        "names", {"gadget/other.h": "struct rd {\n\tint y;\n};\n"},
        "struct rd is defined in core/base/wire.h, gadget/other.h"),
    "lengths, long function": (
        "lengths", {"gadget/bad.c": LONG}, "62 lines, over 60"),
    "lengths, long file": (
        "lengths", {"gadget/bad.c": "\n" * 601},
        "gadget/bad.c: 601 lines, over 600"),
    "lengths, high median": (
        "lengths", {"gadget/bad.c": "".join(
            f"int plan_{i}(void)\n{{\n" + "\t;\n" * 12 + "\treturn 0;\n}\n"
            for i in range(9))}, "median 13, over 11"),
    "shell, unquoted variable": (
        "shell", {"gadget/bad.sh": "#!/bin/sh\nrm $1\n"}, "SC2086"),
    "shell, script without a suffix": (
        "shell", {"gadget/bad": "#!/bin/sh\nrm $1\n"}, "SC2086"),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_reports_violation(tree, name):
    check, files, expected = VIOLATIONS[name]
    status, out = CHECKS[check](tree(files))
    assert status == 1, out
    assert expected in out


# --- check-hardening ---

HARD = ["-O2", "-fPIE", "-pie", "-fstack-protector-all", "-D_FORTIFY_SOURCE=2",
        "-fcf-protection=full", "-Wl,-z,relro,-z,now,-z,noexecstack"]
PROGRAM = """#include <stdio.h>
int main(int n, char **v)
{
	char text[16];
	sprintf(text, "%s", v[n - 1]);
	return puts(text);
}
"""


@pytest.mark.parametrize("flags, fault", [
    ([], None),
    (["-no-pie", "-fno-pie"], "not position independent"),
    (["-Wl,-z,execstack"], "the stack is executable"),
    (["-Wl,-z,norelro"], "no RELRO"),
    (["-Wl,-z,lazy"], "bound late"),
    (["-Wl,-rpath,/tmp"], "has an RPATH"),
    (["-fno-stack-protector"], "no stack protector"),
    (["-U_FORTIFY_SOURCE"], "no fortified call"),
    (["-fcf-protection=none"], "control-flow enforcement"),
])
def test_check_hardening(tmp_path, flags, fault):
    if os.uname().machine != "x86_64":
        pytest.skip("the flags of the test are those of x86-64")
    (tmp_path / "program.p").mkdir()
    (tmp_path / "x.c").write_text(PROGRAM)
    main = str(tmp_path / "program.p/x.o")
    subprocess.run(["gcc", *HARD, *flags, "-w", "-c", "-o", main,
                    str(tmp_path / "x.c")], check=True)
    subprocess.run(["gcc", *HARD, *flags, "-o", str(tmp_path / "program"),
                    main], check=True)
    done = subprocess.run([TOOLS / "check-hardening", tmp_path, "program"],
                          capture_output=True, text=True)
    assert done.returncode == (fault is not None), done
    if fault:
        assert fault in done.stdout and "1 faults" in done.stdout, done
