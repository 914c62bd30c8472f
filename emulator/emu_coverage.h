/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the coverage of the emulated programs as an lcov trace file: how often
 * each source line and function was executed. The lines come from the DWARF
 * line tables of the ELF files, which libdw reads.
 */
#ifndef TETHER_EMULATOR_EMU_COVERAGE_H
#define TETHER_EMULATOR_EMU_COVERAGE_H

struct machine;

struct emu_options;

/** Begin to count instructions. ERR_FULL: no memory, reported on stderr. */
int emu_coverage_start(struct machine *m);

/**
 * Write the file options->coverage atomically and end the counting. The ELF
 * files are the images and those of --symbols. Images without line tables are
 * skipped, and those whose code is not in memory at the end of the run, because
 * the counts belong to another program. Each image is a test of lcov (TN) with
 * the image's name. ERR_NOT_FOUND: no image has a line table. ERR_IO: the file
 * cannot be written. Both are reported on stderr.
 */
int emu_coverage_write(const struct emu_options *options, struct machine *m);

#endif
