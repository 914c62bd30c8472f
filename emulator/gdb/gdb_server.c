/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gdb/gdb_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/cpu/cpu.h"
#include "emulator/gdb/gdb_board.h"
#include "posix/clock.h"

enum { SEND_SECONDS = 5, WAIT_MS = 100, CTRL_C = 3 };

/* --- the connection --- */

static void close_connection(struct gdb_server *g)
{
	close(g->connection);
	g->connection = -1;
	cpu_debug_clear(g->cpu);
}

static bool is_halted(const struct gdb_server *g)
{
	return g->cpu->debug.halt != CPU_NOT_HALTED;
}

/* End the session and let the program run. */
static void release(struct gdb_server *g)
{
	close_connection(g);
	cpu_debug_resume(g->cpu, false);
}

static void send_bytes(void *ctx, const uint8_t *data, size_t len)
{
	struct gdb_server *g = ctx;

	while (len && g->connection >= 0) {
		ssize_t n = send(g->connection, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* gdb does not read: the next read fails, too */
			shutdown(g->connection, SHUT_RDWR);
			return;
		}
		data += n;
		len -= (size_t)n;
	}
}

static void halt(struct gdb_server *g, enum cpu_halt reason)
{
	if (!is_halted(g))
		g->cpu->debug.halt = reason;
}

static void accept_connection(struct gdb_server *g)
{
	int fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
	struct timeval limit = { .tv_sec = SEND_SECONDS };
	struct gdb_stop stop;

	if (fd < 0)
		return;
	if (g->connection >= 0) {
		fputs("nucleo-emu: gdb: a second connection was refused; the "
		      "port serves one gdb at a time\n",
		      stderr);
		close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	g->connection = fd;
	g->greeted = false;
	halt(g, CPU_HALT_ATTACH);
	stop = gdb_board_stop(g->cpu);
	gdb_session_init(&g->session, &g->target, &stop);
	g->session.send = send_bytes;
	g->session.ctx = g;
}

/* A web page can make a browser connect. Its request begins with a letter,
 * which gdb never sends first. */
static bool is_greeting(struct gdb_server *g, const uint8_t *data)
{
	static const uint8_t first[] = { '+', '-', '$', CTRL_C };

	if (!g->greeted && !memchr(first, *data, sizeof(first)))
		return false;
	g->greeted = true;
	return true;
}

static void end_run(struct gdb_server *g)
{
	release(g);
	g->end();
}

/* Read once from gdb and answer. */
static void read_connection(struct gdb_server *g)
{
	uint8_t data[GDB_PACKET_MAX];
	ssize_t n = recv(g->connection, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || !is_greeting(g, data)) {
		release(g);
		return;
	}
	gdb_session_input(&g->session, data, (size_t)n);
	if (g->session.state == GDB_KILLED)
		end_run(g);
	else if (g->session.state == GDB_DETACHED)
		release(g);
	else if (g->session.state == GDB_INTERRUPTED)
		halt(g, CPU_HALT_REQUEST);
}

/* Wait for gdb at most `timeout_ms`, and serve it. */
static void serve(struct gdb_server *g, int timeout_ms)
{
	struct pollfd fd[] = { { .fd = g->listener, .events = POLLIN },
			       { .fd = g->connection, .events = POLLIN } };

	if (poll(fd, 2, timeout_ms) <= 0)
		return;
	if (fd[1].revents)
		read_connection(g);
	if (fd[0].revents)
		accept_connection(g);
}

/* --- calls of the core --- */

static bool is_over(const struct gdb_server *g)
{
	return g->cpu->machine->emu.ended || !g->cpu->insns_max;
}

/* Tell gdb why the core has halted. A session that started with the halt
 * asks. */
static void report_halt(struct gdb_server *g)
{
	struct gdb_stop stop = gdb_board_stop(g->cpu);

	if (g->cpu->machine->emu.failed) {
		gdb_session_print(&g->session, g->cpu->machine->emu.error);
		gdb_session_print(&g->session, "\n");
	}
	gdb_session_halt(&g->session, &stop);
}

/* Halt at the failure of a run once. If gdb continues, the run ends. */
static void halt_at_failure(struct gdb_server *g)
{
	const struct emu *e = &g->cpu->machine->emu;

	if (!e->failed) {
		g->reported = false;
	} else if (g->connection >= 0 && !g->reported) {
		g->reported = true;
		halt(g, CPU_HALT_REQUEST);
	}
}

static uint64_t wall_ps(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * EMU_S + (uint64_t)t.tv_nsec * 1000;
}

static void wait_while_halted(struct gdb_server *g)
{
	uint64_t began = wall_ps();

	while (is_halted(g) && !is_over(g)) {
		/* Also when gdb resumes and interrupts in one go. */
		if (g->connection >= 0 && g->session.state != GDB_HALTED)
			report_halt(g);
		serve(g, WAIT_MS);
	}
	if (is_halted(g))
		cpu_debug_resume(g->cpu, false); /* into the end of the run */
	g->halted_ps += wall_ps() - began;
}

/* Look for Ctrl-C and new connections once a millisecond. */
static void on_service(void *ctx)
{
	struct gdb_server *g = ctx;
	uint32_t now = clock_now_ms();

	if (now != g->polled_ms) {
		g->polled_ms = now;
		serve(g, 0);
	}
	halt_at_failure(g);
	if (is_halted(g))
		wait_while_halted(g);
}

/* --- start and end --- */

static int report_start_error(struct gdb_server *g, uint16_t port)
{
	fprintf(stderr,
		"nucleo-emu: --gdb %u: cannot listen on 127.0.0.1: %s. Choose "
		"another port, or 0 for any\n",
		port, strerror(errno));
	if (g->listener >= 0)
		close(g->listener);
	return ERR_IO;
}

int gdb_server_start(struct gdb_server *g, struct cpu *c, uint16_t port,
		     void (*end)(void))
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port) };
	socklen_t len = sizeof(a);
	int on = 1;

	memset(g, 0, sizeof(*g));
	g->cpu = c;
	g->end = end;
	g->connection = -1;
	gdb_board_init(&g->target, c);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (g->listener < 0 ||
	    setsockopt(g->listener, SOL_SOCKET, SO_REUSEADDR, &on,
		       sizeof(on)) ||
	    bind(g->listener, (struct sockaddr *)&a, sizeof(a)) ||
	    listen(g->listener, 1) ||
	    getsockname(g->listener, (struct sockaddr *)&a, &len))
		return report_start_error(g, port);
	fprintf(stderr,
		"nucleo-emu: gdb: halted before the first instruction. In gdb: "
		"target remote 127.0.0.1:%u\n",
		ntohs(a.sin_port));
	c->debug.halt = CPU_HALT_ATTACH;
	c->debug.service = (struct emu_signal){ on_service, g };
	return ERR_OK;
}

void gdb_server_stop(struct gdb_server *g, int status)
{
	if (!g->cpu)
		return;
	if (g->connection >= 0) {
		gdb_session_exit(&g->session, status);
		close_connection(g);
	}
	close(g->listener);
	g->cpu->debug.service = (struct emu_signal){ 0 };
	g->cpu = NULL;
}
