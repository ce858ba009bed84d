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

typedef struct ftl_features {
    const char *name;          /* "resnet18"; static */
    const char *resizer;       /* what it does to images first: "none"; static */
    char hash[FTL_SHA256_HEX]; /* of its weights and statistics */
    int64_t d;                 /* features */
    ftl_plan *plan;            /* "x" -> "features" */
    int batch;
} ftl_features;

/* The penultimate layer of an attribute classifier, in float32 whatever the precision
 * of the run. It computes in the classifier's memory, and reads its weights whenever it
 * runs: they must be those of now. Release with ftl_features_deinit, which takes zeroed
 * ones too. */
ftl_status ftl_features_of_classifier(ftl_features *f, ftl_classifier *classifier);
void ftl_features_deinit(ftl_features *f);

/* Features of n images of a pack that has the extractor's size and channels. Those of
 * an image do not depend on the others.
 * out    [n, d], overwritten
 * index  [n]; NULL: the first n */
void ftl_features_extract(ftl_features *f, float *out, const ftl_pack *pack,
        const int64_t *index, int64_t n);

#endif
