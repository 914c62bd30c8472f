/*
 * tether doctor: from the cable to the shell, step by step. What stops at a
 * step but is reached all the same, by a wired network or through a router, is
 * no failure: then the earlier steps turn into notes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/hostnet.h"
#include "cli/sshoffer.h"
#include "cli/verbs.h"

enum {
	DOCTOR_FIRST = 11, /* exit code of the first step */
	PING_MS = 5000,
	LOGIN_MS = 60000,
	CLOCK_S = 24 * 3600,
	DISK_KIB = 4096,
	PATH_LENGTH = 512,
};

const struct cli_choice doctor_choices[] = { BOARD_CHOICES, { 0 } };

enum state { OK, NOTE, SKIPPED, FAILED };

struct doctor {
	struct cli *c;
	struct board board;
	struct hostnet net;
	char host[BOARD_TEXT], port[8];
	uint32_t address; /* 0: the host has no IPv4 address */
	const struct hostnet_address *link; /* in the board's own network */
	const struct hostnet_usb *usb;	    /* the one that is meant */
	struct sshoffer offer;
	struct text said; /* by the board's shell */
	struct text seen, fix;
};

struct step {
	const char *name;
	enum state (*look)(struct doctor *d);
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

static enum state other_link(struct doctor *d)
{
	text_addf(&d->seen, "not by USB: %s has %s", d->link->interface,
		  hostnet_text(d->link->address));
	return SKIPPED;
}

static enum state look_device(struct doctor *d)
{
	if (by_other_link(d))
		return other_link(d);
	if (!d->net.usb_known) {
		text_puts(&d->seen, "not looked at on this system");
		return SKIPPED;
	}
	if (!d->net.usbs) {
		text_puts(&d->seen,
			  "no USB device with a network function is there");
		text_puts(&d->fix,
			  "use the board's USB device (OTG) port and a cable "
			  "with data lines, and wait until it has booted. on "
			  "the board, /sys/class/udc must not be empty");
		return FAILED;
	}
	for (int i = 0; i < d->net.usbs; i++) {
		if (!d->usb ||
		    (!d->usb->interface[0] && d->net.usb[i].interface[0]))
			d->usb = &d->net.usb[i];
		text_addf(&d->seen, "%s%s %s", i ? ", " : "",
			  d->net.usb[i].device, d->net.usb[i].function);
	}
	if (strcmp(d->usb->function, "RNDIS") != 0)
		return OK;
	text_puts(&d->seen, ": RNDIS, which no Mac takes");
	text_puts(&d->fix, "`tether inspect` says what each system takes");
	return NOTE;
}

static enum state look_driver(struct doctor *d)
{
	if (!d->usb)
		return by_other_link(d) ? other_link(d) : SKIPPED;
	if (d->usb->driver[0]) {
		text_addf(&d->seen, "%s has %s", d->usb->driver,
			  d->usb->device);
		return OK;
	}
	text_addf(&d->seen, "no driver has taken %s (%s)", d->usb->device,
		  d->usb->function);
	text_addf(&d->fix, "sudo modprobe %s; and look at `dmesg`",
		  !strcmp(d->usb->function, "CDC-NCM")	 ? "cdc_ncm"
		  : !strcmp(d->usb->function, "CDC-ECM") ? "cdc_ether"
							 : "rndis_host");
	return FAILED;
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

static enum state look_interface(struct doctor *d)
{
	const char *name = d->link ? d->link->interface
			   : d->usb ? d->usb->interface
				    : "";
	const struct hostnet_address *a = find_interface(d, name);

	if (!*name && !d->usb)
		return SKIPPED;
	if (!a) {
		text_addf(&d->seen, "the driver has made no interface (%s)",
			  d->usb ? d->usb->device : name);
		text_puts(&d->fix, "unplug and plug in again; look at `dmesg`");
		return FAILED;
	}
	if (a->up && a->carrier) {
		text_addf(&d->seen, "%s is up", name);
		return OK;
	}
	text_addf(&d->seen,
		  a->up ? "%s is up but has no carrier" : "%s is down", name);
	if (a->up)
		text_puts(&d->fix, "on the board, bring its side up: `ip link "
				   "set usb0 up`");
	else
		text_addf(&d->fix, "sudo ip link set %s up", name);
	return FAILED;
}

static enum state look_address(struct doctor *d)
{
	const char *name =
		d->usb && d->usb->interface[0] ? d->usb->interface : "IFACE";
	const struct hostnet_address *a = find_interface(d, name);

	if (!d->address) {
		text_puts(&d->seen, "the board's name has no IPv4 address");
		return SKIPPED;
	}
	if (!d->link && !d->usb)
		return SKIPPED;
	if (!d->link) {
		text_addf(&d->seen, "%s has %s, not in the network of %s", name,
			  a && a->address ? hostnet_text(a->address)
					  : "no address",
			  hostnet_text(d->address));
		text_puts(&d->fix, "the board gives one by DHCP where it can; "
				   "else by hand as below");
		return FAILED;
	}
	if (d->link->address == d->address && (d->address >> 24) != 127) {
		text_addf(&d->seen,
			  "%s of this host has the board's own "
			  "address %s",
			  d->link->interface, hostnet_text(d->address));
		text_puts(&d->fix, "give this host another one");
		return FAILED;
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
		return FAILED;
	}
	text_addf(&d->seen, "%s on %s", hostnet_text(d->link->address),
		  d->link->interface);
	return OK;
}

static enum state look_ping(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	enum state state = OK;

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
		state = SKIPPED;
	} else {
		text_addf(&d->seen, "%s does not answer", d->host);
		text_puts(&d->fix, "is the board up, and is this its address? "
				   "its serial console tells: `ip addr`");
		state = FAILED;
	}
	spawn_free(&child);
	return state;
}

/* --- to the shell --- */

static enum state look_port(struct doctor *d)
{
	char error[CLI_ERROR];
	enum sshoffer_step step =
		sshoffer_ask(&d->offer, d->host, d->port, error, sizeof(error));

	if (step > SSHOFFER_CONNECT) {
		text_addf(&d->seen, "%s port %s takes connections", d->host,
			  d->port);
		return OK;
	}
	text_puts(&d->seen, error);
	text_puts(&d->fix,
		  step == SSHOFFER_RESOLVE
			  ? "expected an address, or a name that this "
			    "host can resolve"
			  : "start the SSH server on the board: "
			    "systemctl start dropbear.socket, or sshd");
	return FAILED;
}

static enum state look_keys(struct doctor *d)
{
	char ours[SSHOFFER_LIST];
	struct spawn_child child;

	if (!d->offer.host_key[0]) {
		text_puts(&d->seen, "what answers there does not speak SSH as "
				    "it should");
		text_puts(&d->fix, "is this the right port? --port");
		return FAILED;
	}
	board_settings(&d->board, false, &child);
	board_setting(text_get(&child.out), "hostkeyalgorithms", ours,
		      sizeof(ours));
	spawn_free(&child);
	text_addf(&d->seen, "%s offers %.200s", d->offer.version,
		  d->offer.host_key);
	if (!ours[0] || sshoffer_common(d->offer.host_key, ours))
		return OK;
	text_puts(&d->seen, ", none of which ssh takes by default");
	text_addf(&d->fix, "tether ssh-config %s --install", d->board.name);
	return FAILED;
}

static const char probe[] = "echo \"tether-doctor $(date +%s)\"\n"
			    "for i in sha256sum cksum; do command -v $i; done\n"
			    "df -Pk . | tail -n 1\n";

static enum state look_login(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text command = { 0 };
	const char *advice;
	enum state state = OK;

	text_puts(&command, "exec sh -c ");
	text_quote(&command, probe);
	board_ssh(&d->board, &a, false);
	spawn_add(&a, command.at);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = SPAWN_NOTHING,
					       .timeout_ms = LOGIN_MS })) {
		text_add(&d->said, text_get(&child.out), child.out.len);
		text_tame(d->said.at);
		text_puts(&d->seen, "logged in");
	} else {
		advice = board_advice(text_get(&child.err));
		text_add(&d->seen, text_get(&child.err), child.err.len);
		text_chomp(&d->seen);
		if (d->seen.len)
			text_tame(d->seen.at);
		else
			spawn_describe(&child, &d->seen);
		text_puts(&d->fix, advice ? advice : "try `tether ssh`");
		if (sshoffer_dropbear_before(&d->offer, 2020, 79))
			text_puts(&d->fix, ". this Dropbear takes no Ed25519 "
					   "key");
		state = FAILED;
	}
	text_free(&command);
	spawn_free(&child);
	return state;
}

static enum state look_copy(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	bool sftp, tool = strstr(text_get(&d->said), "sha256sum") ||
			  strstr(text_get(&d->said), "cksum");

	board_ssh(&d->board, &a, false);
	a.n -= 2; /* -- HOST: the option has to stand before them */
	spawn_add(&a, "-s");
	spawn_add(&a, "--");
	spawn_add(&a, d->board.host);
	spawn_add(&a, "sftp");
	sftp = spawn_run(&child, &(struct spawn){ .args = &a,
						  .in = SPAWN_NOTHING,
						  .timeout_ms = LOGIN_MS });
	spawn_free(&child);
	if (!tool) {
		text_puts(&d->seen, "neither sha256sum nor cksum is there");
		text_puts(&d->fix, "BusyBox has both: CONFIG_SHA256SUM");
		return FAILED;
	}
	if (sftp) {
		text_puts(&d->seen, "tether deploy, sftp and scp work");
		return OK;
	}
	text_puts(&d->seen, "tether deploy works; there is no sftp-server");
	text_puts(&d->fix, "scp needs -O for this board");
	return NOTE;
}

static enum state look_clock(struct doctor *d)
{
	const char *at = strstr(text_get(&d->said), "tether-doctor ");
	long long there = at ? strtoll(at + 14, NULL, 10) : 0;
	long long off = there - (long long)time(NULL);

	if (there <= 0) {
		text_puts(&d->seen, "the board does not tell its time");
		return NOTE;
	}
	off = off < 0 ? -off : off;
	text_addf(&d->seen, "%lld s apart from this host's", off);
	if (off < CLOCK_S)
		return OK;
	text_addf(&d->fix,
		  "tether run date -s @%lld. make and TLS go wrong "
		  "by it",
		  (long long)time(NULL));
	return FAILED;
}

/* Word n of a line as a number; false: it is none. */
static bool number_at(const char *line, int n, uint64_t *value)
{
	char word[32];

	while (n--) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " "), line);
	return cli_number(word, 10, 0, UINT64_MAX, value);
}

static enum state look_disk(struct doctor *d)
{
	/* FILESYSTEM BLOCKS USED AVAILABLE CAPACITY% MOUNT, the last line */
	uint64_t size, available;
	const char *line;

	text_chomp(&d->said);
	line = strrchr(text_get(&d->said), '\n');
	if (!line || !number_at(line + 1, 1, &size) ||
	    !number_at(line + 1, 3, &available)) {
		text_puts(&d->seen, "the board does not tell its free space");
		return NOTE;
	}
	text_addf(&d->seen, "%llu MiB free of %llu",
		  (unsigned long long)available / 1024,
		  (unsigned long long)size / 1024);
	if (available >= DISK_KIB)
		return OK;
	text_puts(&d->fix, "make room on the board: du -x / | sort -n");
	return FAILED;
}

/* --- all of it --- */

static const struct step steps[] = {
	{ "device", look_device, true },
	{ "driver", look_driver, true },
	{ "interface", look_interface, true },
	{ "address", look_address, true },
	{ "ping", look_ping, true },
	{ "port", look_port, false },
	{ "host key", look_keys, false },
	{ "login", look_login, false },
	{ "copying", look_copy, true },
	{ "clock", look_clock, true },
	{ "disk", look_disk, true },
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]), REACHED = 5 };

struct finding {
	enum state state;
	struct text seen, fix;
};

static int first_failed(const struct finding f[STEPS])
{
	for (int i = 0; i < STEPS; i++)
		if (f[i].state == FAILED)
			return i;
	return -1;
}

static void look(struct doctor *d, struct finding f[STEPS])
{
	bool stop = false;

	for (int i = 0; i < STEPS; i++) {
		f[i].state = SKIPPED;
		if (stop || cli_interrupted)
			continue;
		f[i].state = steps[i].look(d);
		f[i].seen = d->seen;
		f[i].fix = d->fix;
		d->seen = d->fix = (struct text){ 0 };
		stop = f[i].state == FAILED && !steps[i].goes_on;
	}
	/* Reached by whatever way it is: the way is in order. */
	for (int i = 0; i < REACHED && f[REACHED].state == OK; i++)
		if (f[i].state == FAILED)
			f[i].state = NOTE;
}

static const char *const state_names[] = { "ok", "note", "skipped", "FAILED" };

static void print_all(const struct doctor *d, const struct finding f[STEPS])
{
	int failed = first_failed(f);
	const char *interface =
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
	printf("\nby hand, on Linux:  sudo ip addr add 192.168.7.1/24 dev %s\n"
	       "by hand, on macOS:  sudo ifconfig enX 192.168.7.1 netmask "
	       "255.255.255.0 up\n"
	       "without USB:        a network cable to the board, and --host "
	       "with its address there\n",
	       interface);
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
			     f[i].state == FAILED ? "failed"
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
	return failed < 0 ? EXIT_OK : DOCTOR_FIRST + failed;
}
