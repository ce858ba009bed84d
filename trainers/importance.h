/* importance.h - importance weights of the biased set (Choi, Grover, Singh,
 * Shu, Ermon 2020, "Fair Generative Modeling via Weak Supervision"): w(x) =
 * p_ref(x) / p_bias(x), from a classifier that learns to tell the two sets
 * apart. No label of a group is used.
 *
 * The classifier sees as many images of one set as of the other in every step,
 * so the odds that it gives are the ratio of densities: w = P(ref | x) / P(bias
 * | x). */
#ifndef FTL_TRAINERS_IMPORTANCE_H
#define FTL_TRAINERS_IMPORTANCE_H

#include "trainers/classifier.h"
#include "trainers/settings.h"

/* Train the classifier and weigh each image of the biased set.
 * weight   [images of the biased set], overwritten: w(x)^alpha
 * options  of the images and of plans; width and classes are not looked at
 * memory   that its plans compute in (borrowed), while no other plan runs
 * stage    of the run: random streams of its own. Fails with FTL_ENUMERIC,
 * FTL_ENOMEM. */
ftl_status ftl_importance_weigh(float *weight, const ftl_splits *splits,
        const ftl_classifier_options *options, const ftl_importance_settings *settings,
        bool flips, uint64_t seed, int64_t stage, ftl_plan_memory *memory);

/* (P(ref) / P(bias))^alpha from the logits {bias, ref}. */
float ftl_importance_of_logits(const float *logits, double alpha);

#endif
