/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs (RFC 9562): 16 bytes in the order of the text form. */
#ifndef TETHER_BASE_UUID_H
#define TETHER_BASE_UUID_H

#include <stddef.h>
#include <stdint.h>

enum { UUID_SIZE = 16, UUID_TEXT = 37, DEVICE_ID_SIZE = 12 };

/** Derive a UUID: 16 bytes of HMAC-SHA256(key, data), marked as version 4. */
void uuid_derive(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t uuid[UUID_SIZE]);

/** Derive the device's UUID from the chip's unique id. id: the bytes in the
 * order of the chip's memory. */
void uuid_from_device_id(const uint8_t id[DEVICE_ID_SIZE],
			 uint8_t uuid[UUID_SIZE]);

/** Format as lower-case text with hyphens and a terminator. */
void uuid_format(const uint8_t uuid[UUID_SIZE], char text[UUID_TEXT]);

#endif
