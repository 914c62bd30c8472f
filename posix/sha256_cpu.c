#include "posix/sha256_cpu.h"

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* The words of a block, four a vector, in the order they are hashed. */
__attribute__((target("sha,sse4.1"))) static __m128i load(const uint8_t *p)
{
	const __m128i swap =
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(
		_mm_loadu_si128((const __m128i *)(const void *)p), swap);
}

/* The instructions keep the state as ABEF and CDGH. */
__attribute__((target("sha,sse4.1"))) static void
run(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	__m128i low = _mm_loadu_si128((const __m128i *)(void *)state);
	__m128i high = _mm_loadu_si128((const __m128i *)(void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(low, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(high, 0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; blocks--; data += SHA256_BLOCK) {
		__m128i abef_old = abef, cdgh_old = cdgh, w[4];

		for (int i = 0; i < 4; i++)
			w[i] = load(data + 16 * (ptrdiff_t)i);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			__m128i next, t;

			if (i >= 4) {
				next = _mm_sha256msg1_epu32(w[i & 3],
							    w[(i + 1) & 3]);
				next = _mm_add_epi32(
					next,
					_mm_alignr_epi8(w[(i + 3) & 3],
							w[(i + 2) & 3], 4));
				w[i & 3] = _mm_sha256msg2_epu32(next,
								w[(i + 3) & 3]);
			}
			t = _mm_add_epi32(
				w[i & 3],
				_mm_load_si128((
					const __m128i
						*)(const void
							   *)(sha256_k +
							      4 * (ptrdiff_t)i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, t);
			abef = _mm_sha256rnds2_epu32(
				abef, cdgh, _mm_shuffle_epi32(t, 0x0e));
		}
		abef = _mm_add_epi32(abef, abef_old);
		cdgh = _mm_add_epi32(cdgh, cdgh_old);
	}
	/* And back: FEBA, DCHG to DCBA, HGFE. */
	abef = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state,
			 _mm_blend_epi16(abef, cdgh, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4),
			 _mm_alignr_epi8(cdgh, abef, 8));
}

/* CPUID leaf 7: not every compiler's __builtin_cpu_supports() knows it. */
static int has_sha(void)
{
	unsigned int a = 7, b = 0, c = 0, d = 0;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 29 & 1;
}

void sha256_use_cpu(void)
{
	if (__builtin_cpu_supports("sse4.1") && has_sha())
		sha256_set_blocks(run);
}
#else
void sha256_use_cpu(void)
{
}
#endif
