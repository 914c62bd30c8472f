/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/fault.h"

#include <stdio.h>
#include <string.h>

#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/tick.h"
#include "soc/stm32h7rs/vectors.h"

enum { FRAME_WORDS = 8 };

__attribute__((weak)) void fault_show(const char *text)
{
	(void)text;
}

static bool is_in_stack(const uint32_t *p)
{
	return p >= stack_bottom && p < stack_top;
}

static bool is_in_code(uint32_t address)
{
	const uint16_t *p = (const uint16_t *)(uintptr_t)(address & ~1UL);

	return (p >= (const uint16_t *)code_start + 2 &&
		p < (const uint16_t *)code_end) ||
	       (p >= (const uint16_t *)fast_start + 2 &&
		p < (const uint16_t *)fast_end);
}

/* Whether the address is a return address: odd, and after a BL or BLX
 * (register) instruction. */
static bool follows_call(uint32_t address)
{
	const uint16_t *p;

	if (!(address & 1) || !is_in_code(address))
		return false;
	p = (const uint16_t *)(uintptr_t)(address & ~1UL);
	return (p[-1] & 0xff87) == 0x4780 ||
	       ((p[-2] & 0xf800) == 0xf000 && (p[-1] & 0xd000) == 0xd000);
}

static void collect_calls(struct crash_record *r, const uint32_t *stack)
{
	r->calls = 0;
	if (follows_call(r->lr))
		r->call[r->calls++] = r->lr & ~1UL;
	for (; is_in_stack(stack) && r->calls < CRASH_RECORD_CALLS; stack++) {
		if (follows_call(*stack))
			r->call[r->calls++] = *stack & ~1UL;
	}
}

static void collect_registers(struct crash_record *r, const uint32_t *frame)
{
	memset(r, 0, sizeof(*r));
	r->exception = SCB_ICSR & 0x1ff;
	r->uptime_ms = tick_ms();
	r->sp = (uint32_t)(uintptr_t)frame;
	r->cfsr = SCB_CFSR;
	r->hfsr = SCB_HFSR;
	r->mmfar = SCB_MMFAR;
	r->bfar = SCB_BFAR;
	/* A stack overflow leaves no valid exception frame. The stack still
	 * contains the return addresses. */
	if (!is_in_stack(frame) || !is_in_stack(frame + FRAME_WORDS - 1)) {
		collect_calls(r, stack_bottom);
		return;
	}
	memcpy(r->r, frame, sizeof(r->r));
	r->r12 = frame[4];
	r->lr = frame[5];
	r->pc = frame[6];
	r->xpsr = frame[7];
	collect_calls(r, frame + FRAME_WORDS);
}

__attribute__((used)) static _Noreturn void report(const uint32_t *frame)
{
	static char text[FAULT_TEXT];
	struct crash_record *r = &backup_open()->crash;

	collect_registers(r, frame);
	crash_record_seal(r);
	dsb();
	fault_format(r, text, sizeof(text));
	fault_show(text);
	if (DHCSR & DHCSR_C_DEBUGEN)
		__asm volatile("bkpt 0");
	system_reset();
}

/* Use a separate stack, as the fault may be a stack overflow. */
__attribute__((naked)) void fault_handler(void)
{
	__asm volatile("cpsid i\n"
		       "mrs r0, msp\n"
		       "ldr r1, =fault_stack_top\n"
		       "msr msp, r1\n"
		       "isb\n"
		       "b report\n"
		       ".pool\n");
}

bool fault_take(struct crash_record *record)
{
	struct crash_record *r = &backup_open()->crash;

	if (!crash_record_valid(r))
		return false;
	*record = *r;
	r->magic = 0;
	return true;
}

static const char *exception_name(uint32_t number)
{
	static const char *const names[] = { "NMI", "HardFault", "MemManage",
					     "BusFault", "UsageFault" };

	return number >= 2 && number < 7 ? names[number - 2] : "exception";
}

void fault_format(const struct crash_record *r, char *text, int cap)
{
	int n = snprintf(text, (size_t)cap,
			 "%s %lu at %08lx after %lu ms, sp %08lx cfsr %08lx "
			 "hfsr %08lx mmfar %08lx bfar %08lx r0 %08lx r1 %08lx "
			 "r2 %08lx r3 %08lx r12 %08lx lr %08lx xpsr %08lx, "
			 "calls",
			 exception_name(r->exception),
			 (unsigned long)r->exception, (unsigned long)r->pc,
			 (unsigned long)r->uptime_ms, (unsigned long)r->sp,
			 (unsigned long)r->cfsr, (unsigned long)r->hfsr,
			 (unsigned long)r->mmfar, (unsigned long)r->bfar,
			 (unsigned long)r->r[0], (unsigned long)r->r[1],
			 (unsigned long)r->r[2], (unsigned long)r->r[3],
			 (unsigned long)r->r12, (unsigned long)r->lr,
			 (unsigned long)r->xpsr);

	for (uint32_t i = 0; i < r->calls && n < cap; i++)
		n += snprintf(text + n, (size_t)(cap - n), " %08lx",
			      (unsigned long)r->call[i]);
}
