/* comparison_settings.h - the section `compare:`, which a configuration may have beside
 * what a run needs.
 *
 *     compare:
 *       methods:
 *         - {name: fairtl}
 *         - {name: lp-ft, set: ["method=fairtl++", "lambda=1"]}
 *         - {name: freezed, ratios: [0.025], seeds: [1]}   # a part of the lists below
 *       ratios: [0.025, 0.1]
 *       seeds: [1, 2, 3]
 */
#ifndef FTL_TRAINERS_COMPARISON_COMPARISON_SETTINGS_H
#define FTL_TRAINERS_COMPARISON_COMPARISON_SETTINGS_H

#include "trainers/settings.h"

typedef struct ftl_compared_method {
    const char *name;
    ftl_texts set;           /* "key=value" of its adapt stages */
    ftl_texts ratios, seeds; /* some of the comparison's; empty: all of them */
} ftl_compared_method;

typedef struct ftl_compare_settings {
    ftl_sections methods; /* of ftl_compared_method */
    ftl_texts ratios;     /* empty: data.ref_ratio */
    ftl_texts seeds;
} ftl_compare_settings;

typedef struct ftl_comparison_settings {
    ftl_settings run; /* at the beginning: its table is part of this one */
    ftl_compare_settings compare;
} ftl_comparison_settings;

/* Rows for ftl_comparison_settings: those of a run, and `compare`. First called while
 * the program has one thread. */
const ftl_option *ftl_comparison_table(void);

#endif
