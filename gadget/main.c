/* SPDX-License-Identifier: Apache-2.0 */
/* tetherd: gives the host a network interface through the USB device port of a
 * board. This file has the verbs and the start of the service. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/control_socket.h"
#include "gadget/kernel.h"
#include "gadget/message.h"
#include "gadget/network_set.h"
#include "gadget/plan_report.h"
#include "gadget/run_folder.h"
#include "gadget/service.h"
#include "linux_sys/notify.h"
#include "posix/output.h"
#include "posix/suggest.h"
#include "version.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char help[] =
	"usage: tetherd [check [FILE] | status [--json] | down | restore | "
	"prepare]\n"
	"\n"
	"Make the USB device port of this board a network interface of the "
	"host.\n"
	"Without a verb, run until SIGTERM; the gadget stays bound. SIGHUP "
	"reloads\n"
	"the configuration.\n"
	"\n"
	"  check [FILE]     Show what tetherd would do with FILE (dry run)\n"
	"  status [--json]  Show the state of the running tetherd\n"
	"  down             Remove the gadget and end the running tetherd\n"
	"  restore          Like down, then bring back the stock gadget\n"
	"  prepare          Load and unload modules before the start (for "
	"units)\n"
	"  --version        Print the version\n"
	"  --help, -h       Print this help\n"
	"\n"
	"Default configuration: " CONFIG_FILE " (optional)\n"
	"Exit status: 0 success, 1 failure, 2 wrong usage\n";

static struct service service;
static struct loop loop;
static struct control_socket control;
static struct loop_source signals;
static bool stop;

static int fail(const char *error)
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
	else if (i.ssi_signo != SIGCHLD)
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

/* The shorter of two waits in ms; -1 is forever. */
static int min_wait(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int fail_without_root(void)
{
	char error[PLAN_TEXT];

	snprintf(error, sizeof(error), "cannot use " RUN_FOLDER ": %s%s",
		 strerror(errno),
		 errno == EACCES || errno == EPERM ? ". Start tetherd as root"
						   : "");
	return fail(error);
}

static int run(void)
{
	char error[PLAN_TEXT];
	int err;

	/* 1. Lock out a second tetherd; handle signals and requests. */
	if (loop_init(&loop) || open_signals())
		return fail(strerror(errno));
	err = control_socket_open(&control, &service, &loop);
	if (err == ERR_BUSY)
		return fail("another tetherd is running. See: tetherd status");
	if (err)
		return fail_without_root();
	/* 2. Load the configuration. */
	if (service_init(&service, &loop, NULL, error, sizeof(error)))
		return fail(error);
	network_set_begin(&service.reconcile.config, true);
	/* 3. Mount configfs. Start the root process, and let it make the first
	 * pass, which may unload a module. */
	if (kernel_open_configfs(error, sizeof(error)) ||
	    service_start_root(&service, control.lock, error, sizeof(error)))
		return fail(error);
	service_reconcile(&service);
	/* 4. Drop all rights that are not needed from here on. */
	if (service_drop_rights(&service, error, sizeof(error)))
		return fail(error);
	notify("READY=1");
	/* 5. Serve events. */
	while (!stop && !service.ended && !service_is_broken(&service)) {
		if (loop_turn(&loop,
			      min_wait(service_timeout(&service),
				       control_socket_timeout(&control))))
			return fail(strerror(errno));
		control_socket_turn(&control);
		service_turn(&service);
	}
	/* 6. End the service. The gadget and its address stay. */
	notify("STOPPING=1");
	control_socket_close(&control);
	service_close(&service);
	if (service_is_broken(&service))
		return fail("the root process of tetherd has ended");
	return EXIT_OK;
}

/* --- the other verbs --- */

/* Do the part of the start for which the sandbox of the unit leaves no rights.
 * run() does the rest, and all of it where there is no such sandbox. */
static int prepare(void)
{
	char error[PLAN_TEXT];
	int err = control_socket_lock(&control);

	if (err == ERR_BUSY)
		return fail("another tetherd is running. See: tetherd status");
	if (err)
		return fail_without_root();
	if (mkdir(SAVED_STATE_FOLDER, 0755) && errno != EEXIST)
		message(MESSAGE_WARNING,
			"cannot create " SAVED_STATE_FOLDER ": %s",
			strerror(errno));
	if (loop_init(&loop) ||
	    service_init(&service, &loop, NULL, error, sizeof(error)) ||
	    kernel_open_configfs(error, sizeof(error)))
		return fail(error);
	network_set_begin(&service.reconcile.config, false);
	(void)reconcile_unload_modules(&service.reconcile);
	return EXIT_OK;
}

/* file: the configuration to check, NULL: CONFIG_FILE. */
static int check(const char *file)
{
	char error[PLAN_TEXT];

	if (loop_init(&loop))
		return fail(strerror(errno));
	if (service_init(&service, &loop, file, error, sizeof(error)))
		return fail(error);
	network_set_begin(&service.reconcile.config, false);
	reconcile_plan(&service.reconcile);
	return plan_report_print(&service.reconcile.plan,
				 &service.reconcile.config,
				 &service.reconcile.found);
}

/* Report that a verb could not reach the running tetherd. */
static int fail_unreachable(int result)
{
	return fail(result == CONTROL_SOCKET_DENIED
			    ? "only root may send requests to the running "
			      "tetherd"
			    : "tetherd is running but does not answer. See its "
			      "log; end the process by its pid");
}

static int status(bool json)
{
	char text[64];
	int code = control_socket_ask(json ? "status json" : "status");

	if (code >= 0)
		return code;
	if (code != CONTROL_SOCKET_NOT_RUNNING)
		return fail_unreachable(code);
	if (!json)
		return fail("tetherd is not running. Start it: systemctl start "
			    "tetherd, or /etc/init.d/S30tetherd start");
	service_status_format_stopped(text, sizeof(text));
	fputs(text, stdout);
	return EXIT_FAILED;
}

/* Remove the gadget: by the running tetherd, else in this process. */
static int down(bool restore)
{
	char error[PLAN_TEXT] = "";
	int code = control_socket_ask(restore ? "restore" : "down");

	if (code >= 0)
		return code;
	if (code != CONTROL_SOCKET_NOT_RUNNING)
		return fail_unreachable(code);
	/* Lock out a tetherd that starts now: it would change the same
	 * gadget. */
	code = control_socket_lock(&control);
	if (code == ERR_BUSY)
		return fail_unreachable(CONTROL_SOCKET_NO_ANSWER);
	if (code)
		return fail_without_root();
	if (loop_init(&loop))
		return fail(strerror(errno));
	if (service_init(&service, &loop, NULL, error, sizeof(error)) ||
	    service_down(&service, restore, error, sizeof(error)))
		return fail(error);
	return EXIT_OK;
}

/* --- command line --- */

static int fail_usage(const char *what, const char *word, const char *best)
{
	fprintf(stderr, "tetherd: %s %s. ", what, word);
	if (best[0])
		fprintf(stderr, "Did you mean %s? ", best);
	fputs("See tetherd --help\n", stderr);
	return EXIT_USAGE;
}

static int fail_unknown(const char *word)
{
	static const char *const words[] = { "check",	"status",  "down",
					     "restore", "prepare", "--version",
					     "--help",	"--json" };
	struct suggest s;

	suggest_init(&s, word, strlen(word));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		suggest_compare(&s, words[i]);
	return fail_usage(word[0] == '-' ? "unknown option" : "unknown verb",
			  word, s.best);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* Print the help or the version. false: the word asks for neither. */
static bool print_about(const char *word)
{
	if (is_help(word))
		fputs(help, stdout);
	else if (!strcmp(word, "--version"))
		puts("tetherd " TETHER_VERSION " " TETHER_GIT);
	else
		return false;
	return true;
}

/* `more` is the word behind the verb, or NULL. */
static int run_verb(const char *verb, const char *more)
{
	bool asks = !strcmp(verb, "status"), checks = !strcmp(verb, "check");
	bool removes = !strcmp(verb, "down") || !strcmp(verb, "restore");
	bool prepares = !strcmp(verb, "prepare");
	bool json = asks && more && !strcmp(more, "--json");

	if (print_about(verb) || (more && print_about(more)))
		return EXIT_OK;
	if (!asks && !checks && !removes && !prepares)
		return fail_unknown(verb);
	if (more && more[0] == '-' && !json)
		return fail_unknown(more);
	if (more && !checks && !json)
		return fail_usage("unexpected argument", more, "");
	if (asks)
		return status(json);
	if (prepares)
		return prepare();
	return checks ? check(more) : down(!strcmp(verb, "restore"));
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return run();
	if (argc > 3)
		return fail_usage("unexpected argument", argv[3], "");
	return output_finish("tetherd",
			     run_verb(argv[1], argc == 3 ? argv[2] : NULL));
}
