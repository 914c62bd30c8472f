/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/emu_coverage.h"

#include <ctype.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/emu_options.h"
#include "emulator/machine/machine.h"
#include "posix/atomic_file.h"

enum { ENTRIES_MAX = 1 << 20, MODE = 0644 };

/* A line, or a function that begins at a line, with its count. */
struct entry {
	const char *file;     /* owned by coverage.file */
	const char *function; /* owned by libdw; NULL: a line */
	int line;
	uint32_t count;
};

struct coverage {
	struct machine *machine;
	Dwarf *dwarf;
	Elf *elf;
	struct entry *entry;
	size_t entries, room;
	char **file; /* normalized names */
	size_t files, file_room;
	const char *folder; /* where the compiler of the unit ran */
	bool failed;	    /* no memory, or too many entries */
};

/* --- collecting --- */

/* Remove the last name from the path [start, *end), which ends with a slash.
 * false: there is none, or it is "..". */
static bool drop_last(const char *start, char **end)
{
	char *at = *end;

	if (at - start < 2)
		return false;
	at--; /* the slash */
	while (at > start && at[-1] != '/')
		at--;
	if (!strncmp(at, "../", 3))
		return false;
	*end = at;
	return true;
}

/* Remove "./" and "name/../" from a path. */
static void normalize(char *path)
{
	char *to = path;

	for (const char *at = path; *at;) {
		size_t len = strcspn(at, "/"), whole = len + (at[len] == '/');
		bool parent = len == 2 && !strncmp(at, "..", 2);

		if (!(len == 1 && *at == '.') &&
		    !(parent && drop_last(path, &to))) {
			memmove(to, at, whole);
			to += whole;
		}
		at += whole;
	}
	*to = '\0';
}

/* Make room for one more in a growing array. */
static bool grow(struct coverage *c, void **array, size_t used, size_t *room,
		 size_t size)
{
	size_t wanted = *room ? 2 * *room : 256;
	void *bigger;

	if (used < *room)
		return true;
	bigger = used < ENTRIES_MAX ? realloc(*array, wanted * size) : NULL;
	if (!bigger) {
		c->failed = true;
		return false;
	}
	*array = bigger;
	*room = wanted;
	return true;
}

/* Return a normalized copy of a name, which is relative to the folder in which
 * the compiler ran. NULL: no memory. */
static char *make_name(const struct coverage *c, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s%s%s", *name == '/' ? "" : c->folder,
		     *name == '/' || !*c->folder ? "" : "/", name) < 0)
		return NULL;
	normalize(path);
	return path;
}

/* Keep a name once. Names of one unit follow each other, so the last ones are
 * compared first. */
static const char *keep_name(struct coverage *c, const char *name)
{
	char *path = make_name(c, name);

	for (size_t i = c->files; path && i > 0; i--)
		if (!strcmp(c->file[i - 1], path)) {
			free(path);
			return c->file[i - 1];
		}
	if (!path || !grow(c, (void **)&c->file, c->files, &c->file_room,
			   sizeof(*c->file))) {
		c->failed = true;
		free(path);
		return "";
	}
	c->file[c->files++] = path;
	return path;
}

static void add(struct coverage *c, const char *file, int line,
		const char *function, Dwarf_Addr address)
{
	if (!file || line <= 0 ||
	    !grow(c, (void **)&c->entry, c->entries, &c->room,
		  sizeof(*c->entry)))
		return;
	c->entry[c->entries++] = (struct entry){
		.file = keep_name(c, file),
		.line = line,
		.function = function,
		.count = exec_counts_at(c->machine->counts, (uint32_t)address),
	};
}

/* Whether an executable segment contains the address. The linker moves
 * functions that it drops to address 0, but their lines remain. */
static bool is_loaded(const struct coverage *c, Dwarf_Addr address)
{
	size_t count = 0;
	GElf_Phdr p;

	if (elf_getphdrnum(c->elf, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(c->elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    (p.p_flags & PF_X) && address >= p.p_vaddr &&
		    address - p.p_vaddr < p.p_memsz)
			return true;
	return false;
}

static bool is_segment_in_memory(const struct coverage *c, const GElf_Phdr *p)
{
	const uint8_t *at =
		emu_memory_at(&c->machine->memory, (uint32_t)p->p_vaddr,
			      (uint32_t)p->p_filesz);
	const Elf_Data *data = elf_getdata_rawchunk(
		c->elf, (int64_t)p->p_offset, p->p_filesz, ELF_T_BYTE);

	return at && data && !memcmp(at, data->d_buf, data->d_size);
}

static bool is_in_memory(const struct coverage *c)
{
	size_t count = 0;
	GElf_Phdr p;

	if (elf_getphdrnum(c->elf, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(c->elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    (p.p_flags & PF_X) && p.p_filesz &&
		    !is_segment_in_memory(c, &p))
			return false;
	return true;
}

/* A row of the table covers the addresses up to the next row. Rows of a
 * sequence follow each other; the first decides whether it is loaded. */
static void add_lines(struct coverage *c, Dwarf_Die *unit)
{
	Dwarf_Lines *lines;
	size_t count = 0;
	bool inside = false, loaded = false;

	if (dwarf_getsrclines(unit, &lines, &count))
		return;
	for (size_t i = 0; i + 1 < count; i++) {
		Dwarf_Line *line = dwarf_onesrcline(lines, i);
		Dwarf_Addr at = 0, next = 0;
		bool end = false;
		int number = 0;

		dwarf_lineaddr(line, &at);
		dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &next);
		dwarf_lineendsequence(line, &end);
		dwarf_lineno(line, &number);
		if (!inside)
			loaded = is_loaded(c, at);
		inside = !end;
		if (loaded && !end && next > at)
			add(c, dwarf_linesrc(line, NULL, NULL), number, NULL,
			    at);
	}
}

static int add_function(Dwarf_Die *die, void *user)
{
	struct coverage *c = user;
	Dwarf_Addr at;
	int line = 0;

	if (!dwarf_lowpc(die, &at) && is_loaded(c, at) && dwarf_diename(die) &&
	    !dwarf_decl_line(die, &line))
		add(c, dwarf_decl_file(die), line, dwarf_diename(die), at);
	return DWARF_CB_OK;
}

static void enter_unit(struct coverage *c, Dwarf_Die *unit)
{
	Dwarf_Attribute a;
	const char *folder =
		dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &a));

	c->folder = folder ? folder : "";
}

static void collect(struct coverage *c)
{
	Dwarf_Off at = 0, next;
	size_t header;
	Dwarf_Die unit;

	while (!dwarf_nextcu(c->dwarf, at, &next, &header, NULL, NULL, NULL)) {
		if (dwarf_offdie(c->dwarf, at + header, &unit)) {
			enter_unit(c, &unit);
			add_lines(c, &unit);
			dwarf_getfuncs(&unit, add_function, c, 0);
		}
		at = next;
	}
}

/* --- writing --- */

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (!order && !x->function != !y->function)
		order = x->function ? -1 : 1;
	if (!order)
		order = (x->line > y->line) - (x->line < y->line);
	if (!order && x->function)
		order = strcmp(x->function, y->function);
	return order;
}

/* Merge the entries of the same line or function: the largest count. */
static void merge(struct coverage *c)
{
	size_t n = 0;

	if (c->entries)
		qsort(c->entry, c->entries, sizeof(*c->entry), compare);
	for (size_t i = 0; i < c->entries; i++) {
		struct entry *last = n ? &c->entry[n - 1] : NULL;

		if (last && !compare(last, &c->entry[i])) {
			if (c->entry[i].count > last->count)
				last->count = c->entry[i].count;
		} else {
			c->entry[n++] = c->entry[i];
		}
	}
	c->entries = n;
}

/* Write the record of the file whose entries begin at `first`. Returns the
 * index behind them. */
static size_t write_record(FILE *out, const struct coverage *c, size_t first)
{
	const char *file = c->entry[first].file;
	unsigned int lines = 0, hit_lines = 0, functions = 0, hit = 0;
	size_t i;

	fprintf(out, "SF:%s\n", file);
	for (i = first; i < c->entries && !strcmp(c->entry[i].file, file);
	     i++) {
		const struct entry *e = &c->entry[i];

		if (e->function) {
			fprintf(out, "FN:%d,%s\nFNDA:%u,%s\n", e->line,
				e->function, e->count, e->function);
			functions++;
			hit += e->count > 0;
		} else {
			fprintf(out, "DA:%d,%u\n", e->line, e->count);
			lines++;
			hit_lines += e->count > 0;
		}
	}
	fprintf(out, "FNF:%u\nFNH:%u\nLF:%u\nLH:%u\nend_of_record\n", functions,
		hit, lines, hit_lines);
	return i;
}

/* A test name of lcov has letters, digits and underscores. */
static void write_test_name(FILE *out, const char *image)
{
	const char *slash = strrchr(image, '/');
	const char *name = slash ? slash + 1 : image;
	size_t len = strcspn(name, ".");

	fputs("TN:", out);
	for (size_t i = 0; i < len; i++)
		putc(isalnum((unsigned char)name[i]) ? name[i] : '_', out);
	putc('\n', out);
}

static void write_image(FILE *out, struct coverage *c, const char *image)
{
	merge(c);
	for (size_t i = 0; i < c->entries;) {
		write_test_name(out, image);
		i = write_record(out, c, i);
	}
}

static void release(struct coverage *c)
{
	for (size_t i = 0; i < c->files; i++)
		free(c->file[i]);
	free(c->file);
	free(c->entry);
}

/* Add an image to the output. Returns whether it has line tables. */
static bool add_image(FILE *out, struct machine *m, const char *image)
{
	struct coverage c = { .machine = m };
	int fd = open(image, O_RDONLY | O_CLOEXEC);
	bool found;

	if (fd < 0)
		return false;
	c.dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (c.dwarf) {
		c.elf = dwarf_getelf(c.dwarf);
		collect(&c);
		if (is_in_memory(&c))
			write_image(out, &c, image);
		else
			fprintf(stderr,
				"nucleo-emu: --coverage: the code of %s is not "
				"in memory at the end; not counted\n",
				image);
	}
	if (c.failed)
		fprintf(stderr,
			"nucleo-emu: --coverage: %s has more lines than memory "
			"permits; the coverage is incomplete\n",
			image);
	found = c.entries > 0;
	release(&c);
	dwarf_end(c.dwarf);
	close(fd);
	return found;
}

static unsigned int add_images(FILE *out, struct machine *m,
			       const struct emu_options *o)
{
	const char *const images[] = { o->flash, o->xspi, o->xspi_b, o->elf };
	unsigned int found = 0;

	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		found += images[i] && add_image(out, m, images[i]);
	for (unsigned int i = 0; i < o->symbols_count; i++)
		found += add_image(out, m, o->symbols[i]);
	return found;
}

static int report_write_error(const char *file)
{
	fprintf(stderr, "nucleo-emu: cannot write %s: %s\n", file,
		strerror(errno));
	return ERR_IO;
}

int emu_coverage_start(struct machine *m)
{
	static struct exec_counts counts;

	if (exec_counts_open(&counts, &m->memory)) {
		fputs("nucleo-emu: --coverage: no memory for the counts\n",
		      stderr);
		return ERR_FULL;
	}
	m->counts = &counts;
	return ERR_OK;
}

int emu_coverage_write(const struct emu_options *options, struct machine *m)
{
	struct atomic_file f;
	unsigned int found;

	if (atomic_file_open(&f, options->coverage, MODE))
		return report_write_error(options->coverage);
	found = add_images(f.stream, m, options);
	exec_counts_close(m->counts);
	m->counts = NULL;
	if (atomic_file_commit(&f))
		return report_write_error(options->coverage);
	if (found)
		return ERR_OK;
	fprintf(stderr,
		"nucleo-emu: --coverage %s: no image has line tables. Build "
		"it with -g, or name the ELF file that was not stripped by "
		"--symbols FILE\n",
		options->coverage);
	return ERR_NOT_FOUND;
}
