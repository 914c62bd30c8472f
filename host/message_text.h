/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describes an MCTP message for people and programs: its protocol, the command
 * and its important fields. `tether mctp decode` prints it as a line or as
 * JSON. Any bytes are accepted: what cannot be decoded is reported as a number
 * of bytes.
 */
#ifndef TETHER_HOST_MESSAGE_TEXT_H
#define TETHER_HOST_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd;

enum {
	MESSAGE_TEXT_FIELDS = 20,
	MESSAGE_TEXT_TITLE = 64,
	MESSAGE_TEXT_VALUE = 64, /* bytes of a text */
	MESSAGE_TEXT_LINE = 1024,
};

enum message_text_kind {
	MESSAGE_TEXT_NUMBER, /* decimal */
	MESSAGE_TEXT_HEX,    /* hexadecimal with `digits` digits */
	MESSAGE_TEXT_WORDS,  /* text[] */
};

struct message_text_field {
	const char *key; /* snake_case */
	enum message_text_kind kind;
	uint64_t number;
	int digits;
	char text[MESSAGE_TEXT_VALUE];
};

struct message_text {
	const char *protocol;		/* "control", "nvme_mi", "pldm", ... */
	char title[MESSAGE_TEXT_TITLE]; /* "Get Endpoint ID" */
	bool response;
	bool malformed; /* shorter than its fields */
	unsigned int fields;
	struct message_text_field field[MESSAGE_TEXT_FIELDS];
};

/**
 * Describe a message, which starts with its type byte. command: the title of
 * the request that this message answers, or NULL if it is not known; a response
 * of NVMe-MI does not contain the command.
 */
void message_text_decode(struct message_text *t, const uint8_t *data,
			 size_t len, const char *command);

/** Write "TITLE request KEY=VALUE ..." into MESSAGE_TEXT_LINE bytes. Returns
 * line. */
char *message_text_line(const struct message_text *t, char *line);

/* --- for the decoders of the protocols --- */

/** Set the title. name: NULL if the code has no name. */
void message_text_set_title(struct message_text *t, const char *name,
			    const char *what, unsigned int code);

/** Add a field. Fields beyond MESSAGE_TEXT_FIELDS are omitted. */
void message_text_number(struct message_text *t, const char *key,
			 uint64_t value);
void message_text_hex(struct message_text *t, const char *key, uint64_t value,
		      int digits);
void message_text_words(struct message_text *t, const char *key,
			const char *value);

/** Add a code by its name, or as hex if it has none. */
void message_text_code(struct message_text *t, const char *key,
		       const char *name, unsigned int code);

/** Add the number of bytes that remain, unless it is 0. */
void message_text_rest(struct message_text *t, const struct rd *r);

/** Decode what follows the type byte. */
void message_text_nvme_mi(struct message_text *t, const uint8_t *data,
			  size_t len, const char *command);
void message_text_pldm(struct message_text *t, struct rd *r);

#endif
