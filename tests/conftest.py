# SPDX-License-Identifier: Apache-2.0
"""Options of all Python tests: the paths of the programs under test.

Without options the tests use the folder build, or TETHER_BUILD:
    pytest tests/usbip -k bench
    pytest tests/usbip --usbnvme build-asan/ports/usbnvme
"""
import os

import pytest

import harness

pytest.register_assert_rewrite("board", "install_board", "servers")
SKIPPED = 77  # the exit code that meson reports as a skip


def pytest_addoption(parser):
    group = parser.getgroup("tether")
    for name in harness.PROGRAMS:
        group.addoption(f"--{name}", metavar="FILE",
                        help=f"path of {name}, instead of the build's")
    group.addoption("--images", metavar="DIR",
                    help="the images of tools/build-firmware, instead of "
                    "build/firmware")
    group.addoption("--on-board", action="store_true",
                    help="run usbnvme's image on the emulated board in the "
                    "place of the process")


def pytest_configure(config):
    # Test modules read the paths during their import, so pass the paths in the
    # environment.
    for name in harness.PROGRAMS:
        path = config.getoption("--" + name)
        if path:
            os.environ[harness.variable(name)] = os.path.abspath(path)
    if config.getoption("--images"):
        os.environ["TETHER_IMAGES"] = os.path.abspath(
            config.getoption("--images"))
    if config.getoption("--on-board"):
        os.environ["TETHER_TEST_ON_BOARD"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Report a skip to meson if every case of the file was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and not any(
            reporter.stats.get(key) for key in ("passed", "failed", "error")):
        session.exitstatus = SKIPPED
