/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the NVMe-MI requester and the bus owner with an endpoint that responds
 * with arbitrary bytes. Results must stay within their arrays, and each error
 * must have a message.
 *
 * Input: the request to send, then responses. Flags and a length precede each
 * response.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "host/bus_owner.h"
#include "host/nvme.h"
#include "host/nvme_admin.h"
#include "host/nvme_decode.h"
#include "host/nvme_events.h"
#include "../unit/fake_transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WITH_HEAD = 0x01, WITH_MIC = 0x02, EID = 9, GUARD = 0xa5 };

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Return the next response of the input. Flags can replace its first bytes by
 * valid bytes, so that the fuzzer reaches the code after the first checks. */
static size_t answer(void *ctx, const struct transport_request *r,
		     uint8_t *data, size_t cap)
{
	struct rd *in = ctx;
	struct wr w = wr_init(data, cap);
	uint8_t flags = rd_u8(in);
	size_t n = rd_le16(in);

	if (!rd_remaining(in))
		return 0;
	n = n < rd_remaining(in) ? n : rd_remaining(in);
	if (flags & WITH_HEAD && r->data[0] == MCTP_TYPE_CONTROL) {
		wr_u8(&w, r->data[0]);
		wr_u8(&w, r->data[1] & 0x1f);
		wr_u8(&w, r->data[2]);
	} else if (flags & WITH_HEAD) {
		/* a response with the message type of the request */
		wr_u8(&w, r->data[0]);
		wr_u8(&w, r->data[1] | 0x80);
		wr_le16(&w, 0);
	}
	wr_bytes(&w, rd_bytes(in, n), n);
	if (flags & WITH_MIC)
		wr_le32(&w, crc32c(0, data, wr_len(&w)));
	return wr_len(&w);
}

static int ask_nvme(struct transport *t, uint8_t what)
{
	static uint16_t list[NVME_MI_CONTROLLER_LIST_MAX + 1];
	static struct nvme_controller_health health[256];
	struct nvme_subsystem_information s;
	struct nvme_port_information p;
	struct nvme_controller_information c;
	struct nvme_subsystem_health h;
	uint16_t count = 0;
	uint32_t value;
	int err;

	switch (what) {
	case 0:
		return nvme_get_subsystem(t, EID, &s);
	case 1:
		return nvme_get_port(t, EID, 0, &p);
	case 2:
		list[NVME_MI_CONTROLLER_LIST_MAX] = GUARD;
		err = nvme_get_controllers(t, EID, list, &count);
		expect(err || count <= NVME_MI_CONTROLLER_LIST_MAX);
		expect(list[NVME_MI_CONTROLLER_LIST_MAX] == GUARD);
		return err;
	case 3:
		return nvme_get_controller(t, EID, 0, &c);
	case 4:
		err = nvme_get_health(t, EID, &h);
		expect(err || !h.celsius_valid ||
		       (h.celsius >= -60 && h.celsius <= 127));
		return err;
	case 5:
		err = nvme_get_controller_health(t, EID, 0, health, &count);
		expect(err || count <= 255);
		return err;
	default:
		return nvme_get_configuration(
			t, EID, 0, NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE, &value);
	}
}

static int ask_bus_owner(struct transport *t, uint8_t what)
{
	uint8_t bytes[BUS_OWNER_LIST + 1], count = 0, eid = 20;
	uint32_t versions[BUS_OWNER_LIST + 1];
	uint16_t vendor, set;
	int err;

	bytes[BUS_OWNER_LIST] = GUARD;
	versions[BUS_OWNER_LIST] = GUARD;
	switch (what) {
	case 0:
		err = bus_owner_bring_up(t, &eid);
		expect(err || (eid >= 9 && eid != 0xff));
		break;
	case 1:
		err = bus_owner_set_eid(t, 0, &eid);
		break;
	case 2:
		err = bus_owner_get_uuid(t, EID, bytes);
		break;
	case 3:
		err = bus_owner_get_types(t, EID, bytes, &count);
		break;
	case 4:
		err = bus_owner_get_versions(t, EID, 4, versions, &count);
		break;
	default:
		err = bus_owner_get_vendor(t, EID, 0, &vendor, &set, &eid);
		break;
	}
	expect(err || count <= BUS_OWNER_LIST);
	expect(bytes[BUS_OWNER_LIST] == GUARD &&
	       versions[BUS_OWNER_LIST] == GUARD);
	return err;
}

/* Decode a structure by its table. The decoder must not read behind the end. */
static void walk(const struct nvme_table *t, const uint8_t *data, size_t len)
{
	char text[NVME_VALUE_TEXT];
	struct nvme_items i = { 0 };
	struct nvme_value v;
	size_t items = 0;

	for (const struct nvme_layout *f = t->fields; f && f->name; f++)
		if (nvme_value(f, data, len, &v))
			nvme_value_text(f, &v, text);
	while (nvme_next_item(t, data, len, &i)) {
		expect(++items <= len && i.data >= data &&
		       i.data + i.len <= data + len);
		for (const struct nvme_layout *f = t->item; f->name; f++)
			if (nvme_value(f, i.data, i.len, &v))
				nvme_value_text(f, &v, text);
	}
}

static int ask_more(struct transport *t, uint8_t what, struct rd *r)
{
	static uint8_t page[2 * NVME_PAGE];
	static struct nvme_event_list list;
	static struct nvme_occurrences o;
	const struct nvme_host h = { .transport = t, .dest = EID };
	struct nvme_primitive p = { .opcode = NVME_MI_REPLAY };
	struct nvme_log_page l = { .len = sizeof(page) };
	struct nvme_feature f = { .id = 0x0e, .data = page, .data_len = 8 };
	struct nvme_identify i = { 0 };
	int err;

	switch (what) {
	case 0:
		i.cns = rd_u8(r);
		err = nvme_identify(&h, &i, page);
		walk(nvme_identify_table(i.cns), page, NVME_PAGE);
		return err;
	case 1:
		l.id = rd_u8(r);
		err = nvme_get_log_page(&h, &l, page);
		walk(nvme_log_table(l.id), page, rd_u8(r) * 16U);
		return err;
	case 2:
		return nvme_events_get(&h, &list);
	case 3:
		return nvme_events_acknowledge(&h, &o);
	case 4:
		return nvme_primitive_ask(&h, &p);
	case 5:
		return nvme_vpd_read(&h, 0, 8, page);
	case 6:
		return nvme_pcie_read(&h, 0, 0, page, 8);
	default:
		return nvme_get_feature(&h, &f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fake_transport fake;
	struct rd r = rd_init(data, size);
	uint8_t what;
	int err;

	fake_init(&fake, answer, &r);
	while (rd_remaining(&r)) {
		fake.transport.error[0] = '\0';
		what = rd_u8(&r);
		if (what & 0x80)
			err = ask_bus_owner(&fake.transport, what & 0x07);
		else if (what & 0x40)
			err = ask_more(&fake.transport, what & 0x07, &r);
		else
			err = ask_nvme(&fake.transport, what & 0x07);
		expect(err <= 0);
		expect(!err == !fake.transport.error[0] ||
		       !err); /* an earlier attempt may have failed */
		expect(strnlen(fake.transport.error, TRANSPORT_ERROR) <
		       TRANSPORT_ERROR);
	}
	return 0;
}
