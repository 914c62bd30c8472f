/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usbfile.h"

#include <ctype.h>
#include <string.h>

#include "base/wire.h"
#include "posix/parse.h"

enum {
	DEVICE = 1,
	CONFIGURATION = 2,
	STRING = 3,
	HEX_MOST = 65536, /* bytes of a dump */
};

void usbfile_add_configuration(struct usbfile *f, int index,
			       const uint8_t *data, size_t len)
{
	int i = index < 0 ? f->configurations : index;

	if (i >= USBFILE_CONFIGURATIONS || len > USBFILE_LENGTH ||
	    len <= f->configuration[i].len)
		return;
	memcpy(f->configuration[i].data, data, len);
	f->configuration[i].len = len;
	if (i >= f->configurations)
		f->configurations = i + 1;
}

void usbfile_add_string(struct usbfile *f, uint8_t index, const uint8_t *data,
			size_t len)
{
	struct rd r = rd_init(data, len);
	size_t size = rd_u8(&r), n = 0;
	char *text;

	if (rd_u8(&r) != STRING || !rd_ok(&r) || !index ||
	    index >= USBFILE_STRINGS || size > len || size < 2)
		return;
	text = f->string[index];
	for (size_t i = 2; i + 1 < size && n + 1 < USBFILE_TEXT; i += 2) {
		uint16_t c = rd_le16(&r);

		text[n] = '?';
		if (c >= ' ' && c <= '~')
			text[n] = (char)c;
		n++;
	}
	text[n] = '\0';
}

void usbfile_split(struct usbfile *f, const uint8_t *data, size_t len)
{
	if (len < USBFILE_DEVICE || data[0] != USBFILE_DEVICE ||
	    data[1] != DEVICE)
		return;
	memcpy(f->device, data, USBFILE_DEVICE);
	f->has_device = true;
	data += USBFILE_DEVICE;
	len -= USBFILE_DEVICE;
	while (len >= 4 && data[1] == CONFIGURATION) {
		size_t total = (size_t)(data[2] | data[3] << 8);

		/* Keep a truncated configuration, so that the caller reports
		 * it. */
		if (total > len || total < 9)
			total = len;
		usbfile_add_configuration(f, -1, data, total);
		data += total;
		len -= total;
	}
	if (len && !f->configurations)
		usbfile_add_configuration(f, -1, data, len);
}

/* --- hex --- */

struct hex {
	uint8_t bytes[HEX_MOST];
	size_t len;
};

static bool add_byte(struct hex *h, int high, int low)
{
	if (high < 0 || low < 0 || h->len == HEX_MOST)
		return false;
	h->bytes[h->len++] = (uint8_t)(high << 4 | low);
	return true;
}

/* How a line of a dump begins. */
struct layout {
	size_t offset; /* length of the offset with what follows; 0: none */
	bool text;     /* two spaces end the bytes (xxd) */
	bool words;    /* little-endian words of 16 bits (hexdump) */
};

static size_t count_digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && parse_digit(s[n]) >= 0)
		n++;
	return n;
}

/* Recognize "00000010: 1201" of xxd, "00000010  12 01" of hexdump -C, "0000020
 * 12 01" of od -tx1 and "0000010 0112" of hexdump. */
static struct layout find_layout(const char *s, size_t len)
{
	size_t n = count_digits(s, len), group;

	if (n < 6 || n == len || n > 16)
		return (struct layout){ 0 };
	if (s[n] == ':')
		return (struct layout){ .offset = n + 1, .text = true };
	while (n < len && s[n] == ' ')
		n++;
	group = count_digits(s + n, len - n);
	if (group != 2 && group != 4)
		return (struct layout){ 0 };
	return (struct layout){ .offset = n, .words = group == 4 };
}

static bool is_space_or_punctuation(char c)
{
	return c && strchr(" \t\r,;{}[]:", c);
}

static bool read_token(struct hex *h, const char *s, size_t n, bool words)
{
	if (n == 1)
		return add_byte(h, 0, parse_digit(s[0]));
	if (n % 2)
		return false;
	if (words && n == 4)
		return add_byte(h, parse_digit(s[2]), parse_digit(s[3])) &&
		       add_byte(h, parse_digit(s[0]), parse_digit(s[1]));
	for (size_t i = 0; i < n; i += 2)
		if (!add_byte(h, parse_digit(s[i]), parse_digit(s[i + 1])))
			return false;
	return true;
}

/* Read the bytes of one line, up to its column of characters. Returns false
 * for other content. */
static bool read_line(struct hex *h, const char *s, size_t len,
		      const struct layout *l)
{
	bool any = false;

	for (size_t i = l->offset, n; i < len; i += n) {
		n = 1;
		if (l->offset && (s[i] == '|' || s[i] == '>'))
			return true;
		if (l->text && any && s[i] == ' ' && i + 1 < len &&
		    s[i + 1] == ' ')
			return true;
		if (is_space_or_punctuation(s[i]))
			continue;
		if (s[i] == '0' && i + 1 < len && (s[i + 1] | 32) == 'x')
			i += 2;
		n = count_digits(s + i, len - i);
		if (!n || !read_token(h, s + i, n, l->words))
			return false;
		any = true;
	}
	return true;
}

/* Repeat the last 16 bytes of a dump up to the offset of the next line, for a
 * line "*". */
static void repeat_line(struct hex *h, const char *s, size_t len)
{
	size_t n = count_digits(s, len);
	uint64_t offset = 0;

	for (size_t i = 0; i < n; i++)
		offset = (offset << 4 | (uint64_t)parse_digit(s[i])) & 0xffffff;
	if (h->len < 16 || offset > HEX_MOST)
		return;
	for (; h->len < offset; h->len++)
		h->bytes[h->len] = h->bytes[h->len - 16];
}

static size_t comment_start(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] == '#' || (s[i] == '/' && i + 1 < len &&
				    (s[i + 1] == '/' || s[i + 1] == '*')))
			return i;
	return len;
}

/* Decode text of hex digits. Returns false if it is something else. */
static bool read_hex(struct hex *h, const char *text, size_t len)
{
	bool star = false, dump = false;

	h->len = 0;
	while (len) {
		const char *end = memchr(text, '\n', len), *line = text;
		size_t n = end ? (size_t)(end - text) : len;
		struct layout l;

		text += end ? n + 1 : n;
		len -= end ? n + 1 : n;
		while (n && isspace((unsigned char)line[n - 1]))
			n--;
		l = find_layout(line, n);
		dump |= l.offset > 0;
		if (dump && star)
			repeat_line(h, line, n);
		star = dump && n == 1 && *line == '*';
		/* The last line of a dump is an offset alone. */
		if (star || (dump && !l.offset && count_digits(line, n) == n))
			continue;
		if (!l.offset)
			n = comment_start(line, n);
		if (!read_line(h, line, n, &l))
			return false;
	}
	return h->len;
}

enum usbfile_format usbfile_read(struct usbfile *f, const uint8_t *data,
				 size_t len)
{
	static struct hex h;
	const char *text = (const char *)data;

	memset(f, 0, sizeof(*f));
	if (usbfile_is_capture(data, len)) {
		usbfile_read_capture(f, data, len);
		return USBFILE_CAPTURE;
	}
	if (!memchr(data, '\0', len) && usbfile_is_lsusb(text, len)) {
		usbfile_read_lsusb(f, text, len);
		return USBFILE_LSUSB;
	}
	if (!memchr(data, '\0', len) && read_hex(&h, text, len)) {
		usbfile_split(f, h.bytes, h.len);
		return USBFILE_HEX;
	}
	usbfile_split(f, data, len);
	return USBFILE_BINARY;
}

const char *usbfile_format_name(enum usbfile_format format)
{
	static const char *const names[] = { "binary descriptors",
					     "digits in hex", "text of lsusb",
					     "a capture" };

	return names[format];
}
