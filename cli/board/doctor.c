/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tether doctor: from the cable to the shell, step by step. What stops at a
 * step but is reached all the same, by a wired network or through a router, is
 * no failure: then the earlier steps turn into notes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/doctor.h"
#include "cli/boards.h"

enum {
	PING_MS = 5000,
};

const struct cli_choice doctor_choices[] = { BOARD_CHOICES, { 0 } };

struct step {
	const char *name;
	enum doctor_state (*look)(struct doctor *d);
	int code;     /* exit code where it is the first that failed */
	bool goes_on; /* the next step is looked at even if this failed */
};

/* --- from the cable --- */

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

/* Reached directly, but by no USB. */
static bool by_other_link(const struct doctor *d)
{
	return d->link && !is_usb(d, d->link->interface);
}

static enum doctor_state other_link(struct doctor *d)
{
	text_addf(&d->seen, "not by USB: %s has %s", d->link->interface,
		  hostnet_text(d->link->address));
	return DOCTOR_SKIPPED;
}

static enum doctor_state look_device(struct doctor *d)
{
	if (by_other_link(d))
		return other_link(d);
	if (!d->net.usb_known) {
		text_puts(&d->seen, "not looked at on this system");
		return DOCTOR_SKIPPED;
	}
	if (!d->net.usbs) {
		text_puts(&d->seen,
			  "no USB device with a network function is there");
		text_puts(&d->fix,
			  "use the board's USB device (OTG) port and a cable "
			  "with data lines, and wait until it has booted. on "
			  "the board, /sys/class/udc must not be empty");
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
	text_puts(&d->seen, ": RNDIS, which no Mac takes");
	text_puts(&d->fix, "`tether inspect` says what each system takes");
	return DOCTOR_NOTE;
}

static enum doctor_state look_driver(struct doctor *d)
{
	if (!d->usb)
		return by_other_link(d) ? other_link(d) : DOCTOR_SKIPPED;
	if (d->usb->driver[0]) {
		text_addf(&d->seen, "%s has %s", d->usb->driver,
			  d->usb->device);
		return DOCTOR_OK;
	}
	text_addf(&d->seen, "no driver has taken %s (%s)", d->usb->device,
		  d->usb->function);
	text_addf(&d->fix, "sudo modprobe %s; and look at `dmesg`",
		  !strcmp(d->usb->function, "CDC-NCM")	 ? "cdc_ncm"
		  : !strcmp(d->usb->function, "CDC-ECM") ? "cdc_ether"
							 : "rndis_host");
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

static enum doctor_state look_interface(struct doctor *d)
{
	const char *name = d->link ? d->link->interface
			   : d->usb ? d->usb->interface
				    : "";
	const struct hostnet_address *a = find_interface(d, name);

	if (!*name && !d->usb)
		return DOCTOR_SKIPPED;
	if (!a) {
		text_addf(&d->seen, "the driver has made no interface (%s)",
			  d->usb ? d->usb->device : name);
		text_puts(&d->fix, "unplug and plug in again; look at `dmesg`");
		return DOCTOR_FAILED;
	}
	if (a->up && a->carrier) {
		text_addf(&d->seen, "%s is up", name);
		return DOCTOR_OK;
	}
	text_addf(&d->seen,
		  a->up ? "%s is up but has no carrier" : "%s is down", name);
	if (a->up)
		text_puts(&d->fix, "on the board, bring its side up: `ip link "
				   "set usb0 up`");
	else
		text_addf(&d->fix, "sudo ip link set %s up", name);
	return DOCTOR_FAILED;
}

static enum doctor_state look_address(struct doctor *d)
{
	const char *name =
		d->usb && d->usb->interface[0] ? d->usb->interface : "IFACE";
	const struct hostnet_address *a = find_interface(d, name);

	if (!d->address) {
		text_puts(&d->seen, "the board's name has no IPv4 address");
		return DOCTOR_SKIPPED;
	}
	if (!d->link && !d->usb)
		return DOCTOR_SKIPPED;
	if (!d->link) {
		text_addf(&d->seen, "%s has %s, not in the network of %s", name,
			  a && a->address ? hostnet_text(a->address)
					  : "no address",
			  hostnet_text(d->address));
		text_puts(&d->fix, "the board gives one by DHCP where it can; "
				   "else by hand as below");
		return DOCTOR_FAILED;
	}
	if (d->link->address == d->address && (d->address >> 24) != 127) {
		text_addf(&d->seen,
			  "%s of this host has the board's own "
			  "address %s",
			  d->link->interface, hostnet_text(d->address));
		text_puts(&d->fix, "give this host another one");
		return DOCTOR_FAILED;
	}
	for (int i = 0; i < d->net.addresses; i++) {
		const struct hostnet_address *o = &d->net.address[i];

		if (!same_network(o, d->address) ||
		    !strcmp(o->interface, d->link->interface))
			continue;
		text_addf(&d->seen,
			  "%s and %s are both in the network of %s, "
			  "so that packets may go the wrong way",
			  d->link->interface, o->interface,
			  hostnet_text(d->address));
		text_addf(
			&d->fix,
			"take the address from the one that is not "
			"the board's: sudo ip addr flush dev %s",
			is_usb(d, o->interface) ? d->link->interface : o->interface);
		return DOCTOR_FAILED;
	}
	text_addf(&d->seen, "%s on %s", hostnet_text(d->link->address),
		  d->link->interface);
	return DOCTOR_OK;
}

/* Who has a lease for it says how long it is good; who was set by hand, and
 * BusyBox's client, does not. */
static enum doctor_state look_dhcp(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	enum doctor_state state = DOCTOR_SKIPPED;

	if (!d->link)
		return DOCTOR_SKIPPED;
	spawn_add(&a, "ip");
	spawn_add(&a, "-o");
	spawn_add(&a, "-4");
	spawn_add(&a, "addr");
	spawn_add(&a, "show");
	spawn_add(&a, "dev");
	spawn_add(&a, d->link->interface);
	if (!spawn_run(&child, &(struct spawn){ .args = &a,
						.in = SPAWN_NOTHING,
						.timeout_ms = PING_MS })) {
		text_puts(&d->seen, "not looked at on this system");
	} else if (strstr(text_get(&child.out), " dynamic ")) {
		text_addf(&d->seen, "%s has its address by DHCP",
			  d->link->interface);
		state = DOCTOR_OK;
	} else {
		text_addf(&d->seen,
			  "%s has its address without a lease: by hand, or by "
			  "a client that does not tell",
			  d->link->interface);
		state = DOCTOR_NOTE;
	}
	spawn_free(&child);
	return state;
}

static enum doctor_state look_ping(struct doctor *d)
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
		text_puts(&d->fix, "is the board up, and is this its address? "
				   "its serial console tells: `ip addr`");
		state = DOCTOR_FAILED;
	}
	spawn_free(&child);
	return state;
}

/* --- all of it --- */

static const struct step steps[] = {
	{ "device", look_device, 11, true },
	{ "driver", look_driver, 12, true },
	{ "interface", look_interface, 13, true },
	{ "address", look_address, 14, true },
	{ "DHCP", look_dhcp, 0, true },
	{ "ping", look_ping, 15, true },
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
	REACHED = 6,
	CLIENT_KEY = 8,
	LOGIN = 9,
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

static void look(struct doctor *d, struct finding f[STEPS])
{
	bool stop = false;

	for (int i = 0; i < STEPS; i++) {
		f[i].state = DOCTOR_SKIPPED;
		if (stop || cli_interrupted)
			continue;
		f[i].state = steps[i].look(d);
		f[i].seen = d->seen;
		f[i].fix = d->fix;
		d->seen = d->fix = (struct text){ 0 };
		stop = f[i].state == DOCTOR_FAILED && !steps[i].goes_on;
	}
	/* Reached by whatever way it is: the way is in order. */
	for (int i = 0; i < REACHED && f[REACHED].state == DOCTOR_OK; i++)
		if (f[i].state == DOCTOR_FAILED)
			f[i].state = DOCTOR_NOTE;
	if (f[LOGIN].state == DOCTOR_OK && f[CLIENT_KEY].state == DOCTOR_FAILED)
		f[CLIENT_KEY].state =
			DOCTOR_NOTE; /* by another way, as a password */
}

static const char *const state_names[] = { "ok", "note", "skipped", "FAILED" };

/* For this host, in the board's network; stock boards are at 192.168.7.1,
 * those with tetherd at 192.168.7.2. */
static uint32_t own_address(const struct doctor *d)
{
	uint32_t board = d->address;

	if (!board || board >> 24 == 127)
		hostnet_resolve(BOARD_HOST, &board);
	return (board & ~(uint32_t)0xff) | ((board & 0xff) == 1 ? 2 : 1);
}

static void print_all(const struct doctor *d, const struct finding f[STEPS])
{
	int failed = first_failed(f);
	const char *mine,
		*interface =
			d->usb && d->usb->interface[0] ? d->usb->interface : "IFACE";

	for (int i = 0; i < STEPS; i++) {
		printf("%-8s %-10s %s\n", state_names[f[i].state],
		       steps[i].name,
		       f[i].seen.len ? f[i].seen.at : "not reached");
		if (f[i].fix.len)
			printf("%20sfix: %s\n", "", f[i].fix.at);
	}
	if (failed < 0 || failed > REACHED)
		return;
	mine = hostnet_text(own_address(d));
	printf("\nby hand, on Linux:  sudo ip addr add %s/24 dev %s\n"
	       "by hand, on macOS:  sudo ifconfig enX %s netmask "
	       "255.255.255.0 up\n"
	       "without USB:        a network cable to the board, and --host "
	       "with its address there\n",
	       mine, interface, mine);
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

/* Where ssh would go to: an alias has its address in ssh's own file. */
static void find_address(struct doctor *d)
{
	struct spawn_child child;

	if (board_settings(&d->board, false, &child)) {
		board_setting(text_get(&child.out), "hostname", d->host,
			      sizeof(d->host));
		board_setting(text_get(&child.out), "port", d->port,
			      sizeof(d->port));
	}
	spawn_free(&child);
	if (!d->host[0])
		snprintf(d->host, sizeof(d->host), "%s", d->board.host);
	if (d->board.port[0] || !d->port[0])
		snprintf(d->port, sizeof(d->port), "%s",
			 d->board.port[0] ? d->board.port : "22");
	if (!hostnet_resolve(d->host, &d->address))
		d->address = 0;
	for (int i = 0; i < d->net.addresses; i++)
		if (d->address &&
		    same_network(&d->net.address[i], d->address) &&
		    (!d->link || is_usb(d, d->net.address[i].interface)))
			d->link = &d->net.address[i];
}

int doctor_run(struct cli *c)
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
	find_address(&d);
	if (d.host[0] == '-')
		return cli_fail(c, "\"%s\" is no address", d.host);
	look(&d, f);
	if (c->json)
		print_json(f);
	else
		print_all(&d, f);
	failed = first_failed(f);
	for (int i = 0; i < STEPS; i++) {
		text_free(&f[i].seen);
		text_free(&f[i].fix);
	}
	text_free(&d.said);
	return failed < 0 ? EXIT_OK : steps[failed].code;
}
