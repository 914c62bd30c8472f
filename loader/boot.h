/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selection of the image to start. The functions read and change only the boot
 * record. They access no hardware.
 *
 * A start fails if the watchdog or a fault ends it. After BOOT_TRIES
 * consecutive failures the loader starts the other image. A power cycle or the
 * reset button clears the count, so that the loader starts image A.
 */
#ifndef TETHER_LOADER_BOOT_H
#define TETHER_LOADER_BOOT_H

#include <stdbool.h>
#include <stdint.h>

struct boot_record;

enum { BOOT_A, BOOT_B, BOOT_IMAGES, BOOT_TRIES = 3 };

/** Bytes of flash for each image. Image n starts at n * BOOT_SLOT_SIZE. */
enum { BOOT_SLOT_SIZE = 0x1000000 };

/**
 * Update and seal the record at the beginning of a start. An invalid record is
 * initialized. reset_flags: RCC_RSR after the reset. crashed: the result of
 * crash_record_count().
 */
void boot_begin(struct boot_record *r, uint32_t reset_flags, bool crashed);

/** The image to try first: BOOT_A or BOOT_B. */
unsigned int boot_first_image(const struct boot_record *r);

/** Record the image that the loader is about to start. */
void boot_set_image(struct boot_record *r, unsigned int image);

/** Request that the next start ignores the button, because the button seems
 * stuck. */
void boot_skip_button(struct boot_record *r);

/** Whether boot_skip_button() requested to ignore the button. Clears the
 * request. */
bool boot_is_button_skipped(struct boot_record *r);

enum boot_split { BOOT_SPLIT_TRY, BOOT_SPLIT_FAILED };

/**
 * Record that another TCM split is about to be programmed. BOOT_SPLIT_FAILED:
 * the split was programmed before without effect. Do not program it again,
 * because the resets could repeat forever.
 */
enum boot_split boot_split_needed(struct boot_record *r);

/**
 * Record that memory of the new TCM split is about to be accessed, which may
 * fault. false: the access was tried before and failed.
 */
bool boot_split_try(struct boot_record *r);

/** Record that the current split fits the image. */
void boot_split_fits(struct boot_record *r);

#endif
