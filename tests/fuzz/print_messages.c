/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the requests of vector files and the answers of a fresh device, for
 * make_seeds.py. Each vector is a line "DEST REQUEST ANSWER" in hexadecimal;
 * "-" means no answer. A line "file NAME" precedes the vectors of a file.
 *
 * usage: print_messages VECTORS...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/dut.h"
#include "device/vectors.h"

enum { ANSWER = 8192 };

static void print_hex(const uint8_t *data, int len)
{
	for (int i = 0; i < len; i++)
		printf("%02x", data[i]);
	if (len <= 0)
		putchar('-');
}

static void print_vector(void *ctx, const struct vector *v)
{
	static uint8_t answer[ANSWER];
	int len = dut_exchange(v->request, v->request_len, v->dest, answer,
			       sizeof(answer));

	(void)ctx;
	printf("%02x ", v->dest);
	print_hex(v->request, (int)v->request_len);
	putchar(' ');
	print_hex(answer, len);
	putchar('\n');
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		const char *name = slash ? slash + 1 : argv[i];

		dut_set_pldm(!strncmp(name, "pldm", 4));
		if (!dut_start(MCTP_USB_1_0, USB_SPEED_HIGH) || !dut_attach())
			return 1;
		printf("file %s\n", name);
		if (vectors_read(argv[i], print_vector, NULL))
			return 1;
		dut_detach();
	}
	return argc > 1 && !ferror(stdout) ? 0 : 2;
}
