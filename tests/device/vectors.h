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

/** A vector. Messages begin with the message type and end with the MIC, where
 * the vector has one. Valid until the visitor returns. */
struct vector {
	const char *path, *title;
	unsigned int line; /* of its answer */
	uint8_t dest;	   /* EID that the request is sent to */
	const uint8_t *request;
	size_t request_len;
	const uint8_t *answer; /* expected */
	size_t answer_len;
	bool no_answer; /* the request is not answered */
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
	bool silent;  /* no answer is expected: wait only briefly for one */
};

/** Send a request and put the answer into `cap` bytes. Returns its length, or
 * -1 where there is none. */
typedef int (*vector_ask)(void *ctx, const struct vector_request *q,
			  uint8_t *answer, size_t cap);

struct vector_result {
	unsigned int run, failed;
};

/** Run a file and add to *result; differences go to stderr. Returns as
 * vectors_read(). */
int vectors_run(const char *path, vector_ask ask, void *ctx,
		struct vector_result *result);

#endif
