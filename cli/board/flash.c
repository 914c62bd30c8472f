/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/platform.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "posix/advice.h"

enum { CHUNK = 1 << 20 };

struct flash {
	struct cli *c;
	const char *file, *device;
	int from, to, again; /* again: reads back */
	off_t size;
	char *data, *back;
};

static int check_disk(struct flash *f, const struct stat *s)
{
	enum platform_disk kind = platform_disk(f->device, s->st_rdev);

	if (kind == PLATFORM_DISK_PART)
		return cli_fail(f->c, "%s is a partition. Give the whole disk",
				f->device);
	if (kind == PLATFORM_DISK_REMOVABLE || cli_option_given(f->c, "fixed"))
		return EXIT_OK;
	if (kind == PLATFORM_DISK_UNKNOWN)
		return cli_fail(
			f->c,
			"this system does not tell whether %s is a card "
			"or a built-in disk. If it is the right one, "
			"add --fixed",
			f->device);
	return cli_fail(f->c,
			"%s is a built-in disk, not a card. If it is the right "
			"one, add --fixed",
			f->device);
}

static int open_both(struct flash *f)
{
	char advice[ADVICE_TEXT];
	struct stat s;
	off_t room;

	f->from = open(f->file, O_RDONLY | O_CLOEXEC);
	if (f->from < 0 || fstat(f->from, &s))
		return cli_fail(f->c, "cannot read %s: %s", f->file,
				strerror(errno));
	f->size = s.st_size;
	if (!S_ISREG(s.st_mode) || !f->size)
		return cli_fail(f->c, "%s is empty or not a regular file",
				f->file);
	if (stat(f->device, &s))
		return cli_fail(f->c, "cannot open %s: %s", f->device,
				strerror(errno));
	if (!S_ISBLK(s.st_mode))
		return cli_fail(f->c, "%s is not a disk: %s", f->device,
				advice_text(ADVICE_DISK_NAME, NULL, advice));
	f->to = platform_disk_open(f->device);
	if (f->to < 0 && errno == EBUSY)
		return cli_fail(
			f->c,
			"%s is in use: the disk or a partition of it "
			"is mounted or belongs to another device: %s",
			f->device,
			advice_text(ADVICE_DISK_IN_USE, f->device, advice));
	if (f->to < 0)
		return cli_fail(f->c, "cannot open %s: %s", f->device,
				strerror(errno));
	if (fstat(f->to, &s) || check_disk(f, &s))
		return EXIT_FAILED;
	room = platform_disk_size(f->to);
	if (room >= f->size)
		return EXIT_OK;
	return cli_fail(f->c, "%s has %lld bytes, but the image has %lld",
			f->device, (long long)room, (long long)f->size);
}

/* Read until the buffer is full or the file ends. Returns the count, or -1. */
static ssize_t read_full(int fd, char *data, size_t len)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n) {
		n = read(fd, data + done, len - done);
		if (n < 0 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

static bool write_all(int fd, const char *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, data + done, len - done);

		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static int rewind_both(struct flash *f)
{
	if (lseek(f->from, 0, SEEK_SET) || lseek(f->to, 0, SEEK_SET))
		return cli_fail(f->c, "cannot seek in %s: %s", f->device,
				strerror(errno));
	return EXIT_OK;
}

static int copy(struct flash *f)
{
	off_t done = 0;
	ssize_t n;

	while ((n = read_full(f->from, f->data, CHUNK)) > 0 &&
	       !cli_interrupted) {
		if (!write_all(f->to, f->data, (size_t)n))
			return cli_fail(
				f->c, "cannot write %s at byte %lld: %s",
				f->device, (long long)done, strerror(errno));
		done += n;
		progress_show(f->c, "write", PROGRESS_BYTES, (uint64_t)done,
			      (uint64_t)f->size);
	}
	if (cli_interrupted)
		return cli_fail(
			f->c, "interrupted: %s holds only a part of the image",
			f->device);
	if (n < 0)
		return cli_fail(f->c, "cannot read %s: %s", f->file,
				strerror(errno));
	if (platform_disk_sync(f->to))
		return cli_fail(f->c, "cannot write %s: %s", f->device,
				strerror(errno));
	return EXIT_OK;
}

static int verify(struct flash *f)
{
	off_t done = 0;
	ssize_t n;

	f->again = platform_disk_open_uncached(f->device);
	if (f->again < 0)
		return cli_fail(f->c, "cannot read %s back: %s", f->device,
				strerror(errno));
	while ((n = read_full(f->from, f->data, CHUNK)) > 0) {
		/* whole blocks, as the disk is read without a cache */
		size_t blocks = ((size_t)n + PLATFORM_DISK_BLOCK - 1) /
				PLATFORM_DISK_BLOCK * PLATFORM_DISK_BLOCK;

		if (read_full(f->again, f->back, blocks) < n ||
		    memcmp(f->data, f->back, (size_t)n) != 0)
			return cli_fail(f->c,
					"%s returns other data than written, "
					"in the MiB at "
					"byte %lld. Replace the card",
					f->device, (long long)done);
		done += n;
		progress_show(f->c, "verify", PROGRESS_BYTES, (uint64_t)done,
			      (uint64_t)f->size);
	}
	return n < 0 ? cli_fail(f->c, "cannot read %s: %s", f->file,
				strerror(errno))
		     : EXIT_OK;
}

static int write_image(struct flash *f)
{
	int status = open_both(f);

	if (status || cli_option_given(f->c, "dry-run"))
		return status;
	f->data = text_allocate(1, CHUNK);
	f->back = text_allocate(1, CHUNK);
	status = rewind_both(f);
	if (!status)
		status = copy(f);
	if (!status)
		status = rewind_both(f);
	if (!status)
		status = verify(f);
	progress_end();
	free(f->data);
	free(f->back);
	return status;
}

int flash_image(struct cli *c, const char *file, const char *device)
{
	struct flash f = { .c = c,
			   .file = file,
			   .device = device,
			   .from = -1,
			   .to = -1,
			   .again = -1 };
	int status = write_image(&f);

	if (f.from >= 0)
		close(f.from);
	if (f.to >= 0)
		close(f.to);
	if (f.again >= 0)
		close(f.again);
	if (status)
		return status;
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_text(o, "device", device);
		cli_add_number(o, "bytes", (uint64_t)f.size);
		json_object_object_add(
			o, "written",
			json_object_new_boolean(
				!cli_option_given(c, "dry-run")));
		cli_print_json(o);
	} else {
		printf("%s  %s  %lld bytes%s\n",
		       cli_option_given(c, "dry-run") ? "would write"
						      : "written",
		       device, (long long)f.size,
		       cli_option_given(c, "dry-run") ? "" : ", verified");
	}
	return EXIT_OK;
}
