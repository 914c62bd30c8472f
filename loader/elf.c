/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/elf.h"

#include <string.h>

#include "base/err.h"
#include "base/wire.h"

/* ELF-32: gABI 4, and the machine number of the Arm supplement. */
enum {
	IDENT_SIZE = 16,
	IDENT_MARK = 15,
	EHDR_SIZE = 52,
	PHDR_SIZE = 32,
	CLASS_32 = 1,
	LITTLE_ENDIAN_DATA = 1,
	VERSION = 1,
	TYPE_EXECUTABLE = 2,
	MACHINE_ARM = 40,
	PT_LOAD = 1,
	PT_NOTE = 4,
	PF_X = 1,
	NOTE_NAME_SIZE = 8, /* "tether", zero, padding */
	NOTE_HEADER_SIZE = 12 + NOTE_NAME_SIZE,
	CHUNK = 256,
	VECTOR_ALIGNMENT = 128,
};

struct program_header {
	uint32_t type, offset, vaddr, paddr, file_size, size, flags;
};

static int reject(struct elf_image *e, const char *why)
{
	e->why = why;
	return ERR_INVALID;
}

/* Read bytes of the file. Those of the head come from its copy. */
static int read_at(struct elf_image *e, const struct elf_source *s,
		   uint32_t offset, void *buf, uint32_t len)
{
	uint32_t copied = 0;
	int err = ERR_OK;

	if (offset > s->size || len > s->size - offset)
		return reject(e, "the headers reference data beyond the end");
	if (offset < e->head_size) {
		copied = e->head_size - offset;
		if (copied > len)
			copied = len;
		memcpy(buf, e->head + offset, copied);
	}
	if (copied < len)
		err = s->read(s->ctx, offset + copied, (uint8_t *)buf + copied,
			      len - copied);
	if (err)
		e->why = "cannot read the flash";
	return err;
}

static int read_head(struct elf_image *e, const struct elf_source *s)
{
	uint32_t size = s->size < ELF_HEAD ? s->size : ELF_HEAD;
	int err = read_at(e, s, 0, e->head, size);

	if (!err)
		e->head_size = size;
	return err;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a_size && b_size && (a - b < b_size || b - a < a_size);
}

/* Decode the file header. Sets entry, offset and number of program headers. */
static int decode_file_header(struct elf_image *e, uint32_t *at,
			      uint16_t *count)
{
	static const uint8_t magic[] = { 0x7f,	 'E',	   'L',
					 'F',	 CLASS_32, LITTLE_ENDIAN_DATA,
					 VERSION };
	static const uint8_t erased[4] = { 0xff, 0xff, 0xff, 0xff };
	struct rd r = rd_init(e->head, EHDR_SIZE);
	uint32_t version;
	uint16_t type, machine, size;

	if (e->head_size < EHDR_SIZE)
		return reject(e, "the headers reference data beyond the end");
	if (!memcmp(e->head, erased, sizeof(erased))) {
		e->why = "the flash is erased";
		return ERR_NOT_FOUND;
	}
	if (memcmp(e->head, magic, sizeof(magic)) != 0)
		return reject(e, "not a 32-bit little-endian ELF file");
	e->marked = e->head[IDENT_MARK] == ELF_MARK;
	rd_skip(&r, IDENT_SIZE);
	type = rd_le16(&r);
	machine = rd_le16(&r);
	version = rd_le32(&r);
	e->entry = rd_le32(&r);
	*at = rd_le32(&r);
	rd_skip(&r, 8); /* section headers, flags */
	if (rd_le16(&r) != EHDR_SIZE)
		return reject(e, "wrong size of the ELF header");
	size = rd_le16(&r);
	*count = rd_le16(&r);
	if (type != TYPE_EXECUTABLE || version != VERSION)
		return reject(e, "not an executable");
	if (machine != MACHINE_ARM)
		return reject(e, "not for Arm");
	if (size != PHDR_SIZE || !*count || *count > ELF_HEADERS)
		return reject(e, "no program headers, or too many");
	if (overlap(0, EHDR_SIZE, *at, (uint32_t)*count * PHDR_SIZE))
		return reject(e, "headers overlap");
	return ERR_OK;
}

static struct program_header decode_program_header(const uint8_t *bytes)
{
	struct rd r = rd_init(bytes, PHDR_SIZE);
	struct program_header p;

	p.type = rd_le32(&r);
	p.offset = rd_le32(&r);
	p.vaddr = rd_le32(&r);
	p.paddr = rd_le32(&r);
	p.file_size = rd_le32(&r);
	p.size = rd_le32(&r);
	p.flags = rd_le32(&r);
	return p;
}

static int add_segment(struct elf_image *e, const struct elf_source *s,
		       const struct program_header *p)
{
	struct elf_segment *new = &e->segment[e->segments];
	bool copied = p->paddr != p->vaddr;

	if (p->file_size > p->size)
		return reject(e,
			      "a segment is larger in the file than in memory");
	if (p->offset > s->size || p->file_size > s->size - p->offset)
		return reject(e, "a segment ends beyond the file");
	if (!(copied ? p->file_size : p->size))
		return ERR_OK;
	if (e->segments == ELF_SEGMENTS)
		return reject(e, "too many segments");
	*new = (struct elf_segment){
		.offset = p->offset,
		.file_size = p->file_size,
		.address = p->paddr,
		.size = copied ? p->file_size : p->size,
		.execute = p->flags & PF_X,
	};
	if (new->address + new->size < new->address)
		return reject(e, "a segment exceeds the address space");
	for (uint8_t i = 0; i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];

		/* Segments that share bytes of the file would leave memory that
		 * the digest of the loaded memory does not cover. */
		if (overlap(new->address, new->size, g->address, g->size) ||
		    overlap(new->offset, new->file_size, g->offset,
			    g->file_size))
			return reject(e, "segments overlap");
	}
	e->segments++;
	return ERR_OK;
}

/* Whether the bytes are the header of a note of tools/mkimage, of any type.
 * Returns the type, or 0. */
static uint32_t note_type(const uint8_t *bytes)
{
	static const char name[NOTE_NAME_SIZE] = "tether";
	struct rd r = rd_init(bytes, NOTE_HEADER_SIZE);
	uint32_t name_size = rd_le32(&r);

	rd_skip(&r, 4);
	if (name_size != sizeof("tether") ||
	    memcmp(bytes + NOTE_HEADER_SIZE - NOTE_NAME_SIZE, name,
		   NOTE_NAME_SIZE) != 0)
		return 0;
	return rd_le32(&r);
}

const uint8_t *elf_note(const struct elf_image *e)
{
	const uint8_t *note = e->head + e->note_at;

	if (!e->has_note || e->note_at > ELF_HEAD - ELF_NOTE_SIZE ||
	    note_type(note) != ELF_NOTE_TYPE)
		return NULL;
	return note;
}

/* Decode the note of tools/mkimage; ignore notes of other owners. */
static int decode_note(struct elf_image *e, const struct program_header *p)
{
	const uint8_t *note;
	struct rd r;

	if (p->file_size < NOTE_HEADER_SIZE || p->offset > e->head_size ||
	    p->file_size > e->head_size - p->offset)
		return ERR_OK;
	note = e->head + p->offset;
	if (!note_type(note))
		return ERR_OK;
	if (p->file_size != ELF_NOTE_SIZE || note_type(note) != ELF_NOTE_TYPE ||
	    e->has_note)
		return reject(e, "unknown tether note");
	r = rd_init(note + ELF_NOTE_LENGTH, 8);
	e->length = rd_le32(&r);
	e->watchdog = rd_le32(&r) & ELF_NOTE_WATCHDOG;
	e->note_at = p->offset;
	e->has_note = true;
	return ERR_OK;
}

static int decode_program_headers(struct elf_image *e,
				  const struct elf_source *s, uint32_t at,
				  uint16_t count)
{
	int err = ERR_OK;

	if (at > e->head_size || count * PHDR_SIZE > e->head_size - at)
		return reject(e, "program headers are beyond the first KiB");
	for (uint16_t i = 0; i < count && !err; i++) {
		struct program_header p = decode_program_header(
			e->head + at + (size_t)i * PHDR_SIZE);

		if (p.type == PT_LOAD)
			err = add_segment(e, s, &p);
		else if (p.type == PT_NOTE)
			err = decode_note(e, &p);
	}
	return err;
}

static int check_entry(struct elf_image *e)
{
	uint32_t entry = e->entry & ~(uint32_t)1;

	if (!(e->entry & 1))
		return reject(e, "the entry is not Thumb code");
	for (uint8_t i = 0; i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];

		if (g->execute && entry - g->address < g->file_size)
			return ERR_OK;
	}
	return reject(e, "the entry is outside the executable segments");
}

static int find_vectors(struct elf_image *e, const struct elf_source *s)
{
	uint8_t bytes[8];

	for (uint8_t i = 0; i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];
		struct rd r = rd_init(bytes, sizeof(bytes));
		int err;

		if (g->address % VECTOR_ALIGNMENT ||
		    g->file_size < sizeof(bytes))
			continue;
		err = read_at(e, s, g->offset, bytes, sizeof(bytes));
		if (err)
			return err;
		e->stack = rd_le32(&r);
		if (rd_le32(&r) == e->entry && !(e->stack % 8)) {
			e->vectors = g->address;
			return ERR_OK;
		}
	}
	return reject(e, "no segment starts with a vector table");
}

/* Replace the bytes of digest and signature with zeros, as mkimage does. */
static void blank_digest(const struct elf_image *e, uint32_t offset,
			 uint8_t *bytes, uint32_t len)
{
	uint32_t at = e->note_at + ELF_NOTE_DIGEST;

	for (uint32_t i = 0; i < len; i++) {
		if (offset + i - at < ELF_NOTE_SIZE - ELF_NOTE_DIGEST)
			bytes[i] = 0;
	}
}

/* Loaded memory. to NULL: nothing is loaded yet. */
struct loaded {
	void *(*to)(void *ctx, uint32_t address);
	void *ctx;
};

/* Replace the bytes that belong to a segment by those in memory. */
static void take_loaded(const struct elf_image *e, const struct loaded *m,
			uint32_t offset, uint8_t *bytes, uint32_t len)
{
	for (uint8_t i = 0; m->to && i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];
		uint32_t from = offset > g->offset ? offset : g->offset;
		uint32_t end = g->offset + g->file_size;

		if (end > offset + len)
			end = offset + len;
		if (from < end)
			memcpy(bytes + (from - offset),
			       (uint8_t *)m->to(m->ctx, g->address) +
				       (from - g->offset),
			       end - from);
	}
}

static int compute_digest(struct elf_image *e, const struct elf_source *s,
			  const struct loaded *m)
{
	uint8_t bytes[CHUNK];
	struct sha256 sha;

	sha256_init(&sha);
	for (uint32_t at = 0, n; at < e->length; at += n) {
		int err;

		n = e->length - at < CHUNK ? e->length - at : CHUNK;
		err = read_at(e, s, at, bytes, n);
		if (err)
			return err;
		take_loaded(e, m, at, bytes, n);
		blank_digest(e, at, bytes, n);
		sha256_update(&sha, bytes, n);
	}
	sha256_final(&sha, e->digest);
	return ERR_OK;
}

static int check_digest(struct elf_image *e, const struct elf_source *s,
			const struct loaded *m)
{
	int err;

	memset(e->digest, 0, sizeof(e->digest));
	err = compute_digest(e, s, m);
	if (err)
		return err;
	if (!memcmp(e->digest, e->head + e->note_at + ELF_NOTE_DIGEST,
		    SHA256_SIZE))
		return ERR_OK;
	e->why = m->to ? "the loaded memory differs from the flash"
		       : "wrong SHA-256: damaged or incomplete";
	return ERR_INTEGRITY;
}

static int check_length(struct elf_image *e, const struct elf_source *s)
{
	if (e->length > s->size || e->length < ELF_NOTE_SIZE ||
	    e->note_at > e->length - ELF_NOTE_SIZE)
		return reject(e, "the note is outside the file length");
	for (uint8_t i = 0; i < e->segments; i++) {
		if (e->segment[i].offset + e->segment[i].file_size > e->length)
			return reject(e, "the digest does not cover a segment");
	}
	return ERR_OK;
}

int elf_open(struct elf_image *e, const struct elf_source *s)
{
	static const struct loaded nothing;
	uint32_t at = 0;
	uint16_t count = 0;
	int err;

	memset(e, 0, sizeof(*e));
	err = read_head(e, s);
	if (!err)
		err = decode_file_header(e, &at, &count);
	if (!err)
		err = decode_program_headers(e, s, at, count);
	if (!err)
		err = check_entry(e);
	if (!err)
		err = find_vectors(e, s);
	if (!err && e->marked && !e->has_note)
		err = reject(e, "the tether note is missing");
	if (!err && e->has_note)
		err = check_length(e, s);
	if (!err && e->has_note)
		err = check_digest(e, s, &nothing);
	return err;
}

static bool is_within(uint32_t start, uint32_t size, const struct elf_memory *m)
{
	return start >= m->start && start <= m->end && size <= m->end - start;
}

static bool is_within_any(uint32_t start, uint32_t size,
			  const struct elf_memory *memory, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (is_within(start, size, &memory[i]))
			return true;
	}
	return false;
}

bool elf_fits(const struct elf_image *e, const struct elf_memory *memory,
	      unsigned int count, const struct elf_memory *stacks)
{
	/* Check the 8 bytes below the stack pointer, because a stack grows
	 * down. */
	uint32_t below = e->stack - 8;

	if (e->stack < 8 || (!is_within_any(below, 8, memory, count) &&
			     !is_within(below, 8, stacks)))
		return false;
	for (uint8_t i = 0; i < e->segments; i++) {
		if (!is_within_any(e->segment[i].address, e->segment[i].size,
				   memory, count))
			return false;
	}
	return true;
}

/* Read the file again, and compare its segments with the memory. */
static int compare_segments(struct elf_image *e, const struct elf_source *s,
			    const struct loaded *m)
{
	uint8_t bytes[CHUNK];

	for (uint8_t i = 0; i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];
		const uint8_t *p = m->to(m->ctx, g->address);

		for (uint32_t at = 0, n; at < g->file_size; at += n) {
			uint32_t rest = g->file_size - at;
			int err;

			n = rest < CHUNK ? rest : CHUNK;
			err = read_at(e, s, g->offset + at, bytes, n);
			if (err)
				return err;
			if (memcmp(p + at, bytes, n) != 0) {
				e->why = "reads of the flash differ";
				return ERR_INTEGRITY;
			}
		}
	}
	return ERR_OK;
}

/* The vector table was read before the segments were loaded. */
static int compare_vectors(struct elf_image *e, const struct loaded *m)
{
	uint8_t bytes[8];
	struct rd r = rd_init(bytes, sizeof(bytes));

	/* A cursor must not start at address 0, where ITCM is. */
	memcpy(bytes, m->to(m->ctx, e->vectors), sizeof(bytes));
	if (rd_le32(&r) == e->stack && rd_le32(&r) == e->entry)
		return ERR_OK;
	e->why = "reads of the flash differ";
	return ERR_INTEGRITY;
}

int elf_load(struct elf_image *e, const struct elf_source *s,
	     void *(*to)(void *ctx, uint32_t address), void *ctx)
{
	const struct loaded m = { to, ctx };
	int err = ERR_OK;

	for (uint8_t i = 0; i < e->segments && !err; i++) {
		const struct elf_segment *g = &e->segment[i];
		uint8_t *p = to(ctx, g->address);

		if (g->file_size)
			err = read_at(e, s, g->offset, p, g->file_size);
		memset(p + g->file_size, 0, g->size - g->file_size);
	}
	if (!err)
		err = e->has_note ? check_digest(e, s, &m)
				  : compare_segments(e, s, &m);
	return err ? err : compare_vectors(e, &m);
}
