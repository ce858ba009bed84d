/* split_draw.c - ftl_splits_draw: five sets out of one pack. */
#include "datasets/group.h"
#include "datasets/split_parts.h"

#include "engine/base/random.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The order in which a shuffled group is cut. */
static const ftl_split_kind cut_order[FTL_N_SPLITS] = {FTL_SPLIT_EVALUATION,
        FTL_SPLIT_VALIDATION, FTL_SPLIT_CLASSIFIER, FTL_SPLIT_REFERENCE,
        FTL_SPLIT_BIASED};

typedef struct drawing {
    const ftl_pack_file *file;
    const ftl_split_config *config;
    int n_groups, majority;
    int32_t *group;     /* [n] of each image */
    int64_t *available; /* [K] */
} drawing;

static int64_t biased_of_group(const drawing *d, int64_t biased, int group) {
    int64_t majority = llround(d->config->bias * (double)biased);
    int others = d->n_groups - 1; /* 1 or more: ftl_groups_check */
    if (group == d->majority || others < 1) return majority;
    int rank = group < d->majority ? group : group - 1;
    int64_t rest = biased - majority;
    return rest / others + (rank < rest % others);
}

static int64_t part_of_group(const drawing *d, double ratio, int64_t biased) {
    double size = (double)llround(ratio * (double)biased);
    return llround(size / d->n_groups);
}

static int64_t reference_of_group(const drawing *d, int64_t biased) {
    return part_of_group(d, d->config->ref_ratio, biased);
}

/* What is kept for reference sets: so that another ratio up to ref_pool, or another
 * draw, leaves the other sets as they are. */
static int64_t kept_of_group(const drawing *d, int64_t biased) {
    double pool = d->config->ref_pool;
    return part_of_group(d, pool > 0 ? pool : d->config->ref_ratio, biased);
}

/* How many images of a group are cut off for a set, given the size of the biased one.
 */
static int64_t share(const drawing *d, ftl_split_kind kind, int group, int64_t biased) {
    const ftl_split_config *c = d->config;
    switch (kind) {
    case FTL_SPLIT_BIASED:
        return biased_of_group(d, biased, group);
    case FTL_SPLIT_REFERENCE:
        return kept_of_group(d, biased);
    case FTL_SPLIT_CLASSIFIER:
        return c->classifier / d->n_groups;
    case FTL_SPLIT_VALIDATION:
        return c->validation / d->n_groups;
    case FTL_SPLIT_EVALUATION:
        return c->evaluation / d->n_groups;
    case FTL_N_SPLITS:
        break;
    }
    assert(!"a kind of split");
    return 0;
}

static int64_t needed(const drawing *d, int group, int64_t biased) {
    int64_t sum = 0;
    for (int k = 0; k < FTL_N_SPLITS; k++)
        sum += share(d, (ftl_split_kind)k, group, biased);
    return sum;
}

static bool fits(const drawing *d, int64_t biased) {
    for (int g = 0; g < d->n_groups; g++)
        if (needed(d, g, biased) > d->available[g]) return false;
    return true;
}

/* What each group needs never falls as the biased set grows: halve. */
static int64_t largest_biased(const drawing *d) {
    int64_t low = 0, high = d->file->pack.n;
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        if (fits(d, middle))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static ftl_status check_available(const drawing *d, int64_t biased) {
    for (int g = 0; g < d->n_groups; g++) {
        int64_t sum = needed(d, g, biased);
        if (sum <= d->available[g]) continue;
        return ftl_fail(FTL_EINPUT,
                "%s: group %s has %lld images, %lld are needed: biased %lld + "
                "reference%s %lld + classifier %lld + validation %lld + evaluation "
                "%lld",
                d->file->path, d->config->groups->item[g].name,
                (long long)d->available[g], (long long)sum,
                (long long)share(d, FTL_SPLIT_BIASED, g, biased),
                d->config->ref_pool > 0 ? " (data.ref_pool)" : "",
                (long long)share(d, FTL_SPLIT_REFERENCE, g, biased),
                (long long)share(d, FTL_SPLIT_CLASSIFIER, g, biased),
                (long long)share(d, FTL_SPLIT_VALIDATION, g, biased),
                (long long)share(d, FTL_SPLIT_EVALUATION, g, biased));
    }
    return FTL_OK;
}

static ftl_status choose_biased(const drawing *d, int64_t *biased) {
    const ftl_split_config *c = d->config;
    *biased = c->biased ? c->biased : largest_biased(d);
    FTL_TRY(check_available(d, *biased));
    if (*biased == 0)
        return ftl_fail(FTL_EINPUT,
                "%s: the groups have no image left for the biased set; lower "
                "data.sizes",
                d->file->path);
    int64_t each = reference_of_group(d, *biased), size = each * d->n_groups;
    if (each < 2 || size < c->min_reference)
        return ftl_fail(FTL_EINPUT,
                "the reference set would have %lld images (%lld of each group; "
                "data.ref_ratio %g of %lld biased ones); at least %lld are needed (one "
                "batch, two of each group): raise data.ref_ratio or data.sizes.biased",
                (long long)size, (long long)each, c->ref_ratio, (long long)*biased,
                (long long)(c->min_reference > 2 * d->n_groups ? c->min_reference
                                                               : 2 * d->n_groups));
    return FTL_OK;
}

static ftl_status check_size(const drawing *d, const char *name, int64_t size) {
    if (size < 0 || size > d->file->pack.n)
        return ftl_fail(FTL_ECONFIG, "data.sizes.%s: %lld, but %s has %lld images",
                name, (long long)size, d->file->path, (long long)d->file->pack.n);
    int64_t below = size - size % d->n_groups;
    if (size != below && strcmp(name, "biased") != 0)
        return ftl_fail(FTL_ECONFIG,
                "data.sizes.%s: %lld is no multiple of %d groups; take %lld", name,
                (long long)size, d->n_groups, (long long)(below ? below : d->n_groups));
    return FTL_OK;
}

static ftl_status check_config(drawing *d) {
    const ftl_split_config *c = d->config;
    FTL_TRY(ftl_groups_check(c->groups, c->attribute));
    FTL_TRY(ftl_groups_find(&d->majority, c->groups, c->majority, "data.majority"));
    if (!(c->bias <= 1) || !(c->bias * d->n_groups >= 1 - 1e-9))
        return ftl_fail(FTL_ECONFIG,
                "data.bias: %g; the majority's share is from 1/%d to 1", c->bias,
                d->n_groups);
    if (!(c->ref_ratio > 0 && c->ref_ratio <= 1))
        return ftl_fail(FTL_ECONFIG, "data.ref_ratio: %g is not above 0 and at most 1",
                c->ref_ratio);
    if (!(c->ref_pool <= 1) || (c->ref_pool > 0 && c->ref_pool < c->ref_ratio))
        return ftl_fail(FTL_ECONFIG,
                "data.ref_pool: %g; it is from data.ref_ratio, %g, to 1, or 0 for "
                "data.ref_ratio",
                c->ref_pool, c->ref_ratio);
    FTL_TRY(check_size(d, "biased", c->biased));
    FTL_TRY(check_size(d, "classifier", c->classifier));
    FTL_TRY(check_size(d, "validation", c->validation));
    return check_size(d, "evaluation", c->evaluation);
}

/* Room for the images of a group: two lists of them. */
typedef struct lists {
    int64_t *member, *order;
} lists;

/* Any images of a group but those that other sets take.
 * order  the group's images: n_kept of them, from kept on, were cut off for the
 *        reference set, and those from `end` on for no set */
static void draw_reference(const drawing *d, int group, int64_t each, const lists *l,
        int64_t kept, int64_t n_kept, int64_t end, int64_t n_members, int8_t *owner) {
    int64_t n = 0;
    for (int64_t i = 0; i < n_kept; i++)
        l->member[n++] = l->order[kept + i];
    for (int64_t i = end; i < n_members; i++)
        l->member[n++] = l->order[i];
    uint64_t step = d->config->ref_draw * (uint64_t)d->n_groups + (uint64_t)group;
    ftl_random_permutation(l->order, n,
            (ftl_random_key) {d->config->seed, FTL_STREAM_REFERENCE, step});
    for (int64_t i = 0; i < each; i++)
        owner[l->member[l->order[i]]] = FTL_SPLIT_REFERENCE;
}

static void cut_group(const drawing *d, int group, int64_t biased, const lists *l,
        int8_t *owner, ftl_splits *out) {
    int64_t n_members = 0, at = 0, kept = 0;
    for (int64_t i = 0; i < d->file->pack.n; i++)
        if (d->group[i] == group) l->member[n_members++] = i;
    ftl_random_permutation(l->order, n_members,
            (ftl_random_key) {d->config->seed, FTL_STREAM_SPLIT, (uint64_t)group});
    for (int64_t i = 0; i < n_members; i++)
        l->order[i] = l->member[l->order[i]];
    int64_t each = reference_of_group(d, biased), n_kept = kept_of_group(d, biased);
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        int64_t n = share(d, cut_order[k], group, biased), n_taken = n;
        if (cut_order[k] == FTL_SPLIT_REFERENCE) {
            kept = at;
            n_taken = d->config->ref_draw ? 0 : each;
        }
        for (int64_t i = 0; i < n_taken; i++)
            owner[l->order[at + i]] = (int8_t)cut_order[k];
        at += n;
    }
    assert(at <= n_members && each <= n_kept);
    out->n_kept += n_kept;
    out->n_spare += n_members - at;
    if (d->config->ref_draw)
        draw_reference(d, group, each, l, kept, n_kept, at, n_members, owner);
}

static void leave_out(drawing *d, int64_t image) {
    d->available[d->group[image]]--;
    d->group[image] = -1;
}

/* Of images with the same pixels, those in no group aside, one may take part: the
 * others would know of it in another set. None if their groups contradict each other.
 * first  [n] as of ftl_pack_find_equal
 * shown  [n] of an image that is first: one of its group that shows it, -1 if none;
 *        overwritten */
static void leave_out_equal(
        drawing *d, const int64_t *first, int64_t *shown, ftl_splits *out) {
    enum { NONE = -1, CONTRADICTED = -2 };
    const ftl_pack *pack = &d->file->pack;
    for (int64_t i = 0; i < pack->n; i++)
        shown[i] = NONE;
    for (int64_t i = 0; i < pack->n; i++) {
        int64_t *one = &shown[first[i]];
        if (d->group[i] < 0 || *one == CONTRADICTED) continue;
        if (*one == NONE) {
            *one = i;
        } else if (d->group[*one] != d->group[i]) {
            if (!out->contradicting[0]) {
                out->contradicting[0] = pack->names[*one];
                out->contradicting[1] = pack->names[i];
            }
            *one = CONTRADICTED;
        }
    }
    for (int64_t i = 0; i < pack->n; i++) {
        const int64_t one = shown[first[i]];
        if (d->group[i] < 0 || one == i) continue;
        *(one == CONTRADICTED ? &out->n_contradicting : &out->n_equal) += 1;
        leave_out(d, i);
    }
}

static ftl_status check_equal(drawing *d, ftl_splits *out) {
    size_t n = (size_t)d->file->pack.n;
    int64_t *first = malloc(sizeof *first * n), *shown = malloc(sizeof *shown * n);
    ftl_status status = first && shown
                                ? ftl_pack_find_equal(first, d->file)
                                : ftl_fail(FTL_ENOMEM, "no memory to draw the splits");
    if (status == FTL_OK) leave_out_equal(d, first, shown, out);
    free(first);
    free(shown);
    return status;
}

/* owner[i] = the set that image i goes to, untouched if none. */
static ftl_status cut(
        const drawing *d, int64_t biased, int8_t *owner, ftl_splits *out) {
    size_t n = (size_t)d->file->pack.n;
    lists l = {malloc(sizeof *l.member * n), malloc(sizeof *l.order * n)};
    ftl_status status = FTL_OK;
    if (l.member && l.order)
        for (int g = 0; g < d->n_groups; g++)
            cut_group(d, g, biased, &l, owner, out);
    else
        status = ftl_fail(FTL_ENOMEM, "no memory to draw the splits");
    free(l.member);
    free(l.order);
    return status;
}

static ftl_status draw(ftl_splits *out, drawing *d, int8_t *owner) {
    int64_t biased, n = d->file->pack.n;
    FTL_TRY(check_config(d));
    FTL_TRY(ftl_groups_assign(
            d->group, d->available, d->file, d->config->attribute, d->config->groups));
    for (int64_t i = 0; i < n; i++)
        out->n_unused += d->group[i] < 0;
    for (int g = 0; g < d->n_groups; g++)
        if (!d->available[g])
            return ftl_groups_fail_absent(
                    d->file, d->config->attribute, &d->config->groups->item[g], NULL);
    FTL_TRY(check_equal(d, out));
    FTL_TRY(choose_biased(d, &biased));
    memset(owner, -1, (size_t)n);
    FTL_TRY(cut(d, biased, owner, out));
    out->ref_draw = d->config->ref_draw;
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        int64_t size = 0;
        for (int64_t i = 0; i < n; i++)
            size += owner[i] == k;
        FTL_TRY(ftl_splits_fill_begin(out, (ftl_split_kind)k, d->file, size));
        for (int64_t i = 0; i < n; i++)
            if (owner[i] == k) ftl_split_add(&out->split[k], i, d->group[i]);
    }
    return FTL_OK;
}

ftl_status ftl_splits_draw(
        ftl_splits *out, const ftl_pack_file *file, const ftl_split_config *config) {
    size_t n = (size_t)file->pack.n, n_groups = (size_t)config->groups->n;
    drawing d = {.file = file, .config = config, .n_groups = config->groups->n};
    int8_t *owner = malloc(n);
    d.group = malloc(sizeof *d.group * n);
    d.available = malloc(sizeof *d.available * (n_groups + 1));
    ftl_status status;
    FTL_TRY_OUT(ftl_splits_init(out, config->groups));
    if (!owner || !d.group || !d.available) {
        status = ftl_fail(FTL_ENOMEM, "no memory to draw the splits");
        goto out;
    }
    FTL_TRY_OUT(draw(out, &d, owner));
out:
    free(owner);
    free(d.group);
    free(d.available);
    if (status != FTL_OK) ftl_splits_deinit(out);
    return status;
}
