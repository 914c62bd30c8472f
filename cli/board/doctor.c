/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tether doctor: checks ssh's settings, then the connection from the cable to
 * the shell, step by step. If a later step reaches the board, for instance
 * through a wired network, failures of earlier steps are reported as notes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/doctor.h"
#include "cli/color.h"
#include "cli/platform.h"
#include "cli/verbs.h"
#include "posix/advice.h"

enum {
	PING_MS = 5000,
};

struct step {
	const char *name;
	enum doctor_state (*check)(struct doctor *d);
	int code;   /* exit code if it is the first step that failed */
	bool go_on; /* check the next step even if this one failed */
};

/* --- USB and network --- */

static bool same_network(const struct hostnet_address *a, uint32_t address)
{
	return a->mask && (a->address & a->mask) == (address & a->mask);
}

static bool is_usb(const struct doctor *d, const char *interface)
{
	for (int i = 0; i < d->net.usbs; i++)
		if (!strcmp(d->net.usb[i].interface, interface))
			return true;
	return false;
}

/* True if the board is in a network of this host that is not on USB. */
static bool uses_other_link(const struct doctor *d)
{
	return d->link && !is_usb(d, d->link->interface);
}

static enum doctor_state report_other_link(struct doctor *d)
{
	text_addf(&d->seen, "reached through %s (%s), not USB",
		  d->link->interface, hostnet_text(d->link->address));
	return DOCTOR_SKIPPED;
}

static enum doctor_state check_device(struct doctor *d)
{
	char advice[ADVICE_TEXT];

	if (uses_other_link(d))
		return report_other_link(d);
	if (!d->net.usb_known) {
		text_puts(&d->seen, "cannot be checked on this system");
		return DOCTOR_SKIPPED;
	}
	if (!d->net.usbs) {
		text_puts(&d->seen, "no USB device with a network function");
		text_puts(&d->fix,
			  advice_text(ADVICE_NO_USB_DEVICE, NULL, advice));
		return DOCTOR_FAILED;
	}
	for (int i = 0; i < d->net.usbs; i++) {
		if (!d->usb ||
		    (!d->usb->interface[0] && d->net.usb[i].interface[0]))
			d->usb = &d->net.usb[i];
		text_addf(&d->seen, "%s%s %s", i ? ", " : "",
			  d->net.usb[i].device, d->net.usb[i].function);
	}
	if (strcmp(d->usb->function, "RNDIS") != 0)
		return DOCTOR_OK;
	text_puts(&d->seen, ": RNDIS, which macOS does not support");
	text_puts(&d->fix, "list what each system supports: tether inspect");
	return DOCTOR_NOTE;
}

static enum doctor_state check_driver(struct doctor *d)
{
	char advice[ADVICE_TEXT];

	if (!d->usb)
		return uses_other_link(d) ? report_other_link(d)
					  : DOCTOR_SKIPPED;
	if (d->usb->driver[0]) {
		text_addf(&d->seen, "%s is bound to %s", d->usb->driver,
			  d->usb->device);
		return DOCTOR_OK;
	}
	text_addf(&d->seen, "no driver is bound to %s (%s)", d->usb->device,
		  d->usb->function);
	text_puts(&d->fix,
		  advice_text(ADVICE_NO_DRIVER,
			      !strcmp(d->usb->function, "CDC-NCM") ? "cdc_ncm"
			      : !strcmp(d->usb->function, "CDC-ECM")
				      ? "cdc_ether"
				      : "rndis_host",
			      advice));
	return DOCTOR_FAILED;
}

static const struct hostnet_address *find_interface(const struct doctor *d,
						    const char *name)
{
	const struct hostnet_address *found = NULL;

	for (int i = 0; i < d->net.addresses; i++)
		if (!strcmp(d->net.address[i].interface, name) &&
		    (!found || !found->address))
			found = &d->net.address[i];
	return found;
}

static enum doctor_state check_interface(struct doctor *d)
{
	const char *name = d->link ? d->link->interface
			   : d->usb ? d->usb->interface
				    : "";
	const struct hostnet_address *a = find_interface(d, name);
	char advice[ADVICE_TEXT];

	if (!*name && !d->usb)
		return DOCTOR_SKIPPED;
	if (!a) {
		text_addf(&d->seen, "the driver has created no interface (%s)",
			  d->usb ? d->usb->device : name);
		text_puts(&d->fix,
			  advice_text(ADVICE_NO_INTERFACE, NULL, advice));
		return DOCTOR_FAILED;
	}
	if (a->up && a->carrier) {
		text_addf(&d->seen, "%s is up", name);
		if (d->usb && d->usb->port[0] &&
		    !strcmp(d->usb->interface, name))
			text_addf(&d->seen, " (hardware port \"%s\")",
				  text_show(d->usb->port));
		return DOCTOR_OK;
	}
	text_addf(&d->seen, a->up ? "%s is up without carrier" : "%s is down",
		  name);
	if (a->up)
		text_puts(&d->fix, "on the board, run `ip link set usb0 up`");
	else
		text_puts(&d->fix,
			  advice_text(ADVICE_INTERFACE_DOWN, name, advice));
	return DOCTOR_FAILED;
}

static enum doctor_state check_address(struct doctor *d)
{
	const char *name =
		d->usb && d->usb->interface[0] ? d->usb->interface : "IFACE";
	const struct hostnet_address *a = find_interface(d, name);
	char advice[ADVICE_TEXT];

	if (d->proxied || !d->address) {
		text_puts(&d->seen, d->proxied ? "not this host connects to it"
					       : "the board's name has no IPv4 "
						 "address");
		return DOCTOR_SKIPPED;
	}
	if (!d->link && !d->usb)
		return DOCTOR_SKIPPED;
	if (!d->link) {
		text_addf(&d->seen,
			  "%s has %s, which is not in the network of %s", name,
			  a && a->address ? hostnet_text(a->address)
					  : "no address",
			  hostnet_text(d->address));
		text_puts(&d->fix,
			  "get an address from the board by DHCP, or set "
			  "one by hand as below");
		return DOCTOR_FAILED;
	}
	if (d->link->address == d->address && (d->address >> 24) != 127) {
		text_addf(&d->seen,
			  "%s of this host has the board's address %s",
			  d->link->interface, hostnet_text(d->address));
		text_puts(&d->fix, "give this host another address");
		return DOCTOR_FAILED;
	}
	for (int i = 0; i < d->net.addresses; i++) {
		const struct hostnet_address *o = &d->net.address[i];

		if (!same_network(o, d->address) ||
		    !strcmp(o->interface, d->link->interface))
			continue;
		text_addf(&d->seen,
			  "%s and %s are both in the network of %s; "
			  "packets may take the wrong interface",
			  d->link->interface, o->interface,
			  hostnet_text(d->address));
		text_addf(
			&d->fix,
			"remove the address of the other interface: %s",
			advice_text(
				ADVICE_ADDRESS_TWICE,
				is_usb(d, o->interface) ? d->link->interface : o->interface,
				advice));
		return DOCTOR_FAILED;
	}
	text_addf(&d->seen, "%s on %s", hostnet_text(d->link->address),
		  d->link->interface);
	return DOCTOR_OK;
}

static enum doctor_state check_dhcp(struct doctor *d)
{
	if (!d->link)
		return DOCTOR_SKIPPED;
	switch (platform_lease(d->link->interface)) {
	case PLATFORM_LEASE_UNKNOWN:
		text_puts(&d->seen, "cannot be checked on this system");
		return DOCTOR_SKIPPED;
	case PLATFORM_LEASE_DHCP:
		text_addf(&d->seen, "%s has its address from DHCP",
			  d->link->interface);
		return DOCTOR_OK;
	default:
		text_addf(&d->seen,
			  "%s has an address without a lease: set by hand, or "
			  "by a client that does not report leases",
			  d->link->interface);
		return DOCTOR_NOTE;
	}
}

static enum doctor_state check_ping(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	enum doctor_state state = DOCTOR_OK;

	spawn_add(&a, "ping");
	spawn_add(&a, "-c");
	spawn_add(&a, "1");
	spawn_add(&a, d->host);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = SPAWN_NOTHING,
					       .timeout_ms = PING_MS })) {
		text_addf(&d->seen, "%s answers", d->host);
	} else if (child.end == SPAWN_NOT_STARTED) {
		spawn_describe(&child, &d->seen);
		state = DOCTOR_SKIPPED;
	} else {
		text_addf(&d->seen, "%s does not answer", d->host);
		text_puts(&d->fix,
			  "check on the board's serial console that it "
			  "is up and has this address: `ip addr`");
		state = DOCTOR_FAILED;
	}
	spawn_free(&child);
	return state;
}

/* --- all steps --- */

/* Find this host's address in the network of the board. */
static void find_link(struct doctor *d)
{
	if (d->proxied || !hostnet_resolve(d->host, &d->address))
		d->address = 0;
	for (int i = 0; i < d->net.addresses; i++)
		if (d->address &&
		    same_network(&d->net.address[i], d->address) &&
		    (!d->link || is_usb(d, d->net.address[i].interface)))
			d->link = &d->net.address[i];
}

static enum doctor_state check_settings(struct doctor *d)
{
	enum doctor_state state = doctor_settings(d);

	if (state == DOCTOR_OK)
		find_link(d);
	return state;
}

/* An error of the first two steps is no fault of cable or board. */
static const struct step steps[] = {
	{ "settings", check_settings, 23, false },
	{ "name", doctor_name, 24, false },
	{ "device", check_device, 11, true },
	{ "driver", check_driver, 12, true },
	{ "interface", check_interface, 13, true },
	{ "address", check_address, 14, true },
	{ "DHCP", check_dhcp, 0, true },
	{ "ping", check_ping, 15, true },
	{ "port", doctor_port, 16, false },
	{ "host key", doctor_host_key, 17, false },
	{ "client key", doctor_client_key, 22, true },
	{ "login", doctor_login, 18, false },
	{ "copying", doctor_copy, 19, true },
	{ "clock", doctor_clock, 20, true },
	{ "disk", doctor_disk, 21, true },
};

enum {
	STEPS = sizeof(steps) / sizeof(steps[0]),
	CABLE = 2, /* the first step of the path to the board */
	REACHED = 8,
	CLIENT_KEY = 10,
	LOGIN = 11,
};

struct finding {
	enum doctor_state state;
	struct text seen, fix;
};

static int first_failed(const struct finding f[STEPS])
{
	for (int i = 0; i < STEPS; i++)
		if (f[i].state == DOCTOR_FAILED)
			return i;
	return -1;
}

static void run_steps(struct doctor *d, struct finding f[STEPS])
{
	bool stop = false;

	for (int i = 0; i < STEPS; i++) {
		f[i].state = DOCTOR_SKIPPED;
		if (stop || cli_interrupted)
			continue;
		f[i].state = steps[i].check(d);
		f[i].seen = d->seen;
		f[i].fix = d->fix;
		d->seen = d->fix = (struct text){ 0 };
		stop = f[i].state == DOCTOR_FAILED && !steps[i].go_on;
	}
	/* The board is reached, so failures on the way do not matter. */
	for (int i = 0; i < REACHED && f[REACHED].state == DOCTOR_OK; i++)
		if (f[i].state == DOCTOR_FAILED)
			f[i].state = DOCTOR_NOTE;
	if (f[LOGIN].state == DOCTOR_OK && f[CLIENT_KEY].state == DOCTOR_FAILED)
		f[CLIENT_KEY].state = DOCTOR_NOTE; /* a password was enough */
}

static const char *const state_names[] = { "ok", "note", "skipped", "FAILED" };
static const enum color state_colors[] = { COLOR_GOOD, COLOR_NOTE, COLOR_NOTE,
					   COLOR_BAD };

/* Suggest an address for this host in the board's network. Boards with ST's
 * images are at 192.168.7.1, boards with tetherd at 192.168.7.2. */
static uint32_t suggest_address(const struct doctor *d)
{
	uint32_t board = d->address;

	if (!board || board >> 24 == 127)
		hostnet_resolve(BOARD_HOST, &board);
	return (board & ~(uint32_t)0xff) | ((board & 0xff) == 1 ? 2 : 1);
}

static void print_findings(const struct doctor *d,
			   const struct finding f[STEPS])
{
	int failed = first_failed(f);
	bool macos = !strcmp(advice_system, "macOS");
	const char *mine,
		*interface =
			d->usb && d->usb->interface[0] ? d->usb->interface : "IFACE";

	for (int i = 0; i < STEPS; i++) {
		color_print(d->c, stdout, state_colors[f[i].state], 8,
			    state_names[f[i].state]);
		printf(" %-10s %s\n", steps[i].name,
		       f[i].seen.len ? f[i].seen.at : "not checked");
		if (f[i].fix.len)
			printf("%20sfix: %s\n", "", f[i].fix.at);
	}
	if (failed < CABLE || failed > REACHED)
		return;
	mine = hostnet_text(suggest_address(d));
	printf("\nby hand, on Linux:  sudo ip addr add %s/24 dev %s\n"
	       "by hand, on macOS:  sudo ifconfig %s %s netmask "
	       "255.255.255.0 up\n"
	       "without USB:        connect a network cable to the board and "
	       "give --host ADDRESS\n",
	       mine, macos ? "IFACE" : interface,
	       macos && d->usb && d->usb->interface[0] ? interface : "enX",
	       mine);
}

static void print_json(const struct finding f[STEPS])
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int failed = first_failed(f);

	for (int i = 0; i < STEPS; i++) {
		struct json_object *s = json_object_new_object();

		cli_add_text(s, "step", steps[i].name);
		cli_add_text(s, "state",
			     f[i].state == DOCTOR_FAILED
				     ? "failed"
				     : state_names[f[i].state]);
		cli_add_text(s, "seen", text_get(&f[i].seen));
		cli_add_text(s, "fix", text_get(&f[i].fix));
		json_object_array_add(list, s);
	}
	json_object_object_add(o, "steps", list);
	cli_add_text(o, "failed", failed < 0 ? "" : steps[failed].name);
	cli_print_json(o);
}

static int run(struct cli *c)
{
	static struct doctor d;
	struct finding f[STEPS] = { 0 };
	int failed, status;

	d.c = c;
	status = board_find(c, c->arguments ? c->argument[0] : NULL, &d.board);
	if (status)
		return status;
	if (c->json || !isatty(STDIN_FILENO))
		setenv("TETHER_BATCH", "1", 1);
	hostnet_read(&d.net);
	snprintf(d.host, sizeof(d.host), "%s", d.board.host);
	snprintf(d.port, sizeof(d.port), "%s",
		 d.board.port[0] ? d.board.port : "22");
	run_steps(&d, f);
	if (c->json)
		print_json(f);
	else
		print_findings(&d, f);
	failed = first_failed(f);
	for (int i = 0; i < STEPS; i++) {
		text_free(&f[i].seen);
		text_free(&f[i].fix);
	}
	text_free(&d.output);
	return failed < 0 ? EXIT_OK : steps[failed].code;
}

static const struct cli_option options[] = { BOARD_OPTIONS, { 0 } };

const struct cli_verb board_doctor_verb = {
	.name = "doctor",
	.synopsis = "[HOST]",
	.max_arguments = 1,
	.run = run,
	.options = options,
	.help = "Diagnose the connection to the board step by step",
	.text = "Checks ssh's settings, then each step from the cable to the "
		"shell. The exit\ncode names the first step that failed: 11 "
		"device, 12 driver, 13 interface,\n14 address, 15 ping, 16 "
		"port, 17 host key, 18 login, 19 copying, 20 clock,\n21 disk, "
		"22 client key, 23 settings, 24 name.",
	.examples = "tether doctor\n",
};
