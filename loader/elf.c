/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/elf.h"

#include <string.h>

#include "base/crc32c.h"
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
	NOTE_SIZE = 12 + NOTE_NAME_SIZE + 8 + SHA256_SIZE,
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

static int read_at(struct elf_image *e, const struct elf_source *s,
		   uint32_t offset, void *buf, uint32_t len)
{
	int err;

	if (offset > s->size || len > s->size - offset)
		return reject(e, "the headers reference data beyond the end");
	err = s->read(s->ctx, offset, buf, len);
	if (err)
		e->why = "cannot read the flash";
	return err;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a_size && b_size && (a - b < b_size || b - a < a_size);
}

/* Decode the file header. Sets entry, offset and number of program headers. */
static int read_header(struct elf_image *e, const struct elf_source *s,
		       uint32_t *at, uint16_t *count)
{
	static const uint8_t magic[] = { 0x7f,	 'E',	   'L',
					 'F',	 CLASS_32, LITTLE_ENDIAN_DATA,
					 VERSION };
	static const uint8_t erased[4] = { 0xff, 0xff, 0xff, 0xff };
	uint8_t header[EHDR_SIZE];
	struct rd r = rd_init(header, sizeof(header));
	uint32_t version;
	uint16_t type, machine, size;
	int err = read_at(e, s, 0, header, sizeof(header));

	if (err)
		return err;
	if (!memcmp(header, erased, sizeof(erased))) {
		e->why = "the flash is erased";
		return ERR_NOT_FOUND;
	}
	if (memcmp(header, magic, sizeof(magic)) != 0)
		return reject(e, "not a 32-bit little-endian ELF file");
	e->marked = header[IDENT_MARK] == ELF_MARK;
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

static struct program_header decode_header(const uint8_t bytes[PHDR_SIZE])
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
		if (overlap(new->address, new->size, e->segment[i].address,
			    e->segment[i].size))
			return reject(e, "segments overlap");
	}
	e->segments++;
	return ERR_OK;
}

/* Decode the note of tools/mkimage; ignore notes of other owners or sizes. */
static int read_note(struct elf_image *e, const struct elf_source *s,
		     const struct program_header *p)
{
	static const char name[NOTE_NAME_SIZE] = "tether";
	uint8_t note[NOTE_SIZE];
	struct rd r = rd_init(note, sizeof(note));
	const uint8_t *text;
	uint32_t name_size, size, type;
	int err;

	if (p->file_size != NOTE_SIZE)
		return ERR_OK;
	err = read_at(e, s, p->offset, note, sizeof(note));
	if (err)
		return err;
	name_size = rd_le32(&r);
	size = rd_le32(&r);
	type = rd_le32(&r);
	text = rd_bytes(&r, NOTE_NAME_SIZE);
	if (name_size != sizeof("tether") || !text ||
	    memcmp(text, name, NOTE_NAME_SIZE) != 0)
		return ERR_OK;
	if (size != 8 + SHA256_SIZE || type != ELF_NOTE_DIGEST || e->has_digest)
		return reject(e, "unknown tether note");
	e->length = rd_le32(&r);
	e->watchdog = rd_le32(&r) & ELF_NOTE_WATCHDOG;
	e->digest_at = p->offset + NOTE_SIZE - SHA256_SIZE;
	memcpy(e->digest, rd_bytes(&r, SHA256_SIZE), SHA256_SIZE);
	e->has_digest = true;
	return ERR_OK;
}

static int read_headers(struct elf_image *e, const struct elf_source *s,
			uint32_t at, uint16_t count)
{
	uint8_t bytes[PHDR_SIZE];
	int err = ERR_OK;

	for (uint16_t i = 0; i < count && !err; i++) {
		uint32_t offset = (uint32_t)i * PHDR_SIZE;
		struct program_header p;

		if (at > s->size - offset)
			return reject(e, "program headers are beyond the end");
		err = read_at(e, s, at + offset, bytes, sizeof(bytes));
		if (err)
			return err;
		p = decode_header(bytes);
		if (p.type == PT_LOAD)
			err = add_segment(e, s, &p);
		else if (p.type == PT_NOTE)
			err = read_note(e, s, &p);
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

/* Replace the bytes of the digest with zeros, as mkimage does. */
static void blank_digest(const struct elf_image *e, uint32_t offset,
			 uint8_t *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (offset + i - e->digest_at < SHA256_SIZE)
			bytes[i] = 0;
	}
}

static int check_digest(struct elf_image *e, const struct elf_source *s)
{
	uint8_t bytes[CHUNK], digest[SHA256_SIZE];
	struct sha256 sha;

	if (e->length > s->size || e->length < SHA256_SIZE ||
	    e->digest_at > e->length - SHA256_SIZE)
		return reject(e, "the digest is outside the file length");
	for (uint8_t i = 0; i < e->segments; i++) {
		if (e->segment[i].offset + e->segment[i].file_size > e->length)
			return reject(e, "the digest does not cover a segment");
	}
	sha256_init(&sha);
	for (uint32_t at = 0, n; at < e->length; at += n) {
		int err;

		n = e->length - at < CHUNK ? e->length - at : CHUNK;
		err = read_at(e, s, at, bytes, n);
		if (err)
			return err;
		blank_digest(e, at, bytes, n);
		sha256_update(&sha, bytes, n);
	}
	sha256_final(&sha, digest);
	if (!memcmp(digest, e->digest, SHA256_SIZE))
		return ERR_OK;
	e->why = "wrong SHA-256: damaged or incomplete";
	return ERR_INTEGRITY;
}

static int compute_checksums(struct elf_image *e, const struct elf_source *s)
{
	uint8_t bytes[CHUNK];

	for (uint8_t i = 0; i < e->segments; i++) {
		struct elf_segment *g = &e->segment[i];

		g->crc = 0;
		for (uint32_t at = 0, n; at < g->file_size; at += n) {
			uint32_t rest = g->file_size - at;
			int err;

			n = rest < CHUNK ? rest : CHUNK;
			err = read_at(e, s, g->offset + at, bytes, n);
			if (err)
				return err;
			g->crc = crc32c(g->crc, bytes, n);
		}
	}
	return ERR_OK;
}

static int read_all_headers(struct elf_image *e, const struct elf_source *s)
{
	uint32_t at = 0;
	uint16_t count = 0;
	int err;

	memset(e, 0, sizeof(*e));
	err = read_header(e, s, &at, &count);
	if (!err)
		err = read_headers(e, s, at, count);
	if (!err)
		err = check_entry(e);
	if (!err)
		err = find_vectors(e, s);
	if (!err && e->marked && !e->has_digest)
		err = reject(e, "the tether note is missing");
	return err;
}

static bool is_same_segment(const struct elf_segment *a,
			    const struct elf_segment *b)
{
	return a->offset == b->offset && a->file_size == b->file_size &&
	       a->address == b->address && a->size == b->size &&
	       a->execute == b->execute;
}

static bool is_same_image(const struct elf_image *a, const struct elf_image *b)
{
	for (unsigned int i = 0; i < ELF_SEGMENTS; i++) {
		if (!is_same_segment(&a->segment[i], &b->segment[i]))
			return false;
	}
	return a->entry == b->entry && a->vectors == b->vectors &&
	       a->stack == b->stack && a->segments == b->segments &&
	       a->has_digest == b->has_digest && a->watchdog == b->watchdog &&
	       a->length == b->length && a->digest_at == b->digest_at &&
	       !memcmp(a->digest, b->digest, SHA256_SIZE);
}

int elf_open(struct elf_image *e, const struct elf_source *s)
{
	struct elf_image again;
	int err = read_all_headers(e, s);

	if (!err && e->has_digest)
		err = check_digest(e, s);
	/* check_digest() read the bytes again. Decode the headers once more and
	 * compare, to make sure that the digest covers the decoded values. */
	if (!err) {
		err = read_all_headers(&again, s);
		e->why = again.why;
	}
	if (!err && !is_same_image(&again, e)) {
		e->why = "reads of the flash differ";
		err = ERR_INTEGRITY;
	}
	if (!err)
		err = compute_checksums(e, s);
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

int elf_load(struct elf_image *e, const struct elf_source *s,
	     void *(*to)(void *ctx, uint32_t address), void *ctx)
{
	for (uint8_t i = 0; i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];
		uint8_t *p = to(ctx, g->address);
		int err = ERR_OK;

		if (g->file_size)
			err = read_at(e, s, g->offset, p, g->file_size);
		if (err)
			return err;
		memset(p + g->file_size, 0, g->size - g->file_size);
	}
	for (uint8_t i = 0; i < e->segments; i++) {
		const struct elf_segment *g = &e->segment[i];

		if (crc32c(0, to(ctx, g->address), g->file_size) == g->crc)
			continue;
		e->why = "the loaded memory differs from the flash";
		return ERR_INTEGRITY;
	}
	return ERR_OK;
}
