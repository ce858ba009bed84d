/* text.h - comparing words: hints for misspelt ones, and globs. Bytes, not characters.
 */
#ifndef FTL_ENGINE_BASE_TEXT_H
#define FTL_ENGINE_BASE_TEXT_H

#include <stdbool.h>

/* How many bytes must be inserted, removed, replaced or swapped with their neighbour to
 * make b of a, no byte being touched twice (optimal string alignment). Unequal words of
 * which one has more than 255 bytes count as wholly different: the longer length. */
int ftl_text_distance(const char *a, const char *b);

/* The candidate (NULL-ended list) nearest to the word, the first among equals; NULL if
 * none differs in at most a third of its bytes (one byte in words of 2 to 5). Borrowed
 * from the list. For "did you mean". */
const char *ftl_text_nearest(const char *word, const char *const *candidates);

/* Does the whole text match the pattern? '*' stands for any bytes, also none, '?' for
 * one; both also match '.' and '/'. Nothing else is special. */
bool ftl_text_match(const char *pattern, const char *text);

#endif
