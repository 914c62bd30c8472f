/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sha256.h"
#include "drive_file/state_drive.h"
#include "posix/atomic_file.h"

/* Magic, version and length (4 bytes each), values, SHA-256. */
enum {
	VERSION = 3,
	AT_LENGTH = 12,
	HEADER_SIZE = 16,
	FILE_MIN = HEADER_SIZE + SHA256_SIZE,
};

static const char magic[8] = { 't', 'e', 't', 'h', 'e', 'r', 'N', 'V' };

static void compute_digest(const uint8_t *data, size_t len,
			   uint8_t digest[SHA256_SIZE])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, len);
	sha256_final(&sha, digest);
}

int state_file_encode(const struct drive *d, uint8_t *data, size_t cap)
{
	/* Pass a copy to state_drive_code(), which could write to the drive if
	 * it decoded. */
	static struct drive copy;
	struct state_codec c = { .w = wr_init(data, cap) };
	struct wr length;
	uint8_t digest[SHA256_SIZE];

	copy = *d;
	wr_bytes(&c.w, magic, sizeof(magic));
	wr_le32(&c.w, VERSION);
	wr_le32(&c.w, 0); /* length, set below */
	(void)state_drive_code(&c, &copy);
	if (!wr_ok(&c.w))
		return ERR_FULL;
	length = wr_init(data + AT_LENGTH, 4);
	wr_le(&length, wr_len(&c.w), 4);
	compute_digest(data, wr_len(&c.w), digest);
	wr_bytes(&c.w, digest, sizeof(digest));
	return wr_ok(&c.w) ? (int)wr_len(&c.w) : ERR_FULL;
}

int state_file_decode(struct drive *d, const uint8_t *data, size_t len)
{
	static struct drive copy;
	struct state_codec c = { .reading = true };
	struct rd header = rd_init(data, len < HEADER_SIZE ? len : HEADER_SIZE);
	const uint8_t *m = rd_bytes(&header, sizeof(magic));
	uint32_t version = rd_le32(&header), size = rd_le32(&header);
	uint8_t digest[SHA256_SIZE];

	if (!rd_ok(&header) || len < FILE_MIN || size != len - SHA256_SIZE ||
	    memcmp(m, magic, sizeof(magic)) != 0)
		return ERR_INTEGRITY;
	compute_digest(data, size, digest);
	if (memcmp(digest, data + size, sizeof(digest)) != 0)
		return ERR_INTEGRITY;
	if (version != VERSION)
		return ERR_UNSUPPORTED;
	copy = *d;
	c.r = rd_init(data + HEADER_SIZE, size - HEADER_SIZE);
	if (!state_drive_code(&c, &copy) || !rd_done(&c.r) ||
	    !state_drive_is_consistent(&copy))
		return ERR_INVALID;
	*d = copy;
	return ERR_OK;
}

/* --- the file --- */

static int report_errno(const char *what, const char *path, char *error,
			size_t cap)
{
	snprintf(error, cap, "cannot %s state file %s: %s", what, path,
		 strerror(errno));
	return ERR_IO;
}

static const char *describe(int err)
{
	switch (err) {
	case ERR_INTEGRITY:
		return "is damaged";
	case ERR_UNSUPPORTED:
		return "has another version";
	default:
		return "belongs to another model";
	}
}

/* Rename an unusable file, so that the next save does not overwrite it. */
static int set_aside(const char *path, int why, char *error, size_t cap)
{
	char bad[PATH_MAX];

	if (snprintf(bad, sizeof(bad), "%s.bad", path) >= (int)sizeof(bad))
		errno = ENAMETOOLONG;
	else if (!rename(path, bad)) {
		snprintf(error, cap,
			 "state file %s %s. It was renamed to %s, and the "
			 "drive starts as its model describes it",
			 path, describe(why), bad);
		return why;
	}
	return report_errno("rename", path, error, cap);
}

int state_file_load(struct drive *d, const char *path, char *error, size_t cap)
{
	static uint8_t data[STATE_FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;
	int err;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND
				       : report_errno("open", path, error, cap);
	while (len < sizeof(data) &&
	       (n = read(fd, data + len, sizeof(data) - len)) > 0)
		len += (size_t)n;
	if (n < 0) {
		err = report_errno("read", path, error, cap);
		close(fd);
		return err;
	}
	close(fd);
	err = state_file_decode(d, data, len);
	return err ? set_aside(path, err, error, cap) : ERR_OK;
}

int state_file_save(const struct drive *d, const char *path, char *error,
		    size_t cap)
{
	static uint8_t data[STATE_FILE_MAX];
	int len = state_file_encode(d, data, sizeof(data));

	if (len < 0) { /* STATE_FILE_MAX is too small for this model */
		errno = EFBIG;
		return report_errno("save", path, error, cap);
	}
	if (atomic_file_write(path, 0600, data, (size_t)len))
		return report_errno("save", path, error, cap);
	return ERR_OK;
}
