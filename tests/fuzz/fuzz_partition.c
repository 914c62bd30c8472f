/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the search for the root file system in an image (partition.c). The
 * target uses the input as an image, and again behind a valid partition table,
 * so that the fuzzer reaches the readers of partition tables and file systems.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/partition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IMAGE = 1 << 17, SECTOR = 512, SUPER = 1024, MAGIC_AT = 56 };

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static int open_image(void)
{
	static int fd = -1;

	if (fd < 0) {
		FILE *f = tmpfile();

		expect(f != NULL);
		fd = fileno(f);
	}
	return fd;
}

/* Check that the file system that was found is inside the image and has the ext
 * magic number. */
static void check_image(const uint8_t *content, size_t size)
{
	uint64_t offset = 0;
	const uint8_t *magic;

	expect(ftruncate(open_image(), 0) == 0 &&
	       pwrite(open_image(), content, size, 0) == (ssize_t)size);
	if (!partition_find_root(open_image(), &offset))
		return;
	expect(offset < size && size - offset >= SUPER + MAGIC_AT + 2);
	magic = content + offset + SUPER + MAGIC_AT;
	expect(magic[0] == 0x53 && magic[1] == 0xef);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = { 0x53, 0xef };
	static const char name[] = "r\0o\0o\0t\0f\0s";
	static uint8_t content[IMAGE];
	uint8_t *head = content + SECTOR, *entry = content + 2 * SECTOR;

	check_image(data, size);
	if (size > IMAGE / 2)
		return 0;
	memset(content, 0, sizeof(content));
	memcpy(head, "EFI PART", 8);
	head[72] = 2;
	head[84] = 128;
	memcpy(entry, data, size);
	memcpy(entry + 56, name, sizeof(name));
	memcpy(content + IMAGE / 2 + SUPER + MAGIC_AT, magic, 2);
	check_image(content, sizeof(content));
	memset(head, 0, 8);
	if (size >= 64)
		memcpy(content + 446, data, 64);
	content[510] = 0x55;
	content[511] = 0xaa;
	check_image(content, sizeof(content));
	return 0;
}
