/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/packet_file.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/printable.h"
#include "base/wire.h"
#include "capture/capture.h"

enum {
	SECTION_HEADER = 0x0a0d0d0a, /* the same in either byte order */
	INTERFACE_DESCRIPTION = 1,
	ENHANCED_PACKET = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_RESOLUTION = 9,
	RESOLUTION_IS_BINARY = 0x80,
	BLOCK_MIN = 12,
	PCAP_RECORD = 16,
	PCAP_HEADER = 24,
	SLL2_SIZE = 20,
	SLL2_AT_TYPE = 10,
	MICROSECONDS = 1000000,
	NANOSECONDS = 1000000000,
};

#define PCAP_MICROSECONDS 0xa1b2c3d4U
#define PCAP_NANOSECONDS 0xa1b23c4dU

static uint32_t read_u32(const struct packet_file *f, struct rd *r)
{
	return f->big_endian ? rd_be32(r) : rd_le32(r);
}

static uint16_t read_u16(const struct packet_file *f, struct rd *r)
{
	return f->big_endian ? rd_be16(r) : rd_le16(r);
}

static int fail(struct packet_file *f, const char *why)
{
	snprintf(f->error, sizeof(f->error), "%s", why);
	return ERR_INVALID;
}

/* Read n bytes to f->block + at. ERR_NOT_FOUND: the file ends before the first
 * of them. */
static int read_bytes(struct packet_file *f, size_t at, size_t n)
{
	size_t got = fread(f->block + at, 1, n, f->file);

	if (got == n)
		return ERR_OK;
	if (ferror(f->file))
		return fail(f, strerror(errno));
	return got || at ? fail(f, "the file ends inside a packet")
			 : ERR_NOT_FOUND;
}

/* --- link types --- */

static bool is_supported(uint16_t link_type)
{
	return link_type == PCAPNG_LINUX_SLL || link_type == PCAPNG_LINUX_SLL2;
}

/* Split the cooked header from the data of a packet. */
static int read_cooked(struct packet_file_packet *p, uint16_t link_type)
{
	struct rd r = rd_init(p->data, p->len);
	size_t size = CAPTURE_SLL_SIZE;

	if (link_type == PCAPNG_LINUX_SLL) {
		p->outgoing = rd_be16(&r) == CAPTURE_SLL_OUTGOING;
		rd_skip(&r, CAPTURE_SLL_AT_PROTOCOL - 2);
		p->protocol = rd_be16(&r);
	} else {
		size = SLL2_SIZE;
		p->protocol = rd_be16(&r);
		rd_skip(&r, SLL2_AT_TYPE - 2);
		p->outgoing = rd_u8(&r) == CAPTURE_SLL_OUTGOING;
	}
	if (!rd_ok(&r) || p->len < size)
		return ERR_LENGTH;
	p->data += size;
	p->len -= size;
	return ERR_OK;
}

static uint64_t to_nanoseconds(uint64_t time, uint64_t per_second)
{
	return time / per_second * NANOSECONDS +
	       (uint64_t)((double)(time % per_second) * NANOSECONDS /
			  (double)per_second);
}

/* --- pcapng --- */

/* Resolution of option if_tsresol as units per second; 0: not supported. */
static uint64_t units_per_second(uint8_t resolution)
{
	uint8_t power = resolution & (uint8_t)~RESOLUTION_IS_BINARY;
	uint64_t units = 1;

	if (resolution & RESOLUTION_IS_BINARY)
		return power < 63 ? UINT64_C(1) << power : 0;
	if (power > 18)
		return 0;
	while (power--)
		units *= 10;
	return units;
}

/* Find the first option with this code. Returns its length; 0: none. */
static size_t find_option(const struct packet_file *f, struct rd r,
			  uint16_t wanted, const uint8_t **data)
{
	while (rd_remaining(&r) >= 4) {
		uint16_t code = read_u16(f, &r), len = read_u16(f, &r);
		const uint8_t *value = rd_bytes(&r, len);

		if (!value || code == OPTION_END)
			return 0;
		if (code == wanted) {
			*data = value;
			return len;
		}
		rd_skip(&r, (4U - len % 4U) % 4U);
	}
	return 0;
}

static int read_interface(struct packet_file *f, struct rd *r)
{
	uint16_t link_type = read_u16(f, r);
	const uint8_t *resolution;
	uint64_t units = MICROSECONDS;

	rd_skip(r, 6);
	if (!rd_ok(r))
		return fail(f, "an interface description is too short");
	if (f->interfaces == PACKET_FILE_INTERFACES)
		return fail(f, "the file has more than 64 interfaces");
	if (find_option(f, *r, OPTION_RESOLUTION, &resolution))
		units = units_per_second(*resolution);
	if (!units)
		return fail(f, "unsupported resolution of time stamps");
	f->interface[f->interfaces].link_type = link_type;
	f->interface[f->interfaces++].per_second = units;
	return ERR_OK;
}

static void read_comment(const struct packet_file *f, struct rd options,
			 struct packet_file_packet *p)
{
	const uint8_t *text = NULL;
	size_t len = find_option(f, options, OPTION_COMMENT, &text);

	if (len > sizeof(p->comment) - 1)
		len = sizeof(p->comment) - 1;
	for (size_t i = 0; i < len; i++)
		p->comment[i] = printable_char((char)text[i]);
	p->comment[len] = '\0';
}

/* Returns ERR_UNSUPPORTED for a packet of another link type. */
static int read_enhanced(struct packet_file *f, struct rd *r,
			 struct packet_file_packet *p)
{
	uint32_t interface = read_u32(f, r);
	uint64_t time = (uint64_t)read_u32(f, r) << 32;
	uint32_t captured, length;

	time |= read_u32(f, r);
	captured = read_u32(f, r);
	length = read_u32(f, r);
	p->data = rd_bytes(r, captured);
	if (!p->data || interface >= f->interfaces)
		return fail(f, "malformed packet block");
	p->len = captured;
	p->truncated = captured < length;
	p->interface = interface;
	p->time_ns = to_nanoseconds(time, f->interface[interface].per_second);
	rd_skip(r, (4 - captured % 4) % 4);
	read_comment(f, *r, p);
	if (!is_supported(f->interface[interface].link_type))
		return ERR_UNSUPPORTED;
	return read_cooked(p, f->interface[interface].link_type)
		       ? ERR_UNSUPPORTED
		       : ERR_OK;
}

/* Read a whole block. The byte order of a section comes with its header. */
static int read_block(struct packet_file *f, uint32_t *type, struct rd *r)
{
	size_t have = f->started ? 0 : 4;
	int err = read_bytes(f, have, 8 - have);
	uint32_t length;

	if (err)
		return err;
	f->started = true;
	*r = rd_init(f->block, 8);
	*type = read_u32(f, r);
	if (*type == SECTION_HEADER) {
		err = read_bytes(f, 8, 4);
		if (err)
			return err;
		*r = rd_init(f->block + 8, 4);
		f->big_endian = rd_be32(r) == BYTE_ORDER;
		f->interfaces = 0;
	}
	*r = rd_init(f->block + 4, 4);
	length = read_u32(f, r);
	if (length < BLOCK_MIN + 4U * (*type == SECTION_HEADER) || length % 4 ||
	    length > sizeof(f->block))
		return fail(f, "a block has a wrong length");
	err = *type == SECTION_HEADER ? read_bytes(f, 12, length - 12)
				      : read_bytes(f, 8, length - 8);
	*r = rd_init(f->block + 8, length - BLOCK_MIN);
	return err;
}

static int next_block(struct packet_file *f, struct packet_file_packet *p)
{
	uint32_t type;
	struct rd r;
	int err;

	for (;;) {
		err = read_block(f, &type, &r);
		if (err)
			return err;
		if (type == INTERFACE_DESCRIPTION) {
			err = read_interface(f, &r);
			if (err)
				return err;
		} else if (type == ENHANCED_PACKET) {
			err = read_enhanced(f, &r, p);
			if (err != ERR_UNSUPPORTED)
				return err;
		}
	}
}

/* --- pcap --- */

static int next_record(struct packet_file *f, struct packet_file_packet *p)
{
	uint32_t seconds, fraction, captured, length;
	struct rd r;
	int err;

	do {
		err = read_bytes(f, 0, PCAP_RECORD);
		if (err)
			return err;
		r = rd_init(f->block, PCAP_RECORD);
		seconds = read_u32(f, &r);
		fraction = read_u32(f, &r);
		captured = read_u32(f, &r);
		length = read_u32(f, &r);
		if (captured > sizeof(f->block) - PCAP_RECORD)
			return fail(f, "a packet has a wrong length");
		if (captured) {
			err = read_bytes(f, PCAP_RECORD, captured);
			if (err)
				return err;
		}
		*p = (struct packet_file_packet){
			.time_ns = (uint64_t)seconds * NANOSECONDS +
				   to_nanoseconds(fraction,
						  f->interface[0].per_second),
			.data = f->block + PCAP_RECORD,
			.len = captured,
			.truncated = captured < length,
		};
	} while (read_cooked(p, f->interface[0].link_type));
	return ERR_OK;
}

static int start_pcap(struct packet_file *f, bool nanoseconds)
{
	struct rd r;

	if (read_bytes(f, 4, PCAP_HEADER - 4))
		return ERR_INVALID;
	r = rd_init(f->block + PCAP_HEADER - 4, 4);
	f->interfaces = 1;
	f->interface[0].link_type = (uint16_t)read_u32(f, &r);
	f->interface[0].per_second = nanoseconds ? NANOSECONDS : MICROSECONDS;
	if (!is_supported(f->interface[0].link_type))
		return fail(f, "unsupported link type: expected LINUX_SLL or "
			       "LINUX_SLL2, as of an MCTP interface");
	return ERR_OK;
}

/* --- either --- */

static bool is_pcap(uint32_t magic)
{
	return magic == PCAP_MICROSECONDS || magic == PCAP_NANOSECONDS;
}

bool packet_file_is_capture(const uint8_t head[4])
{
	struct rd little = rd_init(head, 4), big = rd_init(head, 4);
	uint32_t magic = rd_le32(&little);

	return magic == SECTION_HEADER || is_pcap(magic) ||
	       is_pcap(rd_be32(&big));
}

int packet_file_start(struct packet_file *f, FILE *file)
{
	uint32_t magic;
	struct rd r;

	f->file = file;
	f->interfaces = 0;
	f->big_endian = f->pcapng = f->started = false;
	if (read_bytes(f, 0, 4) && ferror(file))
		return ERR_INVALID;
	if (feof(file) || !packet_file_is_capture(f->block))
		return fail(f, "neither a pcapng nor a pcap file");
	r = rd_init(f->block, 4);
	magic = rd_le32(&r);
	f->pcapng = magic == SECTION_HEADER;
	if (f->pcapng)
		return ERR_OK;
	if (!is_pcap(magic)) {
		f->big_endian = true;
		r = rd_init(f->block, 4);
		magic = rd_be32(&r);
	}
	return start_pcap(f, magic == PCAP_NANOSECONDS);
}

int packet_file_next(struct packet_file *f, struct packet_file_packet *p)
{
	*p = (struct packet_file_packet){ 0 };
	return f->pcapng ? next_block(f, p) : next_record(f, p);
}
