/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/configfs.h"
#include "gadget/interface.h"
#include "gadget/message.h"
#include "gadget/net.h"
#include "gadget/role.h"
#include "gadget/system.h"

#define FUNCTIONFS_FOLDER "/run/tether/functionfs"

struct found service_found;
struct plan service_plan;
static struct steps down_steps;
static pid_t functionfs_pid;

/* --- doing --- */

static int serve(const char *instance, bool begin)
{
	char *argv[] = { "usbnvme", "--functionfs", FUNCTIONFS_FOLDER, NULL };

	if (functionfs_pid > 0)
		system_functionfs_end(FUNCTIONFS_FOLDER, functionfs_pid);
	functionfs_pid = 0;
	if (!begin)
		return 0;
	functionfs_pid = system_functionfs(instance, FUNCTIONFS_FOLDER, argv);
	return functionfs_pid > 0 ? 0 : -1;
}

/* The function that usbnvme serves is built, or goes. */
static bool is_about_functionfs(const struct steps *steps)
{
	static const char folder[] = "/functions/ffs." GADGET_INSTANCE;

	for (size_t i = 0; i < steps->count; i++) {
		const char *at = strstr(step_path(steps, i), folder);

		if (at && !at[sizeof(folder) - 1])
			return true;
	}
	return false;
}

static struct configfs real = { "", net_up, net_down, system_unload, serve };

static int do_step(void *ctx, enum step_op op, const char *path,
		   const char *value)
{
	(void)ctx;
	return configfs_step(&real, op, path, value);
}

/* Why a step failed. What the kernel says on the way back is of no interest.
 */
static char kernel_reason[EVENTS_LINE];

static void keep_reason(void *ctx)
{
	snprintf(kernel_reason, sizeof(kernel_reason), "%s",
		 events_reason(ctx));
}

/* Steps are done: 0; or the errno, with the kernel's own reason. */
static int apply(struct service *s, const struct steps *steps, char *error,
		 size_t cap)
{
	const struct step_doer doer = { do_step, &s->events, keep_reason };
	struct apply_result r;
	const char *reason = kernel_reason;
	char step[2 * STEP_TEXT + 32];

	events_drain(&s->events);
	if (is_about_functionfs(steps))
		(void)serve("", false);
	if (!steps_apply(steps, &doer, &r))
		return 0;
	step_format(steps, r.failed, step, sizeof(step));
	if (steps->step[r.failed].op == STEP_SERVE)
		reason = ""; /* a program's failure, not the kernel's */
	snprintf(error, cap, "%.160s: %s%s%.100s%s", step, strerror(r.error),
		 *reason ? " (" : "", reason, *reason ? ")" : "");
	if (r.not_undone)
		message(MESSAGE_ERROR, "%zu steps could not be undone",
			r.not_undone);
	return r.error ? r.error : EIO;
}

void service_fail(struct service *s, uint32_t retry_ms)
{
	s->phase = SERVICE_FAILED;
	message(MESSAGE_ERROR, "%s", s->why);
	s->retry_ms = clock_now_ms() + retry_ms;
	if (!s->retry_ms)
		s->retry_ms = 1;
}

/* The uevent of a controller comes before it can be bound to; so the first
 * failures are neither said nor waited for long. Where each costs another's
 * network, it is not for ever. */
static void retry_soon(struct service *s)
{
	uint32_t most =
		service_plan.stock ? SERVICE_MINUTE_MS : SERVICE_RETRY_MS;
	bool quiet = s->backoff_ms < 32 * SERVICE_RETRY_FIRST_MS;

	s->backoff_ms =
		s->backoff_ms ? 2 * s->backoff_ms : SERVICE_RETRY_FIRST_MS;
	if (s->backoff_ms > most)
		s->backoff_ms = most;
	if (!quiet) {
		service_fail(s, s->backoff_ms);
		return;
	}
	s->phase = SERVICE_FAILED;
	s->retry_ms = (clock_now_ms() + s->backoff_ms) | 1;
}

static bool may_pass(int error)
{
	return error == EBUSY || error == ENODEV || error == EAGAIN;
}

/* Each attempt costs the gadget that is there its network for a while: what
 * will not pass is tried twice, and then only a plan that is another one. */
static void failed(struct service *s, int error)
{
	uint32_t sum = steps_sum(&service_plan.steps);

	if (may_pass(error)) {
		retry_soon(s);
		return;
	}
	if (!s->tries || sum != s->failed_sum)
		s->tries = 0;
	s->failed_sum = sum;
	service_fail(s, ++s->tries < SERVICE_TRIES ? SERVICE_AGAIN_MS
						   : SERVICE_RETRY_MS);
	if (s->tries < SERVICE_TRIES)
		return;
	if (s->has_previous) {
		message(MESSAGE_ERROR, "the configuration before the last "
				       "reload stays");
		s->config = s->previous;
		s->has_previous = false;
		s->retry_ms = clock_now_ms() | 1;
		return;
	}
	message(MESSAGE_ERROR,
		"failed twice: not tried again before gadgets or controllers "
		"change, or a reload (SIGHUP)");
}

static bool has_failed_so(const struct service *s)
{
	return s->tries >= SERVICE_TRIES &&
	       steps_sum(&service_plan.steps) == s->failed_sum;
}

static void save(struct service *s, const struct plan *p)
{
	bool changed = !s->state.has_host_mac || !s->state.has_mac ||
		       memcmp(s->state.host_mac, s->identity.host_mac,
			      MAC_SIZE) != 0 ||
		       memcmp(s->state.mac, s->identity.mac, MAC_SIZE) != 0;

	memcpy(s->state.mac, s->identity.mac, MAC_SIZE);
	memcpy(s->state.host_mac, s->identity.host_mac, MAC_SIZE);
	s->state.has_mac = s->state.has_host_mac = true;
	if (p->stock)
		changed |= state_keep(&s->state, p->stock->name,
				      &p->stock->recipe);
	if (!changed || !state_save(&s->state, s->state_path))
		return;
	if (!s->has_failed_state)
		message(MESSAGE_WARNING,
			"%s could not be written: %s. addresses may change "
			"with the configuration, and restore has nothing",
			s->state_path, strerror(errno));
	s->has_failed_state = true;
}

/* false: somebody takes the controller again and again. */
static bool may_take_over(const struct service *s)
{
	uint32_t oldest = s->takeover_ms[s->takeovers % SERVICE_TAKEOVERS];

	return s->takeovers < SERVICE_TAKEOVERS ||
	       clock_now_ms() - oldest >= SERVICE_MINUTE_MS;
}

static void count_takeover(struct service *s)
{
	s->takeover_ms[s->takeovers++ % SERVICE_TAKEOVERS] = clock_now_ms();
}

static void set_role(struct service *s)
{
	const struct found *f = &service_found;

	if (!s->config.role_device || !f->role[0] || !strcmp(f->role, "device"))
		return;
	if (role_set("", found_udc(f, &s->config), f->udcs, "device"))
		message(MESSAGE_WARNING, "the USB port stays %s: %s", f->role,
			strerror(errno));
}

static void make_plan(struct service *s)
{
	const struct found_env env = { "", &s->config, net_address, NULL,
				       s->state.taken[0] ? s->state.taken
							 : s->state.migrated };
	struct config c = s->config;
	struct fifos fifos;

	found_scan(&service_found, &env);
	if (s->network_only && c.functions & FUNCTION_NETWORK)
		c.functions &= FUNCTION_NETWORK;
	identity_choose(&s->identity, &c, &s->state, &service_found);
	found_fifos("", plan_udc(&c, &service_found), &fifos);
	plan_make(&service_plan, &c, &s->identity, &service_found, &fifos);
}

static void wait_for_controller(struct service *s)
{
	char error[PLAN_TEXT];

	if (s->phase != SERVICE_WAITING || !s->bound_ms)
		message(MESSAGE_INFO, "%s", s->why);
	s->phase = SERVICE_WAITING;
	s->tries = 0;
	if (service_plan.steps.count &&
	    apply(s, &service_plan.steps, error, sizeof(error)))
		message(MESSAGE_ERROR, "%s", error);
}

/* The steps of a plan that has some. */
static bool do_plan(struct service *s)
{
	struct plan *p = &service_plan;
	int error;

	if (p->stock && !may_take_over(s)) {
		snprintf(s->why, sizeof(s->why),
			 "the gadget %s takes the controller again and again. "
			 "end the service that makes it",
			 p->stock->name);
		service_fail(s, SERVICE_MINUTE_MS);
		return false;
	}
	if (p->stock)
		message(MESSAGE_INFO, "taking over from the gadget %s on %s",
			p->stock->name, p->udc);
	error = apply(s, &p->steps, s->why, sizeof(s->why));
	if (error) {
		failed(s, error);
		return false;
	}
	if (p->stock)
		count_takeover(s);
	s->verify_ms = (clock_now_ms() + SERVICE_VERIFY_MS) | 1;
	return true;
}

/* The plan as it was made, whatever it says. */
static void carry_out(struct service *s)
{
	struct plan *p = &service_plan;

	set_role(s);
	s->retry_ms = 0;
	s->verify_ms = 0;
	if (p->result == PLAN_OK && has_failed_so(s)) {
		s->phase = SERVICE_FAILED;
		s->retry_ms = (clock_now_ms() + SERVICE_RETRY_MS) | 1;
		return;
	}
	memcpy(s->why, p->text, sizeof(s->why));
	if (service_found.truncated)
		message(MESSAGE_WARNING, FOUND_TRUNCATED);
	if (p->result == PLAN_NO_UDC) {
		wait_for_controller(s);
		return;
	}
	if (p->result >= PLAN_HELD) {
		service_fail(s, SERVICE_RETRY_MS);
		return;
	}
	if (p->text[0])
		message(MESSAGE_WARNING, "%s", p->text);
	save(s, p);
	if (p->steps.count && !do_plan(s))
		return;
	s->backoff_ms = 0;
	s->tries = 0;
	s->has_previous = false;
	s->phase = SERVICE_UP;
	s->silence = (struct silence){ 0 };
	s->bound_ms = clock_now_ms();
	if (p->steps.count)
		message(MESSAGE_INFO, "bound to %s, %u ms after the start",
			p->udc, s->bound_ms - s->started_ms);
}

/* --- looking --- */

/* Bound, and the controller knows it. */
static bool is_bound(const struct service *s)
{
	char udc[CONFIG_NAME], driver[CONFIG_NAME];

	return s->phase == SERVICE_UP &&
	       found_read(udc, sizeof(udc), GADGET_FOLDER "/%s/UDC",
			  s->config.gadget) > 0 &&
	       !strcmp(udc, service_plan.udc) &&
	       found_read(driver, sizeof(driver), "/sys/class/udc/%s/function",
			  udc) > 0;
}

static bool is_time(uint32_t at_ms)
{
	return at_ms && (int32_t)(clock_now_ms() - at_ms) >= 0;
}

void service_reconcile(struct service *s)
{
	s->events.changed = false;
	/* An error is not tried again by every event it causes itself. */
	if (s->phase == SERVICE_FAILED && s->retry_ms && !is_time(s->retry_ms))
		return;
	if (!is_bound(s)) {
		make_plan(s);
		carry_out(s);
	}
	interface_update(s);
}

/* By the plan, with a gadget that is bound. */
static void build_again(struct service *s)
{
	carry_out(s);
	interface_update(s);
}

static void tell_again(struct service *s)
{
	message(MESSAGE_INFO, "%s: nothing received: the host is told again",
		s->ifname);
	if (net_again(s->ifname))
		message(MESSAGE_WARNING, "%s cannot be set down and up: %s",
			s->ifname, strerror(errno));
}

static void enumerate_again(struct service *s)
{
	static struct steps again;

	message(MESSAGE_WARNING,
		"%s: the host configured the device and sent nothing for %d s. "
		"off and on again, once",
		s->ifname, SILENCE_END_MS / 1000);
	/* What another script changed meanwhile is not to be bound. */
	make_plan(s);
	if (service_plan.result != PLAN_UNCHANGED) {
		build_again(s);
		return;
	}
	steps_init(&again);
	steps_add(&again, STEP_UNBIND, s->config.gadget, service_plan.udc);
	steps_add(&again, STEP_PAUSE, "bus", "500");
	steps_add(&again, STEP_BIND, s->config.gadget, service_plan.udc);
	if (apply(s, &again, s->why, sizeof(s->why)))
		service_fail(s, SERVICE_RETRY_MS);
}

static void end_silence(struct service *s)
{
	switch (silence_turn(&s->silence, clock_now_ms(),
			     net_counter(s->ifname, "rx_packets"))) {
	case SILENCE_NOTHING:
		break;
	case SILENCE_TELL:
		tell_again(s);
		break;
	case SILENCE_ENUMERATE:
		enumerate_again(s);
		break;
	}
}

static void end_no_fifo(struct service *s)
{
	unsigned int rest = s->config.functions & ~(unsigned)FUNCTION_NETWORK;

	if (!s->events.no_fifo)
		return;
	s->events.no_fifo = false;
	if (s->network_only || !rest ||
	    !(s->config.functions & FUNCTION_NETWORK)) {
		message(MESSAGE_ERROR, "the kernel found no FIFO for an "
				       "endpoint: the network may be silent");
		return;
	}
	message(MESSAGE_ERROR,
		"the kernel found no FIFO for an endpoint of the gadget: only "
		"the network is brought up. tetherd check shows what fits");
	s->network_only = true;
	make_plan(s);
	build_again(s);
}

/* Once after binding, whether another script worked on the same gadget
 * meanwhile: what it added is bound, and no event tells. */
static void verify(struct service *s)
{
	if (!is_time(s->verify_ms))
		return;
	s->verify_ms = 0;
	if (s->phase != SERVICE_UP)
		return;
	make_plan(s);
	if (service_plan.result != PLAN_OK) {
		s->rebuilt = false;
	} else if (s->rebuilt) {
		s->rebuilt = false;
		message(MESSAGE_ERROR,
			"the gadget %s is again not as it was built. end the "
			"service that changes it",
			s->config.gadget);
	} else {
		s->rebuilt = true;
		message(MESSAGE_WARNING,
			"the gadget %s is not as it was built (%s): something "
			"else worked on it. built again",
			s->config.gadget,
			service_plan.differs ? service_plan.differs : "-");
		build_again(s);
	}
}

void service_turn(struct service *s)
{
	/* A verb took the gadget down in this turn: nothing is to come back. */
	if (s->ended)
		return;
	end_no_fifo(s);
	if (s->events.changed || is_time(s->retry_ms))
		service_reconcile(s);
	verify(s);
	end_silence(s);
}

void service_plan_only(struct service *s)
{
	make_plan(s);
}

void service_children(struct service *s)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		if (pid == s->udhcpd) {
			s->udhcpd = 0;
			snprintf(s->why, sizeof(s->why), "udhcpd ended");
			service_fail(s, SERVICE_RETRY_MS);
		}
		if (pid == functionfs_pid) {
			functionfs_pid = 0;
			snprintf(s->why, sizeof(s->why), "usbnvme ended");
			service_fail(s, SERVICE_RETRY_MS);
		}
	}
}

int service_timeout(const struct service *s)
{
	const uint32_t times[] = { silence_at_ms(&s->silence), s->retry_ms,
				   s->verify_ms };
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

/* --- life --- */

int service_init(struct service *s, struct loop *loop, char *error, size_t cap)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->config_path = SERVICE_CONFIG;
	s->state_path = SERVICE_STATE;
	s->started_ms = clock_now_ms();
	err = config_load(&s->config, s->config_path, error, cap);
	if (err && err != ERR_NOT_FOUND)
		return err;
	if (state_load(&s->state, s->state_path) == ERR_INVALID)
		message(MESSAGE_WARNING,
			"%s is damaged and not used: the host's address may "
			"change",
			s->state_path);
	dhcp_socket_init(&s->dhcp, loop);
	if (!events_open(&s->events, loop))
		return ERR_OK;
	snprintf(error, cap, "netlink sockets cannot be opened: %s",
		 strerror(errno));
	return ERR_IO;
}

void service_reload(struct service *s)
{
	static struct config next;
	char error[PLAN_TEXT];
	int err = config_load(&next, s->config_path, error, sizeof(error));

	if (err && err != ERR_NOT_FOUND) {
		message(MESSAGE_ERROR, "%s. the old configuration stays",
			error);
		return;
	}
	if (next.functions & FUNCTION_MCTP && !system_may_mount()) {
		message(MESSAGE_ERROR,
			"mctp needs the right to mount, which a tetherd that "
			"was started without it has given up: restart it. the "
			"old configuration stays");
		return;
	}
	message(MESSAGE_INFO, "configuration read again");
	if (s->phase == SERVICE_UP)
		s->previous = s->config;
	s->has_previous |= s->phase == SERVICE_UP;
	/* The old gadget goes by the next plan, whatever its name is. */
	s->config = next;
	s->network_only = false;
	s->tries = 0;
	s->phase = SERVICE_WAITING;
	s->retry_ms = 0;
	interface_close(s);
	service_reconcile(s);
}

int service_down(struct service *s, bool restore, char *error, size_t cap)
{
	make_plan(s);
	plan_down(&down_steps, &service_found);
	if (restore && plan_restore(&down_steps, &s->state, &service_found)) {
		snprintf(error, cap,
			 "no stock gadget was kept in %s: nothing "
			 "to restore",
			 s->state_path);
		return ERR_NOT_FOUND;
	}
	interface_close(s);
	if (apply(s, &down_steps, error, cap)) {
		s->events.changed = true; /* it goes on with what is there */
		return ERR_IO;
	}
	s->ended = true;
	return ERR_OK;
}

void service_close(struct service *s)
{
	dhcp_socket_close(&s->dhcp);
	system_end(s->udhcpd);
	if (functionfs_pid > 0)
		(void)serve("", false);
	events_close(&s->events);
}
