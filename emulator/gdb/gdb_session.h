/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with gdb: the packets of its remote serial protocol become calls
 * of a target. The session knows neither sockets nor the emulator. gdb_server.c
 * connects both.
 *
 * The target is one thread. Software and hardware breakpoints are the same.
 */
#ifndef TETHER_EMULATOR_GDB_GDB_SESSION_H
#define TETHER_EMULATOR_GDB_GDB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/gdb/gdb_packet.h"

enum { GDB_REGISTER_SIZE_MAX = 8, GDB_REGISTERS_MAX = 64 };

enum { GDB_SIGINT = 2, GDB_SIGTRAP = 5, GDB_SIGABRT = 6 };

enum gdb_point {
	GDB_POINT_SOFTWARE,
	GDB_POINT_HARDWARE,
	GDB_POINT_WRITE,
	GDB_POINT_READ,
	GDB_POINT_ACCESS
};

/** Why the target does not run. */
struct gdb_stop {
	int signal;
	bool watched; /* by the watchpoint `point` at `address` */
	enum gdb_point point;
	uint32_t address;
};

struct gdb_session;

/** What a session controls. All functions return at once. */
struct gdb_target {
	void *ctx;
	const char *description; /* target.xml */
	unsigned int registers;	 /* at most GDB_REGISTERS_MAX */
	/** Bytes of register `number`. */
	unsigned int (*register_size)(unsigned int number);
	uint64_t (*read_register)(void *ctx, unsigned int number);
	void (*write_register)(void *ctx, unsigned int number, uint64_t value);
	/** Read or write memory. false: a byte of it cannot be accessed. */
	bool (*read_memory)(void *ctx, uint32_t at, uint8_t *data, size_t len);
	bool (*write_memory)(void *ctx, uint32_t at, const uint8_t *data,
			     size_t len);
	/** Insert a point, or remove it. false: there is no room for it. */
	bool (*set_point)(void *ctx, enum gdb_point kind, uint32_t address,
			  uint32_t len, bool insert);
	void (*clear_points)(void *ctx);
	/** Let the program run, or execute one instruction of it. */
	void (*resume)(void *ctx, bool step);
	/** Reset the target; it stays halted. */
	void (*reset)(void *ctx);
	/** Execute a monitor command. Its output goes to gdb_session_print().
	 */
	void (*monitor)(void *ctx, const char *command, struct gdb_session *s);
};

/** How gdb wants the session to go on. */
enum gdb_state {
	GDB_HALTED,
	GDB_RUNNING,
	GDB_INTERRUPTED, /* running; gdb wants it to halt */
	GDB_DETACHED,	 /* gdb has let the program go */
	GDB_KILLED,	 /* gdb wants the run to end */
};

struct gdb_session {
	const struct gdb_target *target;
	/** Send bytes to gdb. */
	void (*send)(void *ctx, const uint8_t *data, size_t len);
	void *ctx;

	enum gdb_state state;
	struct gdb_stop stop; /* for "?" */
	bool no_ack;
	struct gdb_decoder decoder;
	struct gdb_payload reply;
	uint8_t frame[GDB_FRAME_MAX]; /* the last, to repeat it */
	size_t frame_len;
};

/** Start with a halted target. The caller sets send and ctx. */
void gdb_session_init(struct gdb_session *s, const struct gdb_target *target,
		      const struct gdb_stop *stop);

/** Handle bytes from gdb. Look at s->state afterwards. Bytes after a packet
 * that ends the session are ignored. */
void gdb_session_input(struct gdb_session *s, const uint8_t *data, size_t len);

/** Report that the running target has halted. */
void gdb_session_halt(struct gdb_session *s, const struct gdb_stop *stop);

/** Report that the run has ended with an exit status. */
void gdb_session_exit(struct gdb_session *s, int status);

/** Print text on gdb's console: part of a monitor command's output, or a
 * message while the program runs. */
void gdb_session_print(struct gdb_session *s, const char *text);

/* --- gdb_query.c --- */

/** Answer a query into s->reply; an unknown one has an empty reply. `t` is the
 * text behind the letter. */
void gdb_query_get(struct gdb_session *s, struct gdb_text *t);
void gdb_query_set(struct gdb_session *s, struct gdb_text *t);

#endif
