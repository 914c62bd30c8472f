/* SPDX-License-Identifier: Apache-2.0 */
/* Makes virtual time follow the wall clock while a live host is served. */
#include "emulator/cpu/cpu.h"
#include "emulator/usb/emu_host_core.h"

enum {
	CONTROL_PATIENCE_MS = 5000, /* limit of a request, USB 2.0 9.2.6.1 */
	SLICE_US = 50,
	BURST_MS = 20, /* of the wall clock */
	TICK_MS = 10,
};

/* Whether the device or the bus has work to do now. */
static bool is_active(const struct emu_host *h)
{
	return h->control.urbs.head || h->work.armed || !h->cpu->sleeping;
}

/* Run to virtual time `wall`, and further while the device or the bus is
 * active. A control transfer may run for its whole time limit. Other work may
 * run until BURST_MS of the wall clock have passed since `started`. */
static void run_to(struct emu_host *h, uint64_t wall, uint64_t started)
{
	uint64_t patience = emu_now(h->emu) + CONTROL_PATIENCE_MS * EMU_MS;

	while (!h->emu->failed && !h->emu->ended) {
		uint64_t now = emu_now(h->emu), end = now + SLICE_US * EMU_US;

		if (now >= wall && !is_active(h))
			return;
		if (h->control.urbs.head
			    ? now >= patience
			    : h->wall_ps() - started > BURST_MS * EMU_MS)
			return;
		cpu_run(h->cpu, now < wall && wall < end ? wall : end);
		if (emu_now(h->emu) == now)
			return;
	}
}

/* If virtual time has run ahead of the wall clock, it stays ahead: wall_base_ps
 * is set to the new distance. */
int emu_host_run(void *device)
{
	struct emu_host *h = device;
	uint64_t clock = h->wall_ps(), now, next, left;

	run_to(h, h->wall_base_ps + clock, clock);
	clock = h->wall_ps();
	now = emu_now(h->emu);
	if (now > h->wall_base_ps + clock)
		h->wall_base_ps = now - clock;
	if (is_active(h))
		return 0;
	next = emu_next(h->emu);
	left = next > now ? (next - now) / EMU_MS + 1 : 0;
	return left < TICK_MS ? (int)left : TICK_MS;
}
