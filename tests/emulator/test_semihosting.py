# SPDX-License-Identifier: Apache-2.0
"""The semihosting calls of nucleo-emu: results with good and bad arguments, and
no access to the host's files."""
import subprocess

import harness

EXPECTED = """\
open stdin 00000001
open stdout 00000002
open stderr 00000003
open host file ffffffff
errno 0000000d
open mode ffffffff
open nowhere ffffffff
open long ffffffff
features 00000004
length 00000005
read 0000000b
bytes 42464853
flags 00000003
seek 00000000
read flags 00000000
seek far ffffffff
is a tty 00000001
is no tty 00000000
tty of nothing ffffffff
close 00000000
close nothing ffffffff
is error 00000001
remove ffffffff
system ffffffff
!written
write 00000000
write to stderr 00000000
write to stdin 00000001
write nowhere 00000004
write too much 7fffffff
read line 00000004
abc
read byte 00000078
read end 00000008
command line 00000000
its length 00000009
one "two"
small buffer ffffffff
heap info 00000000
heap 00000000
ticks 00000000
ticks high 00000000
ticks a second 3b9aca00
clock 00000000
time 00000000
"""


def test_calls_return_what_arm_documents():
    run = subprocess.run(
        [harness.program("nucleo-emu"), "--elf",
         harness.program("semihost-elf"), "--semihosting", "--cmdline",
         'one "two"'], input="abc\nx", capture_output=True, text=True,
        timeout=harness.PATIENCE)
    assert run.stdout == EXPECTED
    assert run.stderr == "complaint\n"
    assert run.returncode == 42


def test_call_without_the_option_is_a_fault():
    run = subprocess.run(
        [harness.program("nucleo-emu"), "--elf",
         harness.program("semihost-elf"), "--max-insns", "10000"],
        capture_output=True, text=True, timeout=harness.PATIENCE)
    assert run.stdout == ""
