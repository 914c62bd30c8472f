# SPDX-License-Identifier: Apache-2.0
"""tether pldm sensors, pdr, fru and events against a drive whose values
move."""
import json
import signal
import subprocess

from device import Device, TETHER


def sensors(device):
    return {s["name"]: s for s in device.json("pldm", "sensors")}


def set_value(path, *settings):
    subprocess.run([TETHER, "sim", "set", *settings, "--control", path],
                   check=True, timeout=60)


def follow(device, *args):
    return subprocess.Popen([TETHER, "pldm", *args, "--json", "--via",
                             device.via], stdout=subprocess.PIPE, text=True)


def stop(process):
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def test_sensors_follow_the_simulated_drive(tmp_path):
    path = str(tmp_path / "control")
    with Device("--control", path) as d:
        before = sensors(d)
        assert before["Drive Health"]["state"] == "normal"
        assert before["Drive Spare"]["value"] == 100
        assert before["Drive Power"]["unit"] == "W"
        set_value(path, "temperature=420", "spare=3")
        after = sensors(d)
        assert after["Drive Temperature"]["value"] == 420 - 273
        assert after["Drive Temperature"]["state"] == "upper warning"
        assert after["Controller 1 Temperature"]["value"] == 420 - 273
        assert after["Drive Spare"]["state"] == "lower warning"
        assert after["Drive Health"]["state"] == "non-critical"
        text = d.tether("pldm", "sensors").stdout
        assert "147 C" in text and "lower warning" in text, text


def test_watch_prints_changed_sensors(tmp_path):
    path = str(tmp_path / "control")
    with Device("--control", path) as d:
        process = follow(d, "sensors", "--watch", "--interval", "10")
        assert len(json.loads(process.stdout.readline())) >= 11
        set_value(path, "controller.0.life-used=42")
        changed = json.loads(process.stdout.readline())
        assert [(s["name"], s["value"]) for s in changed] == [
            ("Drive Life Used", 42)]
        stop(process)


def test_events_are_followed_and_the_receiver_is_restored(tmp_path):
    path = str(tmp_path / "control")
    with Device("--control", path) as d:
        assert d.json("pldm", "events")["mode"] == "off"
        process = follow(d, "events", "--follow", "--interval", "10",
                         "--count", "1")
        # The values of the moment are no events, so change until one arrives.
        changes = 0
        while process.poll() is None:
            changes += 1
            set_value(path, f"spare={3 if changes % 2 else 100}")
        event = json.loads(process.stdout.readline())
        assert event["event"] == "sensor", event
        assert event["name"] in ("Drive Spare", "Drive Health"), event
        assert event["state"] != event["previous_state"]
        assert process.returncode == 0
        assert d.json("pldm", "events")["mode"] == "off"


def test_records_name_every_sensor():
    with Device() as d:
        records = d.json("pldm", "pdr", "--raw")
        assert records[0]["type_name"] == "terminus locator"
        for r in records:
            assert len(bytes.fromhex(r["raw"])) == r["length"], r
        ids = [r["handle"] for r in records]
        assert ids == sorted(set(ids))
        named = [r for r in records if r["type"] == 6]
        assert len(named) == len(sensors(d))
        assert "Drive Spare" in d.tether("pldm", "pdr").stdout


def test_fru_data_are_the_vital_product_data():
    with Device() as d:
        fields = d.json("pldm", "fru")[0]["fields"]
        identity = d.json("nvme", "identify")
        assert fields["serial_number"] == identity["sn"].strip(), identity
        assert fields["serial_number"] in d.tether("pldm", "fru").stdout
