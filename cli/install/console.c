/* SPDX-License-Identifier: Apache-2.0 */
/* cfmakeraw() and B115200 are not in POSIX, but in every system. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "cli/install/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/install/console_answer.h"
#include "cli/board/cksum.h"
#include "cli/install/install_scripts.h"
#include "cli/progress.h"
#include "cli/spawn.h"

enum {
	CHUNK = 768, /* file bytes per request; a tty limits a line to 4 KiB */
	OCTAL_CHUNK = 240,
	PIECE = 200,	     /* characters of console.sh per line */
	PROMPTS_MAX = 3,     /* for a password that is not given */
	QUIET_MS = 700,	     /* silence that ends the output of a login */
	PROMPT_MS = 200,     /* silence that ends a prompt */
	ANSWER_MS = 2000,    /* in addition to the time on the line */
	TRIES = 90,	     /* attempts per request; a script may run long */
	LOGIN_MS = 120000,   /* a board may still boot */
	BYTES_PER_S = 11520, /* at 115200 baud */
	LINE = 2048,
	KEPT = 16384, /* bytes of received text */
};

/* --- line --- */

static int set_error(struct console *s, const char *what)
{
	snprintf(s->error, sizeof(s->error), "%s", what);
	return EXIT_FAILED;
}

static uint32_t sum_of(const void *data, size_t len)
{
	return cksum_final(cksum_update(0, data, len), len);
}

static int send_all(struct console *s, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(s->fd, data, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = s->fd, .events = POLLOUT };

			poll(&p, 1, 1000);
		} else if (n < 0 && errno != EINTR) {
			return set_error(s, strerror(errno));
		}
		if (n > 0) {
			data += n;
			len -= (size_t)n;
			s->sent += (uint64_t)n;
		}
		if (cli_interrupted)
			return set_error(s, "interrupted");
	}
	return EXIT_OK;
}

/* Receive for up to `ms`. Returns EXIT_FAILED if tether is interrupted or the
 * tty is gone. *got is set if bytes arrived. */
static int receive(struct console *s, int ms, bool *got)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	ssize_t n;

	*got = false;
	if (cli_interrupted)
		return set_error(s, "interrupted");
	if (poll(&p, 1, ms) <= 0)
		return EXIT_OK;
	n = read(s->fd, text_grow(&s->in, 1024), 1024);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return EXIT_OK;
	if (n <= 0)
		return set_error(s, n ? strerror(errno)
				      : "the tty was disconnected");
	for (ssize_t i = 0; i < n; i++) /* no zero bytes in text */
		if (!s->in.at[s->in.len + (size_t)i])
			s->in.at[s->in.len + (size_t)i] = '?';
	s->in.len += (size_t)n;
	s->in.at[s->in.len] = '\0';
	if (s->in.len > KEPT) {
		size_t more = s->in.len - KEPT / 2;

		memmove(s->in.at, s->in.at + more, KEPT / 2 + 1);
		s->in.len = KEPT / 2;
	}
	*got = true;
	return EXIT_OK;
}

static void discard_input(struct console *s)
{
	s->in.len = 0;
	if (s->in.at)
		s->in.at[0] = '\0';
}

/* Wait for an answer. NULL with error[0] set means that tether was interrupted
 * or the tty is gone. */
static char *wait_answer(struct console *s, const char *head, uint64_t ms)
{
	uint64_t until = spawn_now_ms() + ms, now;
	char *found;
	bool got;

	s->error[0] = '\0';
	while (!(found = console_answer_find(s->in.at, head)) &&
	       (now = spawn_now_ms()) < until)
		if (receive(s, (int)(until - now), &got))
			return NULL;
	return found;
}

/* Repeat a request until it is answered. */
static char *request(struct console *s, const char *function, const char *p,
		     const char *q, uint64_t ms)
{
	struct text body = { 0 }, line = { 0 };
	char *answer = NULL;
	char head[64];
	bool silent = false;

	text_addf(&body, "%s %s %s", function, p, q);
	text_addf(&line, "x %lu %s\n", (unsigned long)sum_of(body.at, body.len),
		  body.at);
	/* Match function and argument: a late answer belongs to an earlier
	 * request. */
	snprintf(head, sizeof(head), "%s%s%s", function, *p ? " " : "", p);
	ms += line.len * 1000 / BYTES_PER_S;
	for (int i = 0; i < TRIES && !answer; i++) {
		discard_input(s);
		s->again += i > 0;
		/* After silence, an empty line ends a damaged line whose line
		 * end was lost. */
		if ((silent && send_all(s, "\n", 1)) ||
		    send_all(s, line.at, line.len))
			break;
		answer = wait_answer(s, head, ms);
		if (!answer && s->error[0])
			break;
		silent = !answer;
		if (answer && !strcmp(answer, "no"))
			answer = NULL;
	}
	if (!answer && !s->error[0])
		(void)set_error(s,
				"the board stopped answering. Check the "
				"cable and try again; the transfer continues "
				"where it stopped");
	text_free(&body);
	text_free(&line);
	return answer;
}

/* --- login --- */

static bool ends_with(const struct text *t, const char *words)
{
	size_t n = strlen(words), len = t->len;

	while (len && (t->at[len - 1] == ' ' || t->at[len - 1] == '\r'))
		len--;
	return len >= n && !memcmp(t->at + len - n, words, n);
}

static bool is_prompt(const struct text *t)
{
	return t->len && (ends_with(t, "ogin:") || ends_with(t, "assword:") ||
			  ends_with(t, "#") || ends_with(t, "$"));
}

/* Receive until the line is silent. */
static int receive_all(struct console *s)
{
	bool got = true;

	for (int i = 0; i < 64 && got; i++)
		if (receive(s, is_prompt(&s->in) ? PROMPT_MS : QUIET_MS, &got))
			return EXIT_FAILED;
	return EXIT_OK;
}

static int start_loop(struct console *s)
{
	size_t size = strlen(install_script_console);
	struct text line = { 0 };
	int status;

	/* Line editors of small shells take at most 1 KiB. */
	for (size_t at = 0; at < size; at += PIECE)
		text_addf(&line, "%s'%.*s'\n", at ? "L=$L" : "L=", PIECE,
			  install_script_console + at);
	text_addf(&line,
		  "D=%s;[ \"$(printf %%s \"$L\"|cksum)\" = \"%lu %zu\" ]"
		  "&&eval \"$L\"\n",
		  s->folder,
		  (unsigned long)sum_of(install_script_console, size), size);
	discard_input(s);
	status = send_all(s, line.at, line.len);
	/* Allow time for the echo: the line editor returns every byte. */
	if (!status)
		s->up = wait_answer(s, "up",
				    ANSWER_MS + line.len * 3000 / BYTES_PER_S);
	if (!status && !s->up && !s->error[0])
		status = send_all(s, "\003\n", 2); /* leave an open quote */
	text_free(&line);
	return status;
}

/* Answer the prompt that is on the console now. */
static int answer_prompt(struct console *s, const char *user,
			 const char *password)
{
	struct text word = { 0 };
	int status = EXIT_OK;

	if (ends_with(&s->in, "ogin:")) {
		text_addf(&word, "%s\n", user);
	} else if (ends_with(&s->in, "assword:")) {
		/* Answer the first prompts even without a password: login may
		 * have read a line that was meant for a shell as a name. */
		if (!password && ++s->prompts >= PROMPTS_MAX)
			return set_error(s,
					 "the board asks for a password. Set "
					 "TETHER_PASSWORD");
		text_addf(&word, "%s\n", password ? password : "");
	} else if (s->in.len) {
		return start_loop(s);
	} else {
		text_puts(&word, "\n");
	}
	discard_input(s);
	status = send_all(s, word.at, word.len);
	text_free(&word);
	return status;
}

static int log_in(struct console *s, const char *user, const char *password)
{
	uint64_t until = spawn_now_ms() + LOGIN_MS;
	int status = send_all(s, "\003\n", 2);

	while (!status && !s->up && spawn_now_ms() < until) {
		status = receive_all(s);
		/* A console.sh that still runs from an earlier call answers
		 * "no", which counts as an answer. */
		s->up = !status && console_answer_find(s->in.at, "up");
		if (!status && !s->up)
			status = answer_prompt(s, user, password);
	}
	if (s->up)
		return EXIT_OK;
	if (status)
		return status;
	if (!s->in.len)
		return set_error(s,
				 "the board sends nothing. Check the cable, "
				 "the board's power, and that its console has "
				 "115200 baud");
	return set_error(s, "no shell answers on the board's console. Check "
			    "the user's name (--user), and that the board has "
			    "cksum");
}

/* --- interface --- */

static int configure_tty(struct console *s)
{
	struct termios t;

	if (tcgetattr(s->fd, &t))
		return set_error(s, "not a tty");
	cfmakeraw(&t);
	t.c_cflag &= (tcflag_t) ~(CSTOPB | PARENB);
	t.c_cflag |= CLOCAL | CREAD | CS8;
	cfsetispeed(&t, B115200);
	cfsetospeed(&t, B115200);
	if (tcsetattr(s->fd, TCSANOW, &t))
		return set_error(s, strerror(errno));
	return EXIT_OK;
}

int console_open(struct console *s, const char *tty, const char *user,
		 const char *password)
{
	const char *folder = s->folder;
	char *answer;
	int status;

	*s = (struct console){ .folder = folder };
	s->fd = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0)
		return set_error(s, strerror(errno));
	status = configure_tty(s);
	if (!status)
		status = log_in(s, user, password);
	if (status)
		return status;
	answer = request(s, "b", "", "", ANSWER_MS);
	s->octal = answer && !strncmp(answer, "b 0", 3);
	return answer ? EXIT_OK : EXIT_FAILED;
}

static void encode_base64(const unsigned char *data, size_t len, char *to)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
				     "mnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned int n = (unsigned int)data[i] << 16;

		if (i + 1 < len)
			n |= (unsigned int)data[i + 1] << 8;
		if (i + 2 < len)
			n |= data[i + 2];
		*to++ = digits[n >> 18];
		*to++ = digits[n >> 12 & 63];
		*to++ = '=';
		*to++ = '=';
		if (i + 1 < len)
			to[-2] = digits[n >> 6 & 63];
		if (i + 2 < len)
			to[-1] = digits[n & 63];
	}
	*to = '\0';
}

static void encode_octal(const unsigned char *data, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++)
		to += snprintf(to, 4, "%03o", data[i]);
}

/* Send the data from offset `at`. */
static int send_rest(struct console *s, const unsigned char *data, size_t at,
		     size_t len)
{
	char line[LINE], offset[24];
	size_t most = s->octal ? OCTAL_CHUNK : CHUNK;

	while (at < len) {
		size_t n = len - at < most ? len - at : most;
		const char *answer;
		uint64_t size;

		(s->octal ? encode_octal : encode_base64)(data + at, n, line);
		snprintf(offset, sizeof(offset), "%zu", at);
		answer = request(s, s->octal ? "u" : "t", offset, line,
				 ANSWER_MS);
		if (!answer)
			return EXIT_FAILED;
		if (!console_answer_numbers(answer, &size, NULL) ||
		    size != at + n)
			return set_error(s,
					 "the board cannot write the file. "
					 "Its disk may be full or read-only");
		at += n;
		if (s->cli)
			progress_show(s->cli, s->what, PROGRESS_BYTES, at, len);
	}
	return EXIT_OK;
}

/* Find how many bytes of the file the board already has. If they differ from
 * the data, truncate the file. */
static int find_start(struct console *s, const char *name, const void *data,
		      size_t len, size_t *at)
{
	const char *answer = request(s, "o", name, "", ANSWER_MS);
	uint64_t sum = 0, size = 0;

	*at = 0;
	if (!answer)
		return EXIT_FAILED;
	if (console_answer_numbers(answer, &sum, &size) && size <= len &&
	    sum == sum_of(data, (size_t)size)) {
		*at = (size_t)size;
		return EXIT_OK;
	}
	return request(s, "z", name, "", ANSWER_MS) ? EXIT_OK : EXIT_FAILED;
}

int console_put(struct console *s, const char *name, const void *data,
		size_t len)
{
	int status = EXIT_OK;
	size_t at = 0;

	/* Repeat until the checksum of the whole file is right. */
	for (int i = 0; i < 3; i++) {
		status = find_start(s, name, data, len, &at);
		if (status || at == len)
			break;
		status = send_rest(s, data, at, len);
		if (status)
			break;
	}
	progress_end();
	if (!status && at < len)
		status =
			set_error(s, "the checksum of the file was wrong three "
				     "times");
	return status;
}

int console_run(struct console *s, const char *script, struct text *out,
		int *code)
{
	static unsigned int turn;
	char tag[40], number[16];
	const char *answer;
	uint64_t first = 0, second = 0;
	int lines, status;

	s->cli = NULL; /* scripts are short */
	status = console_put(s, "script", script, strlen(script));
	if (status)
		return status;
	snprintf(tag, sizeof(tag), "%llu.%u",
		 (unsigned long long)spawn_now_ms(), ++turn);
	/* Requests repeated while the script runs are answered when the script
	 * ends. */
	answer = request(s, "r", tag, "", ANSWER_MS);
	if (!answer)
		return EXIT_FAILED;
	if (!console_answer_numbers(answer, &first, &second) || first > 255 ||
	    second > INT_MAX)
		return set_error(s, "the board sent a malformed answer");
	*code = (int)first;
	lines = (int)second;
	for (int i = 1; i <= lines; i++) {
		size_t n;

		snprintf(number, sizeof(number), "%d", i);
		answer = request(s, "g", number, "", ANSWER_MS);
		if (!answer)
			return EXIT_FAILED;
		n = strlen(number) + 3;
		text_puts(out, strlen(answer) >= n ? answer + n : "");
		text_puts(out, "\n");
	}
	return EXIT_OK;
}

void console_close(struct console *s)
{
	if (s->fd < 0)
		return;
	if (s->in.at && !s->error[0])
		(void)request(s, "q", "", "", ANSWER_MS);
	close(s->fd);
	s->fd = -1;
	text_free(&s->in);
}
