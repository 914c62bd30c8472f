/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/saved_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "posix/atomic_file.h"

/* Format: the header, then the lines "mac MAC", "host-mac MAC", "migrated NAME"
 * and "taken NAME" (taken_over). One line for each step of the stock gadget's
 * recipe follows: "OPERATION\tsoft|hard\tPATH\tVALUE". */
#define HEADER "tetherd 1\n"
enum { FILE_MAX = 65536, LINE_SIZE = 600 };

void saved_state_init(struct saved_state *s)
{
	memset(s, 0, offsetof(struct saved_state, stock));
	steps_init(&s->stock);
}

/* The path cannot leave the folder usb_gadget. */
static bool is_relative(const char *path)
{
	return path[0] && path[0] != '/' && !strstr(path, "..");
}

static int parse_step(struct saved_state *s, char *line)
{
	char *field[4];

	for (int i = 0; i < 4; i++)
		if (!(field[i] = strsep(&line, "\t")))
			return ERR_INVALID;
	if (line || steps_find_op(field[0]) == STEP_OPS ||
	    !is_relative(field[2]))
		return ERR_INVALID;
	if (!strcmp(field[1], "soft"))
		steps_add_soft(&s->stock, steps_find_op(field[0]), field[2],
			       field[3]);
	else
		steps_add(&s->stock, steps_find_op(field[0]), field[2],
			  field[3]);
	return s->stock.full ? ERR_INVALID : ERR_OK;
}

static int parse_name(char out[CONFIG_NAME], const char *name)
{
	size_t len = strlen(name);

	if (!is_relative(name) || len >= CONFIG_NAME)
		return ERR_INVALID;
	memcpy(out, name, len + 1);
	return ERR_OK;
}

static int parse_line(struct saved_state *s, char *line)
{
	if (!strncmp(line, "mac ", 4)) {
		s->has_mac = address_parse_mac(line + 4, s->mac);
		return s->has_mac ? ERR_OK : ERR_INVALID;
	}
	if (!strncmp(line, "host-mac ", 9)) {
		s->has_host_mac = address_parse_mac(line + 9, s->host_mac);
		return s->has_host_mac ? ERR_OK : ERR_INVALID;
	}
	if (!strncmp(line, "migrated ", 9))
		return parse_name(s->migrated, line + 9);
	if (!strncmp(line, "taken ", 6))
		return parse_name(s->taken_over, line + 6);
	return parse_step(s, line);
}

int saved_state_parse(struct saved_state *s, const char *text, size_t len)
{
	const char *end = text + len;
	char line[LINE_SIZE];

	saved_state_init(s);
	if (len < strlen(HEADER) || memcmp(text, HEADER, strlen(HEADER)) != 0)
		return ERR_INVALID;
	text += strlen(HEADER);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = newline ? (size_t)(newline - text) : sizeof(line);

		if (n >= sizeof(line) || memchr(text, '\0', n))
			break;
		memcpy(line, text, n);
		line[n] = '\0';
		if (parse_line(s, line))
			break;
		text = newline + 1;
	}
	if (text == end)
		return ERR_OK;
	saved_state_init(s);
	return ERR_INVALID;
}

int saved_state_load(struct saved_state *s, const char *path)
{
	static char text[FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	saved_state_init(s);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return ERR_IO;
	return saved_state_parse(s, text, (size_t)n);
}

bool saved_state_record(struct saved_state *s, const char *name,
			const struct steps *recipe)
{
	bool first = !s->migrated[0];
	bool changed = strcmp(s->taken_over, name) != 0;

	snprintf(s->taken_over, sizeof(s->taken_over), "%.63s", name);
	if (!first && strcmp(s->migrated, name) != 0)
		return changed;
	snprintf(s->migrated, sizeof(s->migrated), "%.63s", name);
	steps_init(&s->stock);
	steps_append(&s->stock, recipe);
	return true;
}

static int make_parents(const char *path)
{
	char part[ATOMIC_FILE_PATH];

	snprintf(part, sizeof(part), "%s", path);
	for (char *c = part + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -1;
		*c = '/';
	}
	return 0;
}

int saved_state_store(const struct saved_state *s, const char *path)
{
	struct atomic_file f;
	char mac[MAC_TEXT];

	if (make_parents(path) || atomic_file_open(&f, path, 0600))
		return ERR_IO;
	fputs(HEADER, f.stream);
	if (s->has_mac) {
		address_format_mac(s->mac, mac);
		fprintf(f.stream, "mac %s\n", mac);
	}
	if (s->has_host_mac) {
		address_format_mac(s->host_mac, mac);
		fprintf(f.stream, "host-mac %s\n", mac);
	}
	if (s->migrated[0])
		fprintf(f.stream, "migrated %s\n", s->migrated);
	if (s->taken_over[0] && strcmp(s->taken_over, s->migrated) != 0)
		fprintf(f.stream, "taken %s\n", s->taken_over);
	for (size_t i = 0; s->migrated[0] && i < s->stock.count; i++)
		fprintf(f.stream, "%s\t%s\t%s\t%s\n",
			steps_op_name((enum step_op)s->stock.step[i].op),
			s->stock.step[i].soft ? "soft" : "hard",
			steps_path(&s->stock, i), steps_value(&s->stock, i));
	return atomic_file_commit(&f);
}
