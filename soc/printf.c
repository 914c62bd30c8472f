/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snprintf() and vsnprintf() for images without a heap. The C library's
 * functions need a heap and 1 KiB of stack. Supports the flags - and 0, width,
 * precision of strings, the lengths h, l, ll and z, and the conversions d i u x
 * X c s p and %.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct out {
	char *text;
	size_t cap, len; /* len may exceed cap */
};

struct spec {
	bool left, zero;
	int width, precision; /* precision -1: none */
	unsigned int longs;   /* number of l modifiers */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->cap)
		o->text[o->len] = c;
	o->len++;
}

static void pad(struct out *o, int n, char c)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text,
		     size_t len)
{
	int fill = s->width - (int)len;

	if (!s->left)
		pad(o, fill, ' ');
	for (size_t i = 0; i < len; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, fill, ' ');
}

/* Divide *v by base, at most 16; returns the remainder. Divides in three steps,
 * because the C library's 64-bit division adds 700 bytes to an image. */
static uint32_t divide(uint64_t *v, uint32_t base)
{
	uint32_t high = (uint32_t)(*v >> 32), low = (uint32_t)*v;
	uint32_t middle = high % base << 16 | low >> 16;

	low = middle % base << 16 | (low & 0xffff);
	*v = (uint64_t)(high / base) << 32 | (middle / base << 16) | low / base;
	return low % base;
}

static void put_number(struct out *o, const struct spec *s, uint64_t v,
		       bool negative, char conversion)
{
	const char *digits =
		conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = conversion == 'd' ? 10 : 16;
	char text[20];
	size_t at = sizeof(text);
	int fill;

	do {
		text[--at] = digits[divide(&v, base)];
	} while (v);
	fill = s->width - (int)(sizeof(text) - at) - negative;
	if (!s->left && !s->zero)
		pad(o, fill, ' ');
	if (negative)
		put(o, '-');
	if (!s->left && s->zero)
		pad(o, fill, '0');
	while (at < sizeof(text))
		put(o, text[at++]);
	if (s->left)
		pad(o, fill, ' ');
}

static const char *parse(struct spec *s, const char *f, va_list *args)
{
	*s = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else
			break;
	}
	if (*f == '*') {
		s->width = va_arg(*args, int);
		f++;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		s->width = s->width * 10 + *f - '0';
	if (*f == '.') {
		f++;
		s->precision = 0;
		if (*f == '*') {
			s->precision = va_arg(*args, int);
			f++;
		}
		for (; *f >= '0' && *f <= '9'; f++)
			s->precision = s->precision * 10 + *f - '0';
	}
	for (;; f++) {
		if (*f == 'l')
			s->longs++;
		else if (*f == 'z')
			s->longs = sizeof(size_t) == sizeof(long) ? 1 : 0;
		else if (*f != 'h')
			return f;
	}
}

static int64_t next_signed(unsigned int longs, va_list *args)
{
	if (longs >= 2)
		return va_arg(*args, long long);
	return longs ? va_arg(*args, long) : va_arg(*args, int);
}

static uint64_t next_unsigned(unsigned int longs, va_list *args)
{
	if (longs >= 2)
		return va_arg(*args, unsigned long long);
	return longs ? va_arg(*args, unsigned long)
		     : va_arg(*args, unsigned int);
}

static void convert(struct out *o, const struct spec *s, char conversion,
		    va_list *args)
{
	const char *text;
	size_t len = 0;
	int64_t v;
	char c;

	switch (conversion) {
	case 'd':
	case 'i':
		v = next_signed(s->longs, args);
		put_number(o, s, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0,
			   'd');
		break;
	case 'u':
		put_number(o, s, next_unsigned(s->longs, args), false, 'd');
		break;
	case 'x':
	case 'X':
		put_number(o, s, next_unsigned(s->longs, args), false,
			   conversion);
		break;
	case 'p':
		put_number(o, s, (uintptr_t)va_arg(*args, void *), false, 'x');
		break;
	case 's':
		text = va_arg(*args, const char *);
		while (len < (size_t)s->precision && text[len])
			len++;
		put_text(o, s, text, len);
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(o, s, &c, 1);
		break;
	default:
		put(o, conversion);
		break;
	}
}

int vsnprintf(char *text, size_t cap, const char *format, va_list args)
{
	struct out o = { text, cap, 0 };
	struct spec spec;
	va_list copy;

	va_copy(copy, args);
	for (const char *f = format; *f; f++) {
		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse(&spec, f + 1, &copy);
		if (!*f)
			break;
		convert(&o, &spec, *f, &copy);
	}
	va_end(copy);
	if (cap)
		text[o.len < cap ? o.len : cap - 1] = '\0';
	return (int)o.len;
}

int snprintf(char *text, size_t cap, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, cap, format, args);
	va_end(args);
	return n;
}
