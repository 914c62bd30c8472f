# SPDX-License-Identifier: Apache-2.0
"""tether mcp-server, called by JSON-RPC messages and by the client of the official
SDK."""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest

import servers
from servers import PATIENCE, World, sshd

HERE = os.path.dirname(os.path.abspath(__file__))
MIRROR = subprocess.run([os.path.join(HERE, "../../tools/debian-apt"), "mirror"], text=True,
                        capture_output=True).stdout.strip()
IMAGE = "localhost/tether-sdk:latest"
NAMES = ["start_container", "stop_container", "container_status",
         "run_command", "build", "list_artifacts", "collect_artifacts",
         "deploy", "ssh_command", "inspect", "doctor", "ls", "mctp_info",
         "nvme_health"]


def fake_engine(w):
    """Create a stub of docker that logs its arguments, one per line."""
    path = w.write("bin/docker", "#!/bin/sh\n"
                   f"printf '%s\\n' \"$@\" >{w.path('words')}\n"
                   "mark=; container=; before=\n"
                   "for w; do [ \"$before\" != -e ] || mark=$w; "
                   "before=$w; done\n"
                   # A command in a container survives its docker client.
                   "case \"$*\" in *lives-on*) env \"$mark\" setsid sleep 999 "
                   "<&- >&- 2>&- & echo $! >" + w.path("pid") + ";"
                   "sleep 1000;; *environ*) sh -c \"$before\"; exit;; esac\n"
                   # An engine resolves the source of a mount by itself.
                   "before=; for w; do [ \"$before\" != -v ] || "
                   "stat -Lc %i \"${w%%:*}\"; before=$w; done "
                   f">{w.path('mounted')}\n"
                   # The label of the container that this server started.
                   "case \"$1 $*\" in run*) before=; for w; do "
                   "[ \"$before\" != --label ] || "
                   f"echo \"b0b ${{w#*=}}\" >{w.path('label')}; before=$w; "
                   "done;; inspect*Labels*foreign) echo 'f0e <no value>'; "
                   f"exit;; inspect*Labels*) cat {w.path('label')}; exit;; "
                   "esac\n"
                   "case $1 in\n"
                   "exec) case \"$*\" in *endless*) exec yes;; *fail*) echo bad >&2; exit 3;; "
                   "*flood*) head -c 1000000 /dev/zero | tr '\\0' x;; "
                   "*zeros*) head -c 262144 /dev/zero | tr '\\0' '\\001';; "
                   "*bytes*) printf 'a\\377b\\000c\\303\\251';; "
                   "*slow*) echo $$ >" + w.path("pid") +
                   "; exec sleep 1000;; esac;;\nesac\necho done $1\n", 0o755)
    return path


def read_mount(w):
    """The inode that the first -v mounted, as the engine found it."""
    with open(w.path("mounted")) as f:
        return int(f.read().split("\n")[0])


def words(w):
    with open(w.path("words")) as f:
        return f.read().splitlines()


class Mcp:
    def __init__(self, w, *options, env=None):
        self.next = 0
        self.p = subprocess.Popen(
            [servers.TETHER, "mcp-server", *options], env=dict(w.env, **(env or {})),
            cwd=w.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.notes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.stdin.close()
        assert self.p.wait(PATIENCE) == 0
        self.p.stdout.close()
        self.p.stderr.close()

    def raw(self, data):
        self.p.stdin.write(data)
        self.p.stdin.flush()

    def read(self):
        assert select.select([self.p.stdout], [], [], PATIENCE)[0]
        return json.loads(self.p.stdout.readline())

    def send(self, method, params=None, **more):
        self.next += 1
        message = {"jsonrpc": "2.0", "id": self.next, "method": method, **more}
        if params is not None:
            message["params"] = params
        self.raw(json.dumps(message).encode() + b"\n")
        return self.next

    def ask(self, method, params=None):
        wanted = self.send(method, params)
        while True:
            message = self.read()
            if message.get("id") == wanted:
                return message
            self.notes.append(message)

    def settle(self):
        """Wait until tether has no child processes: all calls have ended."""
        end = time.monotonic() + PATIENCE
        while True:
            children = subprocess.run(["pgrep", "-P", str(self.p.pid)],
                                      capture_output=True).stdout
            if not children:
                return
            assert time.monotonic() < end, children
            time.sleep(0.05)

    def call(self, name, /, **arguments):
        said = self.ask("tools/call", {"name": name, "arguments": arguments})
        result = said["result"]
        return result["isError"], result["content"][0]["text"]


def test_follows_the_protocol():
    w = World()
    os.mkdir(w.path("ws"))
    with Mcp(w, "--root", w.path("ws")) as m:
        said = m.ask("initialize", {"protocolVersion": "2025-03-26",
                                    "capabilities": {}})["result"]
        assert said["serverInfo"]["name"] == "linux-build"
        assert said["protocolVersion"] == "2025-03-26"
        assert m.ask("initialize", {"protocolVersion": "1999"})["result"][
            "protocolVersion"] == "2025-06-18"
        m.raw(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        assert m.ask("ping")["result"] == {}
        tools = m.ask("tools/list")["result"]["tools"]
        assert [t["name"] for t in tools] == NAMES
        by = {t["name"]: t["inputSchema"] for t in tools}
        assert by["build"]["required"] == ["container"]
        assert by["build"]["properties"]["command"]["default"] == "make"
        assert by["start_container"]["required"] == []
        assert by["start_container"]["properties"]["extra_volumes"][
            "items"] == {"type": "string"}
        assert by["deploy"]["properties"]["remote_path"]["default"] == \
            "/home/root/"
        assert m.ask("what")["error"]["code"] == -32601
        assert m.ask("tools/call", {"name": "x"})["error"]["code"] == -32602
        assert m.ask("tools/call")["error"]["code"] == -32602
        for data, code in ((b"{", -32700), (b"\xff\xfe", -32700),
                           (b"[]", -32600), (b"7", -32600), (b"{}", -32600),
                           (b'{"id":1,"method":7}', -32600),
                           (b"[" * 100, -32700), (b'{"a":1}{', -32700)):
            m.raw(data + b"\n")
            assert m.read()["error"]["code"] == code, data
        # A batch of requests in one message, of protocol version 2025-03-26.
        # tether sends all responses in one message after the last call ends.
        v = {"jsonrpc": "2.0"}
        m.raw(json.dumps([
            {**v, "id": "a", "method": "ping"}, 7,
            {**v, "method": "notifications/x"},
            {**v, "id": "b", "method": "tools/call", "params": {"name": "ls"}},
            {**v, "id": "c", "method": "what"}]).encode() + b"\n")
        said = m.read()
        assert all(a["jsonrpc"] == "2.0" for a in said)
        by = {a["id"]: a for a in said}
        assert len(said) == 4 and by["a"]["result"] == {}
        assert by[None]["error"]["code"] == -32600
        assert by["b"]["result"]["content"] and \
            by["c"]["error"]["code"] == -32601
        m.raw(b'[{"jsonrpc":"2.0","method":"notifications/x"}]\n')  # has no response
        m.raw(b'\n\r\n{"jsonrpc":"2.0","id":9,"result":{}}\n')
        assert m.ask("ping")["result"] == {}
    with Mcp(w, "--root", w.path("ws")) as m:  # tether exits after a line that exceeds its limit
        try:
            m.raw(b"x" * (5 << 20))
        except BrokenPipeError:
            pass
        assert m.read()["error"]["code"] == -32600
        try:
            m.p.stdin.close()
        except BrokenPipeError:
            pass
        assert m.p.wait(PATIENCE) == 0


V = b'"jsonrpc":"2.0",'
PARSE, INVALID, PARAMS = -32700, -32600, -32602


def test_refuses_messages_that_are_not_json():
    """Each answer is UTF-8 and JSON, and no input ends the server."""
    bad_utf8 = (b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80",
                b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80")
    w = World()
    with Mcp(w, "--root", w.dir) as m:
        for bad in bad_utf8:
            for data in (b'{%s"id":"%s","method":"ping"}' % (V, bad),
                         b'{%s"id":1,"method":"%s"}' % (V, bad),
                         b'{%s"id":1,"method":"ping","%s":1}' % (V, bad),
                         b'{%s"id":1,"method":"ping"}%s' % (V, bad)):
                m.raw(data + b"\n")
                said = m.read()
                assert said["error"]["code"] == PARSE and said["id"] is None
        for data in (b'{%s"id":NaN,"method":"ping"}' % V,
                     b'{%s"id":-Infinity,"method":"ping"}' % V,
                     b'{%s"id":1,"method":"ping"}\0 {' % V,
                     b'{%s"id":"a\tb","method":"ping"}' % V,
                     b'{%s"id":\'a\',"method":"ping"}' % V,
                     b'{%s"id":1,"method":"ping",}' % V,
                     b'{%s"id":1,"method":"ping"' % V,
                     b'{%s/* */"id":1,"method":"ping"}' % V,
                     b'{%s"id":01,"method":"ping"}' % V,
                     b'{%s"id":1,"method":"ping"} {}' % V,
                     b"\xef\xbb\xbf{}", b'"\\', b'"\\"'):
            m.raw(data + b"\n")
            assert m.read()["error"]["code"] == PARSE, data
        m.raw('{"jsonrpc":"2.0","id":"\u00e9\u20ac\U0001f600",'
              '"method":"ping"}\n'.encode())
        assert m.read() == {"jsonrpc": "2.0", "result": {},
                            "id": "\u00e9\u20ac\U0001f600"}


def test_refuses_messages_that_are_no_requests():
    w = World()
    with Mcp(w, "--root", w.dir) as m:
        for members, code, wanted in (
                ('"id":1,"method":"ping"', INVALID, 1),
                ('"jsonrpc":2.0,"id":1,"method":"ping"', INVALID, 1),
                ('"jsonrpc":"1.0","id":1,"method":"ping"', INVALID, 1),
                ('"jsonrpc":"2.0\\u0000","id":1,"method":"ping"', INVALID, 1),
                ('"jsonrpc":null,"id":"x","method":"ping"', INVALID, "x"),
                ('"method":"notifications/initialized"', INVALID, None),
                ('"jsonrpc":"2.0","id":{},"method":"ping"', INVALID, None),
                ('"jsonrpc":"2.0","id":[1],"method":"ping"', INVALID, None),
                ('"jsonrpc":"2.0","id":true,"method":"ping"', INVALID, None),
                ('"jsonrpc":"2.0","id":null,"method":"ping"', INVALID, None),
                ('"jsonrpc":"2.0","id":1e999,"method":"ping"', INVALID, None),
                ('"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"',
                 INVALID, None),
                ('"jsonrpc":"2.0","id":1,"method":7', INVALID, 1),
                ('"jsonrpc":"2.0","id":1,"method":"ping\\u0000"', INVALID, 1),
                ('"jsonrpc":"2.0","id":1', INVALID, 1),
                ('"jsonrpc":"2.0","id":1,"method":"ping","params":"bar"',
                 INVALID, 1),
                ('"jsonrpc":"2.0","id":1,"method":"ping","params":[1]',
                 PARAMS, 1),
                ('"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}',
                 PARAMS, 1),
                ('"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
                 '{"name":"ls\\u0000x"}', PARAMS, 1),
                ('"jsonrpc":"2.0","id":1,"method":"logging/setLevel"',
                 -32601, 1)):
            m.raw(b"{" + members.encode() + b"}\n")
            said = m.read()
            assert said["error"]["code"] == code, (members, said)
            assert said["id"] == wanted, (members, said)
            assert said["jsonrpc"] == "2.0"
        for id in 0, -1, 1.5, "", "x" * 1000, 2 ** 53, 2 ** 63 - 1:
            m.raw(json.dumps({"jsonrpc": "2.0", "id": id, "method": "ping",
                              "params": None}).encode() + b"\n")
            assert m.read() == {"jsonrpc": "2.0", "id": id, "result": {}}
        # Nothing answers a response or a notification.
        for data in (b'{"jsonrpc":"2.0","id":1,"error":{"code":1}}',
                     b'{"jsonrpc":"2.0","method":"notifications/cancelled"}',
                     b'{"jsonrpc":"2.0","method":"notifications/cancelled",'
                     b'"params":{"requestId":[7]}}'):
            m.raw(data + b"\n")
        assert m.ask("ping")["result"] == {}


def test_serves_the_last_line_without_a_line_end():
    w = World()
    for data, answer in (
            (b'{"jsonrpc":"2.0","id":5,"method":"ping"}', b'"result"'),
            (b'{"jsonrpc":"2.0","id":5,"method":"ping"', b"-32700"),
            (b'[{"jsonrpc":"2.0","id":5,"method":"ping"}]', b'"result"'),
            (b"", b""), (b"\r", b"")):
        with Mcp(w, "--root", w.dir) as m:
            m.raw(b'{"jsonrpc":"2.0","id":4,"method":"ping"}\n' + data)
            m.p.stdin.close()
            assert m.read()["id"] == 4
            rest = m.p.stdout.read()
            assert answer in rest and bool(rest) == bool(answer), rest


def test_batches_are_bounded():
    """A batch has at most 64 messages, and its answers are at most 4 MiB."""
    w = World()
    fake_engine(w)
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    with Mcp(w, "--root", w.dir, "--allow-any-container") as m:
        m.raw(json.dumps([ping] * 64).encode() + b"\n")
        assert len(m.read()) == 64
        for data in (json.dumps([ping] * 65).encode(),
                     b"[" + b"1," * (1 << 19) + b"1]",
                     b"[" + b"{}," * (1 << 19) + b"{}]",
                     b'{"a":[' + b"[]," * (1 << 19) + b"[]]}"):
            m.raw(data + b"\n")
            said = m.read()
            assert said["error"]["code"] == INVALID and said["id"] is None
        with open(f"/proc/{m.p.pid}/status") as f:
            peak = int(next(l for l in f if l.startswith("VmHWM")).split()[1])
        assert peak < 400000, f"{peak} KiB"
        m.raw(json.dumps([{**ping, "method": "initialize"}]).encode() + b"\n")
        assert m.read()[0]["error"]["code"] == INVALID
        call = {"jsonrpc": "2.0", "method": "tools/call", "params": {
            "name": "build", "arguments": {"container": "b",
                                           "command": "zeros"}}}
        m.raw(json.dumps([{**call, "id": n} for n in range(8)]).encode() +
              b"\n")
        text = m.p.stdout.readline()
        said = json.loads(text)
        assert len(said) == 8 and len(text) < 5 << 20
        errors = [a for a in said if "error" in a]
        assert errors and all(a["error"]["code"] == -32603 for a in errors)
        assert any("result" in a for a in said)


def test_container_tools_check_their_arguments():
    w = World()
    fake_engine(w)
    os.mkdir(w.path("ws"))
    with Mcp(w, "--root", w.dir) as m:
        assert m.call("start_container", workspace_dir="ws", name="b",
                      extra_volumes=[w.path("ws") + ":/dl:ro"]) == \
            (False, "done run\n")
        said = words(w)
        label, one, two = said[4], said[10], said[12]
        assert re.fullmatch("tether.mcp-server=[0-9a-f]{64}", label)
        assert one.endswith(":/workspace") and two.endswith(":/dl:ro")
        assert read_mount(w) == os.stat(w.path("ws")).st_ino
        assert said[:5] == ["run", "-d", "--init", "--label", label]
        assert said[5:-1] == ["-w", "/workspace", "--name", "b", "-v", one,
                              "-v", two, "stm32mp1-sdk", "sh", "-c"]
        assert "mkdir -p /artifacts;exec sleep 2147483647" in said[-1]
        assert m.call("start_container")[0] is False
        assert read_mount(w) == os.stat(w.dir).st_ino
        command = "make linux-rebuild && make"
        m.call("run_command", container="b", command=command)
        said = words(w)
        assert said[4].startswith("TETHER_CALL=") and len(said[4]) > 20
        assert said == ["exec", "-w", "/workspace", "-e", said[4], "b0b", "sh",
                        "-c", command]
        m.call("run_command", container="b", command=command)
        assert words(w)[4] != said[4]
        m.call("build", container="b")
        assert words(w)[-1] == "make"
        m.call("build", container="b", command="ninja", workdir="/x y")
        assert words(w)[1:3] == ["-w", "/x y"]
        m.call("list_artifacts", container="b")
        assert words(w) == ["exec", "b0b", "ls", "-lAR", "--", "/artifacts"]
        m.call("collect_artifacts", container="b",
               host_path=w.path("stm32mp1-sdcard"))
        assert words(w)[:2] == ["cp", "b0b:/artifacts/."]
        assert os.path.isdir(w.path("stm32mp1-sdcard"))
        assert words(w)[2] != w.path("stm32mp1-sdcard")
        m.call("stop_container", container="b")
        assert words(w) == ["stop", "b0b"]
        m.call("container_status", container="b")
        assert words(w)[:3] == ["inspect", "--type", "container"]
        # A command that fails, excessive output, and bytes that are not UTF-8.
        assert m.call("build", container="b", command="fail") == \
            (True, "bad\n\n[docker ended with 3]")
        failed, text = m.call("build", container="b", command="flood")
        assert not failed and len(text) < 256 * 1024 + 100
        assert text.endswith("[output cut after 262144 bytes]")
        assert m.call("build", container="b", command="bytes")[1] == \
            "a?b?cé" + "done exec\n"
        # The error of a rejected call names the parameter.
        os.unlink(w.path("words"))
        os.symlink("/etc", w.path("link"))
        # A write through a dangling link would create the target outside the
        # root.
        os.symlink("/etc/not-there", w.path("dangling"))
        os.symlink("dangling", w.path("chain"))
        for tool, arguments, expected in (
                ("build", {}, "container: required parameter is missing"),
                ("build", {"container": 1}, "container: expected a string"),
                ("build", {"container": "a\0b"}, "expected a string"),
                ("build", {"container": "-x"}, "expected letters"),
                ("build", {"container": "a b"}, "expected letters"),
                ("build", {"container": ""}, "expected letters"),
                ("build", {"container": "b", "x": "y"}, "unknown parameter"),
                ("build", {"container": "b", "workdir": "-v"}, "absolute path"),
                ("start_container", {"image": "--privileged"}, "letters"),
                ("start_container", {"extra_volumes": "x"}, "an array"),
                ("start_container", {"extra_volumes": [1]}, "an array"),
                ("start_container", {"extra_volumes": ["/etc:/etc"]},
                 "another --root"),
                ("start_container", {"extra_volumes": [w.dir]},
                 "FOLDER_INSIDE"),
                ("start_container", {"workspace_dir": "/"}, "another --root"),
                ("start_container", {"workspace_dir": "link"},
                 "another --root"),
                ("start_container", {"workspace_dir": ".."}, "another --root"),
                ("collect_artifacts", {"container": "b", "host_path":
                                       w.path("no", "..", "..", "x")},
                 "another --root"),
                ("collect_artifacts", {"container": "b", "host_path":
                                       w.dir + "x"}, "another --root"),
                *(("collect_artifacts", {"container": "b", "host_path": path},
                   "another --root")
                  for path in ("dangling", "dangling/", "dangling/x/y",
                               "chain", w.path("chain", "x"))),
                ("start_container", {"workspace_dir": "dangling"},
                 "another --root"),
                ("deploy", {"file_path": "/etc/passwd"}, "another --root"),
                ("inspect", {"file_path": "link/passwd"}, "another --root"),
                ("ssh_command", {"command": "id", "board_ip": "10.0.0.1"},
                 "another --board")):
            failed, text = m.call(tool, **arguments)
            assert failed and expected in text, (tool, arguments, text)
        assert not os.path.exists(w.path("words"))
        said = m.ask("tools/call", {"name": "build", "arguments": [1]})
        assert said["result"]["isError"]


def test_cancels_calls_and_ends_their_programs():
    w = World()
    fake_engine(w)

    def started():
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with open(w.path("pid")) as f:
                    pid = int(f.read())
                os.unlink(w.path("pid"))
                return pid
            except (OSError, ValueError):
                assert time.monotonic() < end
                time.sleep(0.02)

    def gone(pid):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with open(f"/proc/{pid}/stat") as f:
                    if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                        return True
            except OSError:
                return True
            assert time.monotonic() < end, "the program lives on"
            time.sleep(0.02)

    slow = {"name": "build", "arguments": {"container": "b",
                                           "command": "slow"}}
    os.mkdir(w.path("ws"))
    root = "--root", w.path("ws")
    with Mcp(w, *root) as m:
        m.call("start_container")
        call = m.send("tools/call", {**slow, "_meta": {"progressToken": "t"}})
        pid = started()
        assert m.ask("ping")["result"] == {}  # the running call does not delay
        note = m.read()
        assert note["method"] == "notifications/progress"
        assert note["params"]["progressToken"] == "t"
        m.raw(json.dumps({"jsonrpc": "2.0",
                          "method": "notifications/cancelled",
                          "params": {"requestId": call}}).encode() + b"\n")
        assert gone(pid)
        m.notes = []
        m.ask("ping")
        assert not [n for n in m.notes if n.get("id") == call]
        # A command that writes endless output does not delay a ping.
        call = m.send("tools/call", {
            "name": "build", "arguments": {"container": "b",
                                           "command": "endless"}})
        for _ in range(20):
            assert m.ask("ping")["result"] == {}
        m.raw(json.dumps({"jsonrpc": "2.0",
                          "method": "notifications/cancelled",
                          "params": {"requestId": call}}).encode() + b"\n")
        # A cancelled call also ends the command and its children in the
        # container.
        call = m.send("tools/call", {
            "name": "build", "arguments": {"container": "b",
                                           "command": "lives-on"}})
        pid = started()
        m.raw(json.dumps({"jsonrpc": "2.0",
                          "method": "notifications/cancelled",
                          "params": {"requestId": call}}).encode() + b"\n")
        assert gone(pid)
        m.settle()
        # At most eight calls run in parallel.
        for _ in range(8):
            m.send("tools/call", slow)
            started()
        assert "more than 8" in m.ask("tools/call", slow)["error"]["message"]
    with Mcp(w, *root) as m:
        m.send("tools/call", {
            "name": "build", "arguments": {"container": "b",
                                           "command": "lives-on"}})
        pid = started()
        m.p.stdin.close()  # the client disconnects
        assert m.p.wait(PATIENCE) == 0 and gone(pid)
    with Mcp(w, *root) as m:
        m.send("tools/call", slow)
        pid = started()
        m.p.stdin.close()
        assert m.p.wait(PATIENCE) == 0 and gone(pid)
    with Mcp(w, *root) as m:
        m.send("tools/call", slow)
        pid = started()
        m.p.send_signal(signal.SIGTERM)
        assert m.p.wait(PATIENCE) == 0 and gone(pid)


def test_checks_its_options():
    w = World()
    main, other = pty.openpty()
    done = subprocess.run([servers.TETHER, "mcp-server"], stdin=other,
                          text=True, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 2 and "see `tether mctp`" in done.stderr
    os.close(main)
    os.close(other)
    assert "no such folder" in w.tether(
        "mcp-server", "--root", "/nowhere", status=1,
        stdin=subprocess.DEVNULL).stderr
    assert "docker or podman" in w.tether(
        "mcp-server", "--engine", "x", status=2,
        stdin=subprocess.DEVNULL).stderr
    os.mkdir(w.path("empty"))
    with Mcp(w, "--engine", "podman", "--root", w.path("empty"),
             env={"PATH": w.path("empty")}) as m:
        assert m.call("build", container="b") == \
            (True, "[podman is not installed]")


def refused_root(w, *words, env=None):
    done = w.tether("mcp-server", *words, status=2, stdin=subprocess.DEVNULL,
                    env=dict(w.env, **(env or {})))
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert "for example --root ~/src/linux" in done.stderr, done.stderr
    return done.stderr


def test_requires_a_root_that_holds_the_files_of_one_project():
    w = World()
    assert "--root is missing" in refused_root(w)
    os.mkdir(w.path("links"))
    os.makedirs(w.path("home/src"))
    for number, folder in enumerate(
            ("/", "//", "/usr/..", "/tmp", "/tmp/.", "/var/tmp", "/dev",
             "/etc",
             "/usr", "/var", "/home", os.path.expanduser("~"), w.home,
             w.home + "/src/..")):
        if not os.path.isdir(folder):
            continue
        assert "cannot use --root" in refused_root(w, "--root", folder)
        link = w.path("links", str(number))
        os.symlink(folder, link)
        refused_root(w, "--root", link)
        refused_root(w, "--root", link + "/.")
    # The folder for temporary files.
    refused_root(w, "--root", w.path("links"),
                 env={"TMPDIR": w.path("links")})
    # One root that is refused spoils the others.
    refused_root(w, "--root", w.home + "/src", "--root", "/")
    with Mcp(w, "--root", w.home + "/src") as m:
        assert m.ask("ping")["result"] == {}


def test_refuses_a_root_that_is_a_bind_mount_of_a_wide_folder():
    w = World()
    os.mkdir(w.path("mount"))
    script = (f'mount --bind "$1" {w.path("mount")} && '
              f'exec {servers.TETHER} mcp-server --root {w.path("mount")} </dev/null')
    for folder in "/", "/tmp", w.home:
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh",
                               folder], env=w.env, capture_output=True,
                              text=True, timeout=PATIENCE)
        if "unshare failed" in done.stderr or "permission" in done.stderr:
            pytest.skip("this user may not mount")
        assert done.returncode == 2 and "cannot use --root" in done.stderr, done


def test_uses_only_containers_that_it_started():
    w = World()
    fake_engine(w)
    os.mkdir(w.path("ws"))
    os.mkdir(w.path("other"))
    calls = (("run_command", {"command": "id"}), ("build", {}),
             ("stop_container", {}), ("container_status", {}),
             ("list_artifacts", {}),
             ("collect_artifacts", {"host_path": w.path("ws/out")}))
    with Mcp(w, "--root", w.path("ws")) as m:
        assert not m.call("start_container", name="b")[0]
        for name, arguments in calls:
            failed, text = m.call(name, container="foreign", **arguments)
            assert failed and "--allow-any-container" in text, (name, text)
            assert words(w)[0] == "inspect"
            failed, text = m.call(name, container="b", **arguments)
            assert not failed, (name, text)
    # The same root and user: the same server after a restart.
    with Mcp(w, "--root", w.path("ws")) as m:
        assert not m.call("build", container="b")[0]
    with Mcp(w, "--root", w.path("other")) as m:
        assert "did not start it" in m.call("build", container="b")[1]
    with Mcp(w, "--root", w.path("other"), "--allow-any-container") as m:
        assert not m.call("build", container="foreign")[0]
        assert words(w)[5] == "foreign"


def test_opens_paths_below_the_root_only():
    w = World()
    fake_engine(w)
    os.makedirs(w.path("ws/a/b"))
    w.write("ws/a/file", "x")
    os.mkfifo(w.path("ws/fifo"))
    os.symlink("a", w.path("ws/inside"))
    os.symlink("../..", w.path("ws/a/up"))
    os.symlink(w.path("ws/a"), w.path("ws/absolute"))
    os.symlink("/proc/self/root", w.path("ws/magic"))
    with Mcp(w, "--root", w.path("ws")) as m:
        for path in ("..", "a/../..", "a/up", "a/up/home", "absolute",
                     "magic", "magic/etc", "/", w.dir, w.path("ws/../home"),
                     "missing", "/proc/self/cwd", ""):
            failed, text = m.call("start_container", workspace_dir=path)
            assert failed and "workspace_dir: cannot use" in text, (path, text)
        for path, real in ((".", "ws"), ("a", "ws/a"), ("inside", "ws/a"),
                           ("a/../a/b", "ws/a/b"), ("a//b/", "ws/a/b"),
                           (w.path("ws"), "ws"), (w.path("ws/./a"), "ws/a"),
                           ("inside/up/ws", None)):
            failed, text = m.call("start_container", workspace_dir=path)
            if real:
                assert not failed, (path, text)
                assert read_mount(w) == os.stat(w.path(real)).st_ino, path
            else:
                assert failed, path
        for path in "fifo", "a", "a/up", "missing":
            failed, text = m.call("inspect", file_path=path)
            assert failed and "file_path: cannot use" in text, (path, text)
        for path in ("new/../../x", "a/up/x", "absolute/x", "a/file/x"):
            failed, text = m.call("start_container", workspace_dir="ws",
                                  extra_volumes=[path + ":/x"])
            assert failed


def test_old_name_prints_one_line_with_the_new_command():
    """A client that still starts `tether mcp` gets nothing on stdout, where it
    expects JSON-RPC."""
    for words in (["mcp"], ["mcp", "--root", "/tmp"], ["--json", "mcp"],
                  ["mcp", "--json"], ["mcp", "--help"], ["help", "mcp"]):
        done = subprocess.run([servers.TETHER, *words], capture_output=True,
                              stdin=subprocess.DEVNULL, text=True,
                              timeout=PATIENCE)
        assert (done.returncode, done.stdout) == (2, ""), (words, done)
        assert done.stderr.count("\n") == 1, (words, done)
        assert "`tether mcp-server`" in done.stderr, (words, done)


def test_board_tools_use_the_allowed_board():
    w = World()
    with sshd(w) as s:
        w.trust(s.port)
        os.mkdir(w.path("to"))
        with Mcp(w, "--root", w.dir, "--board", "board") as m:
            m.call("ssh_command", command="true")  # stores the host key
            assert m.call("ssh_command", command="echo a; echo b >&2") == \
                (False, "a\n\n[stderr]\nb\n")
            failed, text = m.call("ssh_command", command="exit 4",
                                  board_ip="board")
            assert failed and text.endswith("tether ended with 4]"), text
            # A cancelled call also ends the command on the board.
            call = m.send("tools/call", {"name": "ssh_command", "arguments": {
                "command": f"echo $$ >{w.path('pid')}; sleep 997; true"}})
            end = time.monotonic() + PATIENCE
            while not os.path.exists(w.path("pid")) or \
                    not os.path.getsize(w.path("pid")):
                assert time.monotonic() < end
                time.sleep(0.02)
            with open(w.path("pid")) as f:
                pid = f.read().strip()
            m.raw(json.dumps({"jsonrpc": "2.0",
                              "method": "notifications/cancelled",
                              "params": {"requestId": call}}).encode() + b"\n")
            while os.path.exists(f"/proc/{pid}"):
                assert time.monotonic() < end, "the command still runs on the board"
                time.sleep(0.05)
            app = w.write("-my app", "x")
            failed, text = m.call("deploy", file_path="-my app",
                                  remote_path=w.path("to"))
            assert not failed and json.loads(text)[0]["state"] == "deployed"
            failed, text = m.call("inspect", file_path=app)
            assert failed and "device descriptor" in text


def sdk():
    folder = os.path.join(os.environ.get(
        "XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "tether", "mcp-sdk")
    if os.path.isdir(folder + "/node_modules/@modelcontextprotocol/sdk"):
        return folder, None
    if not shutil.which("npm") or not shutil.which("node"):
        return None, "node and npm are not installed"
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/package.json", "w") as f:
        f.write('{"private": true}\n')
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                               "@modelcontextprotocol/sdk@1"], cwd=folder,
                              capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None, "npm install took longer than 300 s"
    if done.returncode:
        return None, "npm cannot install the SDK: " + done.stderr[-200:]
    return folder, None


def test_works_with_the_official_client():
    folder, why = sdk()
    if not folder:
        pytest.skip(why)
    w = World()
    fake_engine(w)
    with sshd(w) as s:
        w.trust(s.port)
        os.mkdir(w.path("to"))
        app = w.write("zImage", "kernel")
        done = subprocess.run(
            ["node", os.path.join(HERE, "mcp_client.mjs"), servers.TETHER,
             w.dir, "board", app, w.path("to")], cwd=folder, env=w.env,
            capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done
        said = json.loads(done.stdout)
    assert said["server"]["name"] == "linux-build"
    assert said["tools"] == NAMES
    assert said["start"] == {"text": "done run\n", "error": False}
    assert said["run"]["text"] == "done exec\n"
    assert said["collect"] == {"text": "done cp\n", "error": False}
    assert not said["deploy"]["error"], said
    assert said["ssh"] == {"text": "on the board\n", "error": False}
    assert said["slow"]["text"] == "begun\n" and said["ticks"], said
    assert said["ticks"][-1]["message"] == "begun"
    assert said["aborted"] is True
    with open(w.path("to", "zImage")) as f:
        assert f.read() == "kernel"


def podman_with_image(w):
    """Import an image with Debian's make into podman's storage in the folder of
    w. Return (environment, None), or (None, reason) without podman."""
    if not shutil.which("podman"):
        return None, "podman is not installed"
    cache = os.path.join(os.environ.get(
        "XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "tether")
    tree = cache + "/sdk-12.tar"
    if not os.path.exists(tree):
        if not shutil.which("mmdebstrap"):
            return None, "mmdebstrap is not installed"
        os.makedirs(cache, exist_ok=True)
        part = f"{cache}/sdk-{os.getpid()}.tar"
        done = subprocess.run(
            ["mmdebstrap", "--variant=extract", "--mode=chrootless", "-q",
             "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg",
             "--include=dash,coreutils,make", "bookworm", part, MIRROR],
            capture_output=True, text=True, timeout=600)
        if done.returncode:
            return None, "mmdebstrap cannot make a tree: " + done.stderr[-200:]
        os.rename(part, tree)
    w.write("storage.conf", '[storage]\ndriver = "vfs"\n'
            f'graphroot = "{w.path("graph")}"\nrunroot = "{w.path("run")}"\n')
    # crun rejects hosts with both cgroup versions, so prefer runc. The limits
    # below fit a small test machine.
    runtime = 'runtime = "runc"\n' if shutil.which("runc") else ""
    w.write("containers.conf", '[containers]\nnetns = "none"\n'
            'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
            f'[engine]\n{runtime}cgroup_manager = "cgroupfs"\n'
            'events_logger = "file"\n')
    env = dict(w.env, CONTAINERS_STORAGE_CONF=w.path("storage.conf"),
               CONTAINERS_CONF=w.path("containers.conf"))
    for words in (["import", "-q", tree, IMAGE],
                  ["run", "--rm", "--init", IMAGE, "make", "--version"]):
        done = subprocess.run(["podman", *words], env=env, text=True,
                              capture_output=True, timeout=600)
        if done.returncode:
            return None, f"podman {words[0]}: {done.stderr[-200:]}"
    return env, None


def test_works_with_podman():
    w = World()
    env, why = podman_with_image(w)
    if not env:
        pytest.skip(why)
    w.write("ws/Makefile", "all:\n\t@pwd; cp Makefile /artifacts/built\n"
            "%_defconfig:\n\techo $@ >$(O)/.config\n"
            "fail:\n\t@echo no >&2; exit 7\n")
    name = f"tether-{os.getpid()}"
    try:
        with Mcp(w, "--engine", "podman", "--root", w.dir, env=env) as m:
            failed, text = m.call("start_container", image=IMAGE, name=name,
                                  workspace_dir="ws")
            assert not failed, text
            failed, text = m.call("container_status", container=name)
            assert not failed and IMAGE in text, text
            for tool in "build", "run_command":
                failed, text = m.call(tool, container=name, command="make")
                assert (failed, text) == (False, "/workspace\n"), text
            failed, text = m.call("build", container=name, command="make fail")
            assert failed and "no\n" in text and "ended with 2]" in text, text
            failed, text = m.call("list_artifacts", container=name)
            assert not failed and " built\n" in text, text
            failed, text = m.call("collect_artifacts", container=name,
                                  host_path=w.path("out"))
            assert not failed, text
            with open(w.path("out/built")) as f:
                assert f.readline() == "all:\n"
            call = m.send("tools/call", {"name": "run_command", "arguments": {
                "container": name, "command": "sleep 98765 & wait"}})
            look = {"container": name, "command":
                    "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"}
            end = time.monotonic() + PATIENCE
            while "sleep 98765 " not in m.call("run_command", **look)[1]:
                assert time.monotonic() < end
            m.raw(json.dumps({"jsonrpc": "2.0",
                              "method": "notifications/cancelled",
                              "params": {"requestId": call}}).encode() + b"\n")
            while "sleep 98765 " in m.call("run_command", **look)[1]:
                assert time.monotonic() < end, "it goes on in the container"
            failed, text = m.call("stop_container", container=name)
            assert not failed, text
        # `tether image build` uses the same container image.
        os.mkdir(w.path("output"))
        if os.geteuid() == 0:  # Buildroot does not run as root
            os.chown(w.path("output"), 65534, 65534)
        env["HOME"] = w.dir
        done = subprocess.run(
            [servers.TETHER, "image", "build", "--engine", "podman",
             "--container", IMAGE, "--buildroot", "ws", "--board", "any",
             "--", "cat", ".config"], cwd=w.dir, env=env, text=True,
            capture_output=True, timeout=PATIENCE)
        assert done.stdout.endswith("any_defconfig\n"), done
    finally:
        subprocess.run(["podman", "rm", "-f", "-t", "0", name], env=env,
                       capture_output=True, timeout=PATIENCE)
