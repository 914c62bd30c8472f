/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the host's file server and status decoder with random messages. Each
 * response must fit its buffer, be well-formed, and contain only bytes of the
 * file.
 *
 * Input: a sequence of length, EID, message.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/pldm_server.h"
#include "pldm/file_status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_SIZE = 3000, FILL = 0x5a };

static struct pldm_server server;

static void expect(bool fine)
{
	if (!fine)
		abort();
}

static int file(void)
{
	static int fd = -1;
	uint8_t bytes[FILE_SIZE];

	if (fd >= 0)
		return fd;
	fd = memfd_create("file", 0);
	memset(bytes, FILL, sizeof(bytes));
	expect(write(fd, bytes, sizeof(bytes)) == FILE_SIZE);
	return fd;
}

static void check_part(const uint8_t *answer, size_t n)
{
	struct rd r = rd_init(answer + 6, n - 6);
	const uint8_t *data;
	uint32_t len;

	rd_skip(&r, 4);
	len = rd_le32(&r);
	data = rd_bytes(&r, len);
	expect(data || !len);
	for (uint32_t i = 0; i < len; i++)
		expect(data[i] == FILL);
}

static void check(const uint8_t *message, const uint8_t *answer, size_t n)
{
	int open = 0;

	for (int i = 0; i < PLDM_SERVER_DESCRIPTORS; i++)
		open += server.descriptor[i].open;
	expect(open == server.served.open);
	expect(n <= PLDM_SERVER_PART + PLDM_PART_OVERHEAD);
	if (!n)
		return;
	expect(n >= 5 && answer[0] == 0x01 && !(answer[1] & 0xc0));
	expect((answer[1] & 0x1f) == (message[1] & 0x1f));
	expect(answer[2] == message[2] && answer[3] == message[3]);
	if (answer[4])
		expect(n == 5);
	else if (!answer[2] && answer[3] == PLDM_MULTIPART_RECEIVE)
		check_part(answer, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t answer[PLDM_SERVER_PART + PLDM_PART_OVERHEAD];
	const struct pldm_server_config config = { .fd = file(),
						   .size = FILE_SIZE,
						   .name = "fuzz",
						   .descriptors = 3 };
	struct rd in = rd_init(data, size), r = in;
	struct pldm_status status;

	(void)pldm_read_status(&r, &status);
	expect(strlen(status.name) == status.name_len);
	expect(!pldm_server_init(&server, &config));
	while (rd_remaining(&in)) {
		size_t len = rd_u8(&in);
		uint8_t eid = rd_u8(&in);
		uint8_t message[256] = { MCTP_TYPE_PLDM };

		len = len < rd_remaining(&in) ? len : rd_remaining(&in);
		len = len < 255 ? len : 255;
		if (len)
			memcpy(message + 1, rd_bytes(&in, len), len);
		check(message, answer,
		      pldm_server_answer(&server, eid, message, len + 1,
					 answer));
	}
	return 0;
}
