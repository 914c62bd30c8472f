# SPDX-License-Identifier: Apache-2.0
"""What the tests in Python share: programs with a log, bytes from a socket,
running the test functions of a file."""
import concurrent.futures
import re
import subprocess
import sys
import tempfile
import time
import traceback

PATIENCE = 120  # s; generous, as the machine may be busy


def take(s, n):
    """That many bytes of a socket; EOFError where it ends before."""
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Program:
    """A process whose stderr is kept for messages."""

    def __init__(self, argv, **more):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(argv, stderr=self.log, **more)

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def wait_until(self, found, what):
        """What found() returns, once that is something."""
        end = time.monotonic() + PATIENCE
        while True:
            result = found()
            if result:
                return result
            assert self.process.poll() is None, self.read_log()
            assert time.monotonic() < end, f"no {what} in: {self.read_log()}"
            time.sleep(0.02)

    def wait_log(self, pattern):
        return self.wait_until(lambda: re.search(pattern, self.read_log()),
                               repr(pattern))


def passes(name, function):
    started = time.monotonic()
    name = name[5:].replace("_", " ")
    try:
        function()
        print(f"ok      {name}, {time.monotonic() - started:.1f} s",
              flush=True)
        return True
    except Exception as e:  # the next one is still to run
        print(f"FAILED  {name}: {e!r}\n{traceback.format_exc()}", flush=True)
        return False


def run_tests(names, chosen=(), together=1):
    """Run the tests of a file, or the chosen ones, and exit; so many at a
    time, where they share nothing and mostly wait."""
    tests = [(n, f) for n, f in names.items() if n.startswith("test_") and
             (not chosen or n in chosen)]
    with concurrent.futures.ThreadPoolExecutor(together) as pool:
        failed = list(pool.map(lambda t: passes(*t), tests)).count(False)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not tests else 0)
