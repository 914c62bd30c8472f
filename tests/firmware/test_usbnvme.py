# SPDX-License-Identifier: Apache-2.0
"""The image of usbnvme on the emulated board, as a USB host and a user see it.

TETHER_TEST_ROUNDS is the number of repeated enumerations (default: 1000).
"""
import hashlib
import json
import os
import pathlib
import re
import shlex
import struct
import subprocess
import tempfile
import unittest

import harness
from board import Board, STARTED, WAIT

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Chip IDs. The expected responses of the vectors contain the UUID that derives
# from UID.
UID = "000102030405060708090a0b"
OTHER_UID = "000102030405060708090a0c"
ALL = harness.beside(harness.require_images("all", "bench", "1.1", "less"),
                     "all")
TETHER = harness.program("tether")
VECTORS = harness.program("test-vectors")
ROUNDS = int(os.environ.get("TETHER_TEST_ROUNDS", 1000))

ADDRESS = "control 0005010000000000\n"
CONFIGURE = "control 0009010000000000\n"
UNCONFIGURE = "control 0009000000000000\n"
GET_EID = "out 1 1ab4000b010008c8008002\n"
EID = "1ab4000f010800c000000200??????\n"


def loaded(elf):
    """Return the loadable segments of an ELF file as {address: bytes}."""
    table, = struct.unpack_from("<I", elf, 28)
    segments = {}
    for i in range(struct.unpack_from("<H", elf, 44)[0]):
        kind, offset, start, _, size = struct.unpack_from("<5I", elf,
                                                          table + 32 * i)
        if kind == 1 and size:
            segments[start] = elf[offset:offset + size]
    return segments


class Case(unittest.TestCase):
    """Boards that boot from flash through the loader."""

    def start(self, *options, images=None):
        """Start a board with an image in its external flash."""
        folder = images or Board.images
        board = Board((folder / "usbnvme.bin").read_bytes(), options=options)
        self.addCleanup(board.end)
        return board

    def serve(self, *options, images=None):
        """Start a board with USB/IP. Return (board, value of --via)."""
        board = self.start("--usbip", "127.0.0.1:0", *options, images=images)
        return board, f"usbip:127.0.0.1:{board.port()}"

    def tether(self, via, *words):
        """Run tether with the board. Return the output."""
        done = subprocess.run([TETHER, *words, "--via", via], timeout=WAIT,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        return done.stdout

    def ask(self, via, *words):
        """Run tether with the board. Return the decoded JSON output."""
        return json.loads(self.tether(via, *words, "--json"))

    def script(self, text, *options, images=None):
        """Run a script of a USB host. Return the output of the board."""
        with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
            f.write(text)
            f.flush()
            return self.start("--script", f.name, *options,
                              images=images).finish()


class Usb(Case):
    """Bus events from a scripted host, with reproducible timing."""

    def test_cold_boot_to_configured(self):
        text = self.script(
            "connect\n"
            "control 8006000100001200 => 12010002ef020140decc*\n" +
            ADDRESS + CONFIGURE + "control 8008000000000100 => 01\n"
            "rtt => USB attached, high speed\nsleep 10\nled 1 => on\n" +
            GET_EID + "in 1 512 => " + EID)
        self.assertRegex(text, STARTED)

    def test_full_speed(self):
        self.script("connect\n" + ADDRESS + CONFIGURE +
                    "rtt => USB attached, full speed\n" + GET_EID +
                    "in 1 64 => " + EID, "--speed", "full")

    def test_leds_of_a_board_without_a_host(self):
        board = self.start("--leds", "--seconds", "3")
        text = board.finish()
        self.assertGreaterEqual(len(re.findall(r"LD2 on", text)), 2)
        self.assertNotRegex(text[text.index("usbnvme"):], r"LD[13] on")

    def test_suspend_resume_reset_unplug(self):
        come = "connect\n" + ADDRESS + CONFIGURE
        use = GET_EID + "in 1 512 => " + EID
        self.script(
            come + use +
            "suspend\nsleep 20\nrtt => USB suspended\nled 1 => off\n"
            "resume\nsleep 20\nrtt => USB resumed\nled 1 => on\n" + use +
            "reset\n" + ADDRESS + CONFIGURE + use +
            # in the middle of a transfer
            GET_EID + "reset\n" + ADDRESS + CONFIGURE + use +
            GET_EID + "unplug\nsleep 50\nled 1 => off\n" + come + use)

    def test_zero_length_packets_add_no_data(self):
        eid = bytes.fromhex("1ab4000b010008c8008002")
        fill = [struct.pack(">HBB", 0x1ab4, 0, n) +
                bytes.fromhex("010008c87effff") + bytes(n - 11)
                for n in (250, 251)]
        full = "out 1 " + (eid + b"".join(fill)).hex()
        self.assertEqual(len(full), 6 + 1024)
        # Each buffer of the device still contains a request when the
        # zero-length packet arrives.
        once = "in 1 512 => " + EID
        self.script("connect\n" + ADDRESS + CONFIGURE +
                    (full + "\n" + once) * 2 + (full + " zlp\n" + once) * 3 +
                    "timeout 50\nin 1 512 => nak\n")

    def test_stops_filling_the_fifo_of_a_disabled_endpoint(self):
        # Each echo response of 1000 bytes is 16 packets. A v1.1 transfer of
        # four responses is longer than the transmit FIFO, so the driver waits
        # for the FIFO to drain when the host ends the transfer.
        payload = bytes.fromhex("7eccdef0") + bytes(996)
        packets = b""
        for i in range(0, len(payload), 64):
            piece = payload[i:i + 64]
            flags = (i == 0) << 7 | (i + 64 >= len(payload)) << 6 | \
                (i // 64 & 3) << 4 | 8
            packets += struct.pack(">HBB4B", 0x1ab4, 0, 8 + len(piece), 1, 0,
                                   8, flags) + piece
        ask = f"out 1 {packets.hex()}\nsleep 2\n"
        come = ADDRESS + CONFIGURE
        self.script("connect\n" + come + ask + ask +
                    "control 0203000081000000\nsleep 2\n"  # halt endpoint 81h
                    "control 0201000081000000\n" + ask +
                    "reset\n" + come + "sleep 2\n" + ask +
                    UNCONFIGURE + CONFIGURE + "sleep 2\n" + GET_EID +
                    "in 1 512 => " + EID,
                    images=harness.beside(Board.images, "1.1"))

    def test_repeated_enumeration(self):
        text = self.script(
            f"repeat {ROUNDS}\nconnect\n" + ADDRESS + CONFIGURE + GET_EID +
            # The host never fetches the response to the last request.
            "in 1 512 => " + EID + GET_EID +
            "unplug\nsleep 10\nagain\n")
        self.assertNotIn("ERROR", text)

    def test_repeated_bus_reset(self):
        self.script(
            f"connect\nrepeat {ROUNDS}\nreset\n" + ADDRESS + CONFIGURE +
            GET_EID + "in 1 512 => " + EID + "again\n")

    def test_reset_button_and_new_enumeration(self):
        come = "connect\n" + ADDRESS + CONFIGURE
        text = self.script(come + "press-reset\nsleep 400\n" + come +
                           GET_EID + "in 1 512 => " + EID)
        self.assertRegex(text, "(?s)after power-on reset.*after reset pin")

    def test_statistics_separate_start_and_waiting(self):
        text = self.start("--stats", "--seconds", "0.5").finish()
        total, waited = map(int, re.search(
            r"soft-connect after (\d+) instructions, (\d+) of", text)
            .groups())
        # At start-up the image waits for the clock, the supply and the flash.
        self.assertTrue(1000 < waited < total, text)

    def test_runs_are_reproducible(self):
        script = "connect\n" + ADDRESS + CONFIGURE + GET_EID + \
            "in 1 512 => " + EID
        texts = [self.script(script, "--stats", "--trace", "usb,irq")
                 for _ in range(2)]
        self.assertEqual(*texts)


class Host(Case):
    """tether over USB/IP."""

    def vectors(self, other, images=None):
        """Run all vector files except those in `other`."""
        for path in sorted((ROOT / "tests/vectors").glob("*.txt")):
            # The messages of vendor_64k.txt exceed the limit of the board.
            if path.name in (*other, "vendor_64k.txt"):
                continue
            everything = path.name in ("pldm.txt", "pldm_fw.txt",
                                       "vendor.txt")
            with self.subTest(path.name):
                board, via = self.serve("--uid", UID, images=images or (
                    ALL if everything else None))
                done = subprocess.run(
                    [VECTORS, "--usbip", via.rsplit(":", 1)[1], path],
                    capture_output=True, text=True, timeout=10 * WAIT)
                print(done.stdout.strip().replace(f"{ROOT}/", ""))
                self.assertEqual(done.returncode, 0, done.stderr)
                code, text = board.end()
                self.assertEqual(code, 0, text)

    def test_vectors(self):
        self.vectors(["nvme_mi_1_1.txt"])

    def test_vectors_of_dsp0283_1_1(self):
        # The image has no file requester, firmware device and bench.
        self.vectors(["nvme_mi_1_0.txt", "pldm.txt", "pldm_fw.txt",
                      "vendor.txt"],
                     harness.beside(Board.images, "1.1"))

    def test_debug_image(self):
        board, via = self.serve("--uid", UID, images=harness.beside(Board.images, "debug"))
        got = self.ask(via, "mctp", "echo", "--size", "1000", "--count", "20")
        self.assertEqual((got["lost"], got["wrong"]), (0, 0), got)
        self.tether(via, "nvme", "health")
        self.assertNotIn("fault", board.text())

    def test_echo(self):
        _, via = self.serve()
        for size in 1, 243, 244, 1000, 4000:
            lost = self.ask(via, "mctp", "echo", "--size", str(size),
                            "--count", "50")
            self.assertEqual((lost["lost"], lost["wrong"]), (0, 0), lost)

    def test_bench(self):
        _, via = self.serve(images=ALL)
        got = self.ask(via, "mctp", "bench", "--count", "500")
        self.assertEqual((got["dropped"], got["wrong"]), (0, 0), got)
        print(f"bench: {got['mb_per_second']} MB/s of the emulator's time")

    def test_pldm_file(self):
        board, via = self.serve(images=ALL)
        for size in 1, 2048, 2049, 300000:
            data = bytes(i * i >> 7 & 255 for i in range(size))
            with tempfile.NamedTemporaryFile() as f:
                f.write(data)
                f.flush()
                self.tether(via, "pldm", "serve", f.name)
            board.wait(r"SHA-256 " + hashlib.sha256(data).hexdigest())

    def test_live_run_is_recorded_and_replays(self):
        with tempfile.TemporaryDirectory() as folder:
            record = pathlib.Path(folder) / "record"
            board, via = self.serve("--record", record)
            for size in 1, 300, 4000:
                got = self.ask(via, "mctp", "echo", "--size", str(size),
                               "--count", "20")
                self.assertEqual((got["lost"], got["wrong"]), (0, 0), got)
            code, _ = board.end()
            self.assertEqual(code, 0)
            text = record.read_text()
            bulk = re.compile(r"(@\d+ done \d+ 81 .* 0 [0-9a-f]{100,})"
                              r"([0-9a-f])\n")
            self.assertGreater(len(bulk.findall(text)), 40)
            self.start("--script", record).finish()
            # Change one digit of the recorded bulk data: the replay must fail.
            at = list(bulk.finditer(text))[20].start(2)
            record.write_text(text[:at] + "0f"[text[at] == "0"] +
                              text[at + 1:])
            other = self.start("--script", record)
            other.process.wait(WAIT)
            code, said = other.end()
            self.assertEqual(code, 1)
            self.assertIn("differs from the record", said)

    def test_rtt_and_cdc_logs_are_equal(self):
        board, via = self.serve()
        self.tether(via, "mctp", "info")
        port = self.tether(via, "log")
        lines = port.splitlines()
        self.assertRegex(port, STARTED)
        self.assertRegex(port, "EID 9 set by EID 8")
        board.wait(re.escape(lines[-1]))
        # Remove the emulator's own line from the RTT log.
        text = re.sub(r".*USB/IP: .*\n", "", board.text())
        self.assertIn(port.replace("\r", ""), text.replace("\r", ""))

    def test_uuid_and_serial_derive_from_the_chip_id(self):
        seen = {}
        for uid in UID, UID, OTHER_UID:
            board, via = self.serve("--uid", uid)
            uuid = self.ask(via, "mctp", "info")["uuid"]
            usb = self.tether(via, "usb")
            serial = re.search(r"serial (\w+)", usb)[1]
            self.assertEqual(serial, uuid.replace("-", "")[:12])
            self.assertEqual(seen.setdefault(uid, uuid), uuid)
            board.end()
        self.assertNotEqual(*seen.values())

    def test_uuid_survives_a_reset(self):
        text = self.script("connect\nsleep 1\npress-reset\nsleep 400\n"
                           "connect\n")
        uuids = re.findall(r"device ([0-9a-f-]{36})", text)
        self.assertEqual(len(uuids), 2, text)
        self.assertEqual(*uuids)


class Images(Case):
    """The image in the memory of the board equals the built image."""

    def test_image_has_the_segments_of_the_elf(self):
        elf = loaded((Board.images / "usbnvme.elf").read_bytes())
        image = loaded((Board.images / "usbnvme.bin").read_bytes())
        self.assertTrue(elf)
        self.assertEqual(elf, image)

    def test_unmodified_elf_file_starts(self):
        data = (Board.images / "usbnvme.elf").read_bytes()
        board = Board(data, options=["--seconds", "0.5"])
        text = board.finish()
        self.assertEqual(board.flash[:len(data)], data)
        self.assertRegex(text, STARTED)

    def test_memory_equals_the_elf(self):
        # After the loader has started the image, the emulator compares all
        # segments in RAM with the ELF file.
        elf = Board.images / "usbnvme.elf"
        for image in "usbnvme.bin", "usbnvme.elf":
            Board((Board.images / image).read_bytes(),
                  options=["--loaded", elf, "--seconds", "0.5"]).finish()
        # The comparison detects a difference in the last byte of each segment.
        data = elf.read_bytes()
        for start, segment in loaded(data).items():
            at = data.index(segment) + len(segment) - 1
            with tempfile.NamedTemporaryFile(suffix=".elf") as f:
                f.write(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
                f.flush()
                board = Board(
                    (Board.images / "usbnvme.bin").read_bytes(),
                    options=["--loaded", f.name, "--seconds", "0.5"])
                board.process.wait(WAIT)
                code, said = board.end()
            self.assertEqual(code, 1)
            self.assertIn(f"0x{start + len(segment) - 1:08x} has "
                          f"{data[at]:02x}, the file has", said)

    def test_elf_runs_from_ram_without_loader(self):
        done = subprocess.run(
            [Board.emulator, "--errata", "error", "--elf", Board.images / "usbnvme.elf", "--rtt",
             "-", "--seconds", "0.5"], capture_output=True, text=True,
            timeout=WAIT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, STARTED)
        self.assertNotIn("xspiloader", done.stdout)

    def test_reduced_build_with_other_names(self):
        folder = harness.beside(Board.images, "less")
        with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
            f.write(
                "connect\ncontrol 8006000100001200 => "
                "12010002ef0201400912010010000102??01\n"
                "control 8006010309040c00 => 0c034d0061006b0065007200\n"
                "control 8006020309040c00 => 0c035400680069006e006700\n" +
                ADDRESS + CONFIGURE + GET_EID + "in 1 512 => " + EID)
            f.flush()
            done = subprocess.run(
                [Board.emulator, "--errata", "error", "--flash", folder / "xspiloader.elf",
                 "--xspi", folder / "usbnvme.bin", "--rtt", "-", "--script",
                 f.name], capture_output=True, text=True, timeout=WAIT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, STARTED)


class Errata(unittest.TestCase):
    """The emulator reports an erratum if usbnvme lacks its work-around."""

    def test_emulator_detects_erratum_2_2_17(self):
        elf = Board.images / "usbnvme.elf"
        data = bytearray(elf.read_bytes())
        symbols = subprocess.run(["arm-none-eabi-nm", elf], check=True,
                                 capture_output=True, text=True).stdout
        address = int(re.search(r"(?m)^(\w+) T mpu_init$", symbols)[1], 16)
        table, = struct.unpack_from("<I", data, 28)
        for i in range(struct.unpack_from("<H", data, 44)[0]):
            kind, offset, start, _, size = struct.unpack_from(
                "<5I", data, table + 32 * i)
            if kind == 1 and 0 <= address - start < size:
                at = offset + address - start
                data[at:at + 2] = b"\x70\x47"  # bx lr
        with tempfile.NamedTemporaryFile(suffix=".elf") as f:
            f.write(data)
            f.flush()
            done = subprocess.run(
                [Board.emulator, "--errata", "error", "--elf", f.name, "--seconds", "0.5"],
                capture_output=True, text=True, timeout=WAIT)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("erratum 2.2.17", done.stderr)

    def enumerated(self, old, new):
        """Replace `old` by `new` in the USB driver of usbnvme, and run the
        image until the host configures it. Return (exit code, errors). The
        build's own commands compile and link the changed driver."""
        build = ROOT / f"build-{Board.images.name}"
        commands = subprocess.run(
            ["ninja", "-C", build, "-t", "commands",
             "ports/firmware/usbnvme.elf"], check=True,
            capture_output=True, text=True).stdout.splitlines()
        source = "soc/stm32h7rs/tinyusb/dwc2.c"
        text = (ROOT / source).read_text()
        self.assertEqual(text.count(old), 1)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "dwc2.c").write_text(text.replace(old, new))
            compiled = shlex.split(next(
                c for c in commands if c.endswith(f" -c ../{source}")))
            linked = shlex.split(commands[-1])
            for command, more in (
                    (compiled[:-1] + [folder / "dwc2.c", "-MF",
                                      folder / "dwc2.d"], []),
                    # The changed object precedes the archive that contains the
                    # original object, so the linker uses the changed one.
                    (linked, [folder / "dwc2.o"])):
                at = command.index("-o") + 1
                command[at] = folder / ("usbnvme.elf" if more else "dwc2.o")
                command[at + 1:at + 1] = more
                subprocess.run(
                    [a for a in command if "-Map=" not in str(a)],
                    check=True, cwd=build)
            (folder / "script").write_text("connect\n" + ADDRESS + CONFIGURE)
            done = subprocess.run(
                [Board.emulator, "--errata", "error", "--elf", folder / "usbnvme.elf", "--script",
                 folder / "script"], capture_output=True, text=True,
                timeout=WAIT)
        return done.returncode, done.stderr

    def test_emulator_detects_erratum_2_21_3(self):
        same = "wait_ahb_clocks(dep, 20)"
        self.assertEqual(self.enumerated(same, same), (0, ""))
        for old, new in (
                ("IN && !total_bytes)", "IN && false)"),  # as in TinyUSB
                ("dep->ctl |= DIEPCTL_SNAK;", ""),
                # The work-around of DMA mode.
                ("DIEPCTL_SNAK;", "DIEPCTL_EPENA | DIEPCTL_SNAK;"),
                (same, "wait_ahb_clocks(dep, 0)"),
                ("wait_ahb_clocks(dep, 15)", "wait_ahb_clocks(dep, 0)")):
            with self.subTest(new):
                code, text = self.enumerated(old, new)
                self.assertEqual(code, 3, text)
                self.assertIn("erratum 2.21.3", text)


class FlashAlgorithm(unittest.TestCase):
    """The flash algorithm of debug probes."""

    def test_flash_algorithm_entry_points(self):
        with tempfile.TemporaryDirectory() as folder:
            probe = pathlib.Path(folder) / "probe.elf"
            flash = pathlib.Path(folder) / "flash"
            algorithm = Board.images / "flash_algorithm.elf"
            subprocess.run(
                ["arm-none-eabi-gcc", "-mcpu=cortex-m7", "-mthumb", "-O1",
                 "-ffreestanding", "-nostdlib", "-Wall", "-Werror",
                 "-I", ROOT / "tests",
                 "-T", ROOT / "tests/emulator/programs/flash.ld",
                 "-Wl,--no-warn-rwx-segments,-e,vectors",
                 f"-Wl,--just-symbols={algorithm}",
                 ROOT / "tests/firmware/probe.c", "-o", probe], check=True)
            done = subprocess.run(
                [Board.emulator, "--errata", "error", "--flash", probe, "--elf", algorithm,
                 "--vectors", "0x08000000", "--semihosting", "--xspi-out",
                 flash], capture_output=True, text=True, timeout=WAIT)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            written = flash.read_bytes()
        data = bytes(i * 7 + (i >> 8) & 255 for i in range(700))
        for sector in 0x1000, 0x3000, 0x1fff000:
            self.assertEqual(written[sector:sector + 0x1000],
                             b"\xff" * 16 + data + b"\xff" * 3380)
        self.assertEqual(written[0x2000:0x3000], b"\xff" * 4096)
