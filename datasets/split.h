/* split.h - the five disjoint sets of an experiment.
 *
 *     biased          what the generator is pre-trained on; one group has most of it
 *     reference       small and balanced: what it is adapted to
 *     classifier      balanced: trains the attribute classifier
 *     validation      balanced: measures the classifier's error rates
 *     evaluation      balanced: reference statistics of quality
 *
 * They are drawn from one labelled pack (ftl_splits_draw), or each is a pack of its own
 * (ftl_splits_gather). There are K >= 2 groups (group.h). */
#ifndef FTL_DATASETS_SPLIT_H
#define FTL_DATASETS_SPLIT_H

#include "datasets/pack.h"
#include "engine/base/arena.h"
#include "engine/base/option.h"
#include "engine/base/status.h"

#include <stdint.h>
#include <stdio.h>

typedef enum ftl_split_kind {
    FTL_SPLIT_BIASED,
    FTL_SPLIT_REFERENCE,
    FTL_SPLIT_CLASSIFIER,
    FTL_SPLIT_VALIDATION,
    FTL_SPLIT_EVALUATION,
    FTL_N_SPLITS,
} ftl_split_kind;

typedef struct ftl_split {
    const char *name;          /* "biased" */
    const ftl_pack_file *file; /* borrowed; NULL if the set is absent, n is then 0 */
    int64_t n;
    int64_t *index;      /* [n] into the pack, ascending */
    int32_t *group;      /* [n] 0 .. K - 1; -1 without a group (biased only) */
    int64_t *count;      /* [K] images of each group */
    int64_t n_ungrouped; /* images of this set without a group */
} ftl_split;

typedef struct ftl_splits {
    ftl_split split[FTL_N_SPLITS];
    int n_groups;            /* K */
    const char **group_name; /* [K] */
    int64_t n_unused;        /* images of the pack that no group takes (form 1) */
    int64_t n_equal;         /* form 1: left out, as another has the same pixels, */
    int64_t n_contradicting; /* ... or as others have and belong to another group; */
    const char *contradicting[2]; /* two of those, names in the pack */
    uint64_t ref_draw;            /* form 1: which reference set it is, */
    int64_t n_kept, n_spare; /* ... images that were kept for it, and of groups, but in
                                no set */
    ftl_arena *arena;        /* owns all of the above but the packs */
} ftl_splits;

typedef struct ftl_split_config {
    const char *attribute; /* of groups that name none; may be NULL */
    const ftl_groups *groups;
    const char *majority; /* name of the group that has most of the biased set */
    double bias;          /* share of the majority, 1 / K .. 1 */
    double ref_ratio;     /* |reference| / |biased| */
    double ref_pool;      /* the largest ratio that room is kept for; 0: ref_ratio */
    uint64_t ref_draw;    /* below 2^20 */
    int64_t biased;       /* 0: as many as the groups have */
    int64_t classifier, validation, evaluation; /* multiples of K */
    int64_t min_reference; /* fewest images of the reference set: one batch */
    uint64_t seed;
} ftl_split_config;

/* Draw all five from one pack.
 * biased: round(bias * |biased|) of the majority, the rest equally from the others (the
 * first of them get one more if it does not come out even). reference: round(ref_ratio
 * * |biased|), rounded to the nearest multiple of K. The others as configured. A
 * function of pack, configuration and seed alone. Of images with the same pixels, as
 * a picture that was saved twice, the first takes part, none if they are of several
 * groups: no set may know another's images. Each group is shuffled and cut into
 * evaluation, validation, classifier, reference, biased, in this order, so that another
 * biased size or ratio leaves the three labelled sets as they are. What is cut off for
 * the reference set is as much as ref_pool asks for, and draw 0 of the reference set is
 * the first of it; any other draw takes at random from it and from the images that are
 * in no set. So every ratio up to ref_pool and every draw leaves the biased set as it
 * is too; and of one draw the smaller reference set is part of the larger. Fails with
 * FTL_ECONFIG (an attribute, value or group that is not there, a size that is no
 * multiple of K), FTL_EINPUT (too few images of a group; the message counts them; a
 * reference set of fewer than two a group or than min_reference), FTL_ENOMEM; *out is
 * then empty. Release with ftl_splits_deinit. */
ftl_status ftl_splits_draw(
        ftl_splits *out, const ftl_pack_file *file, const ftl_split_config *config);

/* Take whole packs, in the order of ftl_split_kind; NULL: that set is absent and empty.
 * The biased set may lack the attributes, in whole or in part: those images have group
 * -1. From the others images without a group are left out, and one without an
 * attribute is refused. A set that should be balanced and is not gives a warning.
 * Fails with FTL_ECONFIG, FTL_EINPUT (a set without a group's images; an image that is
 * in two sets; reference set too small, as above), FTL_ESHAPE (packs of different image
 * shapes), FTL_ENOMEM; *out is then empty. */
ftl_status ftl_splits_gather(ftl_splits *out,
        const ftl_pack_file *const files[FTL_N_SPLITS], const char *attribute,
        const ftl_groups *groups, int64_t min_reference);

void ftl_splits_deinit(ftl_splits *splits);

/* A table: sizes of the sets, by group. */
void ftl_splits_print(FILE *to, const ftl_splits *splits);

/* Every image of every set as a row of a CSV: "file,set,group,index", the last its
 * place in the pack. Fails with FTL_EIO, FTL_ENOMEM; an old file is then unchanged. */
ftl_status ftl_splits_write_csv(const char *path, const ftl_splits *splits);

#endif
