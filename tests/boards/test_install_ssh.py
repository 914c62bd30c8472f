# SPDX-License-Identifier: Apache-2.0
"""tether install over SSH, with confirmation and rollback."""
import os
import re
import signal
import subprocess
import threading

from install_board import (STAGE, ALL, BUSYBOX, make_kit, start_number,
                           make_root, tree, files_of, missing, require_root,
                           login, stop_double)
import servers


def ssh_board(w, *options, init="busybox", **more):
    """Start sshd for a simulated board. Commands run in the board's folder with
    the PATH that a board's sshd sets. The host's script "confirm" starts
    confirm.sh; a test may replace this script."""
    root = make_root(w, init=init)
    login(w, root)
    w.write(f"{root}/etc/mtab", "")
    confirm = w.write("confirm", 'exec "$@"\n')
    server = servers.sshd(
        w, "ForceCommand=case \"$SSH_ORIGINAL_COMMAND\" in "
        f"*\"mv started confirmed\"*) set -- sh {confirm};; "
        f"*) set --; echo >>{root}/run/commands;; esac; exec \"$@\" /usr/sbin/chroot {root} /bin/sh -c "
        "\"$SSH_ORIGINAL_COMMAND\"", "SetEnv=PATH=/usr/bin:/bin", *options,
        **more)
    if not more:
        w.trust(server.port)
    return root, server


def ssh_world():
    w = servers.World()
    make_kit(w)
    return (w, *ssh_board(w))


def stage_is_gone(root):
    servers.wait_for("the removal of the stage folder",
                     lambda: not os.path.exists(f"{root}/{STAGE}"))


def test_ssh_installs_and_uninstalls():
    require_root()
    w, root, server = ssh_world()
    open(f"{root}/run/ok", "w").close()
    with server:
        before = w.tether("install", "--ssh", "board", "--dry-run").stdout
        assert "rolls back" in before, before
        assert missing(root, ALL) == ALL
        os.unlink(f"{root}/run/commands")
        done = w.tether("install", "--ssh", "board", "--verbose")
        assert done.stdout.endswith("done: tetherd is running\n"), done
        times = re.findall(r"^tether: +[0-9]+\.[0-9]{2} s  (.*)$",
                           done.stderr, re.M)
        assert times == ["log in, read the state of the board",
                         "copy and replace the files, launch the switch",
                         "end the connection",
                         "start tetherd, reach the board again"], done
        # Each remote command costs a slow board seconds: one reads the state,
        # one does all the rest before the confirmation.
        with open(f"{root}/run/commands") as f:
            assert len(f.readlines()) == 2
        assert not missing(root, ALL + BUSYBOX)
        stage_is_gone(root)
        assert "nothing to do" in w.tether("install", "--ssh",
                                                   "board").stdout
        # A user restarts tetherd from a shell whose PATH has no sbin. BusyBox
        # start-stop-daemon needs /proc to identify the process.
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             'mount --rbind /proc "$0/proc" && exec /usr/sbin/chroot "$0" "$@"',
             root, "/etc/init.d/S30tetherd", "restart"],
            env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
        assert done.stdout == "Stopping tetherd: OK\nStarting tetherd: OK\n", \
            done
        w.tether("install", "--ssh", "board", "--uninstall")
        servers.wait_for("the removal",
                         lambda: missing(root, ALL + BUSYBOX) == ALL + BUSYBOX)
        stage_is_gone(root)
        assert os.path.exists(f"{root}/run/restored")
        stop_double(root)


def test_ssh_reports_what_a_board_lacks():
    require_root()
    w, root, server = ssh_world()
    before = tree(root)
    with server:
        os.rename(f"{root}/usr/bin/cksum", f"{root}/usr/bin/other")
        assert w.tether("install", "--ssh", "board", status=1).stderr == (
            "tether: board has no cksum, which checks each file that arrives. "
            "Install it (BusyBox: CONFIG_CKSUM)\n")
        os.rename(f"{root}/usr/bin/other", f"{root}/usr/bin/cksum")
        os.rmdir(f"{root}/etc/init.d")
        assert w.tether("install", "--ssh", "board", status=1).stderr == (
            "tether: board has neither systemd nor /etc/init.d, so nothing can "
            "start tetherd\n")
        os.mkdir(f"{root}/etc/init.d")
        os.unlink(f"{root}/run/commands")  # counted by the server of the test
        assert tree(root) == before
        os.rename(f"{root}/bin/sh", f"{root}/bin/no-sh")
        done = w.tether("install", "--ssh", "board", status=1)
        assert done.stderr.startswith("tether: cannot install on board: ssh ended "
                                      "with 127\n"), done
        os.rename(f"{root}/bin/no-sh", f"{root}/bin/sh")


def test_ssh_rolls_back_when_tetherd_fails():
    """tetherd starts, but the host cannot reach the board again: the board
    restores all files."""
    require_root()
    w, root, server = ssh_world()
    w.write(f"{root}/usr/bin/tetherd", "#!/bin/sh\n", 0o755)
    os.unlink(f"{root}/usr/bin/tetherd")
    before = files_of(root)
    with server:
        done = w.tether("install", "--ssh", "board", "--confirm", "12",
                        status=1)
        servers.grep("cannot reach the board again", done.stderr)
        stage_is_gone(root)
        assert files_of(root) == before
        assert os.path.exists(f"{root}/run/restored")
        assert os.path.exists(f"{root}/var/log/tether-install.log")
    stop_double(root)


def test_ssh_finds_the_board_at_its_new_address():
    """tetherd moves the board from 192.168.7.1 to 192.168.7.2. tether also uses
    the user's ssh entry of the old address for the new address. Without this
    entry, ssh rejects the board's ssh-rsa key."""
    require_root()
    servers.require_private_network()
    w = servers.World()
    make_kit(w)
    for words in (["addr", "add", "192.168.7.1/32", "dev", "lo"],):
        subprocess.run(["ip", *words], check=True)
    root, server = ssh_board(w, "HostKeyAlgorithms=ssh-rsa", keys=("rsa",),
                             port=22, listen="0.0.0.0")
    open(f"{root}/run/ok", "w").close()
    moved = []

    def move():
        servers.wait_for("tetherd",
                         lambda: os.path.exists(f"{root}/run/started"))
        for words in (["del", "192.168.7.1/32"], ["add", "192.168.7.2/32"]):
            subprocess.run(["ip", "addr", *words, "dev", "lo"], check=True)
        moved.append(True)

    with server:
        w.tether("ssh-config", "192.168.7.1", "--name", "stm32mp1", "--user",
                 servers.getpass.getuser(), "--install")
        w.tether("run", "--host", "stm32mp1", "true")
        mover = threading.Thread(target=move)
        mover.start()
        done = w.tether("install", "--ssh", "192.168.7.1")
        mover.join()
        assert moved and "The board is at 192.168.7.2 now" in done.stdout, done
        assert done.stdout.endswith("done: tetherd is running\n"), done
        stage_is_gone(root)
        assert not missing(root, ALL + BUSYBOX)
        # ssh has no entry for the new address, so it rejects the ssh-rsa key.
        plain = w.tether("run", "--host", "192.168.7.2", "true", status=255)
        assert "no matching host key type" in plain.stderr, plain
    stop_double(root)
    subprocess.run(["ip", "addr", "del", "192.168.7.2/32", "dev", "lo"],
                   check=True)


def test_ssh_fails_when_confirmed_too_late():
    """The board rolls back before the confirmation arrives."""
    require_root()
    w, root, server = ssh_world()
    open(f"{root}/run/slow", "w").close()
    w.write("confirm", f"until [ -e {root}/run/restoring ]; do sleep 0.05; "
            'done\nexec "$@"\n')
    before = files_of(root)
    with server:
        done = w.tether("install", "--ssh", "board", "--confirm", "10",
                        status=1)
        servers.grep("cannot reach the board again", done.stderr)
        stage_is_gone(root)
        assert files_of(root) == before
        assert os.path.exists(f"{root}/run/restoring")
    stop_double(root)


def test_ssh_repeats_a_lost_confirmation():
    """The board receives the first confirmation, but its answer is lost."""
    require_root()
    w, root, server = ssh_world()
    open(f"{root}/run/ok", "w").close()
    w.write("confirm", f"[ ! -e {root}/run/tether-confirmed ] || exec \"$@\"\n"
            f'"$@" >/dev/null; [ ! -e {root}/{STAGE}/confirmed ] || '
            f"until [ ! -e {root}/{STAGE} ]; do sleep 0.05; done; exit 255\n")
    with server:
        done = w.tether("install", "--ssh", "board")
        assert done.stdout.endswith("done: tetherd is running\n"), done
        assert not missing(root, ALL + BUSYBOX)
    stop_double(root)


def test_ssh_rolls_back_after_a_reset():
    """A reset before the confirmation makes the board roll back at boot."""
    require_root()
    for init, hook in (("busybox", "etc/init.d/S29tether-switch"),
                       ("systemd", "etc/systemd/system/sysinit.target.wants/"
                        "tether-switch-back.service")):
        w = servers.World()
        make_kit(w)
        root, server = ssh_board(w, init=init)
        for name in ("systemctl", "udevadm"):
            if init == "systemd":
                w.write(f"{root}/bin/{name}",
                        f"#!/bin/sh\necho {name} $* >>/run/words\n", 0o755)
        before = files_of(root)
        w.write("confirm", "exit 255\n")
        with server:
            p = subprocess.Popen(
                [servers.TETHER, "install", "--ssh", "board"], env=w.env,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            servers.wait_for("the switch",
                             lambda: os.path.exists(f"{root}/{STAGE}/started"))
            p.kill()
            p.wait()
            with open(f"{root}/{STAGE}/running") as f:
                os.kill(int(f.read()), signal.SIGKILL)
        stop_double(root)

        def start():
            """Run the boot hook as init does."""
            if init == "busybox":
                script = f"/{hook} start"
            else:
                unit = os.path.realpath(f"{root}/{hook}").replace(root, "")
                unit = os.readlink(f"{root}/{hook}")
                with open(root + unit) as f:
                    script = servers.grep(r"\nExecStart=(.*)\n",
                                          f.read()).group(1)
            subprocess.run(["chroot", root, "/bin/sh", "-c", script],
                           check=True)

        assert not missing(root, ALL)
        start()  # with the same boot ID: not a boot of the board
        assert not missing(root, ALL)
        start_number(w, root, 2)
        start()
        assert files_of(root) == before
        if init == "systemd":
            with open(f"{root}/run/words") as f:
                assert "udevadm trigger -c add -s udc\nsystemctl --no-block " \
                    "start usbotg-config.service\n" in f.read()


def test_ssh_takes_back_a_failed_start():
    """A step fails before the switch. tether rolls back at once."""
    require_root()
    w, root, server = ssh_world()
    w.write(f"{root}/etc/tether", "a file in the way")
    before = files_of(root)
    with server:
        done = w.tether("install", "--ssh", "board", status=1)
        servers.grep("etc/tether.*\n.*are rolled back\n$", done.stderr)
        assert files_of(root) == before
        os.unlink(f"{root}/etc/tether")
        before = files_of(root)
        os.unlink(f"{root}/usr/bin/setsid")
        w.write(f"{root}/usr/bin/setsid", "#!/bin/sh\nexit 1\n", 0o755)
        done = w.tether("install", "--ssh", "board", status=1)
        servers.grep("switch script does not start\n.*are rolled back\n$",
                     done.stderr)
        os.unlink(f"{root}/usr/bin/setsid")
        os.symlink("/bin/busybox", f"{root}/usr/bin/setsid")
        assert files_of(root) == before
