/* random.c - Philox4x32-10 and what is drawn from it; see random.h. */
#include "engine/base/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Salmon et al. 2011, section 3.3 and table 2: in each of 10 rounds two words of the
 * counter are multiplied, the products' halves mixed with the others and the key, and
 * the key moves on by Weyl's sequence. */
static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0];
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u; /* golden ratio */
        k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
}

void ftl_random_bits(
        uint32_t out[4], ftl_random_key key, uint64_t sample, uint64_t block) {
    assert(key.stream >> 16 == 0 && key.step >> 32 == 0);
    assert(sample >> 40 == 0 && block >> 40 == 0);
    out[0] = (uint32_t)block;
    out[1] = (uint32_t)sample;
    out[2] = (uint32_t)key.step;
    out[3] =
            key.stream | (uint32_t)(block >> 32) << 16 | (uint32_t)(sample >> 32) << 24;
    philox(out, (uint32_t)key.seed, (uint32_t)(key.seed >> 32));
}

static void uniform4(
        float out[4], ftl_random_key key, uint64_t sample, uint64_t block) {
    uint32_t bits[4];
    ftl_random_bits(bits, key, sample, block);
    for (int i = 0; i < 4; i++)
        out[i] = (float)(bits[i] >> 8) * 0x1p-24f;
}

/* Box and Muller 1958: r cos(a), r sin(a) with r = sqrt(-2 ln u), a = 2 pi v. */
static void normal4(float out[4], ftl_random_key key, uint64_t sample, uint64_t block) {
    const double two_pi = 6.283185307179586476925;
    uint32_t bits[4];
    ftl_random_bits(bits, key, sample, block);
    for (int i = 0; i < 4; i += 2) {
        double u = ((double)bits[i] + 1) * 0x1p-32; /* never 0 */
        double v = ((double)bits[i + 1] + 1) * 0x1p-32;
        double r = sqrt(-2 * log(u));
        out[i] = (float)(r * cos(two_pi * v));
        out[i + 1] = (float)(r * sin(two_pi * v));
    }
}

/* n elements, four at a time; the last block may be cut. */
static void fill(float *out, size_t n, ftl_random_key key, uint64_t sample,
        void four(float[4], ftl_random_key, uint64_t, uint64_t)) {
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        four(out + i, key, sample, i / 4);
    if (i == n) return;
    float rest[4];
    four(rest, key, sample, i / 4);
    memcpy(out + i, rest, (n - i) * sizeof *rest);
}

void ftl_random_uniform(float *out, size_t n, ftl_random_key key, uint64_t sample) {
    fill(out, n, key, sample, uniform4);
}

void ftl_random_normal(float *out, size_t n, ftl_random_key key, uint64_t sample) {
    fill(out, n, key, sample, normal4);
}

/* x modulo bound, of an x below the largest multiple of bound: the others are drawn
 * again. A draw is rejected with probability below 1/2 even for the worst bound, so the
 * 512 draws that one element has never run out. */
uint64_t ftl_random_below(
        uint64_t bound, ftl_random_key key, uint64_t sample, uint64_t element) {
    assert(bound > 0 && element >> 32 == 0);
    uint64_t n_excess = (UINT64_MAX % bound + 1) % bound; /* 2^64 modulo bound */
    uint64_t x = 0;
    for (uint64_t attempt = 0; attempt < 256; attempt++) {
        uint32_t bits[4];
        ftl_random_bits(bits, key, sample, element | attempt << 32);
        for (int i = 0; i < 4; i += 2) {
            x = bits[i] | (uint64_t)bits[i + 1] << 32;
            if (x <= UINT64_MAX - n_excess) return x % bound;
        }
    }
    return x % bound;
}

void ftl_random_permutation(int64_t *out, int64_t n, ftl_random_key key) {
    assert(n >= 0 && n >> 32 == 0);
    for (int64_t i = 0; i < n; i++) {
        /* Each new one takes a random place, whose owner moves to the end. */
        int64_t j = (int64_t)ftl_random_below((uint64_t)i + 1, key, 0, (uint64_t)i);
        out[i] = out[j];
        out[j] = i;
    }
}
