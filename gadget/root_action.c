/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/root_action.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/config_file.h"
#include "gadget/function.h"
#include "gadget/message.h"
#include "gadget/network.h"
#include "gadget/network_set.h"
#include "gadget/program.h"
#include "gadget/rights.h"
#include "gadget/run_folder.h"
#include "gadget/udhcpd.h"
#include "linux_sys/sandbox.h"

/* --- the actions --- */

static int reload(struct reconcile *r, char *error, size_t cap)
{
	static struct config next;
	const struct gadget_function *served;
	int err = config_load(&next, CONFIG_FILE, error, cap);

	if (err && err != ERR_NOT_FOUND)
		return err;
	served = function_served(next.functions);
	if (served && !rights_may_mount()) {
		snprintf(error, cap,
			 "cannot reload: the function %s needs the right to "
			 "mount, which tetherd dropped when it started without "
			 "that function. Restart tetherd",
			 served->name);
		return ERR_UNSUPPORTED;
	}
	message(MESSAGE_INFO, "configuration reloaded");
	network_set_begin(&next, true);
	reconcile_set_config(r, &next);
	return ERR_OK;
}

static int remove_gadget(struct reconcile *r, bool restore, char *error,
			 size_t cap)
{
	int err = reconcile_plan_down(r, restore, error, cap);

	return err ? err : reconcile_apply_down(r, error, cap);
}

/* udhcpd answers a client without an address by AF_PACKET, which the unit for
 * systemd withholds. */
static bool may_use_packets(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EAFNOSUPPORT;
}

static int start_udhcpd(struct root_state *s, char *error, size_t cap)
{
	const struct reconcile *r = s->reconcile;
	char ifname[16];

	program_end(s->udhcpd, &r->account);
	s->udhcpd = 0;
	if (!may_use_packets()) {
		snprintf(
			error, cap,
			"the unit does not allow AF_PACKET. Link " RIGHTS_FOLDER
			"/udhcpd.conf into "
			"/etc/systemd/system/tetherd.service.d");
		return ERR_IO;
	}
	s->udhcpd = -1;
	errno = ENODEV;
	if (network_find_interface(&r->config, ifname, sizeof(ifname)))
		s->udhcpd = udhcpd_start(&r->config, ifname,
					 r->identity.host_mac, &r->account);
	if (s->udhcpd > 0)
		return ERR_OK;
	snprintf(error, cap, "%s", strerror(errno));
	return ERR_IO;
}

/* After the first pass: no more modules are loaded or unloaded, and FunctionFS
 * is mounted only if the configuration has a function that needs it. */
static int finish_start(const struct reconcile *r, char *error, size_t cap)
{
	bool mounts = function_served(r->config.functions);
	unsigned int groups = SANDBOX_NETWORK | SANDBOX_FILES |
			      SANDBOX_THREADS | SANDBOX_PROGRAMS | SANDBOX_AIO;
	uint64_t rights = rights_root;
	int err;

	if (mounts) {
		rights |= UINT64_C(1) << CAP_SYS_ADMIN;
		groups |= SANDBOX_MOUNTS;
	}
	err = rights_limit(rights);
	if (!err)
		err = sandbox_filter_calls(groups);
	if (!err || err == ERR_UNSUPPORTED)
		return ERR_OK;
	snprintf(error, cap, "cannot drop rights of the root process: %s",
		 strerror(errno));
	return err;
}

static int execute(struct root_state *s, enum root_action action,
		   struct root_reply *reply)
{
	struct reconcile *r = s->reconcile;
	char *error = reply->error;

	switch (action) {
	case ROOT_RECONCILE:
		reconcile_plan(r);
		reconcile_apply(r);
		return ERR_OK;
	case ROOT_NO_FIFO:
		return reconcile_handle_no_fifo(r);
	case ROOT_REENUMERATE:
		reconcile_reenumerate(r);
		return ERR_OK;
	case ROOT_VERIFY:
		return reconcile_verify(r);
	case ROOT_RELOAD:
		return reload(r, error, sizeof(reply->error));
	case ROOT_DOWN:
	case ROOT_RESTORE:
		return remove_gadget(r, action == ROOT_RESTORE, error,
				     sizeof(reply->error));
	case ROOT_START_UDHCPD:
		return start_udhcpd(s, error, sizeof(reply->error));
	case ROOT_END_UDHCPD:
		program_end(s->udhcpd, &r->account);
		s->udhcpd = 0;
		return ERR_OK;
	case ROOT_USE_ECM:
		return network_set_switch(r, FUNCTION_ECM);
	case ROOT_USE_NCM:
		return network_set_switch(r, FUNCTION_NCM);
	case ROOT_REMEMBER_NETWORK:
		network_set_remember(r);
		return ERR_OK;
	case ROOT_WATCH_SERIAL:
	case ROOT_CHECK_SERIAL:
		return network_set_check_use(r, action == ROOT_CHECK_SERIAL)
			.serial_open;
	case ROOT_FINISH_START:
		return finish_start(r, error, sizeof(reply->error));
	case ROOT_ACTIONS:
		break;
	}
	snprintf(error, sizeof(reply->error), "unknown action");
	return ERR_UNSUPPORTED;
}

/* --- the reply --- */

static void fill_reply(struct root_reply *y, const struct reconcile *r)
{
	y->phase = r->phase;
	memcpy(y->why, r->why, sizeof(y->why));
	y->config = r->config;
	y->identity = r->identity;
	y->network_only = r->network_only;
	y->truncated = r->found.truncated;
	y->bound_ms = r->bound_ms;
	y->binds = r->binds;
	y->retry_ms = r->retry_ms;
	y->verify_ms = r->verify_ms;
	y->functions = r->plan.functions;
	y->networks = r->plan.networks;
	y->result_of_plan = r->plan.result;
	y->attempts = r->attempts;
	y->fifo = r->plan.fifo;
	memcpy(y->udc, r->plan.udc, sizeof(y->udc));
	memcpy(y->role, r->found.role, sizeof(y->role));
	memcpy(y->migrated, r->state.migrated, sizeof(y->migrated));
}

void root_action_do(struct root_state *s, enum root_action action,
		    struct root_reply *reply)
{
	reply->error[0] = '\0';
	reply->result = execute(s, action, reply);
	fill_reply(reply, s->reconcile);
}

void root_action_take_reply(const struct root_reply *y, struct reconcile *r)
{
	r->phase = y->phase;
	memcpy(r->why, y->why, sizeof(r->why));
	r->config = y->config;
	r->identity = y->identity;
	r->network_only = y->network_only;
	r->found.truncated = y->truncated;
	r->bound_ms = y->bound_ms;
	r->binds = y->binds;
	r->retry_ms = y->retry_ms;
	r->verify_ms = y->verify_ms;
	r->plan.functions = y->functions;
	r->plan.networks = y->networks;
	r->plan.result = y->result_of_plan;
	r->attempts = y->attempts;
	r->plan.fifo = y->fifo;
	memcpy(r->plan.udc, y->udc, sizeof(r->plan.udc));
	memcpy(r->found.role, y->role, sizeof(r->found.role));
	memcpy(r->state.migrated, y->migrated, sizeof(r->state.migrated));
	snprintf(r->events->udc, sizeof(r->events->udc), "%s", y->udc);
}

void root_action_finish(struct root_state *s)
{
	functionfs_server_end(&s->reconcile->functionfs);
	program_end(s->udhcpd, &s->reconcile->account);
	(void)unlink(RUN_FOLDER_SOCKET);
}
