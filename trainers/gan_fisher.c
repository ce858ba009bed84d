/* gan_fisher.c - how much each weight of the generator matters: the diagonal of
 * Fisher's information, from the generator's own images; see gan.h. */
#include "trainers/gan.h"

ftl_status ftl_gan_anchor(ftl_gan *gan, double weight, ftl_random_key key, int64_t n) {
    const size_t z_dim = (size_t)gan->options.z_dim;
    ftl_plan *plan = NULL;
    const char *bad = NULL;
    FTL_TRY(ftl_gan_plan_fisher(&plan, gan));
    ftl_status status = ftl_anchor_init(&gan->anchor, gan->g, weight);
    for (int64_t i = 0; status == FTL_OK && i < n; i++) {
        ftl_random_normal(ftl_plan_input(plan, "z"), z_dim, key, (uint64_t)i);
        ftl_plan_run(plan);
        if (!ftl_adam_finite(&gan->g_adam, &bad))
            status = ftl_fail(FTL_ENUMERIC,
                    "the gradient of G.%s holds NaN or infinity: how much it matters "
                    "cannot be told",
                    bad);
        else
            ftl_anchor_observe(&gan->anchor, &gan->g_adam, 1 / (double)n);
    }
    ftl_plan_free(plan);
    return status;
}
