/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/steps.h"

#include <stdio.h>
#include <string.h>

/* Part of the format of the saved state: do not change a name that a recipe
 * can contain (mkdir, link, write, bind, net-up). */
static const char *const names[STEP_OPS] = {
	[STEP_MKDIR] = "mkdir",	      [STEP_RMDIR] = "rmdir",
	[STEP_SYMLINK] = "link",      [STEP_UNLINK] = "unlink",
	[STEP_WRITE] = "write",	      [STEP_NO_WRITE] = "no-write",
	[STEP_BIND] = "bind",	      [STEP_UNBIND] = "unbind",
	[STEP_NET_UP] = "net-up",     [STEP_NET_DOWN] = "net-down",
	[STEP_NO_RMMOD] = "no-rmmod", [STEP_RMMOD] = "rmmod",
	[STEP_NO_PAUSE] = "no-pause", [STEP_PAUSE] = "pause",
	[STEP_SERVE] = "serve",	      [STEP_UNSERVE] = "unserve",
};

void steps_init(struct steps *s)
{
	s->count = 0;
	s->used = 1; /* offset 0 is the empty text */
	s->full = false;
	s->pool[0] = '\0';
}

/* Copy a text into the pool; returns its offset, 0 for the empty text. */
static uint16_t add_to_pool(struct steps *s, const char *text)
{
	size_t len = strlen(text);
	uint16_t at = s->used;

	if (!len)
		return 0;
	if (len >= STEP_TEXT || strchr(text, '\n') ||
	    len + 1 > (size_t)STEPS_POOL - s->used) {
		s->full = true;
		return 0;
	}
	memcpy(s->pool + at, text, len + 1);
	s->used = (uint16_t)(at + len + 1);
	return at;
}

static void append_step(struct steps *s, enum step_op op, bool soft,
			const char *path, const char *value)
{
	struct step *t = &s->step[s->count];

	if (s->count >= STEPS_MAX) {
		s->full = true;
		return;
	}
	*t = (struct step){ .op = (uint8_t)op, .soft = soft };
	t->path = add_to_pool(s, path);
	t->value = add_to_pool(s, value);
	if (!s->full)
		s->count++;
}

void steps_add(struct steps *s, enum step_op op, const char *path,
	       const char *value)
{
	append_step(s, op, false, path, value);
}

void steps_add_soft(struct steps *s, enum step_op op, const char *path,
		    const char *value)
{
	append_step(s, op, true, path, value);
}

void steps_append(struct steps *s, const struct steps *from)
{
	s->full |= from->full;
	for (size_t i = 0; i < from->count; i++)
		append_step(s, (enum step_op)from->step[i].op,
			    from->step[i].soft, steps_path(from, i),
			    steps_value(from, i));
}

void steps_append_inverse(struct steps *s, const struct steps *from)
{
	s->full |= from->full;
	for (size_t i = from->count; i-- > 0;)
		append_step(s, steps_inverse((enum step_op)from->step[i].op),
			    from->step[i].soft, steps_path(from, i),
			    steps_value(from, i));
}

const char *steps_path(const struct steps *s, size_t i)
{
	return s->pool + s->step[i].path;
}

const char *steps_value(const struct steps *s, size_t i)
{
	return s->pool + s->step[i].value;
}

enum step_op steps_inverse(enum step_op op)
{
	return (enum step_op)((unsigned int)op ^ 1U);
}

bool steps_is_no_op(enum step_op op)
{
	return op == STEP_NO_WRITE || op == STEP_NO_RMMOD ||
	       op == STEP_NO_PAUSE;
}

const char *steps_op_name(enum step_op op)
{
	return op < STEP_OPS ? names[op] : "?";
}

enum step_op steps_find_op(const char *name)
{
	unsigned int op = 0;

	while (op < STEP_OPS && strcmp(names[op], name) != 0)
		op++;
	return (enum step_op)op;
}

void steps_format(const struct steps *s, size_t i, char *out, size_t cap)
{
	const char *path = steps_path(s, i), *value = steps_value(s, i);

	switch (s->step[i].op) {
	case STEP_SYMLINK:
		snprintf(out, cap, "ln -s %s %s", value, path);
		break;
	case STEP_WRITE:
		snprintf(out, cap, "echo '%s' > %s", value, path);
		break;
	case STEP_BIND:
		snprintf(out, cap, "echo %s > %s/UDC", value, path);
		break;
	case STEP_UNBIND:
		snprintf(out, cap, "echo > %s/UDC", path);
		break;
	case STEP_NET_UP:
		snprintf(out, cap, "ip link set %s up%s%s", path,
			 *value ? ", add address " : "", value);
		break;
	case STEP_NET_DOWN:
		snprintf(out, cap,
			 "ip link set %s down, remove its IPv4 addresses",
			 path);
		break;
	case STEP_PAUSE:
		snprintf(out, cap, "stay off the bus for %s ms", value);
		break;
	case STEP_SERVE:
		snprintf(out, cap, "%s --functionfs for ffs.%s", value, path);
		break;
	case STEP_UNSERVE:
		snprintf(out, cap, "end %s of ffs.%s", value, path);
		break;
	case STEP_UNLINK:
		snprintf(out, cap, "rm %s", path);
		break;
	default:
		snprintf(out, cap, "%s %s", names[s->step[i].op], path);
	}
}

const char *steps_find(const struct steps *s, enum step_op op, const char *path)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->step[i].op == op && !strcmp(steps_path(s, i), path))
			return steps_value(s, i);
	return NULL;
}

/* FNV-1a over the text and its terminating zero byte. */
static uint32_t add_text(uint32_t sum, const char *text)
{
	do
		sum = (sum ^ (uint8_t)*text) * 16777619U;
	while (*text++);
	return sum;
}

uint32_t steps_checksum(const struct steps *s)
{
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < s->count; i++) {
		if (s->step[i].soft)
			continue;
		sum = add_text(sum, steps_op_name((enum step_op)s->step[i].op));
		sum = add_text(sum, steps_path(s, i));
		sum = add_text(sum, steps_value(s, i));
	}
	return sum;
}
