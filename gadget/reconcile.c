/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/reconcile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "gadget/apply.h"
#include "gadget/configfs.h"
#include "gadget/hardware.h"
#include "gadget/kernel.h"
#include "gadget/message.h"
#include "gadget/netdev.h"
#include "gadget/role.h"
#include "gadget/sysfs.h"
#include "posix/clock.h"

static uint32_t time_after(uint32_t ms)
{
	return (clock_now_ms() + ms) | 1; /* never 0, which means none */
}

static bool is_due(uint32_t at_ms)
{
	return at_ms && (int32_t)(clock_now_ms() - at_ms) >= 0;
}

/* --- applying steps --- */

static int serve(void *ctx, const char *instance, const char *program)
{
	struct reconcile *r = ctx;

	if (program)
		return functionfs_server_start(&r->functionfs, instance,
					       program);
	functionfs_server_end(&r->functionfs);
	return 0;
}

/* Whether the steps build or remove the function that a program serves. */
static bool changes_functionfs(const struct steps *steps)
{
	char folder[64];
	size_t len;

	snprintf(folder, sizeof(folder), "/functions/%s." FUNCTION_INSTANCE,
		 function_served(FUNCTION_ALL)->kind);
	len = strlen(folder);
	for (size_t i = 0; i < steps->count; i++) {
		const char *at = strstr(steps_path(steps, i), folder);

		if (at && !at[len])
			return true;
	}
	return false;
}

/* Keep the kernel's message about the failed step. Its messages during the
 * rollback do not matter. */
static void keep_kernel_reason(void *ctx)
{
	struct configfs *c = ctx;
	struct reconcile *r = c->ctx;

	snprintf(r->kernel_reason, sizeof(r->kernel_reason), "%s",
		 events_reason(r->events));
}

/* The unit for systemd withholds the right to mount. */
static const char *explain_refusal(const struct reconcile *r, unsigned int op)
{
	return op == STEP_SERVE && r->mounts_refused
		       ? ". " RECONCILE_LINK_RIGHTS
		       : "";
}

/* Apply steps as one transaction. Returns 0, or the errno of the failed step
 * with a sentence in `error`. */
static int apply(struct reconcile *r, const struct steps *steps, char *error,
		 size_t cap)
{
	struct configfs real = {
		.root = "",
		.net_up = netdev_up,
		.net_down = netdev_down,
		.unload = kernel_unload_module,
		.serve = serve,
		.ctx = r,
	};
	const struct step_doer doer = { configfs_step, &real,
					keep_kernel_reason };
	const char *reason = r->kernel_reason;
	struct apply_result result;
	char step[2 * STEP_TEXT + 32];

	events_drain(r->events);
	if (changes_functionfs(steps))
		functionfs_server_end(&r->functionfs);
	if (!apply_steps(steps, &doer, &result))
		return 0;
	steps_format(steps, result.failed, step, sizeof(step));
	/* The kernel's log says nothing about a program that failed. */
	if (steps->step[result.failed].op == STEP_SERVE)
		reason = "";
	snprintf(error, cap, "step failed: %.150s: %s%s%.90s%s%s", step,
		 strerror(result.error), *reason ? " (kernel: " : "", reason,
		 *reason ? ")" : "",
		 explain_refusal(r, steps->step[result.failed].op));
	if (result.not_undone)
		message(MESSAGE_ERROR,
			"rollback incomplete: %zu steps could not be undone. "
			"See what remains: tetherd check",
			result.not_undone);
	return result.error ? result.error : EIO;
}

/* --- retries --- */

void reconcile_fail(struct reconcile *r, uint32_t retry_ms)
{
	r->phase = RECONCILE_FAILED;
	message(MESSAGE_ERROR, "%s", r->why);
	r->retry_ms = time_after(retry_ms);
}

/* The uevent of a UDC is sent before the UDC can be bound. So the first
 * failures are retried soon and not logged. */
static void retry_with_backoff(struct reconcile *r)
{
	uint32_t most =
		r->plan.stock ? RECONCILE_MINUTE_MS : RECONCILE_RETRY_MS;
	bool quiet = r->backoff_ms < 32 * RECONCILE_RETRY_FIRST_MS;

	r->backoff_ms =
		r->backoff_ms ? 2 * r->backoff_ms : RECONCILE_RETRY_FIRST_MS;
	if (r->backoff_ms > most)
		r->backoff_ms = most;
	if (!quiet) {
		reconcile_fail(r, r->backoff_ms);
		return;
	}
	r->phase = RECONCILE_FAILED;
	r->retry_ms = time_after(r->backoff_ms);
}

static bool is_transient(int error)
{
	return error == EBUSY || error == ENODEV || error == EAGAIN;
}

static void give_up(struct reconcile *r)
{
	if (!r->has_previous) {
		message(MESSAGE_ERROR,
			"gave up after %d attempts. Next attempt when a gadget "
			"or controller changes, or on reload (SIGHUP)",
			RECONCILE_ATTEMPTS);
		return;
	}
	message(MESSAGE_ERROR, "the new configuration failed: going back to "
			       "the previous configuration");
	r->config = r->previous;
	r->has_previous = false;
	r->retry_ms = time_after(0);
}

/* Each attempt unbinds the existing gadget and interrupts its network. So a
 * persistent error is retried once. Further attempts need a different plan. */
static void handle_failure(struct reconcile *r, int error)
{
	uint32_t checksum = steps_checksum(&r->plan.steps);

	if (is_transient(error)) {
		retry_with_backoff(r);
		return;
	}
	if (checksum != r->failed_checksum)
		r->attempts = 0;
	r->failed_checksum = checksum;
	reconcile_fail(r, ++r->attempts < RECONCILE_ATTEMPTS
				  ? RECONCILE_ATTEMPT_MS
				  : RECONCILE_RETRY_MS);
	if (r->attempts >= RECONCILE_ATTEMPTS)
		give_up(r);
}

/* Whether the plan is the one that has failed RECONCILE_ATTEMPTS times. */
static bool is_given_up(const struct reconcile *r)
{
	return r->attempts >= RECONCILE_ATTEMPTS &&
	       steps_checksum(&r->plan.steps) == r->failed_checksum;
}

bool reconcile_has_given_up(const struct reconcile *r)
{
	return r->phase == RECONCILE_FAILED &&
	       (r->plan.result == PLAN_NO_FIFO ||
		(r->plan.result == PLAN_OK &&
		 r->attempts >= RECONCILE_ATTEMPTS));
}

/* --- one pass --- */

/* Store the state that a restart needs, before the stock gadget is removed. */
static void store_state(struct reconcile *r)
{
	const struct found_gadget *stock = r->plan.stock;
	const struct identity *id = &r->identity;
	struct saved_state *s = &r->state;
	bool changed = !s->has_host_mac || !s->has_mac ||
		       memcmp(s->host_mac, id->host_mac, MAC_SIZE) != 0 ||
		       memcmp(s->mac, id->mac, MAC_SIZE) != 0;

	memcpy(s->mac, id->mac, MAC_SIZE);
	memcpy(s->host_mac, id->host_mac, MAC_SIZE);
	s->has_mac = s->has_host_mac = true;
	if (stock)
		changed |= saved_state_record(s, stock->name, &stock->recipe);
	if (!changed || !saved_state_store(s, SAVED_STATE_FILE))
		return;
	if (!r->reported_unsaved)
		message(MESSAGE_WARNING,
			"cannot write " SAVED_STATE_FILE
			": %s. MAC addresses may change when the "
			"configuration changes, and \"tetherd restore\" will "
			"not "
			"work",
			strerror(errno));
	r->reported_unsaved = true;
}

/* Whether another takeover is allowed. false: another program has bound its
 * gadget too often. */
static bool may_take_over(const struct reconcile *r)
{
	uint32_t oldest = r->takeover_ms[r->takeovers % RECONCILE_TAKEOVERS];

	return r->takeovers < RECONCILE_TAKEOVERS ||
	       clock_now_ms() - oldest >= RECONCILE_MINUTE_MS;
}

static void set_role(const struct reconcile *r)
{
	const struct found *f = &r->found;

	if (!r->config.role_device || !f->role[0] || !strcmp(f->role, "device"))
		return;
	if (role_set("", udc_choose(&f->udcs, r->config.udc), f->udcs.count,
		     "device"))
		message(MESSAGE_WARNING,
			"cannot set the USB role switch from %s to device: %s",
			f->role, strerror(errno));
}

void reconcile_plan(struct reconcile *r)
{
	const struct saved_state *saved = &r->state;
	const struct found_env env = {
		.root = "",
		.config = &r->config,
		.address = netdev_address,
		.taken_over = saved->taken_over[0] ? saved->taken_over
						   : saved->migrated,
	};
	const struct gadget_function *served;
	struct config c = r->config;
	struct fifos fifos;

	found_scan(&r->found, &env);
	served = function_served(c.functions);
	if (r->mounts_refused && served && c.functions != served->bit)
		c.functions &= ~(unsigned int)served->bit;
	if (r->network_only && function_network(c.functions))
		c.functions = function_network_bits(c.functions);
	identity_choose(&r->identity, &c, &r->state, &r->found);
	hardware_read_fifos("", udc_choose(&r->found.udcs, c.udc), &fifos);
	plan_make(&r->plan, &c, &r->identity, &r->found, &fifos);
}

int reconcile_unload_modules(struct reconcile *r)
{
	const struct timespec pause = { 0, PLAN_PAUSE_MS * 1000000L };
	const struct found *f = &r->found;
	int count = 0;

	reconcile_plan(r);
	if (r->plan.result >= PLAN_HELD)
		return 0;
	for (int i = 0; i < f->modules.count; i++) {
		const struct legacy_module *m = &f->modules.module[i];

		if (!legacy_module_blocks(m, &f->udcs, r->plan.udc))
			continue;
		if (!count)
			store_state(r);
		if (!kernel_unload_module(m->name))
			count++;
		else
			message(MESSAGE_WARNING, "cannot unload %s: %s",
				m->name, strerror(errno));
	}
	if (count)
		nanosleep(&pause, NULL);
	return count;
}

static void wait_for_udc(struct reconcile *r)
{
	char error[PLAN_TEXT];

	if (r->phase != RECONCILE_WAITING || !r->bound_ms)
		message(MESSAGE_INFO, "%s", r->why);
	r->phase = RECONCILE_WAITING;
	r->attempts = 0;
	if (r->plan.steps.count &&
	    apply(r, &r->plan.steps, error, sizeof(error)))
		message(MESSAGE_ERROR, "%s", error);
}

/* Apply the steps of a plan that has some. */
static bool apply_plan_steps(struct reconcile *r)
{
	const struct found_gadget *stock = r->plan.stock;
	int error;

	if (stock && !may_take_over(r)) {
		snprintf(r->why, sizeof(r->why),
			 "another program binds its gadget %s to %s again and "
			 "again. End the service that does it",
			 stock->name, r->plan.udc);
		reconcile_fail(r, RECONCILE_MINUTE_MS);
		return false;
	}
	if (stock)
		message(MESSAGE_INFO, "taking over %s from the gadget %s",
			r->plan.udc, stock->name);
	error = apply(r, &r->plan.steps, r->why, sizeof(r->why));
	if (error) {
		handle_failure(r, error);
		return false;
	}
	if (stock)
		r->takeover_ms[r->takeovers++ % RECONCILE_TAKEOVERS] =
			clock_now_ms();
	r->verify_ms = time_after(RECONCILE_VERIFY_MS);
	return true;
}

static void finish_bind(struct reconcile *r)
{
	r->backoff_ms = 0;
	r->attempts = 0;
	r->has_previous = false;
	r->phase = RECONCILE_UP;
	r->binds++;
	r->bound_ms = clock_now_ms();
	if (r->plan.steps.count)
		message(MESSAGE_INFO,
			"gadget %s bound to %s, %u ms after tetherd started",
			r->config.gadget, r->plan.udc,
			r->bound_ms - r->started_ms);
}

void reconcile_apply(struct reconcile *r)
{
	struct plan *p = &r->plan;

	snprintf(r->events->udc, sizeof(r->events->udc), "%s", p->udc);
	set_role(r);
	r->retry_ms = 0;
	r->verify_ms = 0;
	if (p->result == PLAN_OK && is_given_up(r)) {
		r->phase = RECONCILE_FAILED;
		r->retry_ms = time_after(RECONCILE_RETRY_MS);
		return;
	}
	memcpy(r->why, p->text, sizeof(r->why));
	if (r->found.truncated)
		message(MESSAGE_WARNING, FOUND_TRUNCATED);
	if (p->result == PLAN_NO_UDC) {
		wait_for_udc(r);
		return;
	}
	if (p->result >= PLAN_HELD) {
		reconcile_fail(r, RECONCILE_RETRY_MS);
		return;
	}
	if (p->text[0])
		message(MESSAGE_WARNING, "%s", p->text);
	store_state(r);
	if (!p->steps.count || apply_plan_steps(r))
		finish_bind(r);
}

bool reconcile_is_bound(const struct reconcile *r)
{
	char udc[CONFIG_NAME], driver[CONFIG_NAME];

	return r->phase == RECONCILE_UP &&
	       sysfs_read(udc, sizeof(udc), GADGET_FOLDER "/%s/UDC",
			  r->config.gadget) > 0 &&
	       !strcmp(udc, r->plan.udc) &&
	       sysfs_read(driver, sizeof(driver), "/sys/class/udc/%s/function",
			  udc) > 0;
}

bool reconcile_is_delayed(const struct reconcile *r)
{
	return r->phase == RECONCILE_FAILED && r->retry_ms &&
	       !is_due(r->retry_ms);
}

bool reconcile_is_retry_due(const struct reconcile *r)
{
	return is_due(r->retry_ms);
}

bool reconcile_is_verification_due(const struct reconcile *r)
{
	return is_due(r->verify_ms);
}

/* --- events after the bind --- */

bool reconcile_handle_no_fifo(struct reconcile *r)
{
	unsigned int all = r->config.functions;
	unsigned int network = function_network_bits(all);

	if (r->network_only || network == all || !network) {
		message(MESSAGE_ERROR,
			"the kernel reports no FIFO for an endpoint: a "
			"function may not work. Check g-tx-fifo-size in the "
			"device tree");
		return false;
	}
	message(MESSAGE_ERROR,
		"the kernel reports no FIFO for an endpoint: binding the "
		"network function alone. See what fits: tetherd check");
	r->network_only = true;
	reconcile_plan(r);
	reconcile_apply(r);
	return true;
}

void reconcile_reenumerate(struct reconcile *r)
{
	const char *gadget = r->config.gadget;

	reconcile_plan(r);
	if (r->plan.result != PLAN_UNCHANGED) {
		reconcile_apply(r);
		return;
	}
	steps_init(&r->steps);
	steps_add(&r->steps, STEP_UNBIND, gadget, r->plan.udc);
	steps_add(&r->steps, STEP_PAUSE, "bus", "500");
	steps_add(&r->steps, STEP_BIND, gadget, r->plan.udc);
	if (apply(r, &r->steps, r->why, sizeof(r->why)))
		reconcile_fail(r, RECONCILE_RETRY_MS);
}

bool reconcile_verify(struct reconcile *r)
{
	const char *differs;

	if (!is_due(r->verify_ms))
		return false;
	r->verify_ms = 0;
	if (r->phase != RECONCILE_UP)
		return false;
	reconcile_plan(r);
	if (r->plan.result != PLAN_OK) {
		r->rebuilt = false;
		return false;
	}
	if (r->rebuilt) {
		r->rebuilt = false;
		message(MESSAGE_ERROR,
			"another program changed the gadget %s again. End the "
			"service that changes it",
			r->config.gadget);
		return false;
	}
	differs = r->plan.differs;
	r->rebuilt = true;
	message(MESSAGE_WARNING,
		"another program changed the gadget %s (%s): building it again",
		r->config.gadget, differs ? differs : "it is not bound");
	reconcile_apply(r);
	return true;
}

/* --- verbs --- */

void reconcile_set_config(struct reconcile *r, const struct config *next)
{
	if (r->phase == RECONCILE_UP) {
		r->previous = r->config;
		r->has_previous = true;
	}
	/* The next plan removes the old gadget, whatever its name is. */
	r->config = *next;
	r->network_only = false;
	r->attempts = 0;
	r->phase = RECONCILE_WAITING;
	r->retry_ms = 0;
}

int reconcile_plan_down(struct reconcile *r, bool restore, char *error,
			size_t cap)
{
	reconcile_plan(r);
	plan_down(&r->steps, &r->found);
	if (!restore || !plan_restore(&r->steps, &r->state, &r->found))
		return ERR_OK;
	snprintf(error, cap,
		 "no stock gadget is saved in " SAVED_STATE_FILE
		 ": there is nothing to restore");
	return ERR_NOT_FOUND;
}

int reconcile_apply_down(struct reconcile *r, char *error, size_t cap)
{
	return apply(r, &r->steps, error, cap) ? ERR_IO : ERR_OK;
}
