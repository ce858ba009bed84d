/* choices.h - which of several kernels was taken, where there was a choice.
 *
 * A choice is a word under a key that describes a call ("conv3x3_bias up [16, 64, 32,
 * 32]
 * -> [16, 32, 64, 64] bf16"). Plans look theirs up; what is not there follows a fixed
 * rule of the shapes. Measured once (engine/compile/tune.h), kept with a run and used
 * ever after, so that the run's bits do not depend on what else the machine was doing.
 */
#ifndef FTL_ENGINE_CHOICES_H
#define FTL_ENGINE_CHOICES_H

#include "engine/base/status.h"

typedef struct ftl_choices ftl_choices;

/* None yet. *out is owned by the caller. */
ftl_status ftl_choices_create(ftl_choices **out);
void ftl_choices_free(ftl_choices *choices); /* NULL is fine */

/* The word; NULL if there is none (or choices is NULL). Borrowed. */
const char *ftl_choices_find(const ftl_choices *choices, const char *key);

/* Add a choice, or change it. Keys hold no " = " and neither holds a line end. */
ftl_status ftl_choices_set(ftl_choices *choices, const char *key, const char *word);

int ftl_choices_count(const ftl_choices *choices);

/* As text: a line "key = word" each, in the order in which they were added. *text is
 * the caller's: free() it. */
ftl_status ftl_choices_format(char **text, const ftl_choices *choices);

/* Add what a text of ftl_choices_format holds. Fails with FTL_EFORMAT: the message
 * names `where` and the line; those before it were added. */
ftl_status ftl_choices_parse(ftl_choices *choices, const char *text, const char *where);

#endif
