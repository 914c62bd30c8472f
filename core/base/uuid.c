/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <string.h>

#include "base/sha256.h"

void uuid_derive(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t uuid[UUID_SIZE])
{
	uint8_t mac[SHA256_SIZE];

	sha256_hmac(key, key_len, data, len, mac);
	memcpy(uuid, mac, UUID_SIZE);
	uuid[6] = (uuid[6] & 0x0f) | 0x40; /* version 4 */
	uuid[8] = (uuid[8] & 0x3f) | 0x80; /* RFC 9562 variant */
}

void uuid_from_device_id(const uint8_t id[DEVICE_ID_SIZE],
			 uint8_t uuid[UUID_SIZE])
{
	static const char purpose[] = "deviceid";

	uuid_derive(id, DEVICE_ID_SIZE, purpose, sizeof(purpose) - 1, uuid);
}

void uuid_format(const uint8_t uuid[UUID_SIZE], char text[UUID_TEXT])
{
	static const char digit[] = "0123456789abcdef";

	for (unsigned int i = 0; i < UUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = digit[uuid[i] >> 4];
		*text++ = digit[uuid[i] & 0x0f];
	}
	*text = '\0';
}
