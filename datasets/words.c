/* words.c - see words.h. */
#include "datasets/words.h"

#include "engine/base/file.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

void ftl_words_close(ftl_words *l) {
    free(l->text);
    free(l->word);
    *l = (ftl_words) {0};
}

ftl_status ftl_words_open(ftl_words *l, const char *path) {
    size_t n_bytes;
    *l = (ftl_words) {.path = path};
    FTL_TRY(ftl_file_read(&l->text, &n_bytes, path));
    const char *zero = memchr(l->text, 0, n_bytes);
    l->at = l->text;
    if (n_bytes >= 3 && memcmp(l->text, "\xef\xbb\xbf", 3) == 0) l->at += 3;
    if (!zero) return FTL_OK;
    ftl_words_close(l);
    return ftl_fail(FTL_EFORMAT, "%s: a zero byte; this is no text file", path);
}

static ftl_status add_word(ftl_words *l, const char *word) {
    if (l->n_words == l->capacity) {
        int capacity = l->capacity ? 2 * l->capacity : 64;
        const char **grown = realloc(l->word, sizeof *grown * (size_t)capacity);
        if (!grown) return ftl_fail(FTL_ENOMEM, "%s: no memory left", l->path);
        l->word = grown;
        l->capacity = capacity;
    }
    l->word[l->n_words++] = word;
    return FTL_OK;
}

ftl_status ftl_words_read_line(ftl_words *l) {
    l->n_words = 0;
    while (*l->at && !l->n_words) {
        char *end = l->at + strcspn(l->at, "\n"), *from = l->at;
        l->at = *end ? end + 1 : end;
        l->line++;
        *end = 0;
        for (;;) {
            from += strspn(from, BLANKS);
            if (!*from) break;
            FTL_TRY(add_word(l, from));
            from += strcspn(from, BLANKS);
            if (*from) *from++ = 0;
        }
    }
    return FTL_OK;
}
