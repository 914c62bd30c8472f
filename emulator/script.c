/* SPDX-License-Identifier: Apache-2.0 */
/* Parses and runs the steps of a scripted USB host. */
#include "emulator/script.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/err.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/usb/replay.h"
#include "posix/parse.h"

enum {
	LINE_MAX_CHARS = 16384,
	WORDS_MAX = 12,
	DATA_MAX = 4096,
	TIMEOUT_US = 5000000,
	MS_MAX = 100000000,
	POLL_US = 100,
	/* Pauses of a host, USB 2.0 7.1.7.5 (TRSTRCY) and 9.2.6.3. */
	RESET_US = 10000,
	ADDRESS_US = 2000,
	SET_ADDRESS = 5,
};

struct words {
	unsigned int count;
	char *word[WORDS_MAX];
	char *expected; /* the text behind "=>", or NULL */
	char text[LINE_MAX_CHARS];
};

static int set_error(struct script *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int set_error(struct script *s, const char *format, ...)
{
	va_list args;
	int n = snprintf(s->error, sizeof(s->error), "%s:%u: ", s->name,
			 s->line);

	va_start(args, format);
	vsnprintf(s->error + n, sizeof(s->error) - (size_t)n, format, args);
	va_end(args);
	return ERR_INVALID;
}

/* Decode hex digits. Returns the number of bytes; -1: malformed or too long. */
static int decode_hex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;

	if (!strcmp(text, "-"))
		return 0;
	return parse_hex_bytes(text, "", out, cap, &n) ? -1 : (int)n;
}

/* --- waiting --- */

static bool is_over(const struct script *s)
{
	return s->host->emu->failed || s->host->emu->ended;
}

/* Run the board until `condition` holds or `us` of virtual time have passed.
 * Returns whether it holds. */
static bool wait_until(struct script *s,
		       bool (*condition)(struct script *, void *), void *ctx,
		       uint64_t us)
{
	struct emu *e = s->host->emu;
	uint64_t end = emu_now(e) + us * EMU_US;

	while (!condition(s, ctx)) {
		uint64_t now = emu_now(e);

		if (is_over(s) || now >= end)
			return condition(s, ctx);
		cpu_run(s->host->cpu, now + POLL_US * EMU_US < end
					      ? now + POLL_US * EMU_US
					      : end);
		if (emu_now(e) == now) /* --max-insns is reached */
			return condition(s, ctx);
	}
	return true;
}

static bool is_ready(struct script *s, void *ctx)
{
	(void)ctx;
	return emu_host_ready(s->host);
}

/* The condition of a wait that only its time limit ends. */
static bool is_never(struct script *s, void *ctx)
{
	(void)s;
	(void)ctx;
	return false;
}

static bool is_complete(struct script *s, void *ctx)
{
	(void)s;
	return *(bool *)ctx;
}

static bool is_printed(struct script *s, void *ctx)
{
	rtt_reader_poll(s->rtt);
	return strstr(s->rtt->text, ctx);
}

/* --- transfers --- */

static void on_complete(struct usbserve_urb *u)
{
	*(bool *)u->owner = true;
}

static void to_hex(char *to, size_t cap, const uint8_t *data, uint32_t len)
{
	size_t n = 0;

	*to = '\0';
	for (uint32_t i = 0; i < len && n + 3 < cap; i++)
		n += (size_t)snprintf(to + n, cap - n, "%02x", data[i]);
}

/* Compare hex digits; "?" matches any digit and a final "*" any rest. */
static bool matches(const char *expected, const char *got)
{
	for (; *expected && *expected != '*'; expected++, got++)
		if (*expected != '?' && tolower(*expected) != tolower(*got))
			return false;
	return *expected == '*' || !*got;
}

/* Compare the result of a transfer with the result that the step expects. */
static int check_result(struct script *s, const struct words *w,
			const struct usbserve_urb *u)
{
	static char got[2 * DATA_MAX + 1];
	bool in = u->endpoint & 0x80 || u->setup[0] & 0x80;

	if (u->status == -EPIPE)
		strcpy(got, "stall");
	else if (u->status == -ECONNRESET)
		strcpy(got, "nak");
	else if (u->status)
		snprintf(got, sizeof(got), "error %s", strerror(-u->status));
	else if (in && (u->actual || (u->endpoint & 15)))
		to_hex(got, sizeof(got), u->data, u->actual);
	else
		strcpy(got, "ok");
	if (!w->expected && !u->status)
		return ERR_OK;
	if (w->expected && matches(w->expected, got))
		return ERR_OK;
	return set_error(s, "expected %.300s, got %.300s",
			 w->expected ? w->expected : "ok", got);
}

/* Do a transfer. Cancel it when the time limit of a step is over. */
static int run_transfer(struct script *s, const struct words *w,
			struct usbserve_urb *u)
{
	bool done = false;

	u->owner = &done;
	u->complete = on_complete;
	emu_host_ops.submit(s->host, u);
	if (!wait_until(s, is_complete, &done, s->timeout_us))
		emu_host_ops.cancel(s->host, u);
	return is_over(s) ? ERR_INVALID : check_result(s, w, u);
}

static void pass_time(struct script *s, uint64_t us)
{
	(void)wait_until(s, is_never, NULL, us);
}

/* control SETUP [DATA] [=> ANSWER] */
static int do_control(struct script *s, const struct words *w)
{
	static uint8_t data[65536];
	struct usbserve_urb u = { .data = data };
	int n, err;

	if (w->count < 2 || decode_hex(w->word[1], u.setup, 8) != 8)
		return set_error(
			s, "control expects a SETUP packet: 16 hex digits");
	u.endpoint = u.setup[0] & 0x80;
	u.length = u.setup[6] | (uint32_t)u.setup[7] << 8;
	if (w->count > 2) {
		n = decode_hex(w->word[2], data, sizeof(data));
		if (n < 0 || (uint32_t)n != u.length)
			return set_error(
				s,
				"control: the data must have wLength bytes, %u",
				u.length);
	}
	err = run_transfer(s, w, &u);
	if (!u.setup[0] && u.setup[1] == SET_ADDRESS)
		pass_time(s, ADDRESS_US);
	return err;
}

/* out EP DATA [zlp] [=> stall|nak] */
static int do_out(struct script *s, const struct words *w)
{
	static uint8_t data[DATA_MAX];
	struct usbserve_urb u = { .data = data };
	int n = w->count > 2 ? decode_hex(w->word[2], data, sizeof(data)) : -1;
	uint64_t endpoint;

	if (n < 0 || parse_number(w->word[1], 0, 0, 15, &endpoint))
		return set_error(
			s, "out expects an endpoint and data: hex digits, "
			   "or - for none");
	u.endpoint = (uint8_t)endpoint;
	u.length = (uint32_t)n;
	u.zero_packet = w->count > 3 && !strcmp(w->word[3], "zlp");
	return run_transfer(s, w, &u);
}

/* in EP LENGTH [=> HEX|stall|nak] */
static int do_in(struct script *s, const struct words *w)
{
	static uint8_t data[DATA_MAX];
	struct usbserve_urb u = { .data = data };
	uint64_t endpoint, length;

	if (w->count < 3 || parse_number(w->word[1], 0, 0, 0x8f, &endpoint) ||
	    parse_number(w->word[2], 0, 0, UINT32_MAX, &length))
		return set_error(s, "in expects an endpoint and a length");
	u.endpoint = (uint8_t)(0x80 | (endpoint & 15));
	u.length = (uint32_t)length;
	if (u.length > DATA_MAX)
		return set_error(s, "in: the length is %u bytes at most",
				 DATA_MAX);
	return run_transfer(s, w, &u);
}

/* --- the bus and the board --- */

static int wait_ready(struct script *s)
{
	if (wait_until(s, is_ready, NULL, 2 * s->timeout_us)) {
		pass_time(s, RESET_US);
		return ERR_OK;
	}
	return set_error(s, dwc2_attached(s->host->device)
				    ? "the device did not complete the bus "
				      "reset in time; see --trace usb"
				    : "the device did not soft-connect in "
				      "time; see --trace usb,irq");
}

static int do_connect(struct script *s, const struct words *w)
{
	(void)w;
	emu_host_ops.reset(s->host, true);
	return wait_ready(s);
}

static int do_unplug(struct script *s, const struct words *w)
{
	(void)w;
	emu_host_ops.reset(s->host, false);
	return ERR_OK;
}

static int do_suspend(struct script *s, const struct words *w)
{
	(void)w;
	emu_host_suspend(s->host);
	return ERR_OK;
}

static int do_resume(struct script *s, const struct words *w)
{
	(void)w;
	emu_host_resume(s->host);
	return ERR_OK;
}

/* Milliseconds, with an optional fraction. */
static bool parse_ms(const struct words *w, uint64_t *us)
{
	double ms;

	if (w->count < 2 || parse_decimal(w->word[1], 0, MS_MAX, &ms))
		return false;
	*us = (uint64_t)(ms * 1000);
	return true;
}

static int do_sleep(struct script *s, const struct words *w)
{
	uint64_t us;

	if (!parse_ms(w, &us))
		return set_error(s, "sleep expects milliseconds");
	pass_time(s, us);
	return ERR_OK;
}

static int do_timeout(struct script *s, const struct words *w)
{
	if (!parse_ms(w, &s->timeout_us))
		return set_error(s, "timeout expects milliseconds");
	return ERR_OK;
}

/* rtt => TEXT: RTT has printed TEXT, or prints it within the time limit. */
static int do_rtt(struct script *s, const struct words *w)
{
	if (!w->expected)
		return set_error(s, "rtt expects => and a text");
	if (wait_until(s, is_printed, w->expected, s->timeout_us))
		return ERR_OK;
	return set_error(s,
			 "RTT did not print \"%.100s\" in time; its last "
			 "output: %.300s",
			 w->expected,
			 s->rtt->text + (s->rtt->length > 300
						 ? s->rtt->length - 300
						 : 0));
}

static int do_button(struct script *s, const struct words *w)
{
	if (w->count < 2)
		return set_error(s, "button expects on or off");
	gpio_press_button(s->board->gpio, !strcmp(w->word[1], "on"));
	return ERR_OK;
}

/* led N => on|off */
static int do_led(struct script *s, const struct words *w)
{
	uint64_t n = 0;
	bool on;

	if (w->count < 2 || parse_number(w->word[1], 0, 1, 3, &n) ||
	    !w->expected)
		return set_error(s, "led expects 1, 2 or 3, then => on or off");
	on = s->board->gpio->led[n - 1];
	if (!strcmp(w->expected, on ? "on" : "off"))
		return ERR_OK;
	return set_error(s, "expected LD%u %s, it is %s", (unsigned int)n,
			 w->expected, on ? "on" : "off");
}

static int do_press_reset(struct script *s, const struct words *w)
{
	(void)w;
	emu_request_reset(s->host->emu, EMU_RESET_PIN);
	return ERR_OK;
}

/* defect crystal,flash-read:1000 */
static int do_defect(struct script *s, const struct words *w)
{
	if (w->count == 2 &&
	    !defect_parse(&s->board->machine.defects, w->word[1]))
		return ERR_OK;
	return set_error(s, "defect expects none, or some of crystal, usb33, "
			    "flash-busy and flash-read:N, separated by commas");
}

static const struct {
	const char *name;
	int (*run)(struct script *, const struct words *);
} steps[] = {
	{ "connect", do_connect }, { "reset", do_connect },
	{ "unplug", do_unplug },   { "suspend", do_suspend },
	{ "resume", do_resume },   { "control", do_control },
	{ "out", do_out },	   { "in", do_in },
	{ "sleep", do_sleep },	   { "timeout", do_timeout },
	{ "rtt", do_rtt },	   { "button", do_button },
	{ "led", do_led },	   { "press-reset", do_press_reset },
	{ "defect", do_defect },
};

/* --- lines --- */

static void split(struct words *w)
{
	char *arrow = strstr(w->text, "=>"), *save = NULL;

	w->count = 0;
	w->expected = NULL;
	if (arrow) {
		*arrow = '\0';
		w->expected = arrow + 2 + strspn(arrow + 2, " \t");
	}
	for (char *t = strtok_r(w->text, " \t", &save);
	     t && w->count < WORDS_MAX; t = strtok_r(NULL, " \t", &save))
		w->word[w->count++] = t;
}

static int run_line(struct script *s, struct words *w)
{
	split(w);
	if (!w->count || *w->word[0] == '#')
		return ERR_OK;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (!strcmp(w->word[0], steps[i].name))
			return steps[i].run(s, w);
	return set_error(s,
			 "unknown step \"%s\" (docs/emulator.md lists the "
			 "steps)",
			 w->word[0]);
}

/* Copy a line into w->text without trailing space. Returns the next line. */
static const char *copy_line(struct words *w, const char *text)
{
	size_t n = strcspn(text, "\n"), keep = n;

	if (keep >= sizeof(w->text))
		keep = sizeof(w->text) - 1;
	memcpy(w->text, text, keep);
	while (keep && isspace((unsigned char)w->text[keep - 1]))
		keep--;
	w->text[keep] = '\0';
	return text + n + (text[n] == '\n');
}

/* "repeat N" runs the lines before "again" N times. */
static int run_lines(struct script *s, const char *text)
{
	static struct words w;
	const char *begin = NULL, *next;
	uint64_t times = 0;
	unsigned int begin_line = 0;
	int err = ERR_OK;

	for (; *text && !err && !is_over(s); text = next) {
		next = copy_line(&w, text);
		s->line++;
		if (!strncmp(w.text, "repeat ", 7)) {
			if (parse_number(w.text + 7, 0, 0, UINT32_MAX, &times))
				err = set_error(s, "repeat expects a number");
			begin = next;
			begin_line = s->line;
		} else if (!strcmp(w.text, "again")) {
			if (begin && times-- > 1) {
				next = begin;
				s->line = begin_line;
			}
		} else {
			err = run_line(s, &w);
		}
	}
	return is_over(s) && s->host->emu->failed ? ERR_INVALID : err;
}

int script_run(struct script *s, const char *text)
{
	s->line = 0;
	*s->error = '\0';
	if (!s->timeout_us)
		s->timeout_us = TIMEOUT_US;
	if (*text == '@')
		return replay_run(s->host, s->name, text, s->error,
				  sizeof(s->error));
	return run_lines(s, text);
}
