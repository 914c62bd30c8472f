/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for the NVMe-MI requester. The test makes the responses. */
#include "cm.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "fake_transport.h"
#include "host/nvme.h"

enum { EID = 9, HEAD = NVME_MI_RESPONSE_SIZE, MIC = NVME_MI_MIC_SIZE };

/* A response: header, status and management response, data, integrity check. If
 * all members are 0, the response is valid. */
static struct {
	uint8_t type, kind, status;
	uint32_t nmresp;
	uint8_t data[5000];
	size_t len;
	size_t cut;   /* bytes of the response to send */
	uint32_t mic; /* XOR-ed into the integrity check */
	uint8_t request[64];
	size_t request_len;
} far;

static const uint8_t subsystem[32] = { 1, 1, 2 };
static struct fake_transport fake;
static struct transport *const t = &fake.transport;

static size_t answer(void *ctx, const struct transport_request *r,
		     uint8_t *data, size_t cap)
{
	struct wr w = wr_init(data, cap);

	(void)ctx;
	assert_int_equal(r->dest, EID);
	assert_true(r->len <= sizeof(far.request));
	memcpy(far.request, r->data, r->len);
	far.request_len = r->len;
	wr_u8(&w, far.type);
	wr_u8(&w, far.kind);
	wr_le16(&w, 0);
	wr_u8(&w, far.status);
	wr_le(&w, far.nmresp, 3);
	wr_bytes(&w, far.data, far.len);
	wr_le32(&w, crc32c(0, data, wr_len(&w)) ^ far.mic);
	return wr_len(&w) < far.cut ? wr_len(&w) : far.cut;
}

static int setup(void **state)
{
	(void)state;
	memset(&far, 0, sizeof(far));
	far.type = 0x84;
	far.kind = 0x88;
	far.cut = SIZE_MAX;
	fake_init(&fake, answer, NULL);
	return 0;
}

static void answer_data(const void *data, size_t len)
{
	memset(far.data, 0xee, sizeof(far.data));
	memcpy(far.data, data, len);
	far.len = len;
	far.nmresp = (uint32_t)len;
}

static int command(void)
{
	const uint32_t nmd[2] = { 0x11223344, 0x55667788 };
	const uint8_t *data;
	uint32_t nmresp;
	size_t len;

	return nvme_command(t, EID, 1, nmd, &data, &len, &nmresp);
}

static void assert_says(const char *what)
{
	if (!strstr(t->error, what))
		fail_msg("\"%s\" does not say \"%s\"", t->error, what);
}

/* Check the request's opcode and dwords. */
static void assert_asked(uint8_t opcode, uint32_t nmd0, uint32_t nmd1)
{
	struct rd r = rd_init(far.request, far.request_len);

	assert_int_equal(rd_le32(&r), 0x00000884); /* command, slot 0 */
	assert_int_equal(rd_le32(&r), opcode);
	assert_int_equal(rd_le32(&r), nmd0);
	assert_int_equal(rd_le32(&r), nmd1);
	assert_int_equal(rd_le32(&r), crc32c(0, far.request, 16));
	assert_true(rd_done(&r));
}

static void sends_command_and_returns_response(void **state)
{
	const uint32_t nmd[2] = { 0x11223344, 0x55667788 };
	const uint8_t *data;
	uint32_t nmresp;
	size_t len;

	(void)state;
	answer_data("some data", 9);
	far.nmresp = 0xabcdef;
	assert_int_equal(nvme_command(t, EID, 0x42, nmd, &data, &len, &nmresp),
			 ERR_OK);
	assert_asked(0x42, 0x11223344, 0x55667788);
	assert_int_equal(nmresp, 0xabcdef);
	assert_int_equal(len, 9);
	assert_memory_equal(data, "some data", 9);
}

static void refuses_wrong_integrity_check(void **state)
{
	(void)state;
	answer_data("some data", 9);
	for (uint32_t bit = 1; bit; bit <<= 1) {
		far.mic = bit;
		assert_int_equal(command(), ERR_INTEGRITY);
		assert_says("integrity check is wrong");
	}
	far.mic = 0;
	assert_int_equal(command(), ERR_OK);
}

static void refuses_truncated_response(void **state)
{
	(void)state;
	answer_data("some data", 9);
	for (far.cut = 1; far.cut < HEAD + 9 + MIC; far.cut++)
		assert_int_equal(command(), far.cut < HEAD + MIC
						    ? ERR_INVALID
						    : ERR_INTEGRITY);
	assert_int_equal(command(), ERR_OK);
	far.cut = 0;
	assert_int_equal(command(), ERR_TIMEOUT);
	assert_says("no reply");
}

static void refuses_message_that_is_not_the_response(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < 256; kind++) {
		far.kind = (uint8_t)kind;
		assert_int_equal(command(),
				 kind == 0x88 ? ERR_OK : ERR_INVALID);
	}
	far.kind = 0x88;
	far.type = 0x04; /* no IC bit; the integrity check is valid */
	assert_int_equal(command(), ERR_INVALID);
	far.type = 0x85;
	assert_int_equal(command(), ERR_INVALID);
	assert_says("not the response");
}

static void reports_status_by_name(void **state)
{
	(void)state;
	far.status = NVME_MI_INVALID_COMMAND_OPCODE;
	assert_int_equal(command(), ERR_UNSUPPORTED);
	assert_says("command 01: status 03 (Invalid Command Opcode)");
	far.status = NVME_MI_INVALID_PARAMETER;
	far.nmresp = 0x000b07; /* byte 11, bit 7 */
	assert_int_equal(command(), ERR_UNSUPPORTED);
	assert_says("Invalid Parameter) at byte 11, bit 7");
	for (unsigned int status = 1; status < 256; status++) {
		far.status = (uint8_t)status;
		assert_int_equal(command(), ERR_UNSUPPORTED);
		assert_non_null(nvme_status_name((uint8_t)status));
	}
}

static void decodes_subsystem_information(void **state)
{
	struct nvme_subsystem_information s;

	(void)state;
	answer_data(subsystem, sizeof(subsystem));
	assert_int_equal(nvme_get_subsystem(t, EID, &s), ERR_OK);
	assert_asked(0, 0x00000000, 0);
	assert_int_equal(s.ports, 2); /* zeroes based on the wire */
	assert_int_equal(s.major, 1);
	assert_int_equal(s.minor, 2);
}

static void decodes_port_information(void **state)
{
	static const uint8_t pcie[32] = { 1, 0, 0xf7, 0, 0, 0x10, 0,
					  0, 0, 0x3f, 1, 2, 1 };
	static const uint8_t twowire[32] = { 2, 0, 64, 0, 0,	0,
					     0, 0, 0,  0, 0x3a, 3 };
	struct nvme_port_information p;

	(void)state;
	answer_data(pcie, sizeof(pcie));
	assert_int_equal(nvme_get_port(t, EID, 5, &p), ERR_OK);
	assert_asked(0, 0x01050000, 0);
	assert_int_equal(p.type, NVME_MI_PORT_PCIE);
	assert_int_equal(p.unit_max, 247);
	assert_int_equal(p.buffer_size, 4096);
	assert_int_equal(p.speeds, 0x3f);
	assert_int_equal(p.speed, 1);
	assert_int_equal(p.width_max, 2);
	assert_int_equal(p.width, 1);
	answer_data(twowire, sizeof(twowire));
	assert_int_equal(nvme_get_port(t, EID, 1, &p), ERR_OK);
	assert_int_equal(p.type, NVME_MI_PORT_TWO_WIRE);
	assert_int_equal(p.unit_max, 64);
	assert_int_equal(p.address, 0x3a);
	assert_int_equal(p.frequency_max, 3);
	assert_int_equal(p.width, 0);
}

static void decodes_controller_information(void **state)
{
	static const uint8_t data[32] = { 1,	0,    0,    0,	  0,	1,
					  0x34, 0x12, 0xde, 0xcc, 0x01, 0x02,
					  0x03, 0x04, 0x05, 0x06 };
	struct nvme_controller_information c;

	(void)state;
	answer_data(data, sizeof(data));
	assert_int_equal(nvme_get_controller(t, EID, 0x0102, &c), ERR_OK);
	assert_asked(0, 0x03000102, 0);
	assert_int_equal(c.port, 1);
	assert_true(c.routing_id_valid);
	assert_int_equal(c.routing_id, 0x1234);
	assert_int_equal(c.pci_vendor, 0xccde);
	assert_int_equal(c.pci_device, 0x0201);
	assert_int_equal(c.pci_subvendor, 0x0403);
	assert_int_equal(c.pci_subdevice, 0x0605);
}

static void decodes_controller_list(void **state)
{
	static uint16_t list[NVME_MI_CONTROLLER_LIST_MAX];
	uint16_t count;

	(void)state;
	answer_data("\x02\0\x05\0\x07\x01", 6);
	assert_int_equal(nvme_get_controllers(t, EID, list, &count), ERR_OK);
	assert_asked(0, 0x02000000, 0);
	assert_int_equal(count, 2);
	assert_int_equal(list[0], 5);
	assert_int_equal(list[1], 0x107);
	/* The list reports three entries, but contains two. Then it reports too
	 * many entries. */
	answer_data("\x03\0\x05\0\x07\x01", 6);
	assert_int_equal(nvme_get_controllers(t, EID, list, &count),
			 ERR_INVALID);
	answer_data("\xff\xff\x05\0\x07\x01", 6);
	assert_int_equal(nvme_get_controllers(t, EID, list, &count),
			 ERR_INVALID);
	assert_says("too long");
	/* the longest list */
	memset(far.data, 0, sizeof(far.data));
	far.data[0] = 0xff;
	far.data[1] = 0x07;
	far.len = 4096;
	far.nmresp = 4096;
	assert_int_equal(nvme_get_controllers(t, EID, list, &count), ERR_OK);
	assert_int_equal(count, NVME_MI_CONTROLLER_LIST_MAX);
}

static void refuses_structure_of_wrong_length(void **state)
{
	struct nvme_subsystem_information s;

	(void)state;
	answer_data(subsystem, sizeof(subsystem));
	far.nmresp = 31;
	assert_int_equal(nvme_get_subsystem(t, EID, &s), ERR_INVALID);
	assert_says("has another length");
	far.nmresp = 33;
	assert_int_equal(nvme_get_subsystem(t, EID, &s), ERR_INVALID);
}

/* Send valid responses with less data than their fields need. */
static void refuses_short_structure(void **state)
{
	static uint16_t list[NVME_MI_CONTROLLER_LIST_MAX];
	struct nvme_subsystem_information s;
	struct nvme_controller_information c;
	struct nvme_port_information p;
	struct nvme_subsystem_health h;
	uint16_t count;

	(void)state;
	answer_data("\x01", 1);
	for (far.len = 0; far.len <= 32; far.len++) {
		size_t n = far.len;

		far.nmresp = (uint32_t)n;
		far.data[0] = 1; /* a PCIe port, one controller */
		far.data[1] = 0;
		assert_int_equal(nvme_get_subsystem(t, EID, &s),
				 n < 3 ? ERR_INVALID : ERR_OK);
		assert_int_equal(nvme_get_port(t, EID, 0, &p),
				 n < 13 ? ERR_INVALID : ERR_OK);
		assert_int_equal(nvme_get_controllers(t, EID, list, &count),
				 n < 4 ? ERR_INVALID : ERR_OK);
		assert_int_equal(nvme_get_controller(t, EID, 0, &c),
				 n < 16 ? ERR_INVALID : ERR_OK);
		assert_int_equal(nvme_get_health(t, EID, &h),
				 n < 6 ? ERR_INVALID : ERR_OK);
		far.data[0] = 2; /* a two-wire port */
		assert_int_equal(nvme_get_port(t, EID, 0, &p),
				 n < 12 ? ERR_INVALID : ERR_OK);
	}
}

static void decodes_subsystem_health(void **state)
{
	static const struct {
		uint8_t wire;
		bool valid;
		int celsius;
	} temperatures[] = {
		{ 0x00, true, 0 },   { 0x14, true, 20 }, { 0x7f, true, 127 },
		{ 0x80, false, 0 },  { 0x81, false, 0 }, { 0xc3, false, 0 },
		{ 0xc4, true, -60 }, { 0xff, true, -1 },
	};
	uint8_t data[8] = { 0x38, 0xfd, 0, 7, 0x34, 0x12, 0, 0 };
	struct nvme_subsystem_health h;

	(void)state;
	for (size_t i = 0; i < sizeof(temperatures) / sizeof(temperatures[0]);
	     i++) {
		data[2] = temperatures[i].wire;
		answer_data(data, sizeof(data));
		assert_int_equal(nvme_get_health(t, EID, &h), ERR_OK);
		assert_int_equal(h.celsius_valid, temperatures[i].valid);
		if (h.celsius_valid)
			assert_int_equal(h.celsius, temperatures[i].celsius);
	}
	assert_asked(1, 0, 0);
	assert_int_equal(h.status, 0x38);
	assert_int_equal(h.warnings, 0x02); /* 0 is a warning on the wire */
	assert_int_equal(h.life_used, 7);
	assert_int_equal(h.changed, 0x1234);
}

static void decodes_controller_health(void **state)
{
	static struct nvme_controller_health list[256];
	static const uint8_t one[16] = { 1, 0, 3, 0, 0x25, 0x01, 4, 99, 2 };
	uint16_t count;

	(void)state;
	answer_data(one, sizeof(one));
	far.nmresp = 1 << 16;
	assert_int_equal(
		nvme_get_controller_health(t, EID, 0x102, list, &count),
		ERR_OK);
	/* all controllers, all functions, at most 255 entries */
	assert_asked(2, 0x87fe0102, 0);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].id, 1);
	assert_int_equal(list[0].status, 3);
	assert_int_equal(list[0].kelvin, 293);
	assert_int_equal(list[0].life_used, 4);
	assert_int_equal(list[0].spare, 99);
	assert_int_equal(list[0].warnings, 2);
	for (uint32_t says = 0; says < 256; says++) {
		far.nmresp = says << 16;
		assert_int_equal(
			nvme_get_controller_health(t, EID, 0, list, &count),
			says == 1 ? ERR_OK : ERR_INVALID);
	}
	far.len = 255 * sizeof(one);
	far.nmresp = 255 << 16;
	assert_int_equal(nvme_get_controller_health(t, EID, 0, list, &count),
			 ERR_OK);
	assert_int_equal(count, 255);
}

static void configuration(void **state)
{
	uint32_t value = 0;

	(void)state;
	far.nmresp = 0x0000f7;
	assert_int_equal(
		nvme_get_configuration(
			t, EID, 3, NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE, &value),
		ERR_OK);
	assert_asked(4, 0x03000003, 0);
	assert_int_equal(value, 247);
}

static void refuses_oversized_response(void **state)
{
	(void)state;
	far.len = NVME_MI_RESPONSE_MAX - HEAD - MIC;
	assert_int_equal(command(), ERR_OK);
	far.len++;
	assert_int_equal(command(), ERR_LENGTH);
	assert_says("longer than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sends_command_and_returns_response,
				       setup),
		cmocka_unit_test_setup(refuses_wrong_integrity_check, setup),
		cmocka_unit_test_setup(refuses_truncated_response, setup),
		cmocka_unit_test_setup(refuses_message_that_is_not_the_response,
				       setup),
		cmocka_unit_test_setup(reports_status_by_name, setup),
		cmocka_unit_test_setup(decodes_subsystem_information, setup),
		cmocka_unit_test_setup(decodes_port_information, setup),
		cmocka_unit_test_setup(decodes_controller_information, setup),
		cmocka_unit_test_setup(decodes_controller_list, setup),
		cmocka_unit_test_setup(refuses_structure_of_wrong_length,
				       setup),
		cmocka_unit_test_setup(refuses_short_structure, setup),
		cmocka_unit_test_setup(decodes_subsystem_health, setup),
		cmocka_unit_test_setup(decodes_controller_health, setup),
		cmocka_unit_test_setup(configuration, setup),
		cmocka_unit_test_setup(refuses_oversized_response, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
