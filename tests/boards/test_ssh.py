# SPDX-License-Identifier: Apache-2.0
"""tether ssh-config, run and ssh with real servers on loopback addresses."""
import getpass
import os
import signal
import stat
import struct
import subprocess

import servers
from servers import (World, grep, kexinit, raw_server, sshd)

USER = getpass.getuser()
RSA_ONLY = ("HostKeyAlgorithms=ssh-rsa",)


def test_run_passes_arguments_and_exit_codes():
    w = World()
    with sshd(w) as s:
        w.trust(s.port)
        host = ("--host", "board")
        assert w.tether("run", *host, "echo", "it works").stdout == \
            "it works\n"
        # A single argument is a command line for the board's shell. Several
        # arguments are the words of one command.
        assert w.tether("run", *host, "echo a; echo b").stdout == "a\nb\n"
        for word in ("two  spaces", "it's", '"', "$HOME", "a\nb", "-n", "*",
                     "\\", "`id`", "é"):
            out = w.tether("run", *host, "printf", "%s.", word, "").stdout
            assert out == word + "..", (word, out)
        assert w.tether("run", *host, "--", "printf", "%s", "-n").stdout == \
            "-n"
        for code in (0, 1, 42, 254):
            w.tether("run", *host, f"exit {code}", status=code)
        done = w.tether("run", *host, "cat; echo err >&2", input="in\n")
        assert (done.stdout, done.stderr) == ("in\n", "err\n")
        assert "usage" in w.tether("run", status=2).stderr
        # A signal ends tether and the command on the board, with a terminal
        # there and without. The last command starts a child process that
        # ignores SIGTERM and SIGHUP: this process must end, too.
        for words, command, number in (
                (["-t"], "echo $$; exec sleep 1000", signal.SIGTERM),
                ([], "echo $$; exec sleep 1000", signal.SIGTERM),
                ([], "echo $$; exec sleep 1000", signal.SIGINT),
                ([], "(trap '' TERM HUP; echo $(exec sh -c 'echo $PPID'); "
                 "while :; do sleep 1; done) & wait", signal.SIGHUP)):
            p = subprocess.Popen([servers.TETHER, "run", *host, *words,
                                  command], env=w.env, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
            pid = p.stdout.readline().strip().decode()
            assert os.path.exists(f"/proc/{pid}"), pid
            p.send_signal(number)
            code = p.wait(servers.PATIENCE)
            assert code != 0 and (words or code == -number), (code, number)
            for _ in range(1000):
                if not os.path.exists(f"/proc/{pid}"):
                    break
                servers.time.sleep(0.05)
            assert not os.path.exists(f"/proc/{pid}"), "the command lives on"
        assert w.tether("ssh", "board", input="echo shell\nexit 3\n",
                        status=3).stdout == "shell\n"


def test_finds_boards_by_name():
    w = World()
    with sshd(w) as s:
        config = w.path("home/.config/tether/config")
        section = (f"host = 127.0.0.1\nuser = {USER}\nport = {s.port}\n"
                   f"identity = {w.path('user_rsa')}\n")
        w.set_config("Host *\n\tStrictHostKeyChecking accept-new\n"
                     f"\tUserKnownHostsFile {w.path('known')}\n")
        w.write(config, f"; boards\n[lab]\n{section}\n[default]\n{section}")
        for words, env in (((), {}), (("--host", "lab"), {}),
                           ((), {"TETHER_BOARD": "lab"})):
            done = w.tether("run", *words, "echo", "$", "ok", env=env)
            assert done.stdout == "$ ok\n"
        done = w.tether("run", "--host", f"{USER}@127.0.0.1", "-p",
                        str(s.port), "echo ok")
        assert done.stdout == "ok\n"
        for text, expected in (
                ("[lab]\nhots = x\n",
                 f"tether: {config}, line 2: unknown key hots (expected host, "
                 "user, port, identity or to)\n"),
                ("[lab]\nhost = " + "x" * 300 + "\n", "at most 255"),
                ("[lab\n", "line 1"), ("\0\1\2\n[lab]\nhost\n", "zero bytes"),
                ("[lab]\nport = 70000\n",
                 "tether: port 70000 of board lab is invalid. Give a number "
                 "from 1 to 65535\n"),
                ("[lab]\nhost = -oProxyCommand=id\n",
                 "invalid board"), ("x" * (2 << 20), "too large")):
            w.write(config, text)
            done = w.tether("run", "--host", "lab", "true", status=1)
            assert expected in done.stderr, (text[:40], done)
        os.unlink(config)
        done = w.tether("run", "--host", "-oProxyCommand=id", "true", status=1)
        assert "invalid board" in done.stderr


def test_ssh_config_allows_ssh_rsa_for_one_host():
    w = World()
    with sshd(w, *RSA_ONLY) as s:
        before = ("# mine\r\nServerAliveInterval 30\n\nHost other\n"
                  "\tPort 1\nHost *\n\tCompression no")
        w.set_config(before)
        ssh = [w.path("bin", "ssh"), "-o", "BatchMode=yes"]
        plain = subprocess.run(
            [*ssh, "-p", str(s.port), "127.0.0.1", "true"], env=w.env,
            capture_output=True, text=True)
        assert plain.returncode == 255
        assert "no matching host key type found. Their offer: ssh-rsa" in \
            plain.stderr, plain
        args = ("ssh-config", "127.0.0.1", "-p", str(s.port), "--name",
                "stm32mp1", "--user", USER)
        shown = w.tether(*args)
        assert "HostKeyAlgorithms +ssh-rsa" in shown.stdout
        assert "not written" in shown.stdout
        dry = w.tether(*args, "--install", "--dry-run")
        assert "would change" in dry.stdout and "Host stm32mp1" in dry.stdout
        with open(w.config, newline="") as f:
            assert f.read() == before.replace("\r\n", "\r\n")
        # The configuration is behind two symbolic links, which stay.
        real = w.path("real")
        os.rename(w.config, real)
        os.symlink("../../link", w.config)
        os.symlink("real", w.path("link"))
        os.chmod(real, 0o644)
        done = w.json(*args, "--install")
        assert set(done) == servers.documented("ssh-config")
        assert done["changed"] and "HostKeyAlgorithms +ssh-rsa" in \
            done["allowed"] and done["server"].startswith("SSH-2.0-OpenSSH")
        assert os.path.islink(w.config) and os.path.islink(w.path("link"))
        assert stat.S_IMODE(os.stat(real).st_mode) == 0o600
        with open(real, newline="") as f:
            installed = f.read()
        assert installed.endswith(before) and len(installed) > len(before)
        assert installed.count("Host stm32mp1 127.0.0.1") == 1
        # A second --install changes nothing.
        assert w.json(*args, "--install")["changed"] is False
        assert "nothing to do in" in w.tether(*args, "--install").stdout
        # ssh reaches the board by name and by address. Options of other hosts
        # are unchanged.
        for name in ("stm32mp1", "127.0.0.1"):
            ok = subprocess.run([*ssh, name, "echo in"], env=w.env,
                                capture_output=True, text=True)
            assert ok.stdout == "in\n", ok
        assert w.tether("run", "--host", "stm32mp1", "echo in").stdout == \
            "in\n"
        for name, wanted in (("other", "port 1\n"), ("x", "port 22\n")):
            g = subprocess.run([*ssh, "-G", name], env=w.env, text=True,
                               capture_output=True, check=True).stdout
            assert wanted in g and "serveraliveinterval 30\n" in g
            assert "compression no\n" in g
            accepted = grep(r"\nhostkeyalgorithms (.*)\n", g).group(1)
            assert "ssh-rsa" not in accepted.split(",")
        # Add a second board, then remove both: the file is as before.
        w.tether(*args[:4], "--name", "second", "--user", USER, "--install")
        w.tether("ssh-config", "127.0.0.1", "--name", "stm32mp1", "--remove")
        w.tether("ssh-config", "127.0.0.1", "--name", "second", "--remove")
        with open(real, newline="") as f:
            assert f.read() == before
        assert "nothing to do" in w.tether(
            "ssh-config", "--name", "second", "--remove").stdout


def test_ssh_config_allows_nothing_for_a_new_server():
    w = World()
    with sshd(w) as s:
        done = w.json("ssh-config", "127.0.0.1", "-p", str(s.port),
                      "--name", "b", "--user", USER, "--install")
        assert done["allowed"] == "" and "+" not in done["entry"]
        assert w.tether("run", "--host", "b", "echo hi").stdout == "hi\n"


def test_advises_after_a_changed_host_key():
    w = World()
    args = None
    with sshd(w, keys=("ed25519",)) as s:
        args = ("ssh-config", "127.0.0.1", "-p", str(s.port), "--name", "b",
                "--user", USER)
        w.tether(*args, "--install")
        assert w.tether("run", "--host", "b", "echo 1").stdout == "1\n"
        port = s.port
    # A new image on the board has another host key.
    os.unlink(w.path("host_ed25519"))
    w.keygen("ed25519", w.path("host_ed25519"))
    with sshd(w, keys=("ed25519",), port=port):
        done = w.tether("run", "--host", "b", "echo 2", status=255)
        assert "IDENTIFICATION HAS CHANGED" in done.stderr
        advice = ("tether: a board gets new host keys with a new image. If that "
                  "is the reason, run `tether ssh-config HOST --forget`, or "
                  "`ssh-keygen -R HOST` without an entry of ssh-config\n")
        assert done.stderr.endswith(advice), done
        done = w.tether("ssh", "b", input="", status=255)
        assert done.stderr.endswith(advice), done
        known = w.path("home/.ssh/known_hosts.tether-b")
        assert w.tether(*args, "--forget", "--dry-run").stdout == \
            f"would remove {known}\n"
        assert w.json(*args, "--forget", "--dry-run")["changed"] is False
        assert os.path.exists(known)
        assert "are removed" in w.tether(*args, "--forget").stdout
        assert not os.path.exists(known)
        assert w.tether(*args, "--forget", "--dry-run").stdout == \
            f"nothing to remove: {known}\n"
        assert w.tether("run", "--host", "b", "echo 2").stdout == "2\n"


def test_ssh_config_splits_user_and_host():
    """USER@HOST makes an entry for HOST with the user USER. `tether doctor`
    suggests this form."""
    w = World()
    with sshd(w, *RSA_ONLY) as s:
        w.set_config(f"Host *\n\tPort {s.port}\n")
        board = f"{USER}@127.0.0.1"
        w.tether("doctor", board, status=17)  # host key
        w.tether("ssh-config", board, "--install")
        with open(w.config) as f:
            assert "\nHost 127.0.0.1\n\tHostName 127.0.0.1\n" \
                f"\tUser {USER}\n" in f.read()
        assert w.tether("run", "--host", board, "echo in").stdout == "in\n"
        assert w.tether("ssh-config", board, "--remove").stdout == \
            f"changed {w.config}\n"


def test_ssh_config_escapes_the_zone_of_an_address():
    """An IPv6 address with a zone contains %, which ssh's configuration file
    needs as %%."""
    servers.require_private_network()
    for words in (["link", "add", "usb0", "type", "veth", "peer", "name",
                   "far0"], ["link", "set", "usb0", "up"],
                  ["link", "set", "far0", "up"],
                  ["addr", "add", "fe80::1/64", "dev", "usb0", "nodad"]):
        subprocess.run(["ip", *words], check=True)
    w = World()
    board = "fe80::1%usb0"
    with sshd(w, "ListenAddress=::") as s:
        said = w.json("ssh-config", board, "-p", str(s.port), "--user", USER,
                      "--install")
        assert (said["name"], said["host"]) == (board, board)
        with open(w.config) as f:
            assert "\tHostName fe80::1%%usb0\n" in f.read()
        assert w.tether("run", "--host", board, "echo in").stdout == "in\n"
        assert os.path.exists(w.path("home/.ssh/known_hosts.tether-" + board))
        assert w.json("ssh-config", board, "-p", str(s.port), "--user", USER,
                      "--install")["changed"] is False


def test_ssh_config_judges_the_offer_of_servers():
    w = World()

    def ask(data, status=0, *options):
        port = raw_server(data)
        done = w.tether("ssh-config", "127.0.0.1", "-p", str(port), "--name",
                        "b", "--json", *options, status=status)
        return servers.json.loads(done.stdout), port

    old = b"SSH-2.0-dropbear_2018.76\r\n"
    said, _ = ask(old + kexinit())
    assert said["allowed"] == ("HostKeyAlgorithms +ssh-rsa, "
                               "PubkeyAcceptedAlgorithms +ssh-rsa")
    assert "accepts no Ed25519 keys" in said["note"]
    said, _ = ask(b"SSH-2.0-dropbear_2022.83\n" +
                  kexinit(b"ssh-ed25519,rsa-sha2-256,ssh-rsa"))
    assert (said["allowed"], said["note"]) == ("", "")
    weak = b"hello\r\n" * 3 + b"SSH-2.0-x\r\n" + kexinit(
        b"ssh-ed25519", b"odd,diffie-hellman-group1-sha1", b"3des-cbc",
        b"hmac-md5")
    said, _ = ask(weak, 0, "--allow-weak")
    assert said["allowed"] == (
        "KexAlgorithms +diffie-hellman-group1-sha1, Ciphers +3des-cbc, "
        "MACs +hmac-md5")
    assert said["note"].count("is weak: update the SSH server") == 3
    said, _ = ask(weak, 1)
    assert "offers only weak key exchanges: odd,diffie" in said["error"]
    assert said["error"].endswith("with --allow-weak")
    # The strongest common algorithm is chosen, at any place of the server's
    # list, and it applies to this host only.
    for kex, cipher, mac, allowed in (
            (b"diffie-hellman-group1-sha1,diffie-hellman-group14-sha1",
             b"3des-cbc,aes128-cbc,aes256-cbc", b"hmac-md5,hmac-sha2-256",
             "KexAlgorithms +diffie-hellman-group14-sha1, Ciphers +aes256-cbc"),
            (b"diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1,"
             b"diffie-hellman-group14-sha1", b"aes128-ctr", b"hmac-sha2-256",
             "KexAlgorithms +diffie-hellman-group14-sha1"),
            (b"curve25519-sha256", b"3des-cbc,aes192-cbc", b"hmac-sha2-512",
             "Ciphers +aes192-cbc"),
            # A cipher with authentication needs no MAC.
            (b"curve25519-sha256", b"aes256-gcm@openssh.com", b"hmac-md5",
             "")):
        said, _ = ask(b"SSH-2.0-x\r\n" + kexinit(b"ssh-ed25519", kex, cipher,
                                                 mac))
        assert said["allowed"] == allowed, said
        assert said["entry"].splitlines()[1] == "Host b 127.0.0.1"
        assert said["entry"].splitlines()[-2] == "Match all"
    for lists, kind in (
            ((b"ssh-ed25519", b"diffie-hellman-group1-sha1"), "key exchanges"),
            ((b"ssh-ed25519", b"curve25519-sha256", b"3des-cbc"), "ciphers"),
            ((b"ssh-ed25519", b"curve25519-sha256", b"aes128-ctr",
              b"hmac-md5-96,hmac-md5"), "MACs"),
            ((b"ssh-ed25519", b"curve25519-sha256", b"aes128-ctr",
              b"hmac-sha1-96"), "MACs"),
            ((b"ssh-dss",), "host keys")):
        said, _ = ask(b"SSH-2.0-x\r\n" + kexinit(*lists), 1)
        if "does not implement" not in said["error"]:
            assert f"offers only weak {kind}" in said["error"], said
    said, _ = ask(b"SSH-2.0-evil\x1b[2J\xff\n" + kexinit(b"ssh-rsa"))
    assert said["server"] == "SSH-2.0-evil?[2J?"
    said, _ = ask(b"SSH-2.0-x\n" + kexinit(b"ssh-future"), 1)
    assert said["error"] == ("SSH-2.0-x offers only host keys that this ssh "
                             "does not implement: ssh-future. Update the SSH "
                             "server of the board")
    good = kexinit()
    for data in (b"", b"HTTP/1.1 400\r\n", b"SSH-2.0" + b"x" * 5000,
                 b"\n" * 100, b"SSH-2.0-x"):
        said, port = ask(data, 1)
        assert said["error"] == (
            f"cannot read the offer of the board: 127.0.0.1 port {port}: "
            "connected, but the listener is not an SSH server. `tether "
            "doctor` checks each step"), (data[:20], said)
    for data in (b"", good[:20], b"\xff" * 64, b"\0" * 64,
                 struct.pack(">IB", 34000, 4) + b"x" * 34000,
                 struct.pack(">IB", 60, 200) + bytes(60),
                 struct.pack(">IB", 60, 4) + bytes([20] + [0] * 15) +
                 b"\xff" * 60,
                 kexinit(b"a\nb"), kexinit(b"a b"), kexinit(b"x" * 3000)):
        said, port = ask(b"SSH-2.0-x\r\n" + data, 1)
        assert "sends a malformed key exchange" in said["error"]
    done = w.tether("ssh-config", "127.0.0.1", "-p",
                    str(servers.free_port()), status=1)
    assert "Connection refused" in done.stderr


def test_ssh_config_supports_ssh_before_8_5():
    """Before OpenSSH 8.5, the option PubkeyAcceptedAlgorithms had the name
    PubkeyAcceptedKeyTypes."""
    w = World()
    port = raw_server(b"SSH-2.0-dropbear_2018.76\r\n" + kexinit())
    with open(w.path("bin/ssh")) as f:
        script = f.read()
    real = grep(r"exec (\S+) ", script).group(1)
    w.write("bin/ssh", "#!/bin/sh\ncase \"$*\" in\n"
            f"*-G*) {real} -F /dev/null -p {port} -G 127.0.0.1 | sed "
            "s/pubkeyacceptedalgorithms/pubkeyacceptedkeytypes/; exit;;\n"
            "*PubkeyAcceptedAlgorithms*) exit 255;; esac\n" + script, 0o755)
    said = w.json("ssh-config", "127.0.0.1", "-p", str(port), "--name", "b",
                  "--install")
    assert said["allowed"] == ("HostKeyAlgorithms +ssh-rsa, "
                               "PubkeyAcceptedKeyTypes +ssh-rsa")
    with open(w.config) as f:
        text = f.read()
    assert "\n\tPubkeyAcceptedKeyTypes +ssh-rsa\n" in text
    assert "PubkeyAcceptedAlgorithms" not in text


def test_reports_a_server_that_does_not_answer():
    """The server accepts connections but sends nothing."""
    w = World()
    listener = servers.socket.create_server(("127.0.0.1", 0))
    w.trust(listener.getsockname()[1])
    advice = "tether: the board does not answer. `tether doctor` checks each " \
        "step\n"
    app = w.write("app", "x")
    for words, status in ((["run", "--host", "board", "true"], 255),
                          (["ssh", "board"], 255),
                          (["deploy", app, "--host", "board"], 1)):
        begun = servers.time.monotonic()
        done = w.tether(*words, status=status, stdin=subprocess.DEVNULL)
        assert done.stderr.endswith(advice), done
        assert 8 < servers.time.monotonic() - begun < servers.PATIENCE
    listener.close()


def test_ssh_config_refuses_broken_files_and_names():
    w = World()
    with sshd(w) as s:
        args = ("ssh-config", "127.0.0.1", "-p", str(s.port), "--install",
                "--name", "b")
        broken = "# >>> tether b >>>\nHost b\n"
        w.set_config(broken)
        done = w.tether(*args, status=1)
        assert done.stderr == (
            f'tether: {w.config} has the first line of the block "tether b", '
            "but not its last. Correct the file by hand\n")
        with open(w.config) as f:
            assert f.read() == broken
        os.unlink(w.config)
        w.set_config("")
        loop = w.path("loop")
        os.symlink(loop, loop)
        assert "symbolic links" in w.tether(*args, "--file", loop,
                                            status=1).stderr
        # ssh-config creates a missing folder, and keeps bytes that are not
        # text.
        new = w.path("home", "n", "config")
        w.tether(*args, "--file", new)
        assert stat.S_IMODE(os.stat(os.path.dirname(new)).st_mode) == 0o700
        junk = bytes(range(256)) * 10
        path = w.write("junk", junk)
        w.tether(*args, "--file", path)
        w.tether("ssh-config", "--name", "b", "--remove", "--file", path)
        with open(path, "rb") as f:
            assert f.read() == junk
        for bad in ("a b", "*", "-x", "", "x\nHost y"):
            done = w.tether(*args[:-1], bad, status=1)
            assert "invalid --name" in done.stderr
        for bad in ("root\nProxyCommand id", "a b"):
            assert "invalid user" in w.tether(*args, "--user", bad,
                                              status=1).stderr


def test_ssh_config_keeps_the_file_when_the_disk_is_full():
    servers.require_private_mounts()
    w = World()
    full = w.path("full")
    os.mkdir(full)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "t", full],
                   check=True)
    with open(full + "/config", "wb") as f:
        f.write(b"x" * 4096)
    with open(full + "/rest", "wb") as f:
        f.write(b"x" * 4096)
    with sshd(w) as s:
        done = w.tether("ssh-config", "127.0.0.1", "-p", str(s.port),
                        "--install", "--file", full + "/config", status=1)
    assert "No space left on device. It is unchanged" in done.stderr
    with open(full + "/config", "rb") as f:
        assert f.read() == b"x" * 4096
    assert sorted(os.listdir(full)) == ["config", "rest"]
    subprocess.run(["umount", full], check=True)


def test_works_with_dropbear():
    servers.require_private_mounts()
    w = World()
    with servers.dropbear(w) as s:
        said = w.json("ssh-config", "127.0.0.1", "-p", str(s.port), "--name",
                      "b", "--user", USER, "--install")
        assert said["server"].startswith("SSH-2.0-dropbear_")
        done = w.tether("run", "--host", "b", "printf", "%s", "a 'b'")
        assert done.stdout == "a 'b'", s.read_log()
        w.tether("run", "--host", "b", "exit 7", status=7)


def test_names_the_program_that_failed():
    """tether prints how ssh ended, without reading memory that is no longer
    valid."""
    w = World()
    w.write("bin/ssh", "#!/bin/sh\necho one line\nexit 255\n", 0o755)
    for words in (["ssh-config", "127.0.0.1"],
                  ["ssh-config", "127.0.0.1", "--json"],
                  ["deploy", "--host", "127.0.0.1", w.config]):
        done = w.tether(*words, status=1)
        assert "ssh ended with 255" in done.stdout + done.stderr, done
    w.write("bin/ssh", "#!/bin/sh\nkill -9 $$\n", 0o755)
    done = w.tether("ssh-config", "127.0.0.1", status=1)
    assert "ssh was ended by signal 9" in done.stderr, done
    os.remove(w.path("bin/ssh"))
    done = w.tether("ssh-config", "127.0.0.1", status=1,
                    env={"PATH": w.path("bin")})
    assert "ssh is not installed" in done.stderr, done


def test_explains_a_host_key_of_another_type():
    w = World()
    port = servers.free_port()
    for kind, advice in (("ed25519", None), ("rsa", "of another type")):
        with sshd(w, keys=[kind], port=port) as s:
            w.trust(s.port)
            done = w.tether("run", "--host", "board", "true",
                            status=255 if advice else 0)
            if advice:
                assert advice in done.stderr and "--forget" in done.stderr
    w.keygen("rsa", w.path("host_other"))
    os.rename(w.path("host_other"), w.path("host_rsa"))
    with open(w.path("known_board"), "w"):
        pass
    with sshd(w, keys=["rsa"], port=port) as s:
        w.tether("run", "--host", "board", "true")
    w.keygen("rsa", w.path("host_other"))
    os.rename(w.path("host_other"), w.path("host_rsa"))
    with sshd(w, keys=["rsa"], port=port) as s:
        done = w.tether("deploy", "--host", "board", w.config, status=1)
        assert "new host keys with a new image" in done.stderr
        assert "?" not in done.stderr.replace("\n", ""), done.stderr


def test_names_an_expired_or_missing_password():
    w = World()
    said = "Password change required but no TTY available."
    for code in 1, 255:
        w.write("bin/ssh", f"#!/bin/sh\nprintf '%s\\r\\n' '{said}' >&2\n"
                f"exit {code}\n", 0o755)
        done = w.tether("run", "--host", "board", "true", status=code)
        assert "password of this user on the board has expired" in done.stderr
        done = w.tether("deploy", "--host", "board", w.config, status=1)
        assert "has expired" in done.stderr and said + "\n" in done.stderr
    w.write("bin/ssh", "#!/bin/sh\necho 'Permission denied (publickey,"
            "password).' >&2; exit 255\n", 0o755)
    done = w.tether("run", "--host", "board", "true", status=255)
    assert "root has an empty password" in done.stderr
