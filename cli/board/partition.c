/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/partition.h"

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum {
	SECTOR = 512,
	GPT_ENTRIES = 128,
	HEAD = 64 * SECTOR,
	SUPERBLOCK = 1024, /* offset in ext; its magic is at 56 */
	MAGIC = 0xef53,
	MBR_LINUX = 0x83,
};

static uint64_t le(const unsigned char *b, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | b[bytes];
	return value;
}

static bool is_ext(int fd, uint64_t offset)
{
	unsigned char magic[2];

	return offset < INT64_MAX / 2 &&
	       pread(fd, magic, 2, (off_t)offset + SUPERBLOCK + 56) == 2 &&
	       le(magic, 2) == MAGIC;
}

/* GPT (UEFI 2.10, 5.3): find the entry named rootfs. */
static bool find_gpt(int fd, const unsigned char *head, uint64_t *offset)
{
	static const char name[] = "rootfs";
	const unsigned char *table = head + SECTOR;
	uint64_t at = le(table + 72, 8), size = le(table + 84, 4);

	if (memcmp(table, "EFI PART", 8) != 0 || size < 128 || size > 4096 ||
	    at > INT64_MAX / SECTOR / 2)
		return false;
	for (unsigned int n = 0; n < GPT_ENTRIES; n++) {
		unsigned char entry[128];
		bool same = true;

		if (pread(fd, entry, sizeof(entry),
			  (off_t)(at * SECTOR + n * size)) !=
		    (ssize_t)sizeof(entry))
			return false;
		for (size_t k = 0; k < sizeof(name); k++)
			same &= le(entry + 56 + 2 * k, 2) ==
				(unsigned char)name[k];
		*offset = le(entry + 32, 8);
		if (same && *offset < INT64_MAX / SECTOR) {
			*offset *= SECTOR;
			return is_ext(fd, *offset);
		}
	}
	return false;
}

/* MBR: find the last Linux partition with an ext file system. */
static bool find_mbr(int fd, const unsigned char *head, uint64_t *offset)
{
	bool found = false;

	if (le(head + 510, 2) != 0xaa55)
		return false;
	for (int n = 0; n < 4; n++) {
		const unsigned char *p = head + 446 + (size_t)16 * (size_t)n;
		uint64_t at = le(p + 8, 4) * SECTOR;

		if (p[4] != MBR_LINUX || !is_ext(fd, at))
			continue;
		*offset = at;
		found = true;
	}
	return found;
}

bool partition_find_root(int fd, uint64_t *offset)
{
	unsigned char head[HEAD];

	*offset = 0;
	if (is_ext(fd, 0))
		return true;
	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return false;
	return find_gpt(fd, head, offset) || find_mbr(fd, head, offset);
}
