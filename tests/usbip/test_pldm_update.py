# SPDX-License-Identifier: Apache-2.0
"""Firmware updates of the simulated drive by PLDM: the package, the update over
USB/IP, also with losses and over a lost connection, and the drive's slots."""
import hashlib
import json
import os
import signal
import subprocess
import tempfile

from device import Device, TETHER
from harness import PATIENCE
from test_pldm import Lossy, random_file, sha256_of


class Updatable(Device):
    """A device with the default drive, whose PCI ids packages name."""

    MODEL = ()


def run(*arguments, status=0):
    done = subprocess.run([TETHER, *map(str, arguments)], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == status, (arguments, done)
    return done


def make_package(folder, image, version, *options):
    path = os.path.join(folder, f"{version}.pldm")
    run("pldm", "package", "make", path, image, "--fw-version", version,
        "--pci-vendor", "1b36", "--pci-device", "0010", *options)
    return path


def active(d):
    component, = d.json("pldm", "inventory")["components"]
    return component["active"]["version"], component["pending"]


def test_package_updates_firmware():
    with Updatable("--pldm-file") as d, random_file(1 << 20) as f, \
            tempfile.TemporaryDirectory() as folder:
        inventory = d.json("pldm", "inventory")
        ids = {i["name"]: i["value"] for i in inventory["descriptors"]}
        assert ids["pci_vendor"] == "1b36" and ids["pci_device"] == "0010"
        assert active(d) == ("1.4.2", None)
        package = make_package(folder, f.name, "v2.0-rc1")
        done = d.json("pldm", "update", package)
        component, = done["components"]
        assert component["phase"] == "applied", done
        assert component["size"] == 1 << 20 and done["bytes"] >= 1 << 20
        assert component["version_before"] == "1.4.2"
        assert done["activated"] and not done["activation_at_reset"]
        assert active(d) == ("v2.0-rc1", None)
        # NVMe reports the revision that the image contains: its digest.
        slots = d.tether("nvme", "fw", "log").stdout
        assert sha256_of(f)[:8] in slots, slots
        # The same version again, without and with --force.
        again = d.tether("pldm", "update", package, status=1)
        assert "--force" in again.stderr, again
        failed = json.loads(d.tether("pldm", "update", package, "--json",
                                     status=1).stdout)
        assert failed["components"][0]["response"] == "version_identical"
        assert "error" in failed
        d.json("pldm", "update", package, "--force")
        # At the next reset.
        package = make_package(folder, f.name, "v3", "--revision", "4")
        done = d.json("pldm", "update", package, "--activate", "reset")
        assert done["activation_at_reset"] and not done["activated"]
        version, pending = active(d)
        assert version == "v2.0-rc1" and pending["version"] == "v3"
        d.tether("nvme", "reset", "--yes")
        assert active(d) == ("v3", None)
        text = d.tether("pldm", "update", make_package(
            folder, f.name, "v4")).stdout
        assert "v3 -> v4" in text and "is active" in text, text


def test_package_for_another_device_is_refused():
    with Updatable("--pldm-file") as d, random_file(4000) as f, \
            tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "other.pldm")
        run("pldm", "package", "make", path, f.name, "--fw-version", "9",
            "--pci-vendor", "1b36", "--pci-device", "0011")
        done = d.tether("pldm", "update", path, status=1)
        assert "another device" in done.stderr, done
        assert active(d) == ("1.4.2", None)
        run("pldm", "package", "make", path, f.name, "--fw-version", "9",
            "--pci-vendor", "1b36", "--identifier", "7")
        done = d.tether("pldm", "update", path, status=1)
        assert "not_supported" in done.stderr, done
        d.tether("pldm", "update", path, "--component", "1", status=1)


def test_package_is_made_and_checked():
    with random_file(70000) as f, random_file(33) as g, \
            tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.pldm")
        for revision in 1, 2, 3, 4:
            made = json.loads(run(
                "pldm", "package", "make", path, f.name, g.name, "--fw-version",
                "1.2", "--iana", "32473", "--uuid", "00112233445566778899"
                "aabbccddeeff", "--stamp", "77", "--revision", revision,
                "--json").stdout)
            assert made["components"] == 2
            assert made["size"] == os.path.getsize(path)
            checked = json.loads(run("pldm", "package", "check", path,
                                     "--json").stdout)
            assert checked["revision"] == revision
            device, = checked["devices"]
            assert [i["name"] for i in device["descriptors"]] == [
                "iana_enterprise", "uuid"]
            assert device["components"] == [0, 1]
            first, last = checked["components"]
            assert first["sha256"] == sha256_of(f)
            assert last["sha256"] == sha256_of(g)
            assert first["stamp"] == "0000004d"
            assert (first["identifier"], last["identifier"]) == ("0001", "0002")
        with open(path, "r+b") as package:
            package.seek(-1, os.SEEK_END)
            last = package.read(1)
            package.seek(-1, os.SEEK_END)
            package.write(bytes([last[0] ^ 1]))
        done = run("pldm", "package", "check", path, status=1)
        assert "checksum of its images" in done.stderr, done
        done = run("pldm", "package", "check", f.name, status=1)
        assert "identifier" in done.stderr, done
        run("pldm", "package", "make", path, f.name, "--fw-version", "1",
            status=2)
        run("pldm", "package", "make", path, f.name, "--pci-vendor", "1",
            status=2)


def test_update_survives_lost_transfers():
    with Updatable("--pldm-file") as d, random_file(1 << 20) as f, \
            tempfile.TemporaryDirectory() as folder:
        lossy = Lossy(d.port)
        package = make_package(folder, f.name, "lossy")
        done = json.loads(d.tether("pldm", "update", package, "--json",
                                   "--part", "4096", via=lossy.via).stdout)
        assert done["activated"], done
        assert lossy.spoilt > 5, lossy.spoilt
        assert active(d) == ("lossy", None)
        assert sha256_of(f)[:8] in d.tether("nvme", "fw", "log").stdout
        print(f"  {lossy.spoilt} transfers spoilt, {done['repeats']} parts "
              f"repeated, {done['ms']} ms")


def test_interrupted_update_can_start_again():
    with Updatable("--pldm-file") as d, random_file(64 << 20) as f, \
            tempfile.TemporaryDirectory() as folder:
        package = make_package(folder, f.name, "late")
        update = subprocess.Popen(
            [TETHER, "pldm", "update", package, "--part", "32", "--via",
             d.via], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        d.wait_log(r"PLDM: update of component 0, 67108864 bytes")
        update.send_signal(signal.SIGINT)
        assert update.wait(PATIENCE) == 1
        assert "interrupted" in update.stderr.read()
        update.stdout.close()
        update.stderr.close()
        assert active(d) == ("1.4.2", None)
        # A killed agent leaves the device in its update.
        update = subprocess.Popen(
            [TETHER, "pldm", "update", package, "--part", "32", "--via",
             d.via], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        d.wait_log(r"(?s)PLDM: update of component 0.*PLDM: update of "
                   r"component 0, 67108864 bytes")
        update.kill()
        update.wait(PATIENCE)
        done = d.tether("pldm", "update", package, status=1)
        assert "--force" in done.stderr, done
        done = d.json("pldm", "update", package, "--force")
        assert done["activated"] and active(d) == ("late", None)


