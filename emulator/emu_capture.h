/* SPDX-License-Identifier: Apache-2.0 */
/* Option --pcap: captures the MCTP packets in the transfers of the USB host,
 * with virtual time that starts at the wall clock of the start. */
#ifndef TETHER_EMULATOR_EMU_CAPTURE_H
#define TETHER_EMULATOR_EMU_CAPTURE_H

struct emu_host;

/** Open the file, and connect it to the host. ERR_IO: an error was printed. */
int emu_capture_open(struct emu_host *h, const char *path);

/** Write what is buffered. Call it in each turn of the loop. */
void emu_capture_flush(struct emu_host *h);

/** Write the rest and close the file. ERR_IO: an error was printed. */
int emu_capture_close(struct emu_host *h, const char *path);

#endif
