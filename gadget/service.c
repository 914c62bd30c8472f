/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "gadget/config_file.h"
#include "gadget/function.h"
#include "gadget/message.h"
#include "gadget/netdev.h"
#include "gadget/network_set.h"
#include "gadget/rights.h"

/* --- passes --- */

static void update_network(struct service *s)
{
	struct reconcile *r = &s->reconcile;

	if (r->binds != s->binds)
		s->network.watch = (struct carrier_watch){ 0 };
	s->binds = r->binds;
	if (r->phase != RECONCILE_UP)
		network_close(&s->network);
	else if (network_update(&s->network, &r->config, r->identity.host_mac,
				r->why, sizeof(r->why)))
		reconcile_fail(r, RECONCILE_RETRY_MS);
}

void service_reconcile(struct service *s)
{
	s->events.changed = false;
	if (reconcile_is_delayed(&s->reconcile))
		return;
	if (!reconcile_is_bound(&s->reconcile)) {
		reconcile_plan(&s->reconcile);
		reconcile_apply(&s->reconcile);
	}
	update_network(s);
}

/* --- carrier watch --- */

static void notify_host(const struct service *s)
{
	const char *ifname = s->network.ifname;

	message(MESSAGE_INFO,
		"%s: carrier, but no packet received: notifying the host again",
		ifname);
	if (netdev_notify_host(ifname))
		message(MESSAGE_WARNING, "cannot set %s down and up: %s",
			ifname, strerror(errno));
}

static void reenumerate(struct service *s)
{
	uint32_t binds = s->reconcile.binds;

	message(MESSAGE_WARNING,
		"%s: no packet received for %d s after the host configured the "
		"device: re-enumerating once",
		s->network.ifname, CARRIER_WATCH_REENUMERATE_MS / 1000);
	reconcile_reenumerate(&s->reconcile);
	if (s->reconcile.binds != binds)
		update_network(s);
}

static void poll_carrier_watch(struct service *s)
{
	uint64_t rx = netdev_counter(s->network.ifname, "rx_packets");

	switch (carrier_watch_poll(&s->network.watch, clock_now_ms(), rx)) {
	case CARRIER_WATCH_NONE:
		break;
	case CARRIER_WATCH_NOTIFY:
		notify_host(s);
		break;
	case CARRIER_WATCH_REENUMERATE:
		reenumerate(s);
		break;
	}
}

/* The kernel reported that the controller stands still. */
static void handle_stopped(struct service *s)
{
	const struct network *n = &s->network;
	uint64_t rx = netdev_counter(n->ifname, "rx_packets");

	if (s->events.stopped)
		recovery_report(&s->recovery, clock_now_ms(), rx);
	s->events.stopped = false;
	if (!recovery_poll(&s->recovery, clock_now_ms(), rx, n->carrier))
		return;
	message(MESSAGE_WARNING,
		"%s: the controller stopped receiving: re-enumerating "
		"(recovery %u)",
		n->ifname, s->recovery.count);
	reconcile_reenumerate(&s->reconcile);
	/* The host may stay silent once more: watch it from the start. */
	s->network.watch = (struct carrier_watch){ 0 };
	update_network(s);
}

/* --- functions = auto --- */

static void begin_choice(struct service *s)
{
	const struct config *c = &s->reconcile.config;

	network_choice_init(&s->choice,
			    c->auto_network ? 1000U * c->auto_wait_s : 0);
}

static void observe(struct service *s, struct network_choice_input *in)
{
	struct reconcile *r = &s->reconcile;
	const struct gadget_function *f = function_network(r->config.functions);
	struct network_set_use use;
	struct udc_host host;

	udc_watch_set(&s->udc_watch, r->plan.udc);
	udc_read_host(&host, "", r->plan.udc);
	if (s->udc_watch.stale)
		host = (struct udc_host){ 0 };
	use = network_set_check_use(r, host.attached && !s->network.carrier);
	*in = (struct network_choice_input){
		.now_ms = clock_now_ms(),
		.bound = f->bit,
		.fitting = r->plan.networks,
		.is_bound = r->phase == RECONCILE_UP,
		.failed = reconcile_has_given_up(r),
		.attached = host.attached,
		.reset = s->udc_watch.reset,
		.configured = host.configured,
		.suspended = host.suspended,
		.link_up =
			s->network.ifname[0] && netdev_is_up(s->network.ifname),
		.carrier = s->network.carrier,
		.serial_open = use.serial_open,
		.mctp_request = use.mctp_request,
	};
	s->udc_watch.reset = false;
}

static void switch_network(struct service *s, enum function next,
			   const struct network_choice_input *in)
{
	const char *from = function_by_bit(in->bound)->name;
	const char *to = function_by_bit(next)->name;

	if (in->failed)
		message(MESSAGE_WARNING,
			"functions = auto: a gadget with %s cannot be built: "
			"trying %s",
			from, to);
	else
		message(MESSAGE_INFO,
			"functions = auto: the host did not select %s: "
			"re-enumerating as %s%s",
			from, to,
			s->choice.switches > 1
				? ", which stays until a host is attached again"
				: "");
	if (network_set_switch(&s->reconcile, next))
		return;
	udc_watch_expect_bind(&s->udc_watch);
	network_close(&s->network);
	service_reconcile(s);
}

/* Whether a reason for keeping the function is news. */
static bool is_logged(enum network_choice_why why)
{
	return why == NETWORK_CHOICE_LINK_DOWN ||
	       why == NETWORK_CHOICE_IN_USE ||
	       why == NETWORK_CHOICE_NO_DRIVER || why == NETWORK_CHOICE_ONLY;
}

static void poll_network_choice(struct service *s)
{
	enum network_choice_why why = s->choice.why;
	struct network_choice_input in;
	enum function next;

	if (!s->reconcile.config.auto_network)
		return;
	observe(s, &in);
	next = network_choice_poll(&s->choice, &in);
	if (in.carrier && s->choice.worked != s->remembered) {
		s->remembered = s->choice.worked;
		network_set_remember(&s->reconcile);
	}
	if (next)
		switch_network(s, next, &in);
	else if (s->choice.why != why && is_logged(s->choice.why))
		message(MESSAGE_INFO, "functions = auto: keeping %s: %s",
			function_by_bit(in.bound)->name,
			network_choice_text(s->choice.why));
}

/* --- events --- */

static void handle_no_fifo(struct service *s)
{
	if (!s->events.no_fifo)
		return;
	s->events.no_fifo = false;
	if (reconcile_handle_no_fifo(&s->reconcile))
		update_network(s);
}

void service_turn(struct service *s)
{
	/* A verb has removed the gadget in this turn: do not build it again. */
	if (s->ended)
		return;
	handle_no_fifo(s);
	if (s->events.changed || reconcile_is_retry_due(&s->reconcile))
		service_reconcile(s);
	if (reconcile_verify(&s->reconcile))
		update_network(s);
	handle_stopped(s);
	poll_carrier_watch(s);
	poll_network_choice(s);
}

static void report_ended(struct service *s, const char *program)
{
	snprintf(s->reconcile.why, sizeof(s->reconcile.why),
		 "%s ended unexpectedly; starting it again", program);
	reconcile_fail(&s->reconcile, RECONCILE_RETRY_MS);
}

void service_reap_children(struct service *s)
{
	struct functionfs_server *server = &s->reconcile.functionfs;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		if (pid == s->network.udhcpd) {
			s->network.udhcpd = 0;
			report_ended(s, "udhcpd");
		}
		if (pid == server->pid) {
			server->pid = 0;
			report_ended(s, function_served(FUNCTION_ALL)->server);
		}
	}
}

int service_timeout(const struct service *s)
{
	const uint32_t times[] = { carrier_watch_due_ms(&s->network.watch),
				   recovery_due_ms(&s->recovery),
				   network_choice_due_ms(&s->choice),
				   s->reconcile.retry_ms,
				   s->reconcile.verify_ms };
	uint32_t now = clock_now_ms();
	int32_t least = -1;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int32_t left = (int32_t)(times[i] - now);

		if (!times[i])
			continue;
		if (left < 0)
			left = 0;
		if (least < 0 || left < least)
			least = left;
	}
	return least;
}

/* --- start, reload, end --- */

int service_init(struct service *s, struct loop *loop, const char *config,
		 char *error, size_t cap)
{
	struct reconcile *r = &s->reconcile;
	int err = config_load(&r->config, config ? config : CONFIG_FILE, error,
			      cap);

	if (err == ERR_NOT_FOUND && config)
		snprintf(error, cap, "cannot read %s: %s", config,
			 strerror(ENOENT));
	if (err && (err != ERR_NOT_FOUND || config))
		return err;
	r->events = &s->events;
	r->started_ms = clock_now_ms();
	if (saved_state_load(&r->state, SAVED_STATE_FILE) == ERR_INVALID)
		message(MESSAGE_WARNING,
			SAVED_STATE_FILE " is damaged and ignored: the host's "
					 "MAC address may change");
	begin_choice(s);
	network_init(&s->network, loop);
	udc_watch_init(&s->udc_watch, loop);
	if (!events_open(&s->events, loop))
		return ERR_OK;
	snprintf(error, cap, "cannot open the kernel's netlink sockets: %s",
		 strerror(errno));
	return ERR_IO;
}

void service_reload(struct service *s)
{
	static struct config next;
	char error[PLAN_TEXT];
	const struct gadget_function *served;
	int err = config_load(&next, CONFIG_FILE, error, sizeof(error));

	if (err && err != ERR_NOT_FOUND) {
		message(MESSAGE_ERROR,
			"%s. The running configuration is unchanged", error);
		return;
	}
	served = function_served(next.functions);
	if (served && !rights_may_mount()) {
		message(MESSAGE_ERROR,
			"cannot reload: the function %s needs the right to "
			"mount, which tetherd dropped when it started without "
			"that function. Restart tetherd. The running "
			"configuration is unchanged",
			served->name);
		return;
	}
	message(MESSAGE_INFO, "configuration reloaded");
	network_set_begin(&next, true);
	reconcile_set_config(&s->reconcile, &next);
	begin_choice(s);
	network_close(&s->network);
	service_reconcile(s);
}

int service_down(struct service *s, bool restore, char *error, size_t cap)
{
	int err = reconcile_plan_down(&s->reconcile, restore, error, cap);

	if (err)
		return err;
	network_close(&s->network);
	if (reconcile_apply_down(&s->reconcile, error, cap)) {
		s->events.changed = true; /* the next turn opens the network */
		return ERR_IO;
	}
	s->ended = true;
	return ERR_OK;
}

void service_close(struct service *s)
{
	network_close(&s->network);
	udc_watch_set(&s->udc_watch, "");
	functionfs_server_end(&s->reconcile.functionfs);
	events_close(&s->events);
}
