/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "gadget/config_file.h"
#include "gadget/function.h"
#include "gadget/message.h"
#include "gadget/netdev.h"
#include "gadget/network_set.h"
#include "gadget/rights.h"
#include "gadget/run_folder.h"
#include "linux_sys/sandbox.h"

#define PASSWD "/etc/passwd"

/* --- actions of the root process --- */

/* Let the root process do an action that changes the gadget. Its own messages
 * tell what failed; an error here means that it has ended. */
static int ask(struct service *s, enum root_action action)
{
	char error[PLAN_TEXT];

	return root_process_ask(&s->root, &s->reconcile, action, error,
				sizeof(error));
}

/* The same; the kernel's earlier messages are about the gadget as it was. */
static int ask_to_rebuild(struct service *s, enum root_action action)
{
	events_drain(&s->events);
	return ask(s, action);
}

static int run_udhcpd(void *ctx, bool run, char *error, size_t cap)
{
	struct service *s = ctx;

	if (!run)
		return ask(s, ROOT_END_UDHCPD);
	return root_process_ask(&s->root, &s->reconcile, ROOT_START_UDHCPD,
				error, cap);
}

static void report_ended(void *ctx, enum root_child child)
{
	struct service *s = ctx;

	if (child == ROOT_CHILD_UDHCPD)
		s->network.udhcpd = false;
	snprintf(s->reconcile.why, sizeof(s->reconcile.why),
		 "%s ended unexpectedly; starting it again",
		 child == ROOT_CHILD_UDHCPD
			 ? "udhcpd"
			 : function_served(FUNCTION_ALL)->server);
	reconcile_fail(&s->reconcile, RECONCILE_RETRY_MS);
}

static void report_request(void *ctx)
{
	struct service *s = ctx;

	s->reconcile.functionfs.requested = true;
}

static void report_fault(void *ctx, enum events_fault fault)
{
	struct service *s = ctx;

	s->events.no_fifo |= fault == EVENTS_FAULT_NO_FIFO;
	s->events.stopped |= fault == EVENTS_FAULT_STOPPED;
}

/* --- passes --- */

static void update_network(struct service *s)
{
	struct reconcile *r = &s->reconcile;

	if (r->binds != s->binds)
		s->network.watch = (struct carrier_watch){ 0 };
	s->binds = r->binds;
	if (r->phase != RECONCILE_UP)
		network_close(&s->network);
	else if (network_update(&s->network, &r->config, r->why,
				sizeof(r->why)))
		reconcile_fail(r, RECONCILE_RETRY_MS);
}

void service_reconcile(struct service *s)
{
	s->events.changed = false;
	if (reconcile_is_delayed(&s->reconcile))
		return;
	if (!reconcile_is_bound(&s->reconcile))
		(void)ask_to_rebuild(s, ROOT_RECONCILE);
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
	(void)ask_to_rebuild(s, ROOT_REENUMERATE);
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
	(void)ask_to_rebuild(s, ROOT_REENUMERATE);
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

/* Only root may see who uses the serial port. */
static struct network_set_use check_use(struct service *s, bool attached)
{
	struct reconcile *r = &s->reconcile;
	struct network_set_use use = {
		.mctp_request = functionfs_server_had_request(&r->functionfs),
	};

	if (r->plan.functions & FUNCTION_ACM)
		use.serial_open = ask(s, attached ? ROOT_CHECK_SERIAL
						  : ROOT_WATCH_SERIAL) > 0;
	return use;
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
	use = check_use(s, host.attached && !s->network.carrier);
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
	if (ask(s, next == FUNCTION_ECM ? ROOT_USE_ECM : ROOT_USE_NCM) < 0)
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
		(void)ask(s, ROOT_REMEMBER_NETWORK);
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
	if (ask_to_rebuild(s, ROOT_NO_FIFO) > 0)
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
	if (reconcile_is_verification_due(&s->reconcile) &&
	    ask(s, ROOT_VERIFY) > 0)
		update_network(s);
	handle_stopped(s);
	poll_carrier_watch(s);
	poll_network_choice(s);
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
	s->loop = loop;
	s->network.run_udhcpd = run_udhcpd;
	s->network.ctx = s;
	s->root.child_ended = report_ended;
	s->root.fault = report_fault;
	s->root.mctp_request = report_request;
	s->root.ctx = s;
	network_init(&s->network, loop);
	udc_watch_init(&s->udc_watch, loop);
	if (!events_open(&s->events, loop))
		return ERR_OK;
	snprintf(error, cap, "cannot open the kernel's netlink sockets: %s",
		 strerror(errno));
	return ERR_IO;
}

/* Become the user tetherd and close everything else off. */
static int drop_main_rights(const struct account *a)
{
	/* Sysfs and the interface of the gadget in configfs. */
	static const struct sandbox_path readable[] = {
		{ "/sys", SANDBOX_READ },
		{ "/proc", SANDBOX_READ },
	};
	int err = rights_become(a, rights_main);

	if (!err)
		err = sandbox_restrict_files(readable, 2);
	if (!err || err == ERR_UNSUPPORTED)
		err = sandbox_filter_calls(SANDBOX_NETWORK);
	return err == ERR_UNSUPPORTED ? ERR_OK : err;
}

int service_start_root(struct service *s, int lock, char *error, size_t cap)
{
	struct reconcile *r = &s->reconcile;
	struct account *main_user = &r->account;
	struct account *server = &r->functionfs.account;

	if (account_find(main_user, &account_tetherd, PASSWD, error, cap) ||
	    account_find(server, &account_usbnvme, PASSWD, error, cap))
		return ERR_INVALID;
	if (!run_folder_make_for(RUN_FOLDER_USBNVME, server->gid) &&
	    !run_folder_make_for(RUN_FOLDER_UDHCPD, main_user->gid) &&
	    !root_process_start(&s->root, r, s->loop, lock)) {
		events_close_log(&s->events);
		return ERR_OK;
	}
	snprintf(error, cap,
		 "cannot start the root process in " RUN_FOLDER ": %s",
		 strerror(errno));
	return ERR_IO;
}

int service_drop_rights(struct service *s, char *error, size_t cap)
{
	if (root_process_ask(&s->root, &s->reconcile, ROOT_FINISH_START, error,
			     cap) < 0)
		return ERR_IO;
	if (!drop_main_rights(&s->reconcile.account))
		return ERR_OK;
	snprintf(error, cap, "cannot become the user %s: %s",
		 s->reconcile.account.name, strerror(errno));
	return ERR_IO;
}

bool service_is_broken(const struct service *s)
{
	return s->root.lost;
}

void service_reload(struct service *s)
{
	char error[PLAN_TEXT];

	if (root_process_ask(&s->root, &s->reconcile, ROOT_RELOAD, error,
			     sizeof(error)) < 0) {
		message(MESSAGE_ERROR,
			"%s. The running configuration is unchanged", error);
		return;
	}
	begin_choice(s);
	network_close(&s->network);
	service_reconcile(s);
}

int service_down(struct service *s, bool restore, char *error, size_t cap)
{
	if (root_process_ask(&s->root, &s->reconcile,
			     restore ? ROOT_RESTORE : ROOT_DOWN, error,
			     cap) < 0) {
		s->events.changed = true; /* the next turn opens the network */
		return ERR_IO;
	}
	network_close(&s->network);
	s->ended = true;
	return ERR_OK;
}

void service_close(struct service *s)
{
	network_close(&s->network);
	udc_watch_set(&s->udc_watch, "");
	root_process_end(&s->root, s->loop);
	events_close(&s->events);
}
