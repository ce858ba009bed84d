/* words.h - a text file as lines of words, parted by blanks, as CelebA's lists are. */
#ifndef FTL_DATASETS_WORDS_H
#define FTL_DATASETS_WORDS_H

#include "engine/base/status.h"

#include <stdint.h>

typedef struct ftl_words {
    char *text;       /* malloc'ed; words are cut out of it in place */
    char *at;         /* the next line */
    const char *path; /* borrowed */
    int64_t line;     /* the one that was read last, from 1 */
    const char **word;
    int n_words, capacity;
} ftl_words;

/* Read the file; a byte order mark is skipped. Release with ftl_words_close. Fails with
 * FTL_EIO, FTL_ENOMEM, FTL_EFORMAT (a zero byte); *l is then empty. */
ftl_status ftl_words_open(ftl_words *l, const char *path);

/* An empty one is fine. */
void ftl_words_close(ftl_words *l);

/* The next line that has words; n_words is 0 at the end. Fails with FTL_ENOMEM. */
ftl_status ftl_words_read_line(ftl_words *l);

#endif
