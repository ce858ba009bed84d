/* batch.c - see batch.h. */
#include "datasets/batch.h"

#include <assert.h>
#include <math.h>

/* One plane of one image; `step` is -channels for a mirrored row. */
static void gather_plane(float *to, const uint8_t *from, const ftl_pack *pack,
        bool mirrored, const float value[256]) {
    ptrdiff_t channels = pack->channels, width = pack->width;
    ptrdiff_t step = mirrored ? -channels : channels;
    for (int y = 0; y < pack->height; y++) {
        const uint8_t *row = from + (mirrored ? (width - 1) * channels : 0);
        for (ptrdiff_t x = 0; x < width; x++)
            to[x] = value[row[x * step]];
        from += width * channels;
        to += width;
    }
}

void ftl_batch_gather(float *out, const ftl_pack *pack, const int64_t *index,
        const bool *flip, int64_t n) {
    float value[256];
    for (int i = 0; i < 256; i++)
        value[i] = (float)i / 127.5f - 1.0f;
    size_t n_plane = (size_t)pack->height * (size_t)pack->width;
    int channels = pack->channels;
#pragma omp parallel for collapse(2)
    for (int64_t i = 0; i < n; i++) {
        for (int c = 0; c < channels; c++) {
            size_t plane = (size_t)i * (size_t)channels + (size_t)c;
            gather_plane(out + plane * n_plane, ftl_pack_image(pack, index[i]) + c,
                    pack, flip && flip[i], value);
        }
    }
}

static uint8_t to_byte(float x) {
    float value = floorf((x + 1.0f) * 127.5f + 0.5f);
    if (!(value > 0)) return 0;
    return (uint8_t)(value < 255 ? value : 255);
}

void ftl_batch_to_bytes(
        uint8_t *out, const float *x, int64_t n, int channels, int height, int width) {
    assert(channels > 0 && height > 0 && width > 0);
    size_t n_plane = (size_t)height * (size_t)width, c_count = (size_t)channels;
#pragma omp parallel for
    for (int64_t i = 0; i < n; i++) {
        const float *from = x + (size_t)i * c_count * n_plane;
        uint8_t *to = out + (size_t)i * c_count * n_plane;
        for (size_t p = 0; p < n_plane; p++)
            for (size_t c = 0; c < c_count; c++)
                to[p * c_count + c] = to_byte(from[c * n_plane + p]);
    }
}
