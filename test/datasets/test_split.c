/* test_split.c - five disjoint sets: counts, disjointness, seeds, refusals. */
#include "datasets/group.h"
#include "datasets/split.h"
#include "engine/base/file.h"
#include "test/datasets/group_fixture.h"
#include "test/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 1000

/* Values 0 .. 3 in turn, so 250 each, but every tenth is missing. */
static int32_t value[N];
static uint8_t pixels[N][2]; /* no two alike */
static char name_text[N][16];
static const char *name[N];
static ftl_pack_attribute attribute = {.name = "label", .value = value};
static ftl_pack_file file = {.pack = {.n = N,
                                     .height = 1,
                                     .width = 2,
                                     .channels = 1,
                                     .images = pixels[0],
                                     .names = name,
                                     .n_attributes = 1,
                                     .attributes = &attribute},
        .path = "p.h5"};

static ftl_group two_items[] = {FTL_GROUP("bag", FTL_VALUES(NULL, FTL_NUMBER(0))),
        FTL_GROUP("shoe", FTL_VALUES(NULL, FTL_NUMBER(1)))};
static ftl_group three_items[] = {FTL_GROUP("bag", FTL_VALUES(NULL, FTL_NUMBER(0))),
        FTL_GROUP("shoe", FTL_VALUES(NULL, FTL_NUMBER(1))),
        FTL_GROUP("rest", FTL_VALUES(NULL, FTL_NUMBER(2), FTL_NUMBER(3)))};
static const ftl_groups two = {two_items, 2}, three = {three_items, 3};

static void set_values(void) {
    for (int i = 0; i < N; i++) {
        value[i] = i % 10 == 9 ? -1 : i % 4;
        pixels[i][0] = (uint8_t)i;
        pixels[i][1] = (uint8_t)(i / 256);
        snprintf(name_text[i], sizeof name_text[i], "%d.png", i);
        name[i] = name_text[i];
    }
}

static ftl_split_config config(void) {
    set_values();
    return (ftl_split_config) {.attribute = "label",
            .groups = &two,
            .majority = "shoe",
            .bias = 0.9,
            .ref_ratio = 0.25,
            .biased = 100,
            .classifier = 60,
            .validation = 40,
            .evaluation = 50,
            .min_reference = 8,
            .seed = 1};
}

static int64_t available(int group) {
    int64_t n = 0;
    for (int i = 0; i < N; i++)
        n += value[i] == group;
    return n;
}

/* Ascending, in range, of the right group, in no other set. */
static bool sound(const ftl_splits *splits, const ftl_groups *groups) {
    bool taken[N] = {false};
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        const ftl_split *s = &splits->split[k];
        int64_t count[8] = {0};
        for (int64_t i = 0; i < s->n; i++) {
            int64_t at = s->index[i];
            if (at < 0 || at >= N || taken[at] || (i && at <= s->index[i - 1]))
                return false;
            taken[at] = true;
            const ftl_condition *g = groups->item[s->group[i]].condition;
            bool member = false;
            for (int v = 0; v < g->n_ranges; v++)
                member |= g->range[v].first == value[at];
            if (!member) return false;
            count[s->group[i]]++;
        }
        for (int g = 0; g < groups->n; g++)
            if (count[g] != s->count[g]) return false;
    }
    return true;
}

static void draws_two_groups(void) {
    ftl_split_config c = config();
    ftl_splits s;
    FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
    bool good = sound(&s, &two) && s.n_groups == 2 &&
                !strcmp(s.group_name[1], "shoe") &&
                s.split[FTL_SPLIT_BIASED].n == 100 &&
                s.split[FTL_SPLIT_BIASED].count[0] == 10 &&
                s.split[FTL_SPLIT_BIASED].count[1] == 90 &&
                s.split[FTL_SPLIT_REFERENCE].n == 26 && /* 25, to a multiple of two */
                s.split[FTL_SPLIT_REFERENCE].count[0] == 13 &&
                s.split[FTL_SPLIT_CLASSIFIER].count[0] == 30 &&
                s.split[FTL_SPLIT_VALIDATION].count[1] == 20 &&
                s.split[FTL_SPLIT_EVALUATION].count[1] == 25 &&
                s.n_unused == N - available(0) - available(1);
    ftl_splits_deinit(&s);
    FTL_CHECK(good);
}

static void show(int image, int as) { memcpy(pixels[image], pixels[as], 2); }

static bool in_a_set(const ftl_splits *splits, int image) {
    for (int k = 0; k < FTL_N_SPLITS; k++)
        for (int64_t i = 0; i < splits->split[k].n; i++)
            if (splits->split[k].index[i] == image) return true;
    return false;
}

/* 0, 4, 8 are bags, 1 and 5 shoes, 9 and 2 in no group. */
static void draws_no_image_twice(void) {
    ftl_split_config c = config();
    ftl_splits s;
    char *text = NULL;
    size_t n;
    c.biased = 0;
    c.bias = 0.5;
    c.evaluation =
            2 * ((available(0) < available(1) ? available(0) : available(1)) - 60);
    c.classifier = c.validation = 20;
    c.ref_ratio = 1;
    show(4, 0), show(8, 0), show(9, 0); /* of 0, 4, 8 one is left */
    show(5, 1), show(12, 1);            /* of 1, 5, 12 none: 12 is a bag */
    show(6, 2);                         /* nobody's */
    FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
    bool good = sound(&s, &two) && s.n_equal == 2 && s.n_contradicting == 3 &&
                !in_a_set(&s, 4) && !in_a_set(&s, 8) && !in_a_set(&s, 1) &&
                !in_a_set(&s, 5) && !in_a_set(&s, 12) &&
                s.n_unused == N - available(0) - available(1);
    FILE *stream = open_memstream(&text, &n);
    ftl_splits_print(stream, &s);
    fclose(stream);
    ftl_splits_deinit(&s);
    good = good &&
           strstr(text, "\n2 images have the same pixels as another of their") &&
           strstr(text,
                   "\n3 images have the same pixels as one of another group and are "
                   "not used, such as 1.png and 12.png\n");
    free(text);
    FTL_CHECK(good);
    /* As many as there are then. */
    c.evaluation = 0;
    c.biased = 2 * available(1);
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_EINPUT, "group bag has");
}

static void draws_three_groups(void) {
    ftl_split_config c = config();
    ftl_splits s;
    c.groups = &three;
    c.bias = 0.8;
    c.majority = "bag";
    c.biased = 101;
    c.classifier = c.validation = c.evaluation = 30;
    FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
    /* round(80.8), then 20 in two; 25.25 -> 25 -> 24 */
    bool good = sound(&s, &three) && s.split[FTL_SPLIT_BIASED].count[0] == 81 &&
                s.split[FTL_SPLIT_BIASED].count[1] == 10 &&
                s.split[FTL_SPLIT_BIASED].count[2] == 10 &&
                s.split[FTL_SPLIT_REFERENCE].n == 24 &&
                s.split[FTL_SPLIT_EVALUATION].count[2] == 10;
    ftl_splits_deinit(&s);
    FTL_CHECK(good);
}

static void takes_as_many_as_there_are(void) {
    ftl_split_config c = config();
    ftl_splits s;
    c.biased = 0;
    FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
    int64_t biased = s.split[FTL_SPLIT_BIASED].n;
    bool good = sound(&s, &two);
    ftl_splits_deinit(&s);
    FTL_CHECK(good);
    c.biased = biased;
    FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
    ftl_splits_deinit(&s);
    c.biased = biased + 1; /* one more does not fit */
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_EINPUT, "p.h5: group shoe has");
}

static bool equal(const ftl_split *a, const ftl_split *b) {
    return a->n == b->n && !memcmp(a->index, b->index, sizeof *a->index * (size_t)a->n);
}

static void depends_on_the_seed_alone(void) {
    ftl_split_config c = config();
    ftl_splits a, b, d, e;
    FTL_CHECK_OK(ftl_splits_draw(&a, &file, &c));
    FTL_CHECK_OK(ftl_splits_draw(&b, &file, &c));
    c.seed = 2;
    FTL_CHECK_OK(ftl_splits_draw(&d, &file, &c));
    c.seed = 1;
    c.biased = 50; /* leaves the labelled sets alone */
    FTL_CHECK_OK(ftl_splits_draw(&e, &file, &c));
    bool same = true, other = true;
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        same &= equal(&a.split[k], &b.split[k]);
        other &= !equal(&a.split[k], &d.split[k]);
    }
    bool stable = true;
    for (int k = FTL_SPLIT_CLASSIFIER; k <= FTL_SPLIT_EVALUATION; k++)
        stable &= equal(&a.split[k], &e.split[k]);
    ftl_splits_deinit(&a);
    ftl_splits_deinit(&b);
    ftl_splits_deinit(&d);
    ftl_splits_deinit(&e);
    FTL_CHECK(same && other && stable);
}

/* All sets but the reference set are those of a; that is one, sound, of its size. */
static bool only_reference_differs(
        const ftl_splits *a, const ftl_split_config *c, int64_t size, ftl_splits *out) {
    if (ftl_splits_draw(out, &file, c) != FTL_OK) return false;
    const ftl_split *reference = &out->split[FTL_SPLIT_REFERENCE];
    bool good = sound(out, &two) && reference->n == size &&
                reference->count[0] == size / 2 && reference->count[1] == size / 2;
    for (int k = 0; k < FTL_N_SPLITS; k++)
        good &= k == FTL_SPLIT_REFERENCE || equal(&a->split[k], &out->split[k]);
    return good;
}

static bool contains(const ftl_split *all, const ftl_split *part) {
    int64_t at = 0;
    for (int64_t i = 0; i < part->n; i++) {
        while (at < all->n && all->index[at] < part->index[i])
            at++;
        if (at == all->n || all->index[at] != part->index[i]) return false;
    }
    return true;
}

/* Of every draw the larger reference set (50 images) has the smaller one (20) in it;
 * draw 0 is what a configuration without draws gives. */
static bool draws_alike(const ftl_splits *a, uint64_t number) {
    ftl_split_config c = config();
    ftl_splits large, small;
    c.ref_pool = 0.5, c.ref_draw = number;
    c.ref_ratio = 0.5;
    bool good = only_reference_differs(a, &c, 50, &large);
    c.ref_ratio = 0.2;
    good &= only_reference_differs(a, &c, 20, &small);
    good = good && contains(&large.split[1], &small.split[1]);
    good = good && (number == 0) == equal(&large.split[1], &a->split[1]);
    ftl_splits_deinit(&large);
    ftl_splits_deinit(&small);
    return good;
}

static void other_reference_sets(int64_t biased) {
    ftl_split_config c = config();
    ftl_splits a, one, two_;
    c.ref_ratio = 0.5, c.biased = biased;
    FTL_CHECK_OK(ftl_splits_draw(&a, &file, &c));
    bool good = a.n_kept == a.split[FTL_SPLIT_REFERENCE].n;
    c.biased = a.split[FTL_SPLIT_BIASED].n;
    for (uint64_t number = 0; biased && number < 4; number++)
        good &= draws_alike(&a, number);
    /* Two draws have little in common, and are of more than was kept. */
    c.biased = biased, c.ref_pool = 0.5, c.ref_ratio = 0.2, c.ref_draw = 1;
    int64_t size = llround(0.2 * (double)a.split[FTL_SPLIT_BIASED].n / 2) * 2;
    good &= only_reference_differs(&a, &c, size, &one);
    c.ref_draw = 2;
    good &= only_reference_differs(&a, &c, size, &two_);
    good = good && !equal(&one.split[1], &two_.split[1]);
    good = good && one.n_spare == two_.n_spare && one.n_spare > 0;
    good = good && (biased == 0 || !contains(&a.split[1], &one.split[1]));
    ftl_splits_deinit(&a);
    ftl_splits_deinit(&one);
    ftl_splits_deinit(&two_);
    FTL_CHECK(good);
}

static void draws_other_reference_sets(void) {
    other_reference_sets(100);
    other_reference_sets(0); /* as many biased ones as there are */
    ftl_split_config c = config();
    ftl_splits s;
    c.ref_pool = 0.2;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_ECONFIG,
            "data.ref_pool: 0.2; it is from data.ref_ratio, 0.25");
    c.ref_pool = 1, c.biased = 200;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_EINPUT,
            "biased 180 + reference (data.ref_pool) 100");
}

static void refuses_to_draw(void) {
    ftl_split_config c = config();
    ftl_splits s;
    char want[256];
    c.biased = 240;
    snprintf(want, sizeof want,
            "p.h5: group shoe has %d images, 321 are needed: biased 216 + reference 30 "
            "+ "
            "classifier 30 + validation 20 + evaluation 25",
            (int)available(1));
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_EINPUT, want);
    FTL_CHECK(!s.arena);
    c = config(), c.ref_ratio = 0.01;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_EINPUT,
            "the reference set would have 2 images (1 of each group");
    c = config(), c.min_reference = 32;
    FTL_CHECK_FAILS(
            ftl_splits_draw(&s, &file, &c), FTL_EINPUT, "at least 32 are needed");
    c = config(), c.biased = 0, c.classifier = 600;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_EINPUT,
            "are needed: biased 0 + reference 0 + classifier 300");
    c = config(), c.validation = 41;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_ECONFIG,
            "data.sizes.validation: 41 is no multiple of 2 groups; take 40");
    c = config(), c.validation = 1;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_ECONFIG,
            "data.sizes.validation: 1 is no multiple of 2 groups; take 2");
    c = config(), c.attribute = "labels";
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_ECONFIG,
            "data.attribute: p.h5 has no attribute \"labels\"; it has label");
    c = config(), c.majority = "shoes";
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_ECONFIG,
            "data.majority: no group is called \"shoes\"; did you mean shoe?");
    c = config(), c.bias = 0.4;
    FTL_CHECK_FAILS(ftl_splits_draw(&s, &file, &c), FTL_ECONFIG, "data.bias: 0.4");
}

/* Form 2: small packs of images that are all different. */
typedef struct small {
    ftl_pack_file file;
    ftl_pack_attribute attribute;
    uint8_t images[40 * 2];
    int32_t values[40];
    const char *names[40];
} small;

static small *make(const char *path, int n, int first) {
    small *s = calloc(1, sizeof *s);
    if (!s) abort();
    for (int i = 0; i < n; i++) {
        s->images[2 * i] = (uint8_t)(first + i);
        s->images[2 * i + 1] = 7;
        s->values[i] = i % 2;
        s->names[i] = "x.png";
    }
    s->attribute = (ftl_pack_attribute) {.name = "label", .value = s->values};
    s->file = (ftl_pack_file) {.path = path,
            .pack = {.n = n,
                    .height = 1,
                    .width = 2,
                    .channels = 1,
                    .images = s->images,
                    .names = s->names,
                    .n_attributes = 1,
                    .attributes = &s->attribute}};
    return s;
}

typedef struct five {
    small *pack[FTL_N_SPLITS];
    const ftl_pack_file *file[FTL_N_SPLITS];
} five;

static five make_five(void) {
    static const char *const paths[] = {"b.h5", "r.h5", "c.h5", "v.h5", "e.h5"};
    five f;
    for (int k = 0; k < FTL_N_SPLITS; k++) {
        f.pack[k] = make(paths[k], 40, 40 * k);
        f.file[k] = &f.pack[k]->file;
    }
    return f;
}

static void free_five(five *f) {
    for (int k = 0; k < FTL_N_SPLITS; k++)
        free(f->pack[k]);
}

static void gathers_packs(void) {
    five f = make_five();
    ftl_splits s;
    f.pack[FTL_SPLIT_BIASED]->values[3] = -1;
    f.pack[FTL_SPLIT_CLASSIFIER]->values[0] = 9;
    f.pack[FTL_SPLIT_CLASSIFIER]->values[1] = -1;
    f.file[FTL_SPLIT_EVALUATION] = NULL;
    ftl_status status = ftl_splits_gather(&s, f.file, "label", &two, 40);
    bool good = status == FTL_OK && s.split[0].n == 40 && s.split[0].count[1] == 19 &&
                s.split[0].n_ungrouped == 1 && s.split[0].group[3] == -1 &&
                s.split[1].n == 40 && s.split[1].file == f.file[1] &&
                s.split[2].n == 38 && s.split[2].index[0] == 2 && s.split[4].n == 0 &&
                !s.split[4].file;
    if (status == FTL_OK) ftl_splits_deinit(&s);
    f.pack[0]->file.pack.n_attributes = 0; /* unlabelled altogether */
    ftl_status again = ftl_splits_gather(&s, f.file, "label", &two, 40);
    good &= again == FTL_OK && s.split[0].n_ungrouped == 40;
    if (again == FTL_OK) ftl_splits_deinit(&s);
    free_five(&f);
    FTL_CHECK_OK(status);
    FTL_CHECK_OK(again);
    FTL_CHECK(good);
}

/* Gather after one change; frees the five. */
static ftl_status gather(five *f, int64_t min_reference) {
    ftl_splits s;
    ftl_status status = ftl_splits_gather(&s, f->file, "label", &two, min_reference);
    ftl_splits_deinit(&s);
    free_five(f);
    return status;
}

static void refuses_to_gather(void) {
    five f = make_five();
    f.pack[3]->file.pack.n_attributes = 0;
    FTL_CHECK_FAILS(gather(&f, 2), FTL_ECONFIG, "v.h5 has no attribute \"label\"");
    f = make_five();
    f.pack[2]->file.pack.width = 1;
    FTL_CHECK_FAILS(
            gather(&f, 2), FTL_ESHAPE, "b.h5 has images of 2 x 1 x 1, c.h5 of 1");
    f = make_five();
    for (int i = 0; i < 40; i++)
        f.pack[4]->values[i] = 0;
    FTL_CHECK_FAILS(gather(&f, 2), FTL_EINPUT,
            "e.h5: the evaluation set has no image of group shoe");
    f = make_five();
    FTL_CHECK_FAILS(gather(&f, 41), FTL_EINPUT,
            "r.h5: the reference set has 40 images, at least 41 (one batch)");
    f = make_five();
    for (int i = 3; i < 40; i += 2)
        f.pack[1]->values[i] = 5;
    FTL_CHECK_FAILS(gather(&f, 2), FTL_EINPUT, "r.h5: the reference set has 1 image");
    f = make_five();
    memcpy(f.pack[4]->images + 10, f.pack[1]->images + 6, 4);
    FTL_CHECK_FAILS(gather(&f, 2), FTL_EINPUT,
            "r.h5 and e.h5: the sets must be disjoint, but 2 images are in two of "
            "them");
    f = make_five();
    f.file[2] = f.file[3];
    FTL_CHECK_FAILS(gather(&f, 2), FTL_EINPUT, "40 images are in two");
}

/* Names that need quotes, an image without a group, and a line for each image. */
static void writes_a_csv(void) {
    five f = make_five();
    ftl_splits s;
    char path[512], *text;
    size_t n;
    f.pack[0]->names[0] = "a, b";
    f.pack[0]->names[1] = "say \"c\"";
    f.pack[0]->values[1] = -1;
    for (int k = 2; k < FTL_N_SPLITS; k++)
        f.file[k] = NULL;
    snprintf(path, sizeof path, "%s/s.csv", ftl_test_directory());
    ftl_status status = ftl_splits_gather(&s, f.file, "label", &two, 2);
    if (status == FTL_OK) status = ftl_splits_write_csv(path, &s);
    ftl_splits_deinit(&s);
    free_five(&f);
    FTL_CHECK_OK(status);
    FTL_CHECK_OK(ftl_file_read(&text, &n, path));
    static const char start[] = "file,set,group,index\n\"a, b\",biased,bag,0\n"
                                "\"say \"\"c\"\"\",biased,,1\nx.png,biased,bag,2\n";
    int lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    bool good = strncmp(text, start, sizeof start - 1) == 0 && lines == 1 + 80 &&
                strstr(text, "\nx.png,reference,shoe,39\n");
    free(text);
    FTL_CHECK(good);
}

static void prints_a_table(void) {
    ftl_split_config c = config();
    ftl_splits s;
    char *text = NULL;
    size_t n;
    FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
    FILE *stream = open_memstream(&text, &n);
    ftl_splits_print(stream, &s);
    fclose(stream);
    ftl_splits_deinit(&s);
    bool good = strstr(text, "set          images       bag      shoe\n"
                             "biased          100        10        90\n"
                             "reference        26        13        13\n") != NULL;
    good &= !strstr(text, "draw");
    if (!good) fputs(text, stderr);
    free(text);
    FTL_CHECK(good);
}

static void prints_where_the_reference_is_from(void) {
    static const char *const want[] = {
            "\nreference: draw 0, the first of 50 images kept for it\n",
            "\nreference: draw 3, out of 50 images kept for it and 150 in no set\n"};
    for (int i = 0; i < 2; i++) {
        ftl_split_config c = config();
        ftl_splits s;
        char *text = NULL;
        size_t n;
        c.ref_pool = 0.5, c.ref_draw = i ? 3 : 0;
        FTL_CHECK_OK(ftl_splits_draw(&s, &file, &c));
        FILE *stream = open_memstream(&text, &n);
        ftl_splits_print(stream, &s);
        fclose(stream);
        ftl_splits_deinit(&s);
        bool good = strstr(text, want[i]) != NULL;
        if (!good) fputs(text, stderr);
        free(text);
        FTL_CHECK(good);
    }
}

int main(void) {
    FTL_TEST(draws_two_groups);
    FTL_TEST(draws_no_image_twice);
    FTL_TEST(draws_three_groups);
    FTL_TEST(takes_as_many_as_there_are);
    FTL_TEST(depends_on_the_seed_alone);
    FTL_TEST(draws_other_reference_sets);
    FTL_TEST(refuses_to_draw);
    FTL_TEST(gathers_packs);
    FTL_TEST(refuses_to_gather);
    FTL_TEST(writes_a_csv);
    FTL_TEST(prints_a_table);
    FTL_TEST(prints_where_the_reference_is_from);
    return ftl_test_finish();
}
