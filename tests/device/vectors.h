/* SPDX-License-Identifier: Apache-2.0 */
/* Reads tests/vectors/ and runs each against a responder. */
#ifndef TETHER_TESTS_DEVICE_VECTORS_H
#define TETHER_TESTS_DEVICE_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vector_request {
	const uint8_t *data; /* from the type byte on */
	size_t len;
	uint8_t dest; /* EID */
	bool silent;  /* no answer is expected: how long to wait for none */
};

/** Ask the responder. Returns the length of the answer, -1 for none. */
typedef int (*vector_ask)(void *ctx, const struct vector_request *q,
			  uint8_t *answer, size_t cap);

struct vector_result {
	unsigned int run, failed;
};

/** Run a file; says on stderr what differs. ERR_IO, ERR_INVALID (bad file). */
int vectors_run(const char *path, vector_ask ask, void *ctx,
		struct vector_result *result);

#endif
