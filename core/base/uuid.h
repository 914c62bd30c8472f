/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs (RFC 9562), 16 bytes in the order in which they are written. */
#ifndef TETHER_BASE_UUID_H
#define TETHER_BASE_UUID_H

#include <stddef.h>
#include <stdint.h>

enum { UUID_SIZE = 16, UUID_TEXT = 37, DEVICE_ID_SIZE = 12 };

/** Version 4 form of HMAC-SHA256(key, data), cut to 16 bytes. */
void uuid_derive(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t uuid[UUID_SIZE]);

/** The device's UUID from the chip's 96-bit id, bytes in memory order. */
void uuid_from_device_id(const uint8_t id[DEVICE_ID_SIZE],
			 uint8_t uuid[UUID_SIZE]);

/** Lower-case text with hyphens, terminated. */
void uuid_format(const uint8_t uuid[UUID_SIZE], char text[UUID_TEXT]);

#endif
