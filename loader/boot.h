/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which image to start. Pure: the record that survives a reset goes in and
 * comes out changed.
 *
 * A start ends badly when the watchdog or a fault ended it. After
 * BOOT_TRIES such in a row the other image has its turn, and so on; a power
 * cycle or the reset button begin with A again.
 */
#ifndef TETHER_LOADER_BOOT_H
#define TETHER_LOADER_BOOT_H

#include <stdbool.h>
#include <stdint.h>

struct boot_record;

enum { BOOT_A, BOOT_B, BOOT_IMAGES, BOOT_TRIES = 3 };

/** Where an image is in the flash, and how much room it has. */
enum { BOOT_SLOT_SIZE = 0x1000000 };

/**
 * A reset with these flags (RCC_RSR) began this start; crashed: a fault left
 * its record, and it is a new one (crash_record_count()). Brings r up to date
 * and seals it. An r that is not valid begins anew.
 */
void boot_begin(struct boot_record *r, uint32_t reset_flags, bool crashed);

/** BOOT_A or BOOT_B: the one to try first. */
unsigned int boot_first(const struct boot_record *r);

/** Image is about to be started. */
void boot_started(struct boot_record *r, unsigned int image);

/** The button seems stuck: the next start is not to look at it. */
void boot_skip_button(struct boot_record *r);

/** Whether it was asked for; once only. */
bool boot_skips_button(struct boot_record *r);

enum boot_split { BOOT_SPLIT_TRY, BOOT_SPLIT_FAILED };

/**
 * The option bytes are about to be programmed for another split of the TCMs.
 * BOOT_SPLIT_FAILED: they were, this did not help, and trying again would
 * reset for ever.
 */
enum boot_split boot_split_needed(struct boot_record *r);

/**
 * Memory that the option bytes promise is about to be tried, which may end in
 * a fault and a reset. false: it did before, and would again.
 */
bool boot_split_try(struct boot_record *r);

/** The split is what the image needs. */
void boot_split_fits(struct boot_record *r);

#endif
