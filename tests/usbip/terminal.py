# SPDX-License-Identifier: Apache-2.0
"""A pseudo-terminal for programs that draw: its output, and the screen that a
terminal would show."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from harness import PATIENCE, wait_for

SEQUENCE = re.compile(r"\x1b\[([?>]?[0-9;]*)([A-Za-z@`])|\x1b[()][0AB]|"
                      r"\x1b[=>78M]|\x1b\][^\x07]*\x07")


class Terminal:
    """Run a program on a terminal of the given size. stdout can go to a pipe
    instead."""

    def __init__(self, argv, columns=80, rows=24, env=None, **more):
        self.main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))
        self.rows, self.columns = rows, columns
        more.setdefault("stdin", other)
        more.setdefault("stdout", other)
        self.process = subprocess.Popen(
            argv, stderr=other, env={**os.environ, "TERM": "xterm",
                                     **(env or {})},
            start_new_session=True, **more)
        os.close(other)
        self.output = b""

    def read(self, seconds=0.05):
        """Add what the program has written to self.output. Return False at
        the end."""
        if not select.select([self.main], [], [], seconds)[0]:
            return True
        try:
            more = os.read(self.main, 65536)
        except OSError:  # the program has closed its terminal
            return False
        self.output += more
        return bool(more)

    def finish(self):
        """Wait for the end of the program. Return (exit code, output)."""
        limit = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < limit, self.output
        status = self.process.wait(PATIENCE)
        os.close(self.main)
        return status, self.output.decode()

    def type(self, keys):
        os.write(self.main, keys.encode())

    def wait_screen(self, pattern):
        """Wait until the screen matches. Return its text."""
        def check():
            self.read()
            text = "\n".join(self.screen())
            return text if re.search(pattern, text, re.M) else None
        return wait_for(check, lambda: f"{pattern!r} on the screen:\n" +
                        "\n".join(self.screen()))

    def screen(self):
        """Return the lines that the terminal shows now."""
        s = Screen(self.rows, self.columns)
        s.feed(self.output.decode(errors="replace"))
        return s.text()


class Screen:
    """The part of xterm that ncurses and progress bars use: printable
    characters, cursor motion, erasing, inserting and deleting."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cell = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.last = " "

    def text(self):
        return ["".join(row).rstrip() for row in self.cell]

    def feed(self, text):
        at = 0
        while at < len(text):
            match = SEQUENCE.match(text, at)
            if match:
                if match[2]:
                    self.control(match[1], match[2])
                at = match.end()
                continue
            self.put(text[at])
            at += 1

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.line_feed()
        elif c == "\b":
            self.column = max(0, self.column - 1)
        elif c == "\t":
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif c >= " ":
            if self.column >= self.columns:
                self.column = 0
                self.line_feed()
            self.cell[self.row][self.column] = self.last = c
            self.column += 1

    def line_feed(self):
        if self.row < self.rows - 1:
            self.row += 1
        else:
            self.cell = self.cell[1:] + [[" "] * self.columns]

    def erase(self, row, start, end):
        for i in range(start, min(end, self.columns)):
            self.cell[row][i] = " "

    def control(self, parameters, final):
        if parameters[:1] in ("?", ">"):
            if parameters == "?1049" and final == "h":
                self.cell = [[" "] * self.columns for _ in range(self.rows)]
            return
        numbers = [int(n or 0) for n in parameters.split(";")]
        n = numbers[0] or 1
        if final in "Hf":
            self.row = min(n, self.rows) - 1
            second = numbers[1] if len(numbers) > 1 else 1
            self.column = min(second or 1, self.columns) - 1
        elif final == "d":
            self.row = min(n, self.rows) - 1
        elif final in "G`":
            self.column = min(n, self.columns) - 1
        elif final == "A":
            self.row = max(0, self.row - n)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + n)
        elif final == "C":
            self.column = min(self.columns - 1, self.column + n)
        elif final == "D":
            self.column = max(0, self.column - n)
        elif final == "K":
            start = 0 if numbers[0] in (1, 2) else self.column
            end = self.column + 1 if numbers[0] == 1 else self.columns
            self.erase(self.row, start, end)
        elif final == "J":
            self.erase_display(numbers[0])
        elif final == "X":
            self.erase(self.row, self.column, self.column + n)
        elif final == "b":
            for _ in range(n):
                self.put(self.last)
        elif final in "LM":
            self.shift_lines(n, final == "L")
        elif final == "P":
            row = self.cell[self.row]
            self.cell[self.row] = (row[:self.column] + row[self.column + n:] +
                                   [" "] * n)[:self.columns]
        elif final == "@":
            row = self.cell[self.row]
            self.cell[self.row] = (row[:self.column] + [" "] * n +
                                   row[self.column:])[:self.columns]

    def erase_display(self, part):
        if part == 0:
            self.erase(self.row, self.column, self.columns)
            rows = range(self.row + 1, self.rows)
        else:
            rows = range(self.rows)
        for row in rows:
            self.erase(row, 0, self.columns)

    def shift_lines(self, n, insert):
        head, tail = self.cell[:self.row], self.cell[self.row:]
        empty = [[" "] * self.columns for _ in range(min(n, len(tail)))]
        tail = empty + tail[:len(tail) - len(empty)] if insert else \
            tail[len(empty):] + empty
        self.cell = head + tail
