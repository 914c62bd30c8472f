/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "host/message_text.h"
#include "nvme_mi/nvme_wire.h"

static struct message_text text;
static char line[MESSAGE_TEXT_LINE];

static const char *describe(const uint8_t *data, size_t len,
			    const char *command)
{
	message_text_decode(&text, data, len, command);
	return message_text_line(&text, line);
}

/* DSP0236 12.3 and 12.7 */
static void describes_control_messages(void **state)
{
	static const uint8_t set[] = { 0, 0x83, 1, 1, 20 };
	static const uint8_t types[] = { 0, 3, 5, 0, 3, 0, 4, 0x7e };
	static const uint8_t refused[] = { 0, 2, 0x14, 5 };

	(void)state;
	assert_string_equal(describe(set, sizeof(set), NULL),
			    "Set Endpoint ID operation=force eid=20 "
			    "instance=3");
	assert_string_equal(describe(types, sizeof(types), NULL),
			    "Get Message Type Support response "
			    "completion=success message_types=\"00 04 7e\" "
			    "instance=3");
	assert_string_equal(describe(refused, sizeof(refused), NULL),
			    "command 14h response completion=\"unsupported "
			    "command\" instance=2");
}

/* Append the integrity check (NVMe-MI 1.2, 3.1.1.1). */
static size_t seal(uint8_t *data, size_t len)
{
	struct wr w = wr_init(data + len, 4);

	wr_le32(&w, crc32c(0, data, len));
	return len + 4;
}

static void describes_nvme_mi_messages(void **state)
{
	uint8_t identify[72] = { 0x84, 0x11, 0, 0, 6, 3, 1, 0, 2 };
	uint8_t done[24] = { 0x84, 0x91 };
	uint8_t more[12] = { 0x84, 0x88, 0, 0, 1, 0, 30, 0 };
	uint8_t poll[20] = { 0x84, 0x08, 0, 0, 1 };

	(void)state;
	identify[33] = 0x10; /* DLEN 1000h */
	identify[44] = 1;    /* CNS */
	assert_string_equal(describe(identify, seal(identify, 68), NULL),
			    "Identify controller=1 nsid=0x2 cns=0x01 offset=0 "
			    "length=4096 slot=1");
	assert_string_equal(describe(done, seal(done, 20), "Identify"),
			    "Identify response slot=1 status=Success "
			    "completion_status=0x000 "
			    "completion_dword0=0x00000000");
	assert_string_equal(describe(poll, seal(poll, 16), NULL),
			    "NVM Subsystem Health Status Poll "
			    "dword0=0x00000000 dword1=0x00000000 slot=0");
	assert_string_equal(describe(more, seal(more, 8), NULL),
			    "MI command response slot=0 status=\"More "
			    "Processing Required\" time_ms=3000");
}

static void reports_a_wrong_integrity_check(void **state)
{
	uint8_t poll[20] = { 0x84, 0x08, 0, 0, 1 };

	(void)state;
	seal(poll, 16);
	poll[10] ^= 1;
	assert_non_null(strstr(describe(poll, sizeof(poll), NULL),
			       "integrity_check=wrong"));
}

/* DSP0240 and DSP0242 */
static void describes_pldm_messages(void **state)
{
	static const uint8_t part[] = { 1, 0x85, 0, 9, 7,  1, 2, 0, 0, 0, 3,
					0, 0,	 0, 0, 16, 0, 0, 0, 8, 0, 0 };
	static const uint8_t open[] = { 1, 0x01, 7, 1, 0, 4, 0 };

	(void)state;
	assert_string_equal(describe(part, sizeof(part), NULL),
			    "MultipartReceive pldm_type=base operation=next "
			    "context=2 handle=3 offset=4096 length=2048 "
			    "instance=5");
	assert_string_equal(describe(open, sizeof(open), NULL),
			    "DfOpen response pldm_type=file "
			    "completion=success descriptor=4 instance=1");
}

static void describes_other_messages(void **state)
{
	static const uint8_t echo[] = { 0x7e, 0xcc, 0xde, 0xf0, 1, 2, 3 };
	static const uint8_t spdm[] = { 5, 0x10, 0x84, 0, 0 };

	(void)state;
	assert_string_equal(describe(echo, sizeof(echo), NULL),
			    "echo vendor=0xccde data_bytes=3");
	assert_string_equal(describe(spdm, sizeof(spdm), NULL),
			    "SPDM data_bytes=4");
	assert_string_equal(describe(spdm, 0, NULL),
			    "type 00h (malformed: too short)");
}

/* Any bytes give a line, and a message that is cut short is reported. */
static void describes_every_prefix_and_every_code(void **state)
{
	uint8_t data[80];

	(void)state;
	for (unsigned int type = 0; type < 256; type++)
		for (unsigned int code = 0; code < 256; code++)
			for (size_t len = 0; len < sizeof(data); len += 3) {
				memset(data, (int)code, sizeof(data));
				data[0] = (uint8_t)type;
				assert_true(*describe(data, len, NULL));
				assert_true(text.fields <= MESSAGE_TEXT_FIELDS);
			}
	data[0] = 0;
	data[1] = 0x80;
	data[2] = 1;
	(void)describe(data, 3, NULL);
	assert_true(text.malformed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describes_control_messages),
		cmocka_unit_test(describes_nvme_mi_messages),
		cmocka_unit_test(reports_a_wrong_integrity_check),
		cmocka_unit_test(describes_pldm_messages),
		cmocka_unit_test(describes_other_messages),
		cmocka_unit_test(describes_every_prefix_and_every_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
