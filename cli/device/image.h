/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the image or package of a firmware update. */
#ifndef TETHER_CLI_DEVICE_IMAGE_H
#define TETHER_CLI_DEVICE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct cli;

enum { IMAGE_MIB = 1 << 20 };

/** Read a regular file of 1 byte to max_mib MiB. *data is malloc()ed, and
 * padded with zeros to a multiple of 4 bytes. Returns EXIT_OK, or EXIT_FAILED
 * after printing the error. */
int image_read(struct cli *c, const char *path, uint32_t max_mib,
	       uint8_t **data, size_t *len);

#endif
