# SPDX-License-Identifier: Apache-2.0
"""nucleo-emu --gdb serves gdb's remote serial protocol. A client of the test
sends the packets; the last tests use gdb-multiarch."""
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

import harness

PC, SP, XPSR, MSP, PSP, PRIMASK, D0, FPSCR = 15, 13, 16, 17, 18, 19, 23, 39
COUNT, LEAVE, MISUSE, REST, TOUCH, STOP_COUNTING = range(6)
GPIOD, RCC_CFGR, USB_GINTSTS = 0x58020C00, 0x58024410, 0x40040014
WATCHED = 0x20008000  # DTCM behind the program's data


def read_symbols(elf):
    listing = subprocess.run(["arm-none-eabi-nm", elf], check=True,
                             capture_output=True, text=True).stdout
    return {name: int(value, 16) & ~(kind in "tT") for value, kind, name in
            (line.split() for line in listing.splitlines())}


class Emulator:
    """nucleo-emu with debug.elf, halted."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [harness.program("nucleo-emu"), "--errata", "error", "--elf",
             harness.program("debug-elf"), "--semihosting", "--gdb", "0",
             *options],
            stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        found = re.search(r"target remote 127\.0\.0\.1:(\d+)$", line.strip())
        assert found, line
        self.port = int(found[1])

    def wait(self):
        """Wait for the end. Return the exit status and the rest of stderr."""
        text = self.process.communicate(timeout=harness.PATIENCE)[1]
        return self.process.returncode, text

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=harness.PATIENCE)


class Client:
    """A gdb that speaks the protocol packet by packet."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port),
                                               harness.PATIENCE)
        self.buffer = b""
        self.acks = True
        assert self.ask("qSupported:hwbreak+").startswith("PacketSize=")
        assert self.ask("QStartNoAckMode") == "OK"
        self.acks = False

    def byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise EOFError
        byte, self.buffer = self.buffer[:1], self.buffer[1:]
        return byte

    def receive(self):
        """Receive a packet, and return its payload."""
        while self.byte() != b"$":
            pass
        payload = b""
        while (byte := self.byte()) != b"#":
            payload += byte
        assert int(self.byte() + self.byte(), 16) == sum(payload) & 255
        if self.acks:
            self.socket.sendall(b"+")
        return re.sub(rb"}(.)", lambda m: bytes([m[1][0] ^ 0x20]), payload,
                      flags=re.S).decode("latin-1")

    def send(self, payload):
        data = payload.encode("latin-1")
        data = re.sub(rb"[$#}*]", lambda m: b"}" + bytes([m[0][0] ^ 0x20]),
                      data)
        self.socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 255))

    def ask(self, payload):
        self.send(payload)
        return self.receive()

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")),
                              "little")

    def set_register(self, number, value, size=4):
        data = value.to_bytes(size, "little").hex()
        assert self.ask(f"P{number:x}={data}") == "OK"

    def word(self, address):
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},4")),
                              "little")

    def set_word(self, address, value):
        data = value.to_bytes(4, "little").hex()
        assert self.ask(f"M{address:x},4:{data}") == "OK"

    def go(self, packet="c"):
        """Resume, and return the stop reply."""
        return self.ask(packet)

    def monitor(self, command):
        """Return the output of a monitor command."""
        self.send("qRcmd," + command.encode().hex())
        text = ""
        while (reply := self.receive()) != "OK":
            assert reply[0] == "O", reply
            text += bytes.fromhex(reply[1:]).decode()
        return text

    def halt(self):
        self.socket.sendall(b"\3")
        return self.receive()

    def run_to(self, address):
        assert self.ask(f"Z0,{address:x},2") == "OK"
        assert self.go() == "T05thread:1;"
        assert self.ask(f"z0,{address:x},2") == "OK"
        assert self.register(PC) == address

    def close(self):
        self.socket.close()


@pytest.fixture(scope="module")
def symbol():
    return read_symbols(harness.program("debug-elf"))


@pytest.fixture
def emulator():
    e = Emulator()
    yield e
    e.close()


@pytest.fixture
def gdb(emulator):
    g = Client(emulator.port)
    yield g
    g.close()


def test_starts_halted_at_the_reset_handler(gdb, symbol):
    assert gdb.ask("?") == "T05thread:1;"
    assert gdb.register(PC) == symbol["reset"]


def test_registers_read_back_as_written(gdb, symbol):
    for number in range(13):
        gdb.set_register(number, 0x1000 + number)
    gdb.set_register(SP, 0x20001003)
    gdb.set_register(PSP, 0x20002000)
    gdb.set_register(PRIMASK, 0xff)
    gdb.set_register(XPSR, 0xF0000003)
    gdb.set_register(D0 + 15, 0x400921FB54442D18, 8)
    gdb.set_register(FPSCR, 0x03000000)
    everything = bytes.fromhex(gdb.ask("g"))
    assert len(everything) == 4 * 24 + 8 * 16
    assert everything[:4 * 13] == b"".join(
        (0x1000 + n).to_bytes(4, "little") for n in range(13))
    assert gdb.register(SP) == gdb.register(MSP) == 0x20001000
    assert gdb.register(PSP) == 0x20002000
    assert gdb.register(PRIMASK) == 1
    # The exception number cannot be written.
    assert gdb.register(XPSR) & 0xF00001FF == 0xF0000000
    assert gdb.register(D0 + 15) == 0x400921FB54442D18
    assert gdb.register(FPSCR) == 0x03000000
    assert gdb.ask("G" + everything.hex()) == "OK"
    assert bytes.fromhex(gdb.ask("g")) == everything
    assert gdb.ask("p40") == "E16"
    assert gdb.ask("P0=12") == "E16"
    assert gdb.ask("G00") == "E16"


def test_description_names_every_register(gdb):
    text, part = "", "m"
    while part[0] == "m":
        part = gdb.ask(f"qXfer:features:read:target.xml:{len(text):x},100")
        text += part[1:]
    names = re.findall(r'<reg name="(\w+)"', text)
    assert len(names) == 40 and names[PC] == "pc" and names[D0] == "d0"
    assert text.endswith("</target>")
    assert gdb.ask("qXfer:features:read:other.xml:0,10") == "E00"
    assert gdb.ask("qXfer:features:read:target.xml:ffffffff,1") == "E00"


def test_memory_is_read_and_written_by_text_and_binary(gdb):
    gdb.set_word(WATCHED, 0x12345678)
    assert gdb.ask(f"m{WATCHED + 1:x},2") == "5634"
    assert gdb.ask(f"X{WATCHED:x},4:$#}}*") == "OK"
    assert bytes.fromhex(gdb.ask(f"m{WATCHED:x},4")) == b"$#}*"
    assert gdb.ask("X0,0:") == "OK"
    gdb.set_word(0x08000000, 0xCAFE)  # the internal flash, as by a probe
    assert gdb.word(0x08000000) == 0xCAFE
    assert gdb.ask("m10000000,4") == "E0e"
    assert gdb.ask("M10000000,1:00") == "E0e"
    assert gdb.ask(f"M{WATCHED:x},4:00") == "E16"
    assert gdb.ask(f"X{WATCHED:x},4:a") == "E16"
    assert gdb.ask("m0") == "E16"
    # The end of the address space.
    assert gdb.ask("mffffffff,4") == "E0e"


def test_registers_of_peripherals_follow_the_rules_of_the_bus(gdb):
    assert gdb.word(RCC_CFGR) == 0
    assert gdb.ask(f"m{GPIOD:x},4") == "E0e"  # its clock is off
    gdb.set_word(0x58024540, 1 << 3)  # RCC AHB4ENR
    gdb.set_word(GPIOD + 0x14, 0x5a5a)
    assert gdb.word(GPIOD + 0x14) == 0x5a5a
    assert gdb.ask(f"m{GPIOD + 0x15:x},1") == "5a"
    gdb.set_word(0x58024538, 1 << 25)  # RCC AHB1ENR: USB_OTG_HS
    gdb.word(USB_GINTSTS)
    # GRXSTSP and RDR pop a FIFO, and SysTick's CSR clears a flag.
    assert gdb.ask("m40040020,4") == "E0e"
    assert gdb.ask("me000e010,4") == "E0e"
    gdb.set_word(0x58024548, 1 << 18)  # RCC APB1ENR1: USART3
    assert gdb.word(0x4000481C) != 0  # ISR
    assert gdb.ask("m40004824,4") == "E0e"  # RDR
    # A refused access does not end the run.
    assert gdb.go("s") == "T05thread:1;"


def test_breakpoint_halts_before_the_instruction(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    count = gdb.word(symbol["counter"])
    gdb.run_to(symbol["count_up"])
    assert gdb.word(symbol["counter"]) == count + 1
    gdb.run_to(symbol["systick"])
    assert gdb.register(XPSR) & 0x1ff == 15


def test_breakpoint_in_place_is_hit_each_time(gdb, symbol):
    assert gdb.ask(f"Z1,{symbol['count_up']:x},2") == "OK"
    gdb.go()
    first = gdb.word(symbol["counter"])
    for i in range(1, 4):
        gdb.go()
        assert gdb.word(symbol["counter"]) == first + i


def test_table_of_points_has_a_limit(gdb):
    for i in range(256):
        assert gdb.ask(f"Z0,{2 * i:x},2") == "OK"
    assert gdb.ask("Z0,1000,2") == "E1c"
    assert gdb.ask("z0,0,2") == "OK"
    assert gdb.ask("Z0,1000,2") == "OK"
    for i in range(32):
        assert gdb.ask(f"Z2,{WATCHED + 4 * i:x},4") == "OK"
    assert gdb.ask(f"Z2,{WATCHED + 400:x},4") == "E1c"
    assert gdb.ask(f"z2,{WATCHED:x},4") == "OK"
    assert gdb.ask(f"Z2,{WATCHED:x},0") == "E1c"
    assert gdb.ask(f"Z2,{WATCHED:x},1001") == "E1c"
    assert gdb.ask("Z9,0,2") == ""


def test_step_executes_one_instruction_without_interrupts(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    ticks = gdb.word(symbol["ticks"])
    for _ in range(1100):  # longer than a period of SysTick
        assert gdb.go("s") == "T05thread:1;"
    assert gdb.word(symbol["ticks"]) == ticks


def test_step_executes_an_it_block_whole(gdb, symbol):
    at = symbol["choose"]
    for value, result in (0, 1), (7, 2):
        gdb.run_to(at)
        gdb.set_register(0, value)
        for expected in at + 2, at + 8:
            gdb.go("s")
            assert gdb.register(PC) == expected
        assert gdb.register(0) == result


def test_step_wakes_a_core_that_sleeps(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    gdb.set_word(symbol["order"], REST)
    gdb.run_to(symbol["rest"])
    gdb.go("s")
    assert gdb.register(PC) == symbol["rest"] + 2
    gdb.go("vCont;s:1;c")
    assert gdb.register(PC) != symbol["rest"] + 2


def test_code_that_gdb_writes_is_executed(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    gdb.run_to(symbol["choose"])
    count = gdb.word(symbol["counter"])
    assert gdb.ask(f"M{symbol['count_up']:x},2:7047") == "OK"  # bx lr
    for _ in range(3):
        gdb.run_to(symbol["choose"])
    assert gdb.word(symbol["counter"]) == count


@pytest.mark.parametrize("kind, word", [(2, "watch"), (4, "awatch")])
def test_watchpoint_halts_before_the_store(gdb, symbol, kind, word):
    at = symbol["counter"]
    gdb.run_to(symbol["count_up"])
    count = gdb.word(at)
    assert gdb.ask(f"Z{kind},{at:x},4") == "OK"
    reply = f"T05{word}:{at:x};thread:1;"
    assert gdb.go() == reply
    if word == "awatch":  # the load comes first
        assert gdb.go() == reply
    assert gdb.word(at) == count
    pc = gdb.register(PC)
    assert symbol["count_up"] < pc < symbol["count_up"] + 32
    gdb.go("s")
    assert gdb.word(at) == count + 1
    # It is hit again at the next store.
    assert gdb.go() == reply


def test_read_watchpoint_ignores_stores(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    assert gdb.ask(f"Z3,{symbol['four'] + 4:x},4") == "OK"
    assert gdb.ask(f"Z3,{symbol['counter']:x},1") == "OK"
    for _ in range(3):
        assert gdb.go() == f"T05rwatch:{symbol['counter']:x};thread:1;"


@pytest.mark.parametrize("word", range(4))
def test_watchpoint_sees_each_word_of_a_store_multiple(gdb, symbol, word):
    at = symbol["four"] + 4 * word
    gdb.run_to(symbol["count_up"])
    gdb.set_word(at, 0)
    assert gdb.ask(f"Z2,{at:x},4") == "OK"
    assert gdb.go() == f"T05watch:{at:x};thread:1;"
    assert gdb.word(at) == 0
    gdb.go("s")
    assert gdb.word(at) == word + 1


def test_watchpoint_sees_the_frame_of_an_exception(gdb, symbol):
    gdb.run_to(symbol["systick"])
    frame = gdb.register(SP)
    gdb.run_to(symbol["count_up"])
    assert gdb.ask(f"Z2,{frame + 28:x},4") == "OK"
    while gdb.go() == f"T05watch:{frame + 28:x};thread:1;":
        if gdb.register(PC) == symbol["systick"]:
            return


def test_watchpoint_of_a_register_halts_behind_the_access(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    gdb.set_word(symbol["order"], TOUCH)
    assert gdb.ask(f"Z3,{RCC_CFGR:x},4") == "OK"
    assert gdb.go() == f"T05rwatch:{RCC_CFGR:x};thread:1;"
    assert symbol["reset"] <= gdb.register(PC)


def test_removed_watchpoint_is_not_hit(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    assert gdb.ask(f"Z2,{symbol['counter']:x},4") == "OK"
    assert gdb.go().startswith("T05watch")
    assert gdb.ask(f"z2,{symbol['counter']:x},4") == "OK"
    gdb.run_to(symbol["systick"])


def test_ctrl_c_halts_a_running_program(gdb, symbol):
    gdb.send("c")
    assert gdb.halt() == "T02thread:1;"
    gdb.run_to(symbol["count_up"])
    gdb.set_word(symbol["order"], REST)
    gdb.send("c")
    assert gdb.halt() == "T02thread:1;"


def test_reset_halts_at_the_reset_handler(gdb, symbol):
    for reset in (lambda: gdb.send("R00"), lambda: gdb.monitor("reset")):
        gdb.run_to(symbol["systick"])
        reset()
        assert gdb.ask("?") == "T05thread:1;"
        assert gdb.register(PC) == symbol["reset"]
        assert gdb.register(XPSR) & 0x1ff == 0
    gdb.run_to(symbol["count_up"])
    assert gdb.word(symbol["counter"]) == 0


def test_detached_program_runs_and_a_new_connection_halts_it(emulator, symbol):
    first = Client(emulator.port)
    first.run_to(symbol["count_up"])
    assert first.ask(f"Z0,{symbol['count_up']:x},2") == "OK"
    count = first.word(symbol["counter"])
    assert first.ask("D") == "OK"
    first.close()

    def has_counted():
        client = Client(emulator.port)
        value = client.word(symbol["counter"])
        client.close()  # without a detach: the program runs on
        return value > count + 1
    harness.wait_for(has_counted, "the detached program to count")


def test_second_connection_is_refused(emulator, gdb, symbol):
    other = socket.create_connection(("127.0.0.1", emulator.port),
                                     harness.PATIENCE)
    assert other.recv(1) == b""
    other.close()
    assert "one gdb at a time" in emulator.process.stderr.readline()
    gdb.run_to(symbol["count_up"])


@pytest.mark.parametrize("request_line", [
    b"POST / HTTP/1.1\r\n\r\n$k#6b", b"\x16\x03\x01\x00", b"\0"])
def test_connection_that_is_not_gdb_is_closed(emulator, request_line):
    other = socket.create_connection(("127.0.0.1", emulator.port),
                                     harness.PATIENCE)
    other.sendall(request_line)
    try:
        assert other.recv(1) == b""
    except ConnectionResetError:
        pass
    other.close()
    assert emulator.process.poll() is None
    Client(emulator.port).close()


def test_listens_on_loopback_only(emulator):
    sockets = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = {line.split()[1] for line in sockets
                 if line.split()[1].endswith(f":{emulator.port:04X}") and
                 line.split()[3] == "0A"}
    assert addresses == {f"0100007F:{emulator.port:04X}"}


def test_bad_packets_are_refused(emulator):
    s = socket.create_connection(("127.0.0.1", emulator.port),
                                 harness.PATIENCE)
    s.sendall(b"+$?#00")
    assert s.recv(1) == b"-"
    s.sendall(b"$?#zz")
    assert s.recv(1) == b"-"
    s.sendall(b"$" + b"a" * 5000 + b"#%02x" % (5000 * ord("a") & 255))
    assert s.recv(1) == b"-"
    s.sendall(b"$?#3f")
    reply = harness.take(s, 1 + 16)
    assert reply == b"+$T05thread:1;#d7", reply
    s.sendall(b"-")  # gdb did not understand: it is repeated
    assert harness.take(s, 16) == reply[1:]
    s.sendall(b"$nonsense#%02x" % (sum(b"nonsense") & 255))
    assert harness.take(s, 5) == b"+$#00"
    s.close()


def test_checksum_of_a_range_is_the_one_of_compare_sections(gdb):
    data = bytes(range(64)) * 70
    for at in range(0, len(data), 64):
        chunk = data[at:at + 64].hex()
        assert gdb.ask(f"M{WATCHED + at:x},40:{chunk}") == "OK"
    crc = 0xffffffff
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xffffffff
    assert gdb.ask(f"qCRC:{WATCHED:x},{len(data):x}") == f"C{crc:08x}"
    assert gdb.ask("qCRC:10000000,4") == "E0e"
    assert gdb.ask("qCRC:0,ffffffff") == "E16"


def test_kill_ends_the_emulator(emulator):
    gdb = Client(emulator.port)
    gdb.send("k")
    assert emulator.wait()[0] == 0
    gdb.close()


def test_end_of_the_program_reports_its_status(emulator, symbol):
    gdb = Client(emulator.port)
    gdb.run_to(symbol["count_up"])
    gdb.set_word(symbol["order"], LEAVE)
    assert gdb.go() == "W00"
    assert emulator.wait()[0] == 0
    gdb.close()


def test_misuse_halts_with_its_message_and_then_ends_the_run(emulator, symbol):
    gdb = Client(emulator.port)
    gdb.run_to(symbol["count_up"])
    gdb.set_word(symbol["order"], MISUSE)
    text = bytes.fromhex(gdb.go()[1:]).decode()
    assert "GPIOD at 0x58020c18, whose clock is off" in text
    assert gdb.receive() == "O0a"
    assert gdb.receive() == "T06thread:1;"
    assert "the run has failed: pc" in gdb.monitor("faults")
    assert gdb.go() == "W03"
    status, said = emulator.wait()
    assert status == 3 and "whose clock is off" in said
    gdb.close()


def test_program_runs_again_after_a_reset_of_a_failed_run(gdb, symbol):
    gdb.run_to(symbol["count_up"])
    gdb.set_word(symbol["order"], MISUSE)
    gdb.go()
    gdb.receive()
    assert gdb.receive() == "T06thread:1;"
    gdb.monitor("reset")
    gdb.run_to(symbol["count_up"])


def test_monitor_prints_peripherals_and_core(gdb, symbol):
    gdb.run_to(symbol["systick"])
    assert re.search(r"^registers +NAME +Print", gdb.monitor("help"), re.M)
    assert gdb.monitor("") == gdb.monitor("help")
    listed = gdb.monitor("peripherals")
    assert re.search(r"^GPIOD +0x58020c00 clock off$", listed, re.M)
    assert re.search(r"^RCC +0x58024400$", listed, re.M)
    assert re.search(r"^UART3 +0x40004800 clock off$", listed, re.M)
    assert "clock of GPIOD is off" in gdb.monitor("registers gpiod")
    assert "+0x130 00e00000" in gdb.monitor("registers RCC")
    gdb.set_word(0x58024538, 1 << 25)
    assert "a read changes the state" in gdb.monitor("registers USB_OTG_HS")
    assert "unknown peripheral \"NOPE\"" in gdb.monitor("registers NOPE")
    assert re.search(r"15 SysTick +priority 0x00 active",
                     gdb.monitor("exceptions"))
    assert gdb.monitor("mpu") == "MPU off\n"
    assert "core 64000 kHz" in gdb.monitor("time")
    assert gdb.monitor("usb").startswith("off")
    assert "CFSR 0x00000000" in gdb.monitor("faults")
    assert gdb.monitor("button on") == gdb.monitor("button off") == ""
    assert "on or off" in gdb.monitor("button maybe")
    assert gdb.monitor("defect crystal") == ""
    assert "expects none" in gdb.monitor("defect gremlins")
    assert gdb.monitor("trace irq") == gdb.monitor("trace off") == ""
    assert "expects usb" in gdb.monitor("trace everything")
    assert "unknown command \"dance\"" in gdb.monitor("dance")
    assert "takes no argument" in gdb.monitor("help me")
    assert gdb.ask("qRcmd," + "41" * 300) == "E16"
    assert gdb.ask("qRcmd,4") == "E16"


def test_port_in_use_is_an_error(emulator):
    run = subprocess.run(
        [harness.program("nucleo-emu"), "--elf", harness.program("debug-elf"),
         "--gdb", str(emulator.port)], capture_output=True, text=True,
        timeout=harness.PATIENCE)
    assert run.returncode == 1
    assert "cannot listen on 127.0.0.1" in run.stderr


def test_signal_ends_a_halted_emulator(emulator, gdb):
    emulator.process.terminate()
    assert emulator.wait()[0] == 0


# --- gdb itself ---

GDB = shutil.which("gdb-multiarch") or shutil.which("arm-none-eabi-gdb")
needs_gdb = pytest.mark.skipif(
    not GDB, reason="gdb-multiarch is not installed (run tools/deps test)")


def run_gdb(port, elf, *commands):
    """Run gdb with commands, and return what it prints."""
    argv = [GDB, "-nx", "-batch", "-ex", "set confirm off"]
    for command in (f"target remote 127.0.0.1:{port}", *commands):
        argv += ["-ex", command]
    run = subprocess.run([*argv, elf], capture_output=True, text=True,
                         timeout=harness.PATIENCE)
    return run.stdout + run.stderr


@needs_gdb
def test_gdb_debugs_a_handler(emulator, symbol):
    text = run_gdb(
        emulator.port, harness.program("debug-elf"), "break systick",
        "continue", "backtrace", "monitor exceptions", "finish",
        "watch counter", "continue", "delete", "stepi", "next",
        "compare-sections .text", "set var order = 1", "continue")
    assert "Breakpoint 1, systick ()" in text
    assert re.search(r"#1 +<signal handler called>\n#2 .* in (reset|choose|"
                     r"obey|count_up|store_four|rest) \(", text), text
    assert re.search(r"Hardware watchpoint 2: counter.*Old value = (\d+)\n"
                     r"New value = (\d+)\n", text, re.S), text
    assert "Section .text, range 0x0 --" in text and "matched." in text
    assert re.search(r"15 SysTick +priority 0x00 active", text)
    assert "exited normally" in text
    assert emulator.wait()[0] == 0
