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
#include "gadget/message.h"
#include "gadget/net.h"
#include "gadget/system.h"
#include "gadget/udhcpd.h"

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

static struct configfs real = { "", net_up, net_down, system_module, serve };

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

/* Steps are done, or an error with the kernel's own reason. */
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
		return ERR_OK;
	step_format(steps, r.failed, step, sizeof(step));
	if (steps->step[r.failed].op == STEP_SERVE)
		reason = ""; /* a program's failure, not the kernel's */
	snprintf(error, cap, "%.160s: %s%s%.100s%s", step, strerror(r.error),
		 *reason ? " (" : "", reason, *reason ? ")" : "");
	if (r.not_undone)
		message(MESSAGE_ERROR, "%zu steps could not be undone",
			r.not_undone);
	return ERR_IO;
}

static void fail(struct service *s, uint32_t retry_ms)
{
	s->phase = SERVICE_FAILED;
	message(MESSAGE_ERROR, "%s", s->why);
	s->retry_ms = clock_now_ms() + retry_ms;
	if (!s->retry_ms)
		s->retry_ms = 1;
}

/* The uevent of a controller comes before it can be bound to; so the first
 * failures are neither said nor waited for long. */
static void retry_soon(struct service *s)
{
	bool quiet = s->backoff_ms < 32 * SERVICE_RETRY_FIRST_MS;

	s->backoff_ms =
		s->backoff_ms ? 2 * s->backoff_ms : SERVICE_RETRY_FIRST_MS;
	if (s->backoff_ms > SERVICE_RETRY_MS)
		s->backoff_ms = SERVICE_RETRY_MS;
	if (!quiet) {
		fail(s, s->backoff_ms);
		return;
	}
	s->phase = SERVICE_FAILED;
	s->retry_ms = (clock_now_ms() + s->backoff_ms) | 1;
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
	if (p->stock) {
		changed = true;
		snprintf(s->state.migrated, sizeof(s->state.migrated), "%.63s",
			 p->stock->name);
		steps_init(&s->state.stock);
		steps_append(&s->state.stock, &p->stock->recipe);
	}
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
static bool may_take_over(struct service *s)
{
	uint32_t now = clock_now_ms();
	uint32_t *oldest = &s->takeover_ms[s->takeovers % SERVICE_TAKEOVERS];

	if (s->takeovers >= SERVICE_TAKEOVERS &&
	    now - *oldest < SERVICE_MINUTE_MS)
		return false;
	*oldest = now;
	s->takeovers++;
	return true;
}

static void set_role(struct service *s)
{
	if (!s->config.role_device || !service_found.role[0] ||
	    !strcmp(service_found.role, "device"))
		return;
	if (found_set_role("", "device"))
		message(MESSAGE_WARNING, "the USB port stays %s: %s",
			service_found.role, strerror(errno));
}

static void make_plan(struct service *s)
{
	const struct found_env env = { "", &s->config, net_address, NULL,
				       s->state.migrated };
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
	if (service_plan.steps.count &&
	    apply(s, &service_plan.steps, error, sizeof(error)))
		message(MESSAGE_ERROR, "%s", error);
}

static void bring_up(struct service *s)
{
	struct plan *p = &service_plan;

	make_plan(s);
	set_role(s);
	memcpy(s->why, p->text, sizeof(s->why));
	s->retry_ms = 0;
	if (p->result == PLAN_NO_UDC) {
		wait_for_controller(s);
		return;
	}
	if (p->result == PLAN_HELD || p->result == PLAN_TOO_LARGE) {
		fail(s, SERVICE_RETRY_MS);
		return;
	}
	if (p->text[0])
		message(MESSAGE_WARNING, "%s", p->text);
	save(s, p);
	if (p->steps.count && p->stock) {
		if (!may_take_over(s)) {
			snprintf(s->why, sizeof(s->why),
				 "the gadget %s takes the controller again and "
				 "again. end the service that makes it",
				 p->stock->name);
			fail(s, SERVICE_MINUTE_MS);
			return;
		}
		message(MESSAGE_INFO, "taking over from the gadget %s on %s",
			p->stock->name, p->udc);
	}
	if (p->steps.count && apply(s, &p->steps, s->why, sizeof(s->why))) {
		retry_soon(s);
		return;
	}
	s->backoff_ms = 0;
	s->phase = SERVICE_UP;
	s->silence = (struct silence){ 0 };
	s->bound_ms = clock_now_ms();
	if (p->steps.count)
		message(MESSAGE_INFO, "bound to %s, %u ms after the start",
			p->udc, s->bound_ms - s->started_ms);
}

/* --- the network --- */

static void close_network(struct service *s)
{
	dhcp_socket_close(&s->dhcp);
	system_end(s->udhcpd);
	s->udhcpd = 0;
	s->carrier = false;
	silence_end(&s->silence);
	s->ifname[0] = '\0';
}

static void open_dhcp(struct service *s)
{
	const struct config *c = &s->config;
	struct dhcp_server *d = &s->dhcp.server;

	d->address = c->address;
	d->host_address = c->host_address;
	d->mask = 0xffffffffU << (32 - c->prefix);
	d->router = c->router;
	d->dns = c->dns;
	d->lease_s = c->lease_s;
	if (c->dhcp == DHCP_BUILTIN && s->dhcp.source.fd < 0 &&
	    dhcp_socket_open(&s->dhcp, s->ifname)) {
		snprintf(s->why, sizeof(s->why),
			 "UDP port 67 of %s cannot be opened: %s%s", s->ifname,
			 strerror(errno),
			 errno == EADDRINUSE ? ". another DHCP server runs: "
					       "end it, or set dhcp = none"
					     : "");
		fail(s, SERVICE_RETRY_MS);
	}
	if (c->dhcp == DHCP_UDHCPD && s->udhcpd <= 0) {
		s->udhcpd = udhcpd_start(c, s->ifname, s->identity.host_mac);
		if (s->udhcpd <= 0)
			message(MESSAGE_ERROR, "udhcpd cannot be started: %s",
				strerror(errno));
	}
}

/* Address and servers only while nobody else has the network: two
 * interfaces of it would take each other's packets. */
static void address_network(struct service *s)
{
	const struct config *c = &s->config;
	char other[64], want[32], ip[16], has[32] = "";

	if (net_conflict(s->ifname, c->address, c->prefix, other,
			 sizeof(other))) {
		if (strcmp(s->conflict, other) != 0)
			message(MESSAGE_ERROR,
				"%s, which is in the network of %s: it gets no "
				"IPv4 address until that is gone. change "
				"address and host-address in %s",
				other, s->ifname, s->config_path);
		snprintf(s->conflict, sizeof(s->conflict), "%s", other);
		dhcp_socket_close(&s->dhcp);
		if (net_address(NULL, s->ifname, has, sizeof(has)))
			(void)net_flush(s->ifname);
		if (!net_is_up(s->ifname))
			(void)net_up(s->ifname, ""); /* IPv6 works */
		return;
	}
	s->conflict[0] = '\0';
	address_format(c->address, ip, sizeof(ip));
	snprintf(want, sizeof(want), "%s/%u", ip, c->prefix);
	if (net_address(NULL, s->ifname, has, sizeof(has)) &&
	    strcmp(has, want) != 0)
		(void)net_flush(s->ifname);
	if ((strcmp(has, want) != 0 || !net_is_up(s->ifname)) &&
	    net_up(s->ifname, want)) {
		snprintf(s->why, sizeof(s->why), "%s cannot be brought up: %s",
			 s->ifname, strerror(errno));
		fail(s, SERVICE_RETRY_MS);
		return;
	}
	open_dhcp(s);
}

static void watch_carrier(struct service *s)
{
	bool carrier = net_carrier(s->ifname);

	if (carrier == s->carrier)
		return;
	s->carrier = carrier;
	message(MESSAGE_INFO, "%s: %s", s->ifname,
		carrier ? "a host is there" : "no host");
	if (carrier)
		silence_watch(&s->silence, clock_now_ms(),
			      net_counter(s->ifname, "rx_packets"));
	else
		silence_end(&s->silence);
}

/* The interface of our function; false: it has none. */
static bool find_interface(struct service *s, char *out, size_t cap)
{
	const char *f = s->config.functions & FUNCTION_ECM ? "ecm" : "ncm";

	return s->config.functions & FUNCTION_NETWORK &&
	       found_read(out, cap,
			  GADGET_FOLDER "/%s/functions/%s." GADGET_INSTANCE
					"/ifname",
			  s->config.gadget, f) > 0 &&
	       if_nametoindex(out);
}

static void network(struct service *s)
{
	char name[16];

	if (s->phase != SERVICE_UP || !find_interface(s, name, sizeof(name))) {
		close_network(s);
		return;
	}
	if (strcmp(name, s->ifname) != 0 ||
	    (s->dhcp.source.fd >= 0 && s->dhcp.ifindex != if_nametoindex(name)))
		close_network(s);
	snprintf(s->ifname, sizeof(s->ifname), "%s", name);
	address_network(s);
	watch_carrier(s);
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

static bool is_retry_time(const struct service *s)
{
	return s->retry_ms && (int32_t)(clock_now_ms() - s->retry_ms) >= 0;
}

void service_reconcile(struct service *s)
{
	s->events.changed = false;
	/* An error is not tried again by every event it causes itself. */
	if (s->phase == SERVICE_FAILED && s->retry_ms && !is_retry_time(s))
		return;
	if (!is_bound(s))
		bring_up(s);
	network(s);
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
	steps_init(&again);
	steps_add(&again, STEP_UNBIND, s->config.gadget, service_plan.udc);
	steps_add(&again, STEP_PAUSE, "bus", "500");
	steps_add(&again, STEP_BIND, s->config.gadget, service_plan.udc);
	if (apply(s, &again, s->why, sizeof(s->why)))
		fail(s, SERVICE_RETRY_MS);
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
	bring_up(s);
	network(s);
}

void service_turn(struct service *s)
{
	end_no_fifo(s);
	if (s->events.changed || is_retry_time(s))
		service_reconcile(s);
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
			fail(s, SERVICE_RETRY_MS);
		}
		if (pid == functionfs_pid) {
			functionfs_pid = 0;
			snprintf(s->why, sizeof(s->why), "usbnvme ended");
			fail(s, SERVICE_RETRY_MS);
		}
	}
}

int service_timeout(const struct service *s)
{
	uint32_t now = clock_now_ms();
	int32_t least = -1;

	for (int i = 0; i < 2; i++) {
		uint32_t at = i ? s->retry_ms : silence_at_ms(&s->silence);
		int32_t left = (int32_t)(at - now);

		if (!at)
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
	message(MESSAGE_INFO, "configuration read again");
	/* The old gadget goes by the next plan, whatever its name is. */
	s->config = next;
	s->network_only = false;
	s->phase = SERVICE_WAITING;
	s->retry_ms = 0;
	close_network(s);
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
	close_network(s);
	s->ended = true;
	return apply(s, &down_steps, error, cap);
}

void service_close(struct service *s)
{
	dhcp_socket_close(&s->dhcp);
	system_end(s->udhcpd);
	if (functionfs_pid > 0)
		(void)serve("", false);
	events_close(&s->events);
}
