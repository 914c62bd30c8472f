# SPDX-License-Identifier: Apache-2.0
"""tools/capture-screens captures every screen of docs/screens.md."""
import re
import shutil
import subprocess

import pytest

import harness



def test_every_screen_is_captured(tmp_path):
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    page = tmp_path / "screens.md"
    subprocess.run([harness.ROOT / "tools/capture-screens", page], check=True,
                   timeout=4 * harness.PATIENCE)
    text = page.read_text()
    shown = (harness.ROOT / "docs/screens.md").read_text()
    assert len(re.findall("^```$", text, re.M)) == \
        len(re.findall("^```$", shown, re.M)) == 10
    for line in ("TS384A000003", "sorted by device", "events since the start",
                 " left\n", "usage: tether"):
        assert line in text and line in shown, line
