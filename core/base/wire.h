/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors over wire data. All protocol code reads and writes messages with
 * them.
 *
 * An access beyond the end of the buffer transfers nothing, returns 0 and sets
 * `bad`. The flag stays set, so a caller processes the whole message, then
 * checks once with rd_ok() or wr_ok(). The buffers belong to the caller.
 */
#ifndef TETHER_BASE_WIRE_H
#define TETHER_BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

struct wr {
	uint8_t *start, *p, *end;
	bool bad;
};

static inline struct rd rd_init(const void *data, size_t len)
{
	const uint8_t *p = data;

	return (struct rd){ p, p + len, false };
}

static inline size_t rd_remaining(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/** No read went beyond the end of the buffer. */
static inline bool rd_ok(const struct rd *r)
{
	return !r->bad;
}

/** The whole buffer was read, and no read went beyond its end. */
static inline bool rd_done(const struct rd *r)
{
	return !r->bad && r->p == r->end;
}

/** Consume n bytes and return a pointer to them inside the buffer. NULL: fewer
 * bytes remain. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (rd_remaining(r) < n) {
		r->bad = true;
		r->end = p; /* later reads fail without a check of `bad` */
		return NULL;
	}
	r->p += n;
	return p;
}

static inline void rd_skip(struct rd *r, size_t n)
{
	(void)rd_bytes(r, n);
}

/** Read a little-endian integer of n bytes, at most 8. The functions of fixed
 * width below are faster. */
static inline uint64_t rd_le(struct rd *r, unsigned int n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	while (p && n--)
		v = v << 8 | p[n];
	return v;
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p ? *p : 0;
}

static inline uint16_t rd_le16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

static inline uint32_t rd_le32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			       (uint32_t)p[3] << 24
		 : 0;
}

static inline uint64_t rd_le64(struct rd *r)
{
	return rd_le(r, 8);
}

static inline uint16_t rd_be16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t rd_be32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | (uint32_t)p[3]
		 : 0;
}

static inline struct wr wr_init(void *data, size_t cap)
{
	uint8_t *p = data;

	return (struct wr){ p, p, p + cap, false };
}

/** Number of bytes written. */
static inline size_t wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

static inline size_t wr_room(const struct wr *w)
{
	return (size_t)(w->end - w->p);
}

static inline bool wr_ok(const struct wr *w)
{
	return !w->bad;
}

/* Check for room for n bytes; on failure all later writes fail too. */
static inline bool wr_fits(struct wr *w, size_t n)
{
	if (wr_room(w) >= n)
		return true;
	w->bad = true;
	w->end = w->p;
	return false;
}

/** Reserve n bytes for the caller to fill. NULL: no room. */
static inline uint8_t *wr_space(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, n))
		return NULL;
	w->p = p + n;
	return p;
}

static inline void wr_bytes(struct wr *w, const void *data, size_t n)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, n) || !n)
		return;
	w->p = p + n;
	memcpy(p, data, n);
}

static inline void wr_fill(struct wr *w, uint8_t v, size_t n)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, n) || !n)
		return;
	w->p = p + n;
	memset(p, v, n);
}

static inline void wr_le(struct wr *w, uint64_t v, unsigned int n)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, n))
		return;
	w->p = p + n;
	for (unsigned int i = 0; i < n; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, 1))
		return;
	w->p = p + 1;
	*p = v;
}

static inline void wr_le16(struct wr *w, uint16_t v)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, 2))
		return;
	w->p = p + 2;
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void wr_le32(struct wr *w, uint32_t v)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, 4))
		return;
	w->p = p + 4;
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static inline void wr_le64(struct wr *w, uint64_t v)
{
	wr_le(w, v, 8);
}

static inline void wr_be16(struct wr *w, uint16_t v)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, 2))
		return;
	w->p = p + 2;
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void wr_be32(struct wr *w, uint32_t v)
{
	uint8_t *p = w->p;

	if (!wr_fits(w, 4))
		return;
	w->p = p + 4;
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

#endif
