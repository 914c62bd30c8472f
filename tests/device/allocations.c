/* SPDX-License-Identifier: Apache-2.0 */
#include "device/allocations.h"

#include <stddef.h>
#include <stdlib.h>

/* The linker defines these names: __real_malloc is the original function, and
 * __wrap_malloc replaces it. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **p, size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
void __wrap_free(void *p);

/* Volatile, because compilers assume that heap functions do not access it. */
static volatile bool watching;
static volatile unsigned int seen;

static void count(void)
{
	if (watching)
		seen++;
}

void *__wrap_malloc(size_t size)
{
	count();
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	count();
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	count();
	return __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	count();
	return __real_reallocarray(p, n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	count();
	return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
	count();
	return __real_posix_memalign(p, alignment, size);
}

char *__wrap_strdup(const char *text)
{
	count();
	return __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	count();
	return __real_strndup(text, size);
}

void __wrap_free(void *p)
{
	count();
	__real_free(p);
}

void allocations_watch(bool on)
{
	watching = on;
}

unsigned int allocations_seen(void)
{
	return seen;
}

bool allocations_work(void)
{
	unsigned int before = seen;
	bool was = watching, both;
	void *volatile p; /* otherwise the compiler removes both calls */

	watching = true;
	p = malloc(1);
	free(p);
	both = seen == before + 2;
	watching = was;
	seen = before;
	return both;
}
