/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the descriptors of devices in captures: pcap and pcapng files with the
 * link types of usbmon (LINKTYPE_USB_LINUX, LINKTYPE_USB_LINUX_MMAPPED) and
 * USBPcap (LINKTYPE_USBPCAP). A GET_DESCRIPTOR is matched with its answer by
 * the address of the URB. Formats: pcap-linktype(7), the pcapng draft, the
 * usbmon document of Linux, USBPcap's capture format.
 */
#include "host/usbfile.h"

#include <string.h>

#include "base/wire.h"

enum {
	USB_LINUX = 189,
	USB_LINUX_MMAPPED = 220,
	USBPCAP = 249,
	PCAPNG_SECTION = 0x0a0d0d0a,
	PCAPNG_INTERFACE = 1,
	PCAPNG_PACKET = 2,
	PCAPNG_SIMPLE = 3,
	PCAPNG_ENHANCED = 6,
	INTERFACES = 16,
	REQUESTS = 32, /* in flight */
	DEVICES = 16,
	GET_DESCRIPTOR = 6,
	DEVICE = 1,
	CONFIGURATION = 2,
	STRING = 3,
	CLASS_HUB = 9,
	NO_HUB_SCORE = 2,
};

struct request {
	uint64_t id; /* of the URB */
	uint16_t value;
	bool used;
};

struct found {
	uint32_t address; /* bus and device */
	struct usbfile file;
};

struct capture {
	bool big; /* byte order of the file */
	struct request request[REQUESTS];
	unsigned int next_request;
	struct found device[DEVICES];
	unsigned int devices;
};

static uint16_t get_16(const struct capture *c, struct rd *r)
{
	return c->big ? rd_be16(r) : rd_le16(r);
}

static uint32_t get_32(const struct capture *c, struct rd *r)
{
	return c->big ? rd_be32(r) : rd_le32(r);
}

static uint64_t get_64(const struct capture *c, struct rd *r)
{
	uint64_t first = get_32(c, r), second = get_32(c, r);

	return c->big ? first << 32 | second : second << 32 | first;
}

/* Remember a GET_DESCRIPTOR until its answer arrives. */
static void add_request(struct capture *c, uint64_t id, const uint8_t setup[8])
{
	struct request *q = &c->request[c->next_request++ % REQUESTS];

	for (int i = 0; i < REQUESTS; i++) /* the URB is used again */
		if (c->request[i].id == id)
			c->request[i].used = false;
	if (setup[0] != 0x80 || setup[1] != GET_DESCRIPTOR)
		return;
	*q = (struct request){ .id = id,
			       .value = (uint16_t)(setup[2] | setup[3] << 8),
			       .used = true };
}

static struct usbfile *find_device(struct capture *c, uint32_t address)
{
	struct found *d;

	for (unsigned int i = 0; i < c->devices; i++)
		if (c->device[i].address == address)
			return &c->device[i].file;
	if (c->devices == DEVICES)
		return NULL;
	d = &c->device[c->devices++];
	d->address = address;
	return &d->file;
}

static void add_answer(struct capture *c, uint64_t id, uint32_t address,
		       const uint8_t *data, size_t len)
{
	struct usbfile *f;
	uint16_t value = 0;
	bool asked = false;

	for (int i = 0; i < REQUESTS; i++) {
		if (!c->request[i].used || c->request[i].id != id)
			continue;
		value = c->request[i].value;
		c->request[i].used = false;
		asked = true;
	}
	if (!asked || len < 2)
		return;
	f = find_device(c, address);
	if (!f)
		return;
	if (value >> 8 == DEVICE && len >= USBFILE_DEVICE &&
	    data[1] == DEVICE) {
		memcpy(f->device, data, USBFILE_DEVICE);
		f->has_device = true;
	} else if (value >> 8 == CONFIGURATION && data[1] == CONFIGURATION) {
		usbfile_add_configuration(f, value & 0xff, data, len);
	} else if (value >> 8 == STRING) {
		usbfile_add_string(f, (uint8_t)value, data, len);
	}
}

/* --- one packet of each link type --- */

static void read_usbmon(struct capture *c, const uint8_t *data, size_t len,
			size_t header)
{
	struct rd r = rd_init(data, len);
	uint64_t id = get_64(c, &r);
	uint8_t type = rd_u8(&r), transfer = rd_u8(&r), endpoint = rd_u8(&r);
	uint8_t device = rd_u8(&r);
	uint16_t bus = get_16(c, &r);
	uint8_t no_setup = rd_u8(&r);
	const uint8_t *setup;

	rd_skip(&r, 1 + 8 + 4 + 4); /* data flag, time, status */
	rd_skip(&r, 8);		    /* lengths */
	setup = rd_bytes(&r, 8);
	rd_skip(&r, header - 48);
	if (!rd_ok(&r) || transfer != 2 || endpoint & 0x0f)
		return;
	if (type == 'S' && !no_setup)
		add_request(c, id, setup);
	else if (type == 'C')
		add_answer(c, id, (uint32_t)bus << 8 | device, data + header,
			   len - header);
}

static void read_usbpcap(struct capture *c, const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	uint16_t header = rd_le16(&r);
	uint64_t id = rd_le32(&r) | (uint64_t)rd_le32(&r) << 32;
	uint16_t bus, device;
	uint8_t info, endpoint, transfer, stage;

	rd_skip(&r, 4 + 2); /* status, function */
	info = rd_u8(&r);
	bus = rd_le16(&r);
	device = rd_le16(&r);
	endpoint = rd_u8(&r);
	transfer = rd_u8(&r);
	rd_skip(&r, 4); /* length of the data */
	stage = rd_u8(&r);
	if (!rd_ok(&r) || header < 28 || header > len || transfer != 2 ||
	    endpoint & 0x0f)
		return;
	data += header;
	len -= header;
	/* Stage 0 is the SETUP packet. Old versions have the answer in stage 1,
	 * new ones in stage 3. Bit 0 of info: from the device. */
	if (stage == 0 && !(info & 1) && len >= 8)
		add_request(c, id, data);
	else if (stage && info & 1)
		add_answer(c, id, (uint32_t)bus << 16 | device, data, len);
}

static void read_packet(struct capture *c, uint32_t link, const uint8_t *data,
			size_t len)
{
	if (link == USB_LINUX)
		read_usbmon(c, data, len, 48);
	else if (link == USB_LINUX_MMAPPED)
		read_usbmon(c, data, len, 64);
	else if (link == USBPCAP)
		read_usbpcap(c, data, len);
}

/* --- files --- */

static void read_pcap(struct capture *c, const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	uint32_t link;

	rd_skip(&r, 20);
	link = get_32(c, &r) & 0xffff;
	while (rd_ok(&r) && rd_remaining(&r)) {
		const uint8_t *packet;
		uint32_t kept;

		rd_skip(&r, 8); /* time */
		kept = get_32(c, &r);
		rd_skip(&r, 4); /* original length */
		packet = rd_bytes(&r, kept);
		if (!packet)
			return;
		read_packet(c, link, packet, kept);
	}
}

static void read_enhanced(struct capture *c, struct rd *r, bool old,
			  const uint32_t link[INTERFACES])
{
	uint32_t interface = old ? get_16(c, r) : get_32(c, r), kept;
	const uint8_t *packet;

	if (old)
		rd_skip(r, 2); /* drops */
	rd_skip(r, 8);	       /* time */
	kept = get_32(c, r);
	rd_skip(r, 4); /* original length */
	packet = rd_bytes(r, kept);
	if (packet && interface < INTERFACES)
		read_packet(c, link[interface], packet, kept);
}

static void read_block(struct capture *c, uint32_t type, struct rd *r,
		       uint32_t link[INTERFACES], unsigned int *interfaces)
{
	uint32_t kept;

	switch (type) {
	case PCAPNG_INTERFACE:
		if (*interfaces < INTERFACES)
			link[(*interfaces)++] = get_16(c, r);
		break;
	case PCAPNG_PACKET:
	case PCAPNG_ENHANCED:
		read_enhanced(c, r, type == PCAPNG_PACKET, link);
		break;
	case PCAPNG_SIMPLE: /* of the first interface */
		kept = get_32(c, r);
		if (kept > rd_remaining(r))
			kept = (uint32_t)rd_remaining(r);
		read_packet(c, link[0], rd_bytes(r, kept), kept);
		break;
	default:
		break;
	}
}

static void read_pcapng(struct capture *c, const uint8_t *data, size_t len)
{
	uint32_t link[INTERFACES] = { 0 };
	unsigned int interfaces = 0;

	while (len >= 12) {
		struct rd r = rd_init(data, len);
		uint32_t type = get_32(c, &r), total;

		if (type == PCAPNG_SECTION) {
			/* Each section has a byte order and interfaces. */
			c->big = data[8] == 0x1a;
			interfaces = 0;
			memset(link, 0, sizeof(link));
		}
		total = get_32(c, &r);
		if (total < 12 || total > len)
			return;
		r = rd_init(data + 8, total - 12);
		if (type != PCAPNG_SECTION)
			read_block(c, type, &r, link, &interfaces);
		total = (total + 3) & ~3U;
		data += total < len ? total : len;
		len -= total < len ? total : len;
	}
}

/* Prefer complete descriptors, then devices that are no hub. */
static int score(const struct usbfile *f)
{
	if (!f->has_device || !f->configurations)
		return f->has_device || f->configurations;
	return f->device[4] == CLASS_HUB ? NO_HUB_SCORE : NO_HUB_SCORE + 1;
}

bool usbfile_is_capture(const uint8_t *data, size_t len)
{
	static const uint8_t magic[][4] = {
		{ 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xc3, 0xd4 },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};

	for (size_t i = 0; len >= 24 && i < sizeof(magic) / 4; i++)
		if (!memcmp(data, magic[i], 4))
			return true;
	return false;
}

void usbfile_read_capture(struct usbfile *f, const uint8_t *data, size_t len)
{
	static struct capture c;
	const struct usbfile *best = NULL;

	memset(&c, 0, sizeof(c));
	if (data[0] == 0x0a) {
		read_pcapng(&c, data, len);
	} else {
		c.big = data[0] == 0xa1;
		read_pcap(&c, data, len);
	}
	for (unsigned int i = 0; i < c.devices; i++)
		if (!best || score(&c.device[i].file) >= score(best))
			best = &c.device[i].file;
	if (best)
		*f = *best;
}
