/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target as a plain test: the same inputs each time, some at random,
 * most of them seeds that are changed here and there. Without a compiler's
 * help it finds less than tools/fuzz, but it runs with every test.
 *
 * usage: plain COUNT [SEEDS]; a line of SEEDS is an input in hexadecimal
 * digits, blanks between them as one likes; '#' begins a remark.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE = 4096, SEEDS = 64, LINE = 2 * SIZE + 2, CHANGES = 8, PART = 64 };

struct input {
	size_t len;
	uint8_t byte[SIZE];
};

static struct input seed[SEEDS];
static int seeds;

/* xorshift64*, Marsaglia 2003 and Vigna 2014: the same on each machine. */
static uint32_t below(uint32_t limit)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (uint32_t)((x * 0x2545f4914f6cdd1d) >> 33) % limit;
}

static void read_seed(const char *line)
{
	struct input *s = &seed[seeds];
	unsigned int digits = 0, value = 0;

	for (; *line && *line != '#'; line++) {
		if (!isxdigit((unsigned char)*line))
			continue;
		value = value << 4 |
			(unsigned int)(isdigit((unsigned char)*line)
					       ? *line - '0'
					       : (*line | 32) - 'a' + 10);
		if (++digits % 2 == 0 && s->len < SIZE)
			s->byte[s->len++] = (uint8_t)value;
	}
	seeds += s->len && seeds < SEEDS - 1;
}

static void read_seeds(const char *path)
{
	static char line[LINE];
	FILE *in = fopen(path, "re");

	while (in && fgets(line, sizeof(line), in))
		read_seed(line);
	if (in)
		fclose(in);
	if (!seeds) {
		fprintf(stderr, "%s: no seeds\n", path);
		exit(2);
	}
}

/* A part of up to 64 bytes is taken out, or put in from elsewhere. */
static void take_out(struct input *i)
{
	size_t at = below((uint32_t)i->len), n = 1 + below(PART);

	if (n > i->len - at)
		n = i->len - at;
	memmove(i->byte + at, i->byte + at + n, i->len - at - n);
	i->len -= n;
}

static void put_in(struct input *i, const uint8_t *from, size_t n)
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
	const struct input *s;
	size_t at, n = 1 + below(PART);

	if (!seeds)
		return;
	s = &seed[below((uint32_t)seeds)];
	at = below((uint32_t)s->len);
	put_in(i, s->byte + at, n < s->len - at ? n : s->len - at);
}

static void change(struct input *i)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff };
	uint8_t *byte = &i->byte[i->len ? below((uint32_t)i->len) : 0];

	if (!i->len) {
		put_in(i, NULL, 1 + below(PART));
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
		take_out(i);
		break;
	case 4:
		put_in(i, NULL, 1 + below(4));
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
	i->len = 0;
	if (!seeds || !below(8)) {
		size_t len = below(600);

		while (i->len < len)
			i->byte[i->len++] = (uint8_t)below(256);
		return;
	}
	*i = seed[below((uint32_t)seeds)];
	for (uint32_t n = below(CHANGES); n; n--)
		change(i);
}

int main(int argc, char **argv)
{
	static struct input i;
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

	if (argc > 2)
		read_seeds(argv[2]);
	for (long n = 0; n < count; n++) {
		/* Of its length, so that sanitizers see what is behind it. */
		uint8_t *copy;

		make(&i);
		copy = malloc(i.len ? i.len : 1);
		if (!copy)
			return 2;
		memcpy(copy, i.byte, i.len);
		(void)LLVMFuzzerTestOneInput(copy, i.len);
		free(copy);
	}
	printf("%ld inputs, %d seeds\n", count, seeds);
	return count > 0 ? 0 : 2;
}
