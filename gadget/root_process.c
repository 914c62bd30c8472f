/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/root_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/function.h"
#include "gadget/message.h"
#include "gadget/rights.h"

/* The main process sends one byte, an action. The root process sends frames:
 * any number of messages and ended children, and one reply to each action. */
enum frame_type {
	FRAME_MESSAGE,
	FRAME_CHILD,
	FRAME_FAULT,
	FRAME_REQUEST,
	FRAME_REPLY
};

struct frame {
	enum frame_type type;
	union {
		struct {
			enum message_level level;
			char text[MESSAGE_TEXT];
		} message;
		enum root_child child;
		enum events_fault fault;
		struct root_reply reply;
	};
};

/* --- root process --- */

static int main_process; /* socket to the main process */

static void send_frame(const struct frame *f)
{
	(void)!send(main_process, f, sizeof(*f), MSG_NOSIGNAL);
}

/* The main process writes the log and keeps its last lines. */
static void forward_message(enum message_level level, const char *text)
{
	struct frame f = { .type = FRAME_MESSAGE, .message.level = level };

	snprintf(f.message.text, sizeof(f.message.text), "%s", text);
	send_frame(&f);
}

static void send_ended(enum root_child child)
{
	const struct frame f = { .type = FRAME_CHILD, .child = child };

	send_frame(&f);
}

/* Read the kernel log, and tell the main process what concerns the gadget. */
static void read_kernel_log(struct events *e)
{
	struct frame f = { .type = FRAME_FAULT };

	events_read_log(e);
	if (e->no_fifo) {
		f.fault = EVENTS_FAULT_NO_FIFO;
		send_frame(&f);
	}
	if (e->stopped) {
		f.fault = EVENTS_FAULT_STOPPED;
		send_frame(&f);
	}
	e->no_fifo = e->stopped = false;
}

static void read_notifications(struct functionfs_server *server)
{
	static const struct frame f = { .type = FRAME_REQUEST };

	if (functionfs_server_had_request(server))
		send_frame(&f);
}

static void reap_children(struct root_state *s)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		if (pid == s->udhcpd) {
			s->udhcpd = 0;
			send_ended(ROOT_CHILD_UDHCPD);
		}
		if (pid == s->reconcile->functionfs.pid) {
			s->reconcile->functionfs.pid = 0;
			send_ended(ROOT_CHILD_SERVER);
		}
	}
}

/* Handle one request. false: the main process has ended. */
static bool answer(struct root_state *s)
{
	static struct frame f;
	uint8_t action;
	ssize_t n = recv(main_process, &action, sizeof(action), 0);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	f = (struct frame){ .type = FRAME_REPLY };
	root_action_do(s, (enum root_action)action, &f.reply);
	send_frame(&f);
	return true;
}

/* Serve until the main process has ended. */
static void serve(struct root_state *s, int signals)
{
	struct events *e = s->reconcile->events;
	struct pollfd p[] = { { main_process, POLLIN, 0 },
			      { signals, POLLIN, 0 },
			      { e->kmsg.fd, POLLIN, 0 },
			      { -1, POLLIN, 0 } };
	struct signalfd_siginfo i;

	for (;;) {
		struct functionfs_server *server = &s->reconcile->functionfs;

		p[3].fd = server->notify > 0 ? server->notify : -1;
		if (poll(p, 4, -1) < 0 && errno != EINTR)
			return;
		if (p[3].revents)
			read_notifications(server);
		if (p[2].revents)
			read_kernel_log(e);
		if (p[1].revents && read(signals, &i, sizeof(i)) == sizeof(i))
			reap_children(s);
		if (p[0].revents && !answer(s))
			return;
	}
}

/* Close what the main process has open. Removing it from the loop would remove
 * it from the loop of the main process, too. */
static void close_others(int lock)
{
	long most = sysconf(_SC_OPEN_MAX);

	for (int fd = STDERR_FILENO + 1; fd < most && fd < 256; fd++)
		if (fd != lock && fd != main_process)
			close(fd);
}

/* The network works without the function that needs the right to mount. */
static void check_rights(struct reconcile *r)
{
	const struct gadget_function *served =
		function_served(r->config.functions);

	r->mounts_refused = !rights_may_mount();
	if (served && r->mounts_refused)
		message(MESSAGE_ERROR,
			"tetherd has no right to mount, which the function %s "
			"needs. " RECONCILE_LINK_RIGHTS,
			served->name);
}

/* Does not return. The signals stay blocked: a service manager sends them to
 * all processes, but only the main process decides about the end. */
static void run(struct reconcile *r, int lock)
{
	static struct events events;
	struct root_state s = { .reconcile = r };
	sigset_t child;
	int signals;

	prctl(PR_SET_NAME, "tetherd-root");
	close_others(lock);
	message_forward(forward_message);
	/* The main process reads folders of configfs as another user. */
	umask(0022);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	events_open_log(&events);
	r->events = &events;
	check_rights(r);
	if (signals >= 0)
		serve(&s, signals);
	root_action_finish(&s);
	_exit(signals < 0);
}

/* --- main process --- */

/* Handle a frame. true: it is a reply, which is copied to `reply`. */
static bool handle_frame(struct root_process *p, const struct frame *f,
			 struct root_reply *reply)
{
	switch (f->type) {
	case FRAME_MESSAGE:
		message(f->message.level, "%s", f->message.text);
		return false;
	case FRAME_CHILD:
		p->child_ended(p->ctx, f->child);
		return false;
	case FRAME_FAULT:
		p->fault(p->ctx, f->fault);
		return false;
	case FRAME_REQUEST:
		p->mctp_request(p->ctx);
		return false;
	case FRAME_REPLY:
		if (reply)
			*reply = f->reply;
		return true;
	}
	return false;
}

/* Receive a frame. false: there is none now (MSG_DONTWAIT), or the root process
 * has ended. */
static bool receive_frame(struct root_process *p, struct frame *f, int flags)
{
	ssize_t n;

	do
		n = recv(p->source.fd, f, sizeof(*f), flags);
	while (n < 0 && errno == EINTR);
	if (n == sizeof(*f))
		return true;
	p->lost |= n >= 0 || errno != EAGAIN;
	return false;
}

static void source_ready(void *ctx, uint32_t events)
{
	static struct frame f;
	struct root_process *p = ctx;

	(void)events;
	while (receive_frame(p, &f, MSG_DONTWAIT))
		(void)handle_frame(p, &f, NULL);
}

int root_process_start(struct root_process *p, struct reconcile *mirror,
		       struct loop *loop, int lock)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	p->pid = fork();
	if (!p->pid) {
		main_process = ends[1];
		run(mirror, lock);
	}
	close(ends[1]);
	p->source = (struct loop_source){ ends[0], source_ready, p };
	if (p->pid > 0 && !loop_add(loop, &p->source, EPOLLIN))
		return 0;
	close(ends[0]);
	p->pid = 0;
	return -1;
}

/* Send the action and wait for the reply. -1: the root process has ended. */
static int exchange(struct root_process *p, enum root_action action,
		    struct root_reply *reply)
{
	const uint8_t request = (uint8_t)action;
	static struct frame f;

	/* Handle what is there already: it does not answer this request. */
	while (receive_frame(p, &f, MSG_DONTWAIT))
		(void)handle_frame(p, &f, NULL);
	if (send(p->source.fd, &request, sizeof(request), MSG_NOSIGNAL) !=
	    sizeof(request))
		p->lost = true;
	while (!p->lost && receive_frame(p, &f, 0))
		if (handle_frame(p, &f, reply))
			return 0;
	return -1;
}

int root_process_ask(struct root_process *p, struct reconcile *mirror,
		     enum root_action action, char *error, size_t cap)
{
	static struct root_reply reply;

	memset(&reply, 0, sizeof(reply));
	if (p->pid <= 0) {
		struct root_state here = { .reconcile = mirror };

		root_action_do(&here, action, &reply);
	} else if (exchange(p, action, &reply)) {
		snprintf(error, cap, "the root process of tetherd has ended");
		return ERR_IO;
	} else {
		root_action_take_reply(&reply, mirror);
	}
	if (reply.result < 0)
		snprintf(error, cap, "%s", reply.error);
	return reply.result;
}

void root_process_end(struct root_process *p, struct loop *loop)
{
	if (p->pid <= 0)
		return;
	loop_remove(loop, &p->source);
	close(p->source.fd);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}
