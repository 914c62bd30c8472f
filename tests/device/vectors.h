/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the vectors of tests/vectors and runs them against a responder. The
 * grammar is in tests/vectors/README.md.
 */
#ifndef TETHER_TESTS_DEVICE_VECTORS_H
#define TETHER_TESTS_DEVICE_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A vector. Messages begin with the message type and end with the MIC, if the
 * vector has a MIC. Valid until the visitor returns. */
struct vector {
	const char *path, *title;
	unsigned int line; /* line number of the answer in the file */
	uint8_t dest;	   /* EID that the request is sent to */
	const uint8_t *request;
	size_t request_len;
	const uint8_t *answer; /* expected */
	size_t answer_len;
	bool no_answer; /* the device must not answer the request */
	bool open;	/* any bytes may follow the expected ones */
	bool mic;	/* the answer ends with a MIC */
};

/**
 * Call visit() for each vector of a file, in order. Returns ERR_OK, ERR_IO, or
 * ERR_INVALID after a message on stderr that names file and line.
 */
int vectors_read(const char *path,
		 void (*visit)(void *ctx, const struct vector *v), void *ctx);

struct vector_request {
	const uint8_t *data; /* from the message type on */
	size_t len;
	uint8_t dest; /* EID */
	bool silent;  /* no answer is expected: use a short time-out */
};

/** Send a request, and store the answer in at most `cap` bytes. Returns the
 * length of the answer, or -1 if there is no answer. */
typedef int (*vector_ask)(void *ctx, const struct vector_request *q,
			  uint8_t *answer, size_t cap);

struct vector_result {
	unsigned int run, failed;
};

/** Run the vectors of a file, add the counts to *result, and print differences
 * to stderr. Returns the same values as vectors_read(). */
int vectors_run(const char *path, vector_ask ask, void *ctx,
		struct vector_result *result);

#endif
