/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target as a plain test, without a fuzzing compiler. The inputs
 * are the same in each run: first each file of the corpus, then COUNT further
 * inputs. Most of these are files of the corpus with a few random changes. This
 * test finds less than tools/fuzz, but runs with every test run.
 *
 * usage: plain COUNT [CORPUS]. CORPUS is a folder with one input per file.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE = 16384, SEEDS = 2048, CHANGES = 8, PART = 64 };

struct input {
	size_t len;
	uint8_t byte[SIZE];
};

struct seed {
	uint8_t *byte;
	size_t len;
};

static struct seed seed[SEEDS];
static int seeds;

/* Return a random number below limit, by xorshift64* (Marsaglia 2003, Vigna
 * 2014). The sequence is the same on each machine. */
static uint32_t below(uint32_t limit)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (uint32_t)((x * 0x2545f4914f6cdd1d) >> 33) % limit;
}

static void read_seed(const char *folder, const char *name)
{
	static uint8_t bytes[SIZE];
	char path[4096];
	struct seed *s = &seed[seeds];
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = fopen(path, "re");
	if (!in)
		return;
	s->len = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	s->byte = malloc(s->len ? s->len : 1);
	if (!s->byte)
		exit(2);
	memcpy(s->byte, bytes, s->len);
	seeds++;
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Read the files in the order of their names, so that every run has the same
 * inputs. */
static void read_corpus(const char *folder)
{
	struct dirent **entry;
	int count = scandir(folder, &entry, is_seed, alphasort);

	if (count <= 0 || count > SEEDS) {
		fprintf(stderr, "%s: no corpus, or more than %d files\n",
			folder, SEEDS);
		exit(2);
	}
	for (int i = 0; i < count; i++) {
		read_seed(folder, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
}

static void remove_part(struct input *i)
{
	size_t at = below((uint32_t)i->len), n = 1 + below(PART);

	if (n > i->len - at)
		n = i->len - at;
	memmove(i->byte + at, i->byte + at + n, i->len - at - n);
	i->len -= n;
}

static void insert_part(struct input *i, const uint8_t *from, size_t n)
{
	size_t at = below((uint32_t)i->len + 1);

	if (n > SIZE - i->len)
		return;
	memmove(i->byte + at + n, i->byte + at, i->len - at);
	if (from)
		memcpy(i->byte + at, from, n);
	for (size_t k = 0; !from && k < n; k++)
		i->byte[at + k] = (uint8_t)below(256);
	i->len += n;
}

static void splice(struct input *i)
{
	const struct seed *s;
	size_t at, n = 1 + below(PART);

	if (!seeds)
		return;
	s = &seed[below((uint32_t)seeds)];
	if (!s->len)
		return;
	at = below((uint32_t)s->len);
	insert_part(i, s->byte + at, n < s->len - at ? n : s->len - at);
}

static void change(struct input *i)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff };
	uint8_t *byte = &i->byte[i->len ? below((uint32_t)i->len) : 0];

	if (!i->len) {
		insert_part(i, NULL, 1 + below(PART));
		return;
	}
	switch (below(7)) {
	case 0:
		*byte ^= (uint8_t)(1 << below(8));
		break;
	case 1:
		*byte = edges[below(sizeof(edges))];
		break;
	case 2:
		*byte = (uint8_t)below(256);
		break;
	case 3:
		remove_part(i);
		break;
	case 4:
		insert_part(i, NULL, 1 + below(4));
		break;
	case 5:
		splice(i);
		break;
	default:
		i->len = below((uint32_t)i->len + 1);
	}
}

static void make(struct input *i)
{
	const struct seed *s;

	i->len = 0;
	if (!seeds || !below(8)) {
		size_t len = below(600);

		while (i->len < len)
			i->byte[i->len++] = (uint8_t)below(256);
		return;
	}
	s = &seed[below((uint32_t)seeds)];
	memcpy(i->byte, s->byte, s->len);
	i->len = s->len;
	for (uint32_t n = below(CHANGES); n; n--)
		change(i);
}

/* Run the target on a copy of the exact length, so that sanitizers detect a
 * read behind its end. */
static void run(const uint8_t *byte, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		exit(2);
	memcpy(copy, byte, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

int main(int argc, char **argv)
{
	static struct input i;
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

	if (argc > 2)
		read_corpus(argv[2]);
	for (int n = 0; n < seeds; n++)
		run(seed[n].byte, seed[n].len);
	for (long n = 0; n < count; n++) {
		make(&i);
		run(i.byte, i.len);
	}
	printf("%d seeds, %ld changed inputs\n", seeds, count);
	for (int n = 0; n < seeds; n++)
		free(seed[n].byte);
	return count + seeds > 0 ? 0 : 2;
}
