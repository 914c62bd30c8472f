/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual time, the queue of events, failures and traces. */
#include "emulator/machine/emu.h"

#include <stdarg.h>
#include <string.h>

#include "emulator/machine/arm_elf.h"

enum { HSI_HZ = 64000000 };

void emu_init(struct emu *e)
{
	memset(e, 0, sizeof(*e));
	e->deadline = UINT64_MAX;
	e->trace_file = stderr;
	emu_set_clock(e, HSI_HZ);
}

/* Convert the time of the next event to an instruction count. */
static void set_deadline(struct emu *e)
{
	uint64_t now = emu_now(e), at = emu_next(e);

	if (at == EMU_NEVER)
		e->deadline = UINT64_MAX;
	else if (at <= now)
		e->deadline = e->insns;
	else
		e->deadline = e->insns +
			      (at - now + e->ps_per_insn - 1) / e->ps_per_insn;
	if (e->stop_at > e->deadline)
		e->stop_at = e->deadline;
}

void emu_request_reset(struct emu *e, enum emu_reset_cause cause)
{
	if (!e->reset_request)
		e->reset_request = cause;
	emu_request_stop(e);
}

void emu_set_clock(struct emu *e, uint64_t hz)
{
	e->base_ps = emu_now(e);
	e->base_insns = e->insns;
	e->ps_per_insn = (EMU_S + hz / 2) / hz;
	set_deadline(e);
}

void emu_skip_to(struct emu *e, uint64_t at_ps)
{
	uint64_t now = emu_now(e);

	if (at_ps > now)
		e->base_ps += at_ps - now;
	set_deadline(e);
}

void emu_cancel(struct emu *e, struct emu_event *event)
{
	for (struct emu_event **p = &e->events; *p; p = &(*p)->next) {
		if (*p == event) {
			*p = event->next;
			break;
		}
	}
	event->armed = false;
}

void emu_schedule(struct emu *e, struct emu_event *event, uint64_t in_ps)
{
	struct emu_event **p = &e->events;

	emu_cancel(e, event);
	event->at_ps = emu_now(e) + in_ps;
	event->armed = true;
	while (*p && (*p)->at_ps <= event->at_ps)
		p = &(*p)->next;
	event->next = *p;
	*p = event;
	set_deadline(e);
}

uint64_t emu_next(const struct emu *e)
{
	return e->events ? e->events->at_ps : EMU_NEVER;
}

void emu_fire(struct emu *e)
{
	while (e->events && e->events->at_ps <= emu_now(e)) {
		struct emu_event *event = e->events;

		e->events = event->next;
		event->armed = false;
		event->fire(event->ctx);
	}
	set_deadline(e);
}

void emu_run_to(struct emu *e, uint64_t at_ps)
{
	while (emu_next(e) <= at_ps) {
		emu_skip_to(e, emu_next(e));
		emu_fire(e);
	}
	emu_skip_to(e, at_ps);
}

/* Write "pc 0x00000000 (SYMBOL): REASON" into EMU_ERROR_SIZE bytes. */
static void describe(const struct emu *e, char *text, const char *format,
		     va_list args)
{
	char reason[EMU_ERROR_SIZE - 128], symbol[96];

	vsnprintf(reason, sizeof(reason), format, args);
	arm_elf_symbol_name(e->symbols, e->pc, symbol, sizeof(symbol));
	snprintf(text, EMU_ERROR_SIZE, "pc 0x%08x%s%s%s: %s", e->pc,
		 *symbol ? " (" : "", symbol, *symbol ? ")" : "", reason);
}

static void fail(struct emu *e, const char *format, va_list args)
{
	if (e->failed)
		return;
	describe(e, e->error, format, args);
	e->failed = true;
	emu_request_stop(e);
}

void emu_fail(struct emu *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(e, format, args);
	va_end(args);
}

/* Remember a warning by its format, and return whether it was not printed
 * before. EMU_REPORTED is more than the emulator has formats. */
static bool is_new_warning(struct emu *e, const char *format)
{
	for (unsigned int i = 0; i < e->reported_count; i++)
		if (e->reported[i] == format)
			return false;
	if (e->reported_count < EMU_REPORTED)
		e->reported[e->reported_count++] = format;
	return true;
}

/* Apply the policy `what` to a report. */
static void report(struct emu *e, enum emu_violations what, const char *format,
		   va_list args)
{
	char text[EMU_ERROR_SIZE];

	if (what == EMU_VIOLATIONS_END) {
		fail(e, format, args);
	} else if (what == EMU_VIOLATIONS_WARN && is_new_warning(e, format)) {
		describe(e, text, format, args);
		fprintf(stderr, "nucleo-emu: warning: %s\n", text);
	}
}

void emu_violation(struct emu *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(e, e->violations, format, args);
	va_end(args);
}

void emu_unmodelled(struct emu *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(e, e->unmodelled, format, args);
	va_end(args);
}

void emu_trace(struct emu *e, enum emu_trace what, const char *format, ...)
{
	uint64_t ns = emu_now(e) / 1000;
	va_list args;

	if (!(e->trace & what))
		return;
	fprintf(e->trace_file, "%6u.%09u ", (unsigned int)(ns / 1000000000),
		(unsigned int)(ns % 1000000000));
	va_start(args, format);
	vfprintf(e->trace_file, format, args);
	va_end(args);
	putc('\n', e->trace_file);
}
