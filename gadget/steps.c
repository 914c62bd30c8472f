/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/steps.h"

#include <stdio.h>
#include <string.h>

static const char *const names[STEP_OPS] = {
	[STEP_MKDIR] = "mkdir",	      [STEP_RMDIR] = "rmdir",
	[STEP_SYMLINK] = "link",      [STEP_UNLINK] = "unlink",
	[STEP_WRITE] = "write",	      [STEP_FORGET] = "forget",
	[STEP_BIND] = "bind",	      [STEP_UNBIND] = "unbind",
	[STEP_NET_UP] = "net-up",     [STEP_NET_DOWN] = "net-down",
	[STEP_KEEP_OUT] = "keep-out", [STEP_RMMOD] = "rmmod",
	[STEP_NOTHING] = "nothing",   [STEP_PAUSE] = "pause",
	[STEP_SERVE] = "serve",	      [STEP_UNSERVE] = "unserve",
};

void steps_init(struct steps *s)
{
	s->count = 0;
	s->used = 1; /* offset 0 is the empty text */
	s->full = false;
	s->pool[0] = '\0';
}

static uint16_t put(struct steps *s, const char *text)
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

static void add(struct steps *s, enum step_op op, bool soft, const char *path,
		const char *value)
{
	struct step *t = &s->step[s->count];

	if (s->count >= STEPS_MAX) {
		s->full = true;
		return;
	}
	*t = (struct step){ .op = (uint8_t)op, .soft = soft };
	t->path = put(s, path);
	t->value = put(s, value);
	if (!s->full)
		s->count++;
}

void steps_add(struct steps *s, enum step_op op, const char *path,
	       const char *value)
{
	add(s, op, false, path, value);
}

void steps_add_soft(struct steps *s, enum step_op op, const char *path,
		    const char *value)
{
	add(s, op, true, path, value);
}

void steps_append(struct steps *s, const struct steps *from)
{
	s->full |= from->full;
	for (size_t i = 0; i < from->count; i++)
		add(s, (enum step_op)from->step[i].op, from->step[i].soft,
		    step_path(from, i), step_value(from, i));
}

void steps_append_inverse(struct steps *s, const struct steps *from)
{
	s->full |= from->full;
	for (size_t i = from->count; i-- > 0;)
		add(s, step_inverse((enum step_op)from->step[i].op),
		    from->step[i].soft, step_path(from, i),
		    step_value(from, i));
}

const char *step_path(const struct steps *s, size_t i)
{
	return s->pool + s->step[i].path;
}

const char *step_value(const struct steps *s, size_t i)
{
	return s->pool + s->step[i].value;
}

enum step_op step_inverse(enum step_op op)
{
	return (enum step_op)((unsigned int)op ^ 1U);
}

const char *step_name(enum step_op op)
{
	return op < STEP_OPS ? names[op] : "?";
}

enum step_op step_by_name(const char *name)
{
	unsigned int op = 0;

	while (op < STEP_OPS && strcmp(names[op], name) != 0)
		op++;
	return (enum step_op)op;
}

void step_format(const struct steps *s, size_t i, char *out, size_t cap)
{
	const char *path = step_path(s, i), *value = step_value(s, i);

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
			 *value ? ", address " : "", value);
		break;
	case STEP_NET_DOWN:
		snprintf(out, cap, "ip link set %s down, flush it", path);
		break;
	case STEP_PAUSE:
		snprintf(out, cap, "stay off the bus for %s ms", value);
		break;
	case STEP_SERVE:
		snprintf(out, cap, "usbnvme --functionfs for ffs.%s", path);
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
		if (s->step[i].op == op && !strcmp(step_path(s, i), path))
			return step_value(s, i);
	return NULL;
}

/* FNV-1a, with the zero byte that ends the text. */
static uint32_t add_text(uint32_t sum, const char *text)
{
	do
		sum = (sum ^ (uint8_t)*text) * 16777619U;
	while (*text++);
	return sum;
}

uint32_t steps_sum(const struct steps *s)
{
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < s->count; i++) {
		if (s->step[i].soft)
			continue;
		sum = add_text(sum, step_name((enum step_op)s->step[i].op));
		sum = add_text(sum, step_path(s, i));
		sum = add_text(sum, step_value(s, i));
	}
	return sum;
}
