/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/wire.h"
#include "drive/drive.h"
#include "posix/atomic_file.h"

enum { VERSION = 2, HEADER = 16, LEAST = HEADER + SHA256_SIZE };

static const char magic[8] = { 't', 'e', 't', 'h', 'e', 'r', 'N', 'V' };

/* --- values, one list of them for both ways --- */

struct codec {
	struct wr w;
	struct rd r;
	bool reading;
};

static void bytes(struct codec *c, void *field, size_t size)
{
	const uint8_t *p;

	if (!c->reading) {
		wr_bytes(&c->w, field, size);
		return;
	}
	p = rd_bytes(&c->r, size);
	if (p)
		memcpy(field, p, size);
}

/* Of 1, 2, 4 or 8 bytes. */
static void number(struct codec *c, void *field, size_t size)
{
	uint64_t v = 0;

	if (c->reading)
		v = rd_le(&c->r, (unsigned int)size);
	switch (size) {
	case 1:
		if (c->reading)
			*(uint8_t *)field = (uint8_t)v;
		v = *(uint8_t *)field;
		break;
	case 2:
		if (c->reading)
			*(uint16_t *)field = (uint16_t)v;
		v = *(uint16_t *)field;
		break;
	case 4:
		if (c->reading)
			*(uint32_t *)field = (uint32_t)v;
		v = *(uint32_t *)field;
		break;
	default:
		if (c->reading)
			*(uint64_t *)field = v;
		v = *(uint64_t *)field;
		break;
	}
	if (!c->reading)
		wr_le(&c->w, v, (unsigned int)size);
}

static void flag(struct codec *c, bool *field)
{
	uint8_t v = *field;

	number(c, &v, sizeof(v));
	*field = v;
}

#define VALUE(c, v) number(c, v, sizeof(*(v)))

/* What is under way goes on from there when there is power again; the model
 * ends what does not. */
static void operation(struct codec *c, const struct subsystem *s,
		      struct operation *o)
{
	uint32_t left = operation_left(s, o);

	flag(c, &o->active);
	VALUE(c, &o->duration_ms);
	VALUE(c, &left);
	if (!c->reading)
		return;
	if (left > o->duration_ms)
		left = o->duration_ms;
	o->start_ms = s->now_ms - (o->duration_ms - left);
}

static void namespaces(struct codec *c, struct subsystem *s)
{
	VALUE(c, &s->capacity);
	VALUE(c, &s->created);
	for (int i = 0; i < SUBSYSTEM_NAMESPACES; i++) {
		struct nvm_namespace *n = &s->namespace[i];

		VALUE(c, &n->blocks);
		VALUE(c, &n->format);
		flag(c, &n->shared);
		bytes(c, n->uuid, sizeof(n->uuid));
	}
}

static void self_tests(struct codec *c, const struct subsystem *s,
		       struct controller *to)
{
	operation(c, s, &to->self_test);
	VALUE(c, &to->self_test_kind);
	VALUE(c, &to->self_test_nsid);
	VALUE(c, &to->self_tests);
	for (int i = 0; i < SELF_TESTS; i++) {
		struct self_test_entry *e = &to->self_test_log[i];

		VALUE(c, &e->test);
		VALUE(c, &e->result);
		VALUE(c, &e->nsid);
		VALUE(c, &e->hours);
	}
}

static void controller(struct codec *c, const struct subsystem *s,
		       struct controller *to)
{
	bytes(c, to->attached, sizeof(to->attached));
	bytes(c, to->namespaces_changed, sizeof(to->namespaces_changed));
	VALUE(c, &to->power_cycles);
	VALUE(c, &to->unsafe_shutdowns);
	VALUE(c, &to->media_errors);
	VALUE(c, &to->bytes_read);
	VALUE(c, &to->bytes_written);
	VALUE(c, &to->reads);
	VALUE(c, &to->writes);
	VALUE(c, &to->errors);
	for (int i = 0; i < SUBSYSTEM_ERRORS; i++) {
		VALUE(c, &to->error[i].number);
		VALUE(c, &to->error[i].status);
		VALUE(c, &to->error[i].at);
		VALUE(c, &to->error[i].nsid);
	}
	for (int i = 0; i < SUBSYSTEM_FEATURES; i++)
		VALUE(c, &to->feature_saved[i]);
	self_tests(c, s, to);
}

static void firmware(struct codec *c, struct subsystem *s)
{
	bytes(c, s->firmware, sizeof(s->firmware));
	VALUE(c, &s->slot_active);
	VALUE(c, &s->slot_next);
	flag(c, &s->slot_replaced);
	for (int i = 0; i < SUBSYSTEM_FIRMWARE_SLOTS; i++) {
		VALUE(c, &s->slot[i].size);
		bytes(c, s->slot[i].revision, sizeof(s->slot[i].revision));
		bytes(c, s->slot[i].digest, sizeof(s->slot[i].digest));
	}
}

static void sanitize(struct codec *c, struct subsystem *s)
{
	VALUE(c, &s->sanitize_status);
	VALUE(c, &s->sanitize_passes);
	VALUE(c, &s->sanitize_dword10);
	flag(c, &s->sanitized_since_write);
	flag(c, &s->sanitize_failure);
	operation(c, s, &s->sanitize);
}

static void events(struct codec *c, struct subsystem *s)
{
	VALUE(c, &s->events);
	for (int i = 0; i < SUBSYSTEM_EVENTS; i++) {
		struct event *e = &s->event[i];

		VALUE(c, &e->type);
		VALUE(c, &e->controller);
		VALUE(c, &e->nsid);
		VALUE(c, &e->detail);
		VALUE(c, &e->value);
		bytes(c, e->text, sizeof(e->text));
		bytes(c, e->before, sizeof(e->before));
		VALUE(c, &e->status);
		VALUE(c, &e->since_reset_ms);
		VALUE(c, &e->timestamp);
		flag(c, &e->timestamp_set);
	}
}

/* Whose it is: another drive's state is not taken. */
static bool identity(struct codec *c, const struct subsystem *s)
{
	char model[sizeof(s->model)], serial[sizeof(s->serial)];
	uint8_t controllers = s->controllers;

	memcpy(model, s->model, sizeof(model));
	memcpy(serial, s->serial, sizeof(serial));
	bytes(c, model, sizeof(model));
	bytes(c, serial, sizeof(serial));
	VALUE(c, &controllers);
	return !memcmp(model, s->model, sizeof(model)) &&
	       !memcmp(serial, s->serial, sizeof(serial)) &&
	       controllers == s->controllers;
}

static bool all(struct codec *c, struct subsystem *s)
{
	if (!identity(c, s))
		return false;
	namespaces(c, s);
	for (uint8_t i = 0; i < s->controllers; i++)
		controller(c, s, &s->controller[i]);
	firmware(c, s);
	sanitize(c, s);
	flag(c, &s->vpd_written);
	VALUE(c, &s->vpd_writes);
	bytes(c, s->vpd, sizeof(s->vpd));
	events(c, s);
	VALUE(c, &s->uptime_ms);
	return true;
}

/* --- what no drive is like --- */

static bool is_namespace(const struct subsystem *s, uint32_t nsid)
{
	const struct nvm_namespace *n = &s->namespace[nsid - 1];
	int attached = 0;

	for (uint8_t i = 0; i < s->controllers; i++)
		attached += controller_is_attached(&s->controller[i], nsid);
	if (!n->blocks)
		return !attached;
	return n->format < LBA_FORMATS && (n->shared || attached <= 1) &&
	       n->blocks <= s->capacity / BLOCK_SIZE &&
	       n->blocks * BLOCK_SIZE % namespace_block_size(n) == 0;
}

static bool is_firmware(const struct subsystem *s)
{
	const struct firmware *active = firmware_slot(s, s->slot_active);

	for (int i = 0; i < SUBSYSTEM_FIRMWARE_SLOTS; i++)
		if (s->slot[i].revision[8])
			return false;
	return !s->firmware[8] && active &&
	       (s->slot_replaced ||
		!memcmp(s->firmware, active->revision, sizeof(s->firmware))) &&
	       (!s->slot_next || firmware_slot(s, s->slot_next));
}

static bool is_operation(const struct operation *o)
{
	return o->duration_ms <= INT32_MAX;
}

static bool is_controller(const struct subsystem *s, const struct controller *c)
{
	uint32_t nsid = c->self_test_nsid;

	if (c->self_tests > SELF_TESTS || !is_operation(&c->self_test))
		return false;
	if (!c->self_test.active)
		return true;
	return (c->self_test_kind == SELF_TEST_SHORT ||
		c->self_test_kind == SELF_TEST_EXTENDED) &&
	       (!nsid || nsid == SUBSYSTEM_BROADCAST ||
		namespace_exists(s, nsid));
}

static bool is_sanitize(const struct subsystem *s)
{
	return s->sanitize_status <= SANITIZE_DONE_NO_DEALLOCATE &&
	       is_operation(&s->sanitize) &&
	       (!s->sanitize_failure ||
		s->sanitize_status == SANITIZE_FAILED) &&
	       s->sanitize.active == (s->sanitize_status == SANITIZE_RUNNING);
}

static bool is_drive(const struct subsystem *s)
{
	uint64_t left = s->capacity / BLOCK_SIZE;

	for (uint32_t nsid = 1; nsid <= SUBSYSTEM_NAMESPACES; nsid++) {
		uint64_t blocks = s->namespace[nsid - 1].blocks;

		if (!is_namespace(s, nsid) || blocks > left)
			return false;
		left -= blocks;
	}
	for (uint8_t i = 0; i < s->controllers; i++)
		if (!is_controller(s, &s->controller[i]))
			return false;
	return is_firmware(s) && is_sanitize(s);
}

/* --- in memory --- */

static void digest(const uint8_t *data, size_t len, uint8_t out[SHA256_SIZE])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, len);
	sha256_final(&sha, out);
}

int state_encode(const struct subsystem *s, uint8_t *data, size_t cap)
{
	static struct subsystem copy; /* the list is not const */
	struct codec c = { .w = wr_init(data, cap) };
	struct wr size;
	uint8_t sum[SHA256_SIZE];

	copy = *s;
	wr_bytes(&c.w, magic, sizeof(magic));
	wr_le32(&c.w, VERSION);
	wr_le32(&c.w, 0); /* length, below */
	(void)all(&c, &copy);
	if (!wr_ok(&c.w))
		return ERR_FULL;
	size = wr_init(data + HEADER - 4, 4);
	wr_le(&size, wr_len(&c.w), 4);
	digest(data, wr_len(&c.w), sum);
	wr_bytes(&c.w, sum, sizeof(sum));
	return wr_ok(&c.w) ? (int)wr_len(&c.w) : ERR_FULL;
}

int state_decode(struct subsystem *s, const uint8_t *data, size_t len)
{
	static struct subsystem copy;
	struct codec c = { .reading = true };
	struct rd head = rd_init(data, len < HEADER ? len : HEADER);
	const uint8_t *m = rd_bytes(&head, sizeof(magic));
	uint32_t version = rd_le32(&head), size = rd_le32(&head);
	uint8_t sum[SHA256_SIZE];

	if (!rd_ok(&head) || len < LEAST || size != len - SHA256_SIZE ||
	    memcmp(m, magic, sizeof(magic)) != 0)
		return ERR_INTEGRITY;
	digest(data, size, sum);
	if (memcmp(sum, data + size, sizeof(sum)) != 0)
		return ERR_INTEGRITY;
	if (version != VERSION)
		return ERR_UNSUPPORTED;
	copy = *s;
	c.r = rd_init(data + HEADER, size - HEADER);
	if (!all(&c, &copy) || !rd_done(&c.r) || !is_drive(&copy))
		return ERR_INVALID;
	*s = copy;
	return ERR_OK;
}

/* --- in a file --- */

static int system_error(const char *what, const char *path, char *error,
			size_t cap)
{
	snprintf(error, cap, "%s: %s: %s", path, what, strerror(errno));
	return ERR_IO;
}

static const char *reason(int err)
{
	switch (err) {
	case ERR_INTEGRITY:
		return "is damaged";
	case ERR_UNSUPPORTED:
		return "was written by another version";
	default:
		return "is of another model";
	}
}

static int set_aside(const char *path, int why, char *error, size_t cap)
{
	char bad[PATH_MAX];

	if (snprintf(bad, sizeof(bad), "%s.bad", path) >= (int)sizeof(bad))
		errno = ENAMETOOLONG;
	else if (!rename(path, bad)) {
		snprintf(error, cap,
			 "%s %s. it was renamed to %s, and the drive begins as "
			 "the model has it",
			 path, reason(why), bad);
		return why;
	}
	return system_error("cannot be set aside", path, error, cap);
}

int state_load(struct subsystem *s, const char *path, char *error, size_t cap)
{
	static uint8_t data[STATE_FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;
	int err;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND
				       : system_error("cannot be opened", path,
						      error, cap);
	while (len < sizeof(data) &&
	       (n = read(fd, data + len, sizeof(data) - len)) > 0)
		len += (size_t)n;
	if (n < 0) {
		err = system_error("cannot be read", path, error, cap);
		close(fd);
		return err;
	}
	close(fd);
	err = state_decode(s, data, len);
	return err ? set_aside(path, err, error, cap) : ERR_OK;
}

int state_save(const struct subsystem *s, const char *path, char *error,
	       size_t cap)
{
	static uint8_t data[STATE_FILE_MAX];
	int len = state_encode(s, data, sizeof(data));

	if (len < 0) { /* a model larger than STATE_FILE_MAX allows for */
		errno = EFBIG;
		return system_error("cannot be saved", path, error, cap);
	}
	if (atomic_file_write(path, 0600, data, (size_t)len))
		return system_error("cannot be saved", path, error, cap);
	return ERR_OK;
}
