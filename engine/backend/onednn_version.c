/* onednn_version.c - which oneDNN this is, and what it makes of this CPU; see onednn.h.
 */
#include "engine/backend/onednn.h"

#include <dnnl.h>

#include <stdio.h>

const char *ftl_onednn_version(void) {
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

const char *ftl_onednn_isa(void) {
    static const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } known[] = {
        {dnnl_cpu_isa_sse41, "SSE41"},
        {dnnl_cpu_isa_avx, "AVX"},
        {dnnl_cpu_isa_avx2, "AVX2"},
        {dnnl_cpu_isa_avx2_vnni, "AVX2_VNNI"},
        {dnnl_cpu_isa_avx512_core, "AVX512_CORE"},
        {dnnl_cpu_isa_avx512_core_vnni, "AVX512_CORE_VNNI"},
        {dnnl_cpu_isa_avx512_core_bf16, "AVX512_CORE_BF16"},
        {dnnl_cpu_isa_avx512_core_amx, "AVX512_CORE_AMX"},
#if DNNL_VERSION_MAJOR > 2
        {dnnl_cpu_isa_avx2_vnni_2, "AVX2_VNNI_2"},
        {dnnl_cpu_isa_avx512_core_fp16, "AVX512_CORE_FP16"},
        {dnnl_cpu_isa_avx512_core_amx_fp16, "AVX512_CORE_AMX_FP16"},
#endif
    };
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].isa == isa) return known[i].name;
    return "other";
}

/* The values are sets of bits: a larger set has all that a smaller one can do. */
bool ftl_onednn_has_bf16(void) {
    const unsigned isa = dnnl_get_effective_cpu_isa();
    return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}
