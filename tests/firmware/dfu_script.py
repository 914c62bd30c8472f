# SPDX-License-Identifier: Apache-2.0
"""Scripts of a DFU host for the emulator, with reproducible timing."""
import struct

DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT = range(7)
(IDLE, DNLOAD_SYNC, DNBUSY, DNLOAD_IDLE, MANIFEST_SYNC, MANIFEST,
 MANIFEST_WAIT_RESET, UPLOAD_IDLE, ERROR) = range(2, 11)
STALLEDPKT = 15  # errSTALLEDPKT
SECTOR = 4096
# Duration of a sector write: the erase takes 30 ms, and each page waits for the
# next tick of 1 ms.
SECTOR_MS = 60
COME = "connect\ncontrol 0005010000000000\ncontrol 0009010000000000\n"
# A bus reset starts the new image, as after dfu-util -R.
LEAVE = "reset\n"


def control(kind, request, value, data=b"", length=None, expect=""):
    """Return the script line of a control transfer."""
    setup = struct.pack("<BBHHH", kind, request, value, 0,
                        len(data) if length is None else length)
    return f"control {setup.hex()} {data.hex()}{expect}\n"


def setting(alt):
    """Select image A (0) or B (1) by the alternate setting."""
    return control(0x01, 11, alt)


def command(request, expect=""):
    """Send a request without data: ABORT or CLRSTATUS."""
    return control(0x21, request, 0, expect=expect)


def refused(request):
    """Send a request that the state does not allow, and leave dfuERROR."""
    return (command(request, "=> stall") + status(ERROR, STALLEDPKT) +
            command(CLRSTATUS) + status(IDLE))


def status(state, error=0):
    """Get the status, and expect a state."""
    return control(0xa1, GETSTATUS, 0, length=6,
                   expect=f"=> {error:02x}??????{state:02x}00")


def send(number, data):
    """Send the data of a block. A block without data ends the image."""
    return control(0x21, DNLOAD, number, data)


def block(number, data, ms=SECTOR_MS):
    """Send a block, and wait until it is written."""
    return (send(number, data) + status(DNBUSY) + f"sleep {ms}\n" +
            status(DNLOAD_IDLE))


def blocks(data):
    """Split an image into [(number, data)]."""
    return [(at // SECTOR, data[at:at + SECTOR])
            for at in range(0, len(data), SECTOR)]


def end(data, ms=200):
    """End the download. In the manifestation, the device writes the first
    sector and checks the image."""
    return (send(len(blocks(data)), b"") + status(MANIFEST) +
            f"sleep {ms}\n" + status(IDLE))


def download(data, alt=0):
    """Download a complete image."""
    return (setting(alt) + "".join(block(*b) for b in blocks(data)) +
            end(data))
