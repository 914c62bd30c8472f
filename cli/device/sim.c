/* SPDX-License-Identifier: Apache-2.0 */
/* tether sim get, set and do: show and change the simulated drive of a running
 * usbnvme, and the world around it, through its control socket. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/units.h"
#include "cli/verbs.h"
#include "drive_file/sim_protocol.h"
#include "posix/parse.h"

enum { TIMEOUT_S = 5 };

static int connect_to(const char *path)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
			 sizeof(timeout));
	if (!connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Send a line, and read the whole answer. Returns its length, or -1 with errno
 * set. */
static ssize_t exchange_line(int fd, const char *line, char *answer, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		return -1;
	while (len < cap - 1 &&
	       (n = recv(fd, answer + len, cap - 1 - len, 0)) && n > 0)
		len += (size_t)n;
	answer[len] = '\0';
	return len ? (ssize_t)len : -1;
}

/* Send a command with its text, and wait until usbnvme has carried it out. The
 * answer has SIM_REPLY_MAX bytes. */
static int send_command(struct cli *c, const char *path, const char *command,
			const char *what, char *answer)
{
	char line[SIM_LINE_MAX];
	int fd = connect_to(path);
	ssize_t n;

	if (fd < 0)
		return cli_fail(c,
				"cannot connect to %s: %s. Is usbnvme running "
				"with --control %s?",
				path, strerror(errno), path);
	snprintf(line, sizeof(line), "%s%s\n", command, what);
	errno = EPIPE;
	n = exchange_line(fd, line, answer, SIM_REPLY_MAX);
	close(fd);
	if (n < 0)
		return cli_fail(c, "no answer from %s: %s", path,
				strerror(errno));
	if (strncmp(answer, SIM_REPLY_ERROR, strlen(SIM_REPLY_ERROR)) != 0)
		return EXIT_OK;
	answer[strcspn(answer, "\n")] = '\0';
	return cli_fail(c, "%s: %s", what, answer + strlen(SIM_REPLY_ERROR));
}

/* The path of the control socket. NULL: an error was printed. */
static const char *find_socket(const struct cli *c)
{
	const char *path = cli_option_text(c, "control");

	if (!path)
		path = getenv("TETHER_CONTROL");
	if (path && *path)
		return path;
	(void)cli_fail_usage(c, "no control socket. Name it with --control or "
				"TETHER_CONTROL");
	return NULL;
}

/* Set one KEY=VALUE. A key without a dot is that of all controllers. */
static int set_value(struct cli *c, const char *path, const char *setting)
{
	static char keys[SIM_REPLY_MAX], answer[SIM_REPLY_MAX];
	char line[SIM_SETTING_MAX], key[SIM_SETTING_MAX];
	const char *value = strchr(setting, '=');
	int status;

	if (!value || memchr(setting, '.', (size_t)(value - setting)))
		return send_command(c, path, SIM_COMMAND_SET, setting, answer);
	snprintf(key, sizeof(key), " %.*s", (int)(value - setting), setting);
	status = send_command(c, path, SIM_COMMAND_GET, key, keys);
	for (char *at = keys; !status && strchr(at, '=');
	     at += strcspn(at, "\n") + 1) {
		int len = snprintf(line, sizeof(line), "%.*s%s",
				   (int)strcspn(at, "="), at, value);

		if ((size_t)len >= sizeof(line))
			return cli_fail(c, "%s is too long", setting);
		status = send_command(c, path, SIM_COMMAND_SET, line, answer);
	}
	return status;
}

static int run_set(struct cli *c)
{
	const char *path = find_socket(c);

	if (!path)
		return EXIT_USAGE;
	for (int i = 0; i < c->arguments; i++) {
		int status;

		if (strlen(c->argument[i]) >= SIM_SETTING_MAX)
			return cli_fail(
				c, "a setting is longer than %d characters",
				SIM_SETTING_MAX - 1);
		status = set_value(c, path, c->argument[i]);
		if (status)
			return status;
	}
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "set", (uint64_t)c->arguments);
		cli_print_json(o);
	}
	return EXIT_OK;
}

/* The arguments are the words of one action. */
static int run_do(struct cli *c)
{
	const char *path = find_socket(c);
	static char answer[SIM_REPLY_MAX];
	char action[SIM_SETTING_MAX];
	size_t len = 0;
	int status;

	if (!path)
		return EXIT_USAGE;
	for (int i = 0; i < c->arguments && len < sizeof(action); i++)
		len += (size_t)snprintf(action + len, sizeof(action) - len,
					"%s%s", i ? " " : "", c->argument[i]);
	if (len >= sizeof(action) || strchr(action, '\n'))
		return cli_fail(c,
				"an action is one line of at most %d "
				"characters",
				SIM_SETTING_MAX - 1);
	status = send_command(c, path, SIM_COMMAND_DO, action, answer);
	if (!status && c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_text(o, "done", action);
		cli_print_json(o);
	}
	return status;
}

/* Print "KEY=VALUE", a temperature also in degrees Celsius. */
static void print_value(const char *key, const char *value)
{
	uint64_t kelvin;

	if (strchr(value, 'K') && !parse_kelvin(value, UINT16_MAX, &kelvin))
		printf("%s=%s  %d C\n", key, value,
		       (int)kelvin - UNITS_ZERO_CELSIUS);
	else
		printf("%s=%s\n", key, value);
}

static struct json_object *value_json(const char *key, const char *value)
{
	struct json_object *o = json_object_new_object();
	uint64_t number;

	cli_add_text(o, "key", key);
	if (!strcmp(value, "true") || !strcmp(value, "false")) {
		cli_add_bool(o, "value", *value == 't');
	} else if (!parse_kelvin(value, UINT64_MAX, &number)) {
		cli_add_number(o, "value", number);
		if (strchr(value, 'K'))
			json_object_object_add(
				o, "celsius",
				json_object_new_int((int)number -
						    UNITS_ZERO_CELSIUS));
	}
	return o;
}

static int run_get(struct cli *c)
{
	static char answer[SIM_REPLY_MAX];
	const char *path = find_socket(c);
	char key[SIM_SETTING_MAX] = "";
	struct json_object *list;
	char *line, *rest;
	int status;

	if (!path)
		return EXIT_USAGE;
	if (c->arguments)
		snprintf(key, sizeof(key), " %s", c->argument[0]);
	status = send_command(c, path, SIM_COMMAND_GET, key, answer);
	if (status)
		return status;
	list = json_object_new_array();
	for (line = strtok_r(answer, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(line, '=');

		if (!value) /* "ok" */
			break;
		*value++ = '\0';
		if (c->json)
			json_object_array_add(list, value_json(line, value));
		else
			print_value(line, value);
	}
	if (c->json)
		cli_print_json(list);
	else
		json_object_put(list);
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "control", 0, "PATH", "Use this control socket of usbnvme",
	  CLI_FILE },
	{ 0 },
};

const struct cli_verb device_sim_get_verb = {
	.group = "sim",
	.name = "get",
	.synopsis = "[KEY] [--control PATH]",
	.help = "Show settings of the simulated drive",
	.text = "KEY is a whole key, or its last part: temperature is that of "
		"all "
		"controllers.\nWithout KEY, shows all settings.",
	.examples = "tether sim get temperature --control /tmp/usbnvme.sock\n",
	.options = options,
	.max_arguments = 1,
	.run = run_get,
};

const struct cli_verb device_sim_set_verb = {
	.group = "sim",
	.name = "set",
	.synopsis = "KEY=VALUE... [--control PATH]",
	.help = "Change settings of the simulated drive",
	.text = "`tether sim get` lists the keys. A key without controller.N "
		"sets all\ncontrollers. Without --control, the socket is that "
		"of TETHER_CONTROL.",
	.examples = "tether sim set temperature=85C --control "
		    "/tmp/usbnvme.sock\n"
		    "tether sim set controller.1.spare=4\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = CLI_ARGUMENTS,
	.run = run_set,
};

const struct cli_verb device_sim_do_verb = {
	.group = "sim",
	.name = "do",
	.synopsis = "ACTION... [--control PATH]",
	.help = "Simulate a fault or change now",
	.text = "ACTION is as behind the time in a scenario: set, ramp, curve, "
		"fault,\nclear-faults, power-loss or power-on. See "
		"usbnvme-scenario(5).\nWithout --control, the socket is that "
		"of "
		"TETHER_CONTROL.",
	.examples = "tether sim do power-loss for 5s\n"
		    "tether sim do fault command=admin.get-log-page id=2 "
		    "status=internal-error\n"
		    "tether sim do ramp controller.0.temperature=360 over 1m\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = CLI_ARGUMENTS,
	.run = run_do,
};
