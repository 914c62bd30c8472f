/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/process/process.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "ports/process/hash_thread.h"
#include "posix/checksum_cpu.h"
#include "posix/parse.h"
#include "version.h"

static volatile sig_atomic_t stopped;
static uint32_t started_ms;
/* The clock after the loop's first turn; NULL before. */
static const struct loop *clock_loop;

void process_end(void)
{
	stopped = 1;
}

uint32_t process_now_ms(void)
{
	uint32_t now = clock_loop ? clock_loop->now_ms : clock_now_ms();

	if (!started_ms)
		started_ms = now;
	return now - started_ms;
}

/* Derive the id by a hash, as machine-id(5) forbids to expose the machine id
 * itself. */
static void derive_device_id(uint8_t uid[DEVICE_ID_SIZE])
{
	static const char purpose[] = "tether usbnvme device id";
	uint8_t mac[SHA256_SIZE];
	char text[256] = { 0 };
	FILE *f = fopen("/etc/machine-id", "re");

	if (!f || !fgets(text, sizeof(text), f) || text[0] == '\n')
		(void)gethostname(text, sizeof(text) - 1);
	if (f)
		fclose(f);
	sha256_hmac(purpose, sizeof(purpose) - 1, text, strcspn(text, "\n"),
		    mac);
	memcpy(uid, mac, DEVICE_ID_SIZE);
}

void process_derive_device_id(const struct process_options *o,
			      unsigned int number, uint8_t uid[DEVICE_ID_SIZE])
{
	if (o->uid_given)
		memcpy(uid, o->uid, DEVICE_ID_SIZE);
	else
		derive_device_id(uid);
	for (int i = DEVICE_ID_SIZE - 1; i >= 0 && number; i--) {
		number += uid[i];
		uid[i] = (uint8_t)number;
		number >>= 8;
	}
}

static void save_state(void *process)
{
	process_save_drive(process, false);
}

/* Start the hash thread if there is a second processor. NULL: hash in the
 * loop. */
static const struct pldm_hasher *start_hash_thread(void)
{
	static struct hash_thread hasher;
	static struct pldm_hasher calls;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || hash_thread_start(&hasher))
		return NULL;
	calls = hash_thread_hasher(&hasher);
	return &calls;
}

struct device *process_create_device(struct process *p, unsigned int number)
{
	static struct device device;
	const struct process_options *o = &p->options;
	bool pldm_file = DEVICE_PLDM_FILE && o->pldm_file;
	uint8_t uid[DEVICE_ID_SIZE];
	const struct device_config config = {
		.device_id = uid,
		.version = TETHER_VERSION,
		.git = TETHER_GIT,
		.serial = o->backend == PROCESS_SERIAL,
		.dsp0283 = o->dsp0283,
		.packing = o->packing,
		.echo = true,
		.bench = true,
		.pldm_file = pldm_file,
		.hasher = pldm_file ? start_hash_thread() : NULL,
		.log_level = o->log_level,
		.model = &p->model,
		.save = o->state ? save_state : NULL,
		.save_ctx = p,
	};

	checksum_cpu_enable();
	process_derive_device_id(o, number, uid);
	process_number_drive(p, number);
	if (device_init(&device, &config)) {
		fputs("usbnvme: cannot initialize the device\n", stderr);
		return NULL;
	}
	log_sink_init(&p->sink, &device.log, LOG_LEVEL_TRACE);
	process_start_simulation(p, &device);
	p->control.simulator = &p->simulator;
	p->control.now_ms = process_now_ms;
	if (o->control && sim_socket_start(&p->control, &p->loop, o->control)) {
		fprintf(stderr, "usbnvme: --control %s: cannot listen: %s\n",
			o->control, strerror(errno));
		return NULL;
	}
	p->device = &device;
	process_capture_device(p, number);
	return p->device;
}

/* bcdDevice of the version: "0.1.0" is 0010. */
static uint16_t release_number(void)
{
	uint64_t number[3] = { 0 }; /* major, minor, patch */
	const char *at = TETHER_VERSION;

	for (int i = 0; i < 3; i++) {
		if (parse_next(&at, 10, UINT16_MAX, &number[i]) || *at != '.')
			break;
		at++;
	}
	return (uint16_t)((number[0] / 10 % 10) << 12 | (number[0] % 10) << 8 |
			  (number[1] % 10) << 4 | number[2] % 10);
}

struct usb_identity process_usb_identity(const struct process_options *o,
					 const struct device *d)
{
	return (struct usb_identity){
		.vendor = o->vendor,
		.product = o->product,
		.release = release_number(),
		.manufacturer = o->manufacturer,
		.product_name = o->product_name,
		.serial = d->serial,
		.features = (TETHER_FEATURE_MCTP ? USB_FEATURE_MCTP : 0) |
			    (TETHER_FEATURE_LOG ? USB_FEATURE_LOG : 0),
		.span = o->dsp0283 == MCTP_USB_1_1,
	};
}

static void write_log(struct process *p)
{
	char text[4096];
	size_t n;
	bool line_start = true;

	while ((n = log_sink_pull(&p->sink, text, sizeof(text))) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (line_start)
				fputs(p->log_prefix, stderr);
			putc(text[i], stderr);
			line_start = text[i] == '\n';
		}
	}
	fflush(stderr);
}

bool process_turn(struct process *p, int *status)
{
	uint32_t wait = PROCESS_TICK_MS;

	*status = 0;
	if (p->device)
		wait = process_poll_simulation(p);
	if (wait > PROCESS_TICK_MS)
		wait = PROCESS_TICK_MS;
	write_log(p);
	process_flush_capture(p);
	/* Save changes by time or the control socket. A change by a command is
	 * already saved before its response. */
	if (p->device)
		process_save_drive(p, false);
	if (stopped)
		return false;
	clock_loop = &p->loop;
	if (loop_turn(&p->loop, (int)wait)) {
		perror("usbnvme: cannot wait for events");
		*status = 1;
		return false;
	}
	return true;
}

/* Log all counters that are not zero. */
static void log_counters(struct device *d)
{
	for (int i = 0; i < MCTP_COUNTERS; i++)
		if (d->mctp.count[i])
			log_write(&d->log, LOG_LEVEL_DEBUG,
				  "counted %s: %" PRIu32,
				  mctp_counter_name((enum mctp_counter)i),
				  d->mctp.count[i]);
	for (int i = 0; i < MCTP_USB_COUNTERS; i++)
		if (d->usb.count[i])
			log_write(
				&d->log, LOG_LEVEL_DEBUG,
				"counted %s: %" PRIu32,
				mctp_usb_counter_name((enum mctp_usb_counter)i),
				d->usb.count[i]);
}

void process_finish(struct process *p)
{
	if (p->device) {
		log_counters(p->device);
		process_save_drive(p, true);
		if (p->options.control)
			sim_socket_stop(&p->control);
	}
	process_close_capture(p);
	write_log(p);
}
