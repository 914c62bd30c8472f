# SPDX-License-Identifier: Apache-2.0
"""tether doctor: each step fails once and reports the finding and the fix.

The network is a private namespace. USB devices are files.
"""
import fcntl
import os
import subprocess

import pytest

import harness
import servers
from servers import World, kexinit, raw_server, sshd

HERE = os.path.dirname(os.path.abspath(__file__))
DARWIN = os.path.join(harness.BUILD, "tests/unit/tether_darwin")
STEPS = ["settings", "name", "device", "driver", "interface", "address", "DHCP",
         "ping", "port", "host key", "client key", "login", "copying", "clock", "disk"]
CODES = {"device": 11, "driver": 12, "interface": 13, "address": 14, "ping": 15,
         "port": 16, "host key": 17, "login": 18, "copying": 19, "clock": 20,
         "disk": 21, "client key": 22, "settings": 23, "name": 24}


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def world(ping=1):
    w = World()
    w.write("bin/ping", f"#!/bin/sh\nexit {ping}\n", 0o755)
    os.makedirs(w.path("sys/bus/usb/devices"))
    w.env["TETHER_SYSFS"] = w.path("sys")
    return w


def usb(w, codes=("02", "0d", "00"), driver="cdc_ncm", net="usb0"):
    folder = w.path("sys/bus/usb/devices/1-2:1.0")
    os.makedirs(folder)
    for name, code in zip(("Class", "SubClass", "Protocol"), codes):
        w.write(folder + "/bInterface" + name, code + "\n")
    if driver:
        os.symlink("../../drivers/" + driver, folder + "/driver")
    if net:
        os.makedirs(folder + "/net/" + net)


def doctor(w, *words, failed, by_hand="192.168.7.1", program=servers.TETHER,
           mac="enX"):
    status = CODES[failed] if failed else 0
    said = w.json("doctor", *words, status=status, program=program)
    assert [s["step"] for s in said["steps"]] == STEPS
    assert said["failed"] == (failed or ""), said
    assert servers.keys(said) == servers.documented("doctor")
    text = w.tether("doctor", *words, status=status, program=program).stdout
    assert text.count("\n") >= len(STEPS)
    if failed:
        step = said["steps"][STEPS.index(failed)]
        assert f"FAILED   {failed:<10} " in text and step["seen"]
        assert step["fix"] and "fix: " + step["fix"][:25] in text
        if status <= 16:
            assert f"sudo ifconfig {mac} {by_hand} " in text
            assert f"sudo ip addr add {by_hand}/24 dev " in text
    return {s["step"]: s for s in said["steps"]}


@pytest.fixture
def network():
    """The private network, which tests in other processes share: each test
    has it alone."""
    servers.require_private_network()
    with open(os.path.join(harness.BUILD, "tests/boards/doctor.lock"), "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def test_diagnoses_usb_and_network(network):
    w = world()
    seen = doctor(w, "192.168.7.2", failed="device")
    assert seen["device"]["seen"] == \
        "no USB device with a network function"
    assert seen["login"]["state"] == "skipped"
    usb(w, ("e0", "01", "03"), driver=None, net=None)
    seen = doctor(w, "192.168.7.2", failed="driver")
    assert seen["device"]["state"] == "note"
    assert "which macOS does not support" in seen["device"]["seen"]
    assert "modprobe rndis_host" in seen["driver"]["fix"]
    w = world()
    usb(w, net=None)
    assert "created no interface" in doctor(w, "192.168.7.2", failed="interface")[
        "interface"]["seen"]
    w = world()
    usb(w)
    ip("link", "add", "usb0", "type", "veth", "peer", "name", "far0")
    try:
        seen = doctor(w, "192.168.7.2", failed="interface")
        assert seen["interface"]["seen"] == "usb0 is down"
        assert seen["interface"]["fix"] == "sudo ip link set usb0 up"
        ip("link", "set", "usb0", "up")
        assert "without carrier" in doctor(w, "192.168.7.2", failed="interface")[
            "interface"]["seen"]
        ip("link", "set", "far0", "up")
        while "LOWER_UP" not in subprocess.run(
                ["ip", "link", "show", "usb0"], capture_output=True, text=True,
                check=True).stdout:
            servers.time.sleep(0.05)
        seen = doctor(w, "192.168.7.2", failed="address")
        assert seen["address"]["seen"] == \
            "usb0 has no address, which is not in the network of 192.168.7.2"
        ip("addr", "add", "10.9.9.9/24", "dev", "usb0")
        assert "usb0 has 10.9.9.9, which is not in" in doctor(
            w, "192.168.7.2", failed="address")["address"]["seen"]
        ip("addr", "add", "192.168.7.2/24", "dev", "usb0")
        assert "has the board's address" in doctor(
            w, "192.168.7.2", failed="address")["address"]["seen"]
        ip("addr", "flush", "dev", "usb0")
        # ST's image gives the board 192.168.7.1, the host's usual address.
        doctor(w, "192.168.7.1", failed="address", by_hand="192.168.7.2")
        doctor(w, "10.1.2.3", failed="address", by_hand="10.1.2.1")
        ip("addr", "add", "192.168.7.1/24", "dev", "usb0", "valid_lft", "900",
           "preferred_lft", "900")
        seen = doctor(w, "192.168.7.2", failed="ping")
        assert (seen["DHCP"]["state"], seen["DHCP"]["seen"]) == \
            ("ok", "usb0 has its address from DHCP")
        ip("addr", "flush", "dev", "usb0")
        ip("addr", "add", "192.168.7.1/24", "dev", "usb0")
        seen = doctor(w, "192.168.7.2", failed="ping")
        assert seen["DHCP"]["state"] == "note"
        assert seen["DHCP"]["seen"].startswith(
            "usb0 has an address without a lease")
        ip("link", "add", "lan0", "type", "veth", "peer", "name", "far1")
        ip("addr", "add", "192.168.7.9/24", "dev", "lan0")
        seen = doctor(w, "192.168.7.2", failed="address")
        assert "usb0 and lan0 are both in the network" in \
            seen["address"]["seen"]
        assert seen["address"]["fix"].endswith("ip addr flush dev lan0")
        ip("link", "del", "lan0")
        seen = doctor(w, "192.168.7.2", failed="ping")
        assert seen["ping"]["seen"] == "192.168.7.2 does not answer"
        assert seen["address"]["seen"] == "192.168.7.1 on usb0"
        w.write("bin/ping", "#!/bin/sh\n", 0o755)
        assert "192.168.7.2 port 22: " in doctor(
            w, "192.168.7.2", failed="port")["port"]["seen"]
    finally:
        ip("link", "del", "usb0")


def fixture(name):
    with open(os.path.join(HERE, "../fixtures", name)) as f:
        return f.read()


class Mac:
    """tether with its sources for macOS, and the programs that they run."""

    def __init__(self, tree):
        self.world = world()
        self.prints("ioreg", tree)
        self.prints("networksetup", fixture("networksetup-boards.txt"))

    def prints(self, name, text, status=0):
        self.world.write(f"bin/{name}", f"#!/bin/sh\ncat <<'EOF'\n{text}EOF\n"
                         f"exit {status}\n", 0o755)

    def doctor(self, failed, mac="enX"):
        return doctor(self.world, "192.168.7.2", failed=failed, mac=mac,
                      program=DARWIN)[failed]


def test_on_macos_asks_to_allow_the_accessory(network):
    step = Mac("").doctor(failed="device")
    assert step["seen"] == "no USB device with a network function"
    assert '"Allow accessory to connect?" with Allow' in step["fix"]
    # macOS has bound its driver, but creates no interface while it is locked.
    step = Mac(fixture("ioreg-locked.txt")).doctor(failed="interface")
    assert step["seen"] == "the driver has created no interface (1-1:1.0)"
    assert step["fix"].startswith("unlock the Mac, reconnect the cable")


def test_on_macos_gives_advice_for_macos(network):
    rndis = fixture("ioreg-boards.txt").partition("+-o RNDIS Gadget")
    step = Mac(rndis[1] + rndis[2]).doctor(failed="driver")
    assert step["seen"] == "no driver is bound to 20-3:1.0 (RNDIS)"
    assert step["fix"].startswith("macOS has drivers for CDC-ECM and CDC-NCM")
    m = Mac(fixture("ioreg-boards.txt"))
    m.prints("ipconfig", "", 1)
    ip("link", "add", "en7", "type", "veth", "peer", "name", "far0")
    try:
        step = m.doctor(failed="interface", mac="en7")
        assert (step["seen"], step["fix"]) == ("en7 is down",
                                               "sudo ifconfig en7 up")
        ip("link", "set", "far0", "up")
        ip("link", "set", "en7", "up")
        ip("addr", "add", "192.168.7.1/24", "dev", "en7")
        servers.wait_for("carrier", lambda: "LOWER_UP" in subprocess.run(
            ["ip", "link", "show", "en7"], capture_output=True, text=True,
            check=True).stdout)
        seen = doctor(m.world, "192.168.7.2", failed="ping", program=DARWIN,
                      mac="en7")
        assert seen["driver"]["seen"] == \
            "AppleUSBECMControl is bound to 1-1.1:1.0"
        assert seen["interface"]["seen"] == \
            'en7 is up (hardware port "usbnvme board")'
        assert seen["DHCP"]["state"] == "note"
        m.prints("ipconfig", "yiaddr = 192.168.7.1\n")
        seen = doctor(m.world, "192.168.7.2", failed="ping", program=DARWIN,
                      mac="en7")
        assert seen["DHCP"]["seen"] == "en7 has its address from DHCP"
        ip("link", "add", "en0", "type", "veth", "peer", "name", "far1")
        ip("addr", "add", "192.168.7.9/24", "dev", "en0")
        step = m.doctor(failed="address", mac="en7")
        assert step["fix"].endswith("sudo ifconfig en0 inet delete")
        ip("link", "del", "en0")
    finally:
        ip("link", "del", "en7")


def test_on_macos_skips_what_it_cannot_check(network):
    m = Mac("")
    m.prints("ioreg", "", 1)
    seen = doctor(m.world, "192.168.7.2", failed="ping", program=DARWIN)
    assert seen["device"]["seen"] == "cannot be checked on this system"
    assert seen["driver"]["state"] == "skipped"


def test_diagnoses_ssh_and_login():
    w = world(ping=1)
    with sshd(w) as s:
        w.trust(s.port)
        seen = doctor(w, "board", failed=None)
        # SSH reaches the board, so a missing answer to ping is only a note.
        assert seen["ping"]["state"] == "note"
        assert seen["device"]["seen"] == \
            "reached through lo (127.0.0.1), not USB"
        assert seen["copying"]["seen"] == "tether deploy, sftp and scp work"
        assert "MiB free of" in seen["disk"]["seen"]
    w = world(ping=0)
    port = servers.free_port()
    done = doctor(w, "127.0.0.1", "-p", str(port), failed="port")
    assert "Connection refused" in done["port"]["seen"]
    port = raw_server(b"220 smtp\r\n")
    done = doctor(w, "127.0.0.1", "-p", str(port), failed="host key")
    assert "does not follow the SSH" in done["host key"]["seen"]
    with sshd(w, "HostKeyAlgorithms=ssh-rsa") as s:
        w.trust(s.port)
        done = doctor(w, "board", failed="host key")
        assert done["host key"]["fix"] == "tether ssh-config board --install"
    with sshd(w, "AuthorizedKeysFile=/nowhere") as s:
        w.trust(s.port, "nokey")
        done = doctor(w, "nokey", failed="login")
        assert "Permission denied (" in done["login"]["seen"]
        assert "ssh-copy-id" in done["login"]["fix"]


def test_diagnoses_old_key_types():
    """A server that identifies itself as an old Dropbear offers key types that
    OpenSSH no longer accepts."""
    w = world(ping=0)
    port = raw_server(b"SSH-2.0-dropbear_2018.76\r\n" + kexinit())
    for config, expected, fix in (
            ("HostKeyAlgorithms +ssh-rsa", "the board accepts ssh-rsa only, "
             "which ssh does not use by default",
             f"tether ssh-config board -p {port} --install"),
            ("HostKeyAlgorithms +ssh-rsa\n\tPubkeyAcceptedAlgorithms +ssh-rsa"
             f"\n\tIdentityFile {w.path('user_ed25519')}\n"
             "\tIdentitiesOnly yes",
             "the board accepts ssh-rsa only, and you have no RSA key",
             "make an RSA key with `ssh-keygen -t rsa`, and copy it with "
             "`ssh-copy-id`")):
        w.set_config(f"Host board\n\tHostName 127.0.0.1\n\t{config}\n")
        if "Identities" in config:
            with open(w.path("bin/ssh")) as f:
                script = f.read()
            w.write("bin/ssh", script.replace(
                f"-i {w.path('user_rsa')}", ""), 0o755)
        said = doctor(w, "board", "-p", str(port), failed="client key")
        assert (said["client key"]["seen"], said["client key"]["fix"]) == \
            (expected, fix), said
    with sshd(w) as s:
        w.trust(s.port)
        said = doctor(w, "board", failed=None)
        assert said["client key"]["seen"] == "the board accepts current key types"
    # The login works, so an old key type is only a note.
    with sshd(w, "HostKeyAlgorithms=ssh-rsa") as s:
        w.trust(s.port, "old")
        with open(w.config, "a") as f:
            f.write("\tHostKeyAlgorithms +ssh-rsa\n")
        said = doctor(w, "old", failed=None)
        assert said["client key"]["state"] == "note", said


def test_diagnoses_tools_clock_and_disk():
    for script, failed, expected in (
            ("echo hi", "copying", "neither sha256sum nor cksum"),
            ("echo tether-doctor 86400; echo /bin/cksum; "
             "echo 'x 9999 1 8888 1% /'", "clock", "differs from this host by"),
            ("echo tether-doctor $(date +%s); echo sha256sum; "
             "echo 'x 9999 9998 1 99% /'", "disk", "0 MiB free"),
            ("head -c 3000000 /dev/zero | tr '\\0' '\\033'; echo cksum",
             "copying", "neither")):
        w = world(ping=0)
        force = w.write("force", "#!/bin/sh\n" + script + "\n", 0o755)
        with sshd(w, "ForceCommand=" + force) as s:
            w.trust(s.port)
            seen = doctor(w, "board", failed=failed)
            assert expected in seen[failed]["seen"], seen
            for step in seen.values():
                assert "\033" not in step["seen"]


def test_clock_difference_excludes_the_time_of_login():
    """Each run of ssh takes 3 s before the board answers."""
    w = world(ping=0)
    with sshd(w) as s:
        w.trust(s.port)
        with open(w.path("bin/ssh")) as f:
            script = f.read()
        assert script.startswith("#!/bin/sh\n"), script
        w.write("bin/ssh", script.replace(
            "#!/bin/sh\n", '#!/bin/sh\ncase "$*" in *-G*) ;; *) sleep 3 ;; '
            'esac\n', 1), 0o755)
        seen = doctor(w, "board", failed=None)
        assert seen["clock"]["seen"] in \
            [f"differs from this host by {n} s" for n in (0, 1)], seen


def test_notes_a_missing_sftp_server():
    w = world(ping=0)
    with sshd(w, sftp=False) as s:
        w.trust(s.port)
        seen = doctor(w, "board", failed=None)
        assert seen["copying"]["state"] == "note"
        assert seen["copying"]["fix"] == "use scp with -O for this board"


def test_error_in_the_configuration_of_ssh_is_no_cable_fault():
    w = world()
    for config, expected in (
            ("Host *\n\tPort abc\n", "line 2: Bad port 'abc'."),
            ("Host *\n\tFrob yes\n", "bad configuration options"),
            ("Host *\n\tUser \"x\n", "bad configuration options"),
            ("Host *\n\tCiphers foo\n", "Bad SSH2 cipher spec 'foo'."),
            ("Match frob\n", "bad configuration options")):
        w.set_config(config)
        said = doctor(w, "board", failed="settings")
        seen = said["settings"]["seen"]
        assert expected in seen and "?" not in seen, seen
        assert said["settings"]["fix"].startswith(
            "ssh cannot read its configuration")
        assert all(s["state"] == "skipped" for n, s in said.items()
                   if n != "settings")
        for verb in (["run", "--host", "board", "true"],
                     ["deploy", "--host", "board", w.config]):
            done = w.tether(*verb, status=1 if verb[0] == "deploy" else 255)
            assert "ssh cannot read its configuration" in done.stderr
            assert "doctor" not in done.stderr, done
    os.remove(w.config)
    said = doctor(w, "board", failed="settings")
    assert "Can't open user config file" in said["settings"]["seen"]
    w.write("bin/ssh", "#!/bin/sh\necho broken\nexit 255\n", 0o755)
    said = doctor(w, "board", failed="settings")
    assert said["settings"]["seen"] == "ssh ended with 255"


def test_name_without_an_address_is_no_cable_fault():
    w = world()
    said = doctor(w, "no-such-board.invalid", failed="name")
    assert said["name"]["seen"].startswith("no-such-board.invalid: ")
    assert said["device"]["state"] == "skipped"
    w.set_config("Host board\n\tHostName other.invalid\n")
    said = doctor(w, "board", failed="name")
    assert said["name"]["seen"].startswith("other.invalid: ")
    for verb in (["run", "--host", "board", "true"],
                 ["deploy", "--host", "board", w.config]):
        done = w.tether(*verb, status=1 if verb[0] == "deploy" else 255)
        assert "give an address, a name that ssh knows" in done.stderr
        assert "doctor" not in done.stderr and "not known?" not in done.stderr
    # Another host resolves the name.
    w.set_config("Host board\n\tHostName other.invalid\n"
                 "\tProxyCommand false\n")
    assert doctor(w, "board", failed="device")["name"]["state"] == "skipped"
