/* SPDX-License-Identifier: Apache-2.0 */
/* tetherd: the board's USB port as a network. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/control.h"
#include "gadget/message.h"
#include "gadget/net.h"
#include "gadget/service.h"
#include "gadget/status.h"
#include "gadget/system.h"
#include "linux_sys/notify.h"
#include "version.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char help[] =
	"usage: tetherd [VERB]\n"
	"\n"
	"Makes this board's USB port a network that hosts bring up by\n"
	"themselves, and keeps it so. Without a verb it runs until SIGTERM; "
	"the\n"
	"gadget stays then. SIGHUP reads the configuration again.\n"
	"\n"
	"  check            show what would be done, and do nothing\n"
	"  status [--json]  show what is so\n"
	"  down             remove the gadget, and end the running tetherd\n"
	"  restore          the same, and put back the gadget that was there\n"
	"  --version, --help\n"
	"\n"
	"Configuration: " SERVICE_CONFIG " (none is needed)\n";

static struct service service;
static struct loop loop;
static struct control control;
static struct loop_source signals;
static bool stop;

static int say(const char *error)
{
	message(MESSAGE_ERROR, "%s", error);
	return EXIT_FAILED;
}

/* --- run --- */

static void signal_ready(void *ctx, uint32_t events)
{
	struct signalfd_siginfo i;

	(void)ctx;
	(void)events;
	if (read(signals.fd, &i, sizeof(i)) != sizeof(i))
		return;
	if (i.ssi_signo == SIGHUP)
		service_reload(&service);
	else if (i.ssi_signo == SIGCHLD)
		service_children(&service);
	else
		stop = true;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = (struct loop_source){ signalfd(-1, &set,
						 SFD_CLOEXEC | SFD_NONBLOCK),
					signal_ready, NULL };
	return signals.fd < 0 ? ERR_IO : loop_add(&loop, &signals, EPOLLIN);
}

/* Of two times to wait; -1 is for ever. */
static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int run(void)
{
	char error[PLAN_TEXT];
	int err;

	/* 1. one of us, with signals and a way to be asked */
	if (loop_init(&loop) || open_signals())
		return say(strerror(errno));
	err = control_open(&control, &service, &loop);
	if (err == ERR_BUSY)
		return say("tetherd runs already. see: tetherd status");
	if (err) {
		snprintf(error, sizeof(error),
			 CONTROL_FOLDER ": %s. tetherd "
					"has to be started by root",
			 strerror(errno));
		return say(error);
	}
	/* 2. what is wanted */
	if (service_init(&service, &loop, error, sizeof(error)))
		return say(error);
	/* 3. what needs rights that are given up: mounts, modules, and the
	 * first look, which may unload one */
	if (system_configfs(error, sizeof(error)))
		return say(error);
	service_reconcile(&service);
	/* 4. no more rights than are needed */
	if (system_drop_rights(service.config.functions & FUNCTION_MCTP))
		return say("capabilities cannot be dropped");
	notify("READY=1");
	/* 5. until the end */
	while (!stop && !service.ended) {
		if (loop_turn(&loop, sooner(service_timeout(&service),
					    control_timeout(&control))))
			return say(strerror(errno));
		control_turn(&control);
		service_turn(&service);
	}
	/* 6. the gadget and its address stay */
	notify("STOPPING=1");
	service_close(&service);
	control_close(&control);
	return EXIT_OK;
}

/* --- the other verbs --- */

static int check(void)
{
	char error[PLAN_TEXT];

	if (loop_init(&loop))
		return say(strerror(errno));
	if (service_init(&service, &loop, error, sizeof(error)))
		return say(error);
	service_plan_only(&service);
	return status_check(&service.config);
}

/* What stands in the way of asking; the exit code. */
static int say_unasked(int code)
{
	return say(code == CONTROL_DENIED
			   ? "only root may ask the tetherd that runs"
			   : "a tetherd runs and does not answer. see its log; "
			     "end it by its process id");
}

static int status(bool json)
{
	int code = control_ask(json ? "status json" : "status");

	if (code >= 0)
		return code;
	if (code != -1)
		return say_unasked(code);
	if (json)
		puts("{\"state\":\"not running\"}");
	else
		fprintf(stderr, "tetherd: it does not run. start it: systemctl "
				"start tetherd, or /etc/init.d/S30tetherd\n");
	return EXIT_FAILED;
}

/* By the running one, else here. */
static int down(bool restore)
{
	char error[PLAN_TEXT] = "";
	int code = control_ask(restore ? "restore" : "down");

	if (code >= 0)
		return code;
	if (code != -1)
		return say_unasked(code);
	/* None that starts meanwhile works on the same gadget. */
	code = control_lock(&control);
	if (code == ERR_BUSY)
		return say_unasked(CONTROL_SILENT);
	if (code)
		return say(CONTROL_FOLDER "/lock cannot be made: tetherd has "
					  "to be started by root");
	if (loop_init(&loop))
		return say(strerror(errno));
	if (service_init(&service, &loop, error, sizeof(error)) ||
	    service_down(&service, restore, error, sizeof(error)))
		return say(error);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	bool json = argc == 3 && !strcmp(argv[2], "--json");

	if (argc == 1)
		return run();
	if (argc == 2 && !strcmp(verb, "--help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	if (argc == 2 && !strcmp(verb, "--version")) {
		puts("tetherd " TETHER_VERSION " " TETHER_GIT);
		return EXIT_OK;
	}
	if (!strcmp(verb, "status") && (argc == 2 || json))
		return status(json);
	if (argc == 2 && !strcmp(verb, "check"))
		return check();
	if (argc == 2 && !strcmp(verb, "down"))
		return down(false);
	if (argc == 2 && !strcmp(verb, "restore"))
		return down(true);
	fputs(help, stderr);
	return EXIT_USAGE;
}
