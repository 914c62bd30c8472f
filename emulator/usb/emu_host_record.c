/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the record of a run, which replay.c plays. A line is
 * "@PICOSECONDS ACTION ...": "attach", "detach", or "submit", "cancel" and
 * "done" with the fields of an URB.
 */
#include "emulator/usb/emu_host_core.h"

static void write_hex(FILE *f, const uint8_t *data, uint32_t len)
{
	putc(' ', f);
	for (uint32_t i = 0; i < len; i++)
		fprintf(f, "%02x", data[i]);
	if (!len)
		putc('-', f);
}

/* Find the entry of `from` (NULL: a free one) and set it to `to`. Returns the
 * number of the URB. */
static unsigned int update_entry(struct emu_host_record *r,
				 const struct usbserve_urb *from,
				 const struct usbserve_urb *to)
{
	for (unsigned int i = 0; i < EMU_HOST_RECORDED; i++) {
		if (r->urb[i].urb != from)
			continue;
		if (!from)
			r->urb[i].number = r->count++;
		r->urb[i].urb = to;
		return r->urb[i].number;
	}
	return 0;
}

void emu_host_record_urb(struct emu_host *h, enum emu_host_action action,
			 const struct usbserve_urb *u)
{
	static const char *const names[] = { "submit", "cancel", "done" };
	bool in = u->endpoint & 0x80 || u->setup[0] & 0x80;
	FILE *f = h->record.file;
	unsigned int number;

	if (!f)
		return;
	number = update_entry(&h->record, action == EMU_HOST_SUBMIT ? NULL : u,
			      action == EMU_HOST_DONE ? NULL : u);
	fprintf(f, "@%llu %s %u %02x %u %u",
		(unsigned long long)emu_now(h->emu), names[action], number,
		u->endpoint, u->length, u->zero_packet);
	write_hex(f, u->setup, (u->endpoint & 15) ? 0 : 8);
	if (action == EMU_HOST_DONE) {
		fprintf(f, " %d", u->status);
		write_hex(f, u->data, in ? u->actual : 0);
	} else {
		write_hex(f, u->data, in ? 0 : u->length);
	}
	putc('\n', f);
}

void emu_host_record_cable(struct emu_host *h, bool attached)
{
	if (h->record.file)
		fprintf(h->record.file, "@%llu %s\n",
			(unsigned long long)emu_now(h->emu),
			attached ? "attach" : "detach");
}
