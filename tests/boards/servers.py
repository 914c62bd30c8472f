# SPDX-License-Identifier: Apache-2.0
"""SSH servers on the loopback interface, and a user who runs tether."""
import contextlib
import getpass
import json
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import pytest

import harness
from harness import PATIENCE

TETHER = harness.program("tether")


def private_mounts():
    """Return whether this test runs in a private mount namespace, which
    tests/boards/private creates."""
    return os.environ.get("TETHER_PRIVATE_MOUNTS") == "yes"


def require_private_mounts():
    """Skip the test without a private mount namespace: other processes would
    see its mounts."""
    if not private_mounts():
        pytest.skip("tests/boards/private could not give this user mounts of "
                    "its own")


def require_private_network():
    """Skip the test without a private network namespace: it would change the
    addresses of this machine."""
    if os.environ.get("TETHER_PRIVATE_NETWORK") != "yes":
        pytest.skip("tests/boards/private could not give this user a network "
                    "namespace")


def wait_for(what, found):
    """Wait until found() returns a true value. The error message contains the
    text in `what`."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


MAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                   "docs", "man")


def documented(verb):
    """Return the JSON keys that the manual page of the verb documents."""
    with open(os.path.join(MAN, f"tether-{verb}.1.scd")) as f:
        page = f.read()
    section = re.search(r"^# JSON OUTPUT\n\n(.*?)\n\n", page,
                        re.M | re.S).group(1)
    return set(re.findall(r"(?<![\w])_([a-z][a-z0-9_]*?)_(?![a-z])", section))


def keys(value):
    """Return all keys of a JSON value, at any depth."""
    found = set()
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            found |= set(one)
            for inner in one.values():
                found |= keys(inner)
    return found


class World:
    """A user with a temporary home, SSH keys, and an ssh that uses them."""

    def __init__(self):
        self.keep = tempfile.TemporaryDirectory(prefix="tether-boards-")
        self.dir = self.keep.name
        os.chmod(self.dir, 0o755)
        self.home = os.path.join(self.dir, "home")
        os.makedirs(os.path.join(self.home, ".ssh"), 0o700)
        self.config = os.path.join(self.home, ".ssh", "config")
        for kind in ("ed25519", "rsa"):
            self.keygen(kind, self.path("user_" + kind))
            self.keygen(kind, self.path("host_" + kind))
        with open(self.path("authorized_keys"), "w") as out:
            for kind in ("ed25519", "rsa"):
                with open(self.path(f"user_{kind}.pub")) as key:
                    out.write(key.read())
        os.mkdir(self.path("bin"))
        # OpenSSH ignores HOME and uses the home in passwd, so a script gives
        # ssh the configuration and the keys of the temporary home.
        for tool in ("ssh",):
            real = subprocess.run(["which", tool], capture_output=True,
                                  text=True, check=True).stdout.strip()
            with open(self.path("bin", tool), "w") as f:
                f.write(f'#!/bin/sh\ncase "$*" in *"-F /dev/null"*|"-Q "*) '
                        f'exec {real} "$@";; esac\n'
                        f'echo "$*" >>{self.path("ssh.log")}\n'
                        f"exec {real} -F {shlex.quote(self.config)} "
                        f"-o IdentityAgent=none "
                        f"-i {self.path('user_ed25519')} "
                        f"-i {self.path('user_rsa')} \"$@\"\n")
            os.chmod(self.path("bin", tool), 0o755)
        open(self.config, "w").close()
        self.env = dict(os.environ, HOME=self.home, TETHER_BATCH="1",
                        PATH=self.path("bin") + ":" + os.environ["PATH"])
        for name in ("TETHER_BOARD", "XDG_CONFIG_HOME", "TETHER_CONFIG",
                     "SSH_AUTH_SOCK"):
            self.env.pop(name, None)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def keygen(self, kind, path):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path],
                       check=True)

    def sockets(self):
        """Return the control sockets of shared connections that still exist."""
        with open(self.path("ssh.log")) as f:
            return [p for p in set(re.findall(r"ControlPath=(\S+)", f.read()))
                    if os.path.exists(p)]

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes)
                    else content.encode())
        os.chmod(path, mode)
        return path

    def set_config(self, text):
        with open(self.config, "w") as f:
            f.write(text)

    def trust(self, port, name="board"):
        """Add an entry for a server to the user's ssh configuration."""
        self.set_config(f"Host {name}\n\tHostName 127.0.0.1\n\tPort {port}\n"
                        f"\tUserKnownHostsFile {self.path('known_' + name)}\n"
                        "\tStrictHostKeyChecking accept-new\n")

    def tether(self, *words, status=0, env=None, **more):
        program = more.pop("program", TETHER)
        done = subprocess.run([program, *words], capture_output=True,
                              text=more.pop("text", True),
                              env=dict(self.env, **(env or {})),
                              timeout=PATIENCE, **more)
        assert done.returncode == status, (words, done)
        return done

    def json(self, *words, **more):
        done = self.tether(*words, "--json", **more)
        lines = done.stdout.splitlines()
        assert len(lines) == 1, done
        said = json.loads(lines[0])
        unknown = keys(said) - documented(words[0]) - {"error"}
        assert not unknown, (words, unknown)
        return said


class Server(harness.Program):
    """A server process that listens on a TCP port."""

    def __init__(self, argv, port, **more):
        self.port = port
        super().__init__(argv, start_new_session=True,
                         stdout=subprocess.DEVNULL, **more)
        self.wait_until(self.listens, f"listener at {port}")

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(PATIENCE)


def sshd(world, *options, keys=("ed25519", "rsa"), port=None, sftp=True,
         listen="127.0.0.1"):
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", 0o755, exist_ok=True)
    port = port or free_port()
    argv = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", str(port)]
    values = ["ListenAddress=" + listen, "StrictModes=no", "UsePAM=no",
              "PidFile=none", "PermitRootLogin=yes", "PrintMotd=no",
              *([] if any(o.startswith("AuthorizedKeysFile") for o in options)
                else ["AuthorizedKeysFile=" + world.path("authorized_keys")]),
              *(["Subsystem=sftp /usr/lib/openssh/sftp-server"] if sftp
                else [])]
    values += ["HostKey=" + world.path("host_" + key) for key in keys]
    for value in (*values, *options):
        argv += ["-o", value]
    return Server(argv, port)


@contextlib.contextmanager
def dropbear(world):
    """Start dropbear. dropbear reads authorized_keys of the real home, so the
    file of the test is mounted there."""
    ssh = os.path.expanduser("~" + getpass.getuser()) + "/.ssh"
    os.makedirs(ssh, 0o700, exist_ok=True)
    keys = world.path("dotssh")
    os.mkdir(keys, 0o700)
    with open(world.path("authorized_keys")) as f:
        world.write(keys + "/authorized_keys", f.read(), 0o600)
    host_key = world.path("dropbear_rsa")
    subprocess.run(["dropbearkey", "-t", "rsa", "-f", host_key], check=True,
                   capture_output=True)
    subprocess.run(["mount", "--bind", keys, ssh], check=True)
    port = free_port()
    try:
        with Server(["dropbear", "-F", "-E", "-r", host_key, "-p",
                     f"127.0.0.1:{port}", "-P", world.path("pid")],
                    port) as server:
            yield server
    finally:
        subprocess.run(["umount", ssh], check=True)


def raw_server(answer):
    """Start a server that sends `answer` to each client. Return its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                try:
                    peer.sendall(answer)
                    peer.settimeout(0.3)
                    while peer.recv(4096):
                        pass
                except OSError:
                    pass
    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def kexinit(host_keys=b"ssh-rsa", kex=b"curve25519-sha256",
            cipher=b"aes128-ctr", mac=b"hmac-sha2-256"):
    payload = bytes([20]) + bytes(16)
    for names in (kex, host_keys, cipher, cipher, mac, mac, b"none", b"none",
                  b"", b""):
        payload += struct.pack(">I", len(names)) + names
    payload += bytes(5)
    padding = 8 - (len(payload) + 5) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + \
        payload + bytes(padding)


class Wire:
    """A TCP proxy in front of a server. The proxy closes the connection, stops
    forwarding, or limits the rate."""

    def __init__(self, port, cut_after=None, silent=False, rate=None):
        self.to, self.cut_after, self.silent = port, cut_after, silent
        self.rate, self.bytes, self.was_cut = rate, 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            self.pairs += [client, server]
            for a, b, count in ((client, server, True),
                                (server, client, False)):
                threading.Thread(target=self.pump, args=(a, b, count),
                                 daemon=True).start()

    def pump(self, a, b, count):
        try:
            while True:
                chunk = a.recv(16384)
                if count:
                    self.bytes += len(chunk)
                    if self.cut_after is not None and \
                            self.bytes > self.cut_after:
                        self.was_cut = True
                if self.was_cut and self.silent:
                    continue
                if self.was_cut or not chunk:
                    break
                b.sendall(chunk)
                if self.rate:
                    time.sleep(len(chunk) / self.rate)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
        for s in self.pairs:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def grep(pattern, text):
    found = re.search(pattern, text)
    assert found, (pattern, text)
    return found
