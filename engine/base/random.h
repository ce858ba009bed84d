/* random.h - random numbers as a pure function of where they are used.
 *
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011): a value is a function of (seed, stream, step, sample, element), so there is no
 * generator state to save, any thread may compute any part, and R ranks of b samples
 * see what one rank of R x b sees. `stream` names the use (ftl_random_stream);
 * `sample` is the global index of a sample, `element` the index inside it.
 *
 * Philox's key is the seed (low word first), its counter
 *     word 0   block, bits 0 to 31          (element / 4)
 *     word 1   sample, bits 0 to 31
 *     word 2   step
 *     word 3   stream (16 bits) | block, bits 32 to 39 | sample, bits 32 to 39
 * so no two uses ever share a counter. Larger numbers than fit are programming errors.
 */
#ifndef FTL_ENGINE_BASE_RANDOM_H
#define FTL_ENGINE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Each use has a stream of its own; a number is never used again for another. */
typedef enum ftl_random_stream {
    FTL_STREAM_INIT = 1,        /* initial weights; step = hash of the tensor's name */
    FTL_STREAM_SPLIT = 2,       /* drawing the five splits */
    FTL_STREAM_ORDER = 3,       /* order of the training data; step = epoch */
    FTL_STREAM_FLIP = 4,        /* horizontal flips */
    FTL_STREAM_LATENT_D = 5,    /* latents of discriminator steps */
    FTL_STREAM_LATENT_G = 6,    /* latents of generator steps */
    FTL_STREAM_LATENT_GRID = 7, /* the sample grids */
    FTL_STREAM_LATENT_CHOICE = 8, /* evaluations that choose or stop */
    FTL_STREAM_LATENT_REPORT = 9, /* evaluations that are reported: fresh */
    FTL_STREAM_SAMPLE = 10,       /* the sample command */
    FTL_STREAM_BOOTSTRAP = 11,
    FTL_STREAM_TEST = 12,
    FTL_STREAM_CLASSIFIER_ORDER = 13,
    FTL_STREAM_CLASSIFIER_FLIP = 14,
    FTL_STREAM_SHEET = 15,        /* which images a contact sheet shows; step = group */
    FTL_STREAM_ORDER_BIASED = 16, /* of adaptation: of discriminators on another set */
    FTL_STREAM_FLIP_BIASED = 17,
    FTL_STREAM_ORDER_BOTH = 18,
    FTL_STREAM_FLIP_BOTH = 19,
    FTL_STREAM_LATENT_FISHER = 20, /* how much weights matter */
    FTL_STREAM_AUGMENT_REAL = 21,  /* DiffAugment, in discriminator steps */
    FTL_STREAM_AUGMENT_FAKE = 22,
    FTL_STREAM_AUGMENT_G = 23,     /* in generator steps */
    FTL_STREAM_REFERENCE = 24,     /* drawing the reference set alone; step = draw * K +
                                      group */
    FTL_STREAM_QUALITY_ORDER = 32, /* in which quality reads a set; step = side */
    FTL_STREAM_GALLERY = 33,       /* which of many images are measured */
} ftl_random_stream;

typedef struct ftl_random_key {
    uint64_t seed;
    uint32_t stream; /* ftl_random_stream, or that plus 256 k for the k-th copy, k < 256
                      */
    uint64_t step;   /* below 2^32 */
} ftl_random_key;

/* Four words of Philox for one counter: the primitive beneath all others. sample and
 * block below 2^40. */
void ftl_random_bits(
        uint32_t out[4], ftl_random_key key, uint64_t sample, uint64_t block);

/* Elements 0 .. n-1 of one sample. They do not depend on n. Uniform in [0, 1):
 * multiples of 2^-24. Normal: Box-Muller on two uniforms in (0, 1], mean 0, variance 1;
 * at most 6.66 from 0; computed in double by libm, so another libm may give another
 * last bit. */
void ftl_random_uniform(float *out, size_t n, ftl_random_key key, uint64_t sample);
void ftl_random_normal(float *out, size_t n, ftl_random_key key, uint64_t sample);

/* An integer in [0, bound), exactly uniform; bound > 0. `element` as above, below 2^32.
 */
uint64_t ftl_random_below(
        uint64_t bound, ftl_random_key key, uint64_t sample, uint64_t element);

/* A permutation of 0 .. n-1 (Fisher and Yates); out holds n < 2^32. Takes sample 0. */
void ftl_random_permutation(int64_t *out, int64_t n, ftl_random_key key);

#endif
