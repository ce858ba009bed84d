/* features.h - feature vectors of images, by a named network: the extractor.
 *
 * A figure of quality means nothing without its extractor, so what tells extractors
 * apart stands with the figure. Images are taken as bytes, as a file would hold them,
 * whether they were photographed or generated. */
#ifndef FTL_TRAINERS_FEATURES_H
#define FTL_TRAINERS_FEATURES_H

#include "datasets/pack.h"
#include "engine/base/hash.h"
#include "trainers/classifier.h"
#include "trainers/metrics/quality.h"

typedef struct ftl_features {
    const char *name;          /* "resnet18", FTL_INCEPTION_NAME; static */
    const char *resizer;       /* what it does to images first: "none"; static */
    char hash[FTL_SHA256_HEX]; /* of its weights and statistics */
    int64_t d;                 /* features */
    int batch;                 /* images that the plan takes at once */
    ftl_plan *plan;            /* "x" -> "features" */
    ftl_store *store;          /* Inception's weights, owned; NULL: the classifier's */
    /* n images of a pack as the network takes them */
    void (*gather)(float *out, const ftl_pack *pack, const int64_t *index, int64_t n);
} ftl_features;

/* The penultimate layer of an attribute classifier, in float32 whatever the precision
 * of the run. It computes in the classifier's memory, and reads its weights whenever it
 * runs: they must be those of now. Release with ftl_features_deinit, which takes zeroed
 * ones too. */
ftl_status ftl_features_of_classifier(ftl_features *f, ftl_classifier *classifier);
void ftl_features_deinit(ftl_features *f);

/* The features that a FID is made of: see trainers/models/inception.h, and
 * trainers/inception_input.h for what is done to images, which may have any size. The
 * weights are a file that tools/convert_inception.py wrote: a checkpoint of this kind.
 * channels: of the images; what `resizer` says depends on it.
 * Fails as ftl_checkpoint_open and ftl_checkpoint_get_store do, with FTL_EINPUT (a file
 * of another kind), FTL_ENOMEM. */
#define FTL_INCEPTION_NAME FTL_QUALITY_FID_EXTRACTOR
ftl_status ftl_features_of_inception(ftl_features *f, const char *path, int channels);

/* Could they be computed from this file? Its hash; the same failures. */
ftl_status ftl_features_check_inception(char hash[FTL_SHA256_HEX], const char *path);

/* Features of n images of a pack; a classifier's has its size and channels. Those of an
 * image do not depend on the others.
 * out    [n, d], overwritten
 * index  [n]; NULL: the first n */
void ftl_features_extract(ftl_features *f, float *out, const ftl_pack *pack,
        const int64_t *index, int64_t n);

/* Seconds of a batch of them, from as many as take part of a second. */
double ftl_features_time(ftl_features *f, const ftl_pack *pack);

#endif
