/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/state_event.h"

#include <string.h>

/* A sanitize request. The bits have their positions in NVMe's command dword
 * 10. */
enum {
	SANITIZE_ACTION = 0x007,
	SANITIZE_UNRESTRICTED_EXIT = 0x008,
	SANITIZE_PASSES_SHIFT = 4,
	SANITIZE_PASSES = 0x00f, /* 0: 16 */
	SANITIZE_PASSES_MAX = 16,
	SANITIZE_INVERT_PATTERN = 0x100,
	SANITIZE_NO_DEALLOCATE = 0x200,
};

/* A firmware commit. */
enum {
	COMMIT_SLOT = 0x07,
	COMMIT_ACTION_SHIFT = 3,
	COMMIT_ACTION = 0x07,
};

enum { NAMESPACE_SHARED = 0x100 }; /* above the LBA format */

/* Thermal changes, by enum drive_thermal_change. */
static const uint8_t thermal_words[] = {
	[DRIVE_THERMAL_NORMAL] = 0x88,
	[DRIVE_THERMAL_HOT] = 0x01,
	[DRIVE_THERMAL_COLD] = 0xb0,
};

/* The parts of an event whose meaning depends on the event's type. */
struct words {
	uint32_t detail;
	uint64_t value;
	char revision[DRIVE_REVISION_SIZE], before[DRIVE_REVISION_SIZE];
	uint16_t status;
};

/* --- sanitize, status --- */

uint32_t state_event_pack_sanitize(const struct drive_sanitize *s)
{
	uint32_t word = s->action;

	word |= (uint32_t)(s->passes & SANITIZE_PASSES)
		<< SANITIZE_PASSES_SHIFT;
	if (s->unrestricted_exit)
		word |= SANITIZE_UNRESTRICTED_EXIT;
	if (s->invert_pattern)
		word |= SANITIZE_INVERT_PATTERN;
	if (s->no_deallocate)
		word |= SANITIZE_NO_DEALLOCATE;
	return word;
}

void state_event_unpack_sanitize(struct drive_sanitize *s, uint32_t word)
{
	uint8_t passes = word >> SANITIZE_PASSES_SHIFT & SANITIZE_PASSES;

	s->action = word & SANITIZE_ACTION;
	s->passes = passes ? passes : SANITIZE_PASSES_MAX;
	s->unrestricted_exit = word & SANITIZE_UNRESTRICTED_EXIT;
	s->invert_pattern = word & SANITIZE_INVERT_PATTERN;
	s->no_deallocate = word & SANITIZE_NO_DEALLOCATE;
}

static uint16_t pack_status(const struct drive_status *s)
{
	return (uint16_t)(s->type << 8 | s->code);
}

static struct drive_status unpack_status(uint16_t word)
{
	return (struct drive_status){ (uint8_t)(word >> 8), (uint8_t)word };
}

void state_event_code_status(struct state_codec *c, struct drive_status *s)
{
	uint16_t word = pack_status(s);

	STATE_NUMBER(c, &word);
	*s = unpack_status(word);
}

/* --- events --- */

static void pack_commit(const struct drive_event *e, struct words *w)
{
	w->detail = (uint32_t)e->firmware_commit.action << COMMIT_ACTION_SHIFT |
		    e->firmware_commit.slot;
	memcpy(w->before, e->firmware_commit.before, sizeof(w->before));
	memcpy(w->revision, e->firmware_commit.revision, sizeof(w->revision));
	w->status = pack_status(&e->firmware_commit.status);
}

static void unpack_commit(struct drive_event *e, const struct words *w)
{
	e->firmware_commit.action =
		w->detail >> COMMIT_ACTION_SHIFT & COMMIT_ACTION;
	e->firmware_commit.slot = w->detail & COMMIT_SLOT;
	memcpy(e->firmware_commit.before, w->before, sizeof(w->before));
	memcpy(e->firmware_commit.revision, w->revision, sizeof(w->revision));
	e->firmware_commit.status = unpack_status(w->status);
}

static void pack_reset(const struct drive_event *e, struct words *w)
{
	memcpy(w->revision, e->reset.revision, sizeof(w->revision));
	w->status = e->reset.firmware_activated;
	w->detail = e->reset.power_cycles;
	w->value = e->reset.uptime_ms;
}

static void unpack_reset(struct drive_event *e, const struct words *w)
{
	memcpy(e->reset.revision, w->revision, sizeof(w->revision));
	e->reset.firmware_activated = w->status;
	e->reset.power_cycles = w->detail;
	e->reset.uptime_ms = w->value;
}

static void pack_namespace(const struct drive_event *e, struct words *w)
{
	w->detail = e->namespace_change.deleted;
	w->value = e->namespace_change.blocks;
	w->status = e->namespace_change.format;
	if (e->namespace_change.shared)
		w->status |= NAMESPACE_SHARED;
}

static void unpack_namespace(struct drive_event *e, const struct words *w)
{
	e->namespace_change.deleted = w->detail;
	e->namespace_change.blocks = w->value;
	e->namespace_change.format = (uint8_t)w->status;
	e->namespace_change.shared = w->status & NAMESPACE_SHARED;
}

static uint8_t unpack_thermal(uint32_t word)
{
	for (size_t i = 0; i < sizeof(thermal_words); i++)
		if (thermal_words[i] == word)
			return (uint8_t)i;
	return DRIVE_THERMAL_NORMAL;
}

static void pack(const struct drive_event *e, struct words *w)
{
	switch (e->type) {
	case DRIVE_EVENT_FIRMWARE_COMMIT:
		pack_commit(e, w);
		break;
	case DRIVE_EVENT_TIMESTAMP_CHANGE:
		w->value = e->timestamp_change.before_ms;
		w->detail = e->timestamp_change.before_set;
		break;
	case DRIVE_EVENT_RESET:
		pack_reset(e, w);
		break;
	case DRIVE_EVENT_NAMESPACE_CHANGE:
		pack_namespace(e, w);
		break;
	case DRIVE_EVENT_FORMAT_START:
		w->detail = e->format_start.format;
		break;
	case DRIVE_EVENT_SANITIZE_START:
		w->detail = state_event_pack_sanitize(&e->sanitize_start);
		w->value = e->sanitize_start.pattern;
		break;
	case DRIVE_EVENT_SANITIZE_END:
		w->detail = e->sanitize_end.result;
		w->value = e->sanitize_end.passes;
		break;
	case DRIVE_EVENT_THERMAL:
		w->detail = thermal_words[e->thermal.change];
		w->value = e->thermal.kelvin;
		break;
	default:
		break;
	}
}

static void unpack(struct drive_event *e, const struct words *w)
{
	switch (e->type) {
	case DRIVE_EVENT_FIRMWARE_COMMIT:
		unpack_commit(e, w);
		break;
	case DRIVE_EVENT_TIMESTAMP_CHANGE:
		e->timestamp_change.before_ms = w->value;
		e->timestamp_change.before_set = w->detail;
		break;
	case DRIVE_EVENT_RESET:
		unpack_reset(e, w);
		break;
	case DRIVE_EVENT_NAMESPACE_CHANGE:
		unpack_namespace(e, w);
		break;
	case DRIVE_EVENT_FORMAT_START:
		e->format_start.format = (uint8_t)w->detail;
		break;
	case DRIVE_EVENT_SANITIZE_START:
		state_event_unpack_sanitize(&e->sanitize_start, w->detail);
		e->sanitize_start.pattern = (uint32_t)w->value;
		break;
	case DRIVE_EVENT_SANITIZE_END:
		e->sanitize_end.result = (uint8_t)w->detail;
		e->sanitize_end.passes = (uint8_t)w->value;
		break;
	case DRIVE_EVENT_THERMAL:
		e->thermal.change = unpack_thermal(w->detail);
		e->thermal.kelvin = (uint16_t)w->value;
		break;
	default:
		break;
	}
}

void state_event_code(struct state_codec *c, struct drive_event *e)
{
	struct words w = { 0 };

	if (c->reading)
		memset(e, 0, sizeof(*e));
	else
		pack(e, &w);
	STATE_NUMBER(c, &e->type);
	STATE_NUMBER(c, &e->controller);
	STATE_NUMBER(c, &e->nsid);
	STATE_NUMBER(c, &w.detail);
	STATE_NUMBER(c, &w.value);
	state_codec_bytes(c, w.revision, sizeof(w.revision));
	state_codec_bytes(c, w.before, sizeof(w.before));
	STATE_NUMBER(c, &w.status);
	STATE_NUMBER(c, &e->since_reset_ms);
	STATE_NUMBER(c, &e->timestamp_ms);
	state_codec_flag(c, &e->timestamp_set);
	if (c->reading)
		unpack(e, &w);
}
