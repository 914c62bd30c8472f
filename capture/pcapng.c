/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/wire.h"

enum {
	SECTION_HEADER = 0x0a0d0d0a,
	INTERFACE_DESCRIPTION = 1,
	ENHANCED_PACKET = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	MAJOR = 1,
	MINOR = 0,
	/* options */
	END_OF_OPTIONS = 0,
	COMMENT = 1,
	SECTION_OS = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_DESCRIPTION_TEXT = 3,
	INTERFACE_RESOLUTION = 9,
	PACKET_FLAGS = 2,
	NANOSECONDS = 9, /* resolution, as a power of ten */
	BLOCK_OVERHEAD = 12,
	PACKET_MAX = 65535 + 64,
	TEXT_MAX = 255,
	/* largest block: a packet with its options */
	BLOCK_MAX = PACKET_MAX + PCAPNG_COMMENT + 128,
};
_Static_assert((size_t)BLOCK_MAX < PCAPNG_BUFFER, "a block fits the buffer");

/* --- blocks --- */

static size_t padding(size_t len)
{
	return (4 - len % 4) % 4;
}

/* Begin a block in the buffer, which has room for the largest one. */
static struct wr begin_block(struct pcapng *p, uint32_t type)
{
	struct wr w;

	if (sizeof(p->buffer) - p->used < BLOCK_MAX)
		(void)pcapng_flush(p);
	w = wr_init(p->buffer + p->used, BLOCK_MAX);
	wr_le32(&w, type);
	wr_le32(&w, 0); /* the length, see end_block() */
	return w;
}

static void end_block(struct pcapng *p, struct wr *w)
{
	size_t len = wr_len(w) + 4;
	struct wr at = wr_init(w->start + 4, 4);

	wr_le32(w, (uint32_t)len);
	wr_le32(&at, (uint32_t)len);
	if (wr_ok(w))
		p->used += len;
}

static void add_option(struct wr *w, uint16_t code, const void *data,
		       size_t len)
{
	wr_le16(w, code);
	wr_le16(w, (uint16_t)len);
	wr_bytes(w, data, len);
	wr_fill(w, 0, padding(len));
}

static void add_text(struct wr *w, uint16_t code, const char *text, size_t most)
{
	size_t len = text ? strlen(text) : 0;

	if (len)
		add_option(w, code, text, len < most ? len : most);
}

static void end_options(struct wr *w)
{
	add_option(w, END_OF_OPTIONS, "", 0);
}

void pcapng_start(struct pcapng *p, int fd, const char *application)
{
	struct utsname os;
	struct wr w;

	p->fd = fd;
	p->error = 0;
	p->used = 0;
	w = begin_block(p, SECTION_HEADER);
	wr_le32(&w, BYTE_ORDER);
	wr_le16(&w, MAJOR);
	wr_le16(&w, MINOR);
	wr_le64(&w, UINT64_MAX); /* the length of the section is not given */
	if (!uname(&os))
		add_text(&w, SECTION_OS, os.sysname, TEXT_MAX);
	add_text(&w, SECTION_APPLICATION, application, TEXT_MAX);
	end_options(&w);
	end_block(p, &w);
}

void pcapng_interface(struct pcapng *p, uint16_t link_type, const char *name,
		      const char *description)
{
	const uint8_t resolution = NANOSECONDS;
	struct wr w = begin_block(p, INTERFACE_DESCRIPTION);

	wr_le16(&w, link_type);
	wr_le16(&w, 0);
	wr_le32(&w, 0); /* packets have no length limit */
	add_text(&w, INTERFACE_NAME, name, TEXT_MAX);
	add_text(&w, INTERFACE_DESCRIPTION_TEXT, description, TEXT_MAX);
	add_option(&w, INTERFACE_RESOLUTION, &resolution, 1);
	end_options(&w);
	end_block(p, &w);
}

void pcapng_packet(struct pcapng *p, const struct pcapng_packet *packet)
{
	const uint8_t flags[4] = { (uint8_t)packet->direction };
	struct wr w = begin_block(p, ENHANCED_PACKET);
	size_t len = 0, captured;

	for (int i = 0; i < 3; i++)
		len += packet->len[i];
	captured = len < PACKET_MAX ? len : PACKET_MAX;
	wr_le32(&w, packet->interface);
	wr_le32(&w, (uint32_t)(packet->time_ns >> 32));
	wr_le32(&w, (uint32_t)packet->time_ns);
	wr_le32(&w, (uint32_t)captured);
	wr_le32(&w, (uint32_t)len);
	for (size_t i = 0, left = captured; i < 3; i++) {
		size_t n = packet->len[i] < left ? packet->len[i] : left;

		if (n)
			wr_bytes(&w, packet->part[i], n);
		left -= n;
	}
	wr_fill(&w, 0, padding(captured));
	add_option(&w, PACKET_FLAGS, flags, sizeof(flags));
	add_text(&w, COMMENT, packet->comment, PCAPNG_COMMENT);
	end_options(&w);
	end_block(p, &w);
}

/* --- the file --- */

int pcapng_flush(struct pcapng *p)
{
	size_t done = 0;

	while (done < p->used && !p->error) {
		ssize_t n = write(p->fd, p->buffer + done, p->used - done);

		/* A signal ends the capture as well: the reader of a pipe may
		 * not read, and the program must be able to stop. */
		if (n < 0)
			p->error = errno;
		else
			done += (size_t)n;
	}
	p->used = 0;
	return p->error ? ERR_IO : ERR_OK;
}

int pcapng_close(struct pcapng *p)
{
	int err = pcapng_flush(p);

	if (close(p->fd) && !p->error) {
		p->error = errno;
		err = ERR_IO;
	}
	p->fd = -1;
	return err;
}
