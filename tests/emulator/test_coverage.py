# SPDX-License-Identifier: Apache-2.0
"""nucleo-emu --coverage writes the executed lines and functions for lcov."""
import os
import pathlib
import subprocess

import pytest

import harness

SOURCE = pathlib.Path(__file__).parent.resolve() / "programs/debug.c"


def line_of(text):
    """Return the number of the only source line that contains the text."""
    lines = [number for number, line in
             enumerate(SOURCE.read_text().splitlines(), 1) if text in line]
    assert len(lines) == 1, text
    return lines[0]


def run(*options):
    return subprocess.run([harness.program("nucleo-emu"), *map(str, options),
                           "--max-insns", "100000"], capture_output=True,
                          text=True, timeout=harness.PATIENCE)


def read(trace):
    """Return {test: {file: (lines, functions)}} of an lcov trace file."""
    result, test = {}, None
    for line in trace.read_text().splitlines():
        key, _, value = line.partition(":")
        if key == "TN":
            test = result.setdefault(value, {})
        elif key == "SF":
            lines, functions = test[value] = {}, {}
        elif key == "DA":
            number, count = value.split(",")
            lines[int(number)] = int(count)
        elif key == "FNDA":
            count, name = value.split(",")
            functions[name] = int(count)
        elif key in ("LF", "LH"):
            assert int(value) == sum(count > 0 or key == "LF"
                                     for count in lines.values())
        elif key in ("FNF", "FNH"):
            assert int(value) == sum(count > 0 or key == "FNF"
                                     for count in functions.values())
    return result


def check(trace, test):
    lines, functions = read(trace)[test][str(SOURCE)]
    count = functions["count_up"]
    assert count > 100
    assert lines[line_of("counter++;")] == count
    assert functions["reset"] == 1
    assert functions["rest"] == 0
    assert lines[line_of('volatile("wfi')] == 0
    assert lines[line_of("ticks++;")] == functions["systick"] > 50


def test_lines_and_functions_have_the_counts_of_the_run(tmp_path):
    trace = tmp_path / "trace.info"
    done = run("--elf", harness.program("debug-elf"), "--coverage", trace)
    assert done.returncode == 0, done
    check(trace, "debug")


def test_symbols_of_another_file_serve_a_stripped_image(tmp_path):
    stripped, trace = tmp_path / "stripped.elf", tmp_path / "trace.info"
    subprocess.run(["arm-none-eabi-strip", "-o", stripped,
                    harness.program("debug-elf")], check=True)
    done = run("--elf", stripped, "--coverage", trace)
    assert done.returncode == 1
    assert "no image has line tables" in done.stderr
    done = run("--elf", stripped, "--coverage", trace, "--symbols",
               harness.program("debug-elf"))
    assert done.returncode == 0, done
    check(trace, "debug")


def test_image_that_is_not_in_memory_is_not_counted(tmp_path):
    trace = tmp_path / "trace.info"
    done = run("--elf", harness.program("debug-elf"), "--coverage", trace,
               "--symbols", harness.program("semihost-elf"))
    assert done.returncode == 0
    assert "semihost.elf is not in memory" in done.stderr
    assert list(read(trace)) == ["debug"]


def test_unwritable_file_and_wrong_symbols_are_errors(tmp_path):
    elf = harness.program("debug-elf")
    done = run("--elf", elf, "--coverage", "/dev/null/x")
    assert done.returncode == 1 and "cannot write /dev/null/x" in done.stderr
    text = tmp_path / "text"
    text.write_text("no ELF")
    done = run("--elf", elf, "--symbols", text)
    assert done.returncode == 1 and "not an ELF program" in done.stderr
    done = run("--elf", elf, *["--symbols", elf] * 9)
    assert done.returncode == 2 and "at most 8 files" in done.stderr


@pytest.mark.skipif(not os.access("/usr/bin/lcov", os.X_OK),
                    reason="lcov is not installed")
def test_lcov_reads_the_file(tmp_path):
    trace = tmp_path / "trace.info"
    run("--elf", harness.program("debug-elf"), "--coverage", trace)
    done = subprocess.run(["lcov", "--summary", trace], capture_output=True,
                          text=True)
    assert done.returncode == 0 and "lines" in done.stdout + done.stderr
