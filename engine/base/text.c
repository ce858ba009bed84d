/* text.c - see text.h. */
#include "engine/base/text.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 255 };

static int min(int a, int b) { return a < b ? a : b; }

int ftl_text_distance(const char *a, const char *b) {
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > LONGEST || n_b > LONGEST) {
        if (!strcmp(a, b)) return 0;
        return (int)(n_a > n_b ? n_a : n_b);
    }
    /* row[i % 3][j]: distance of the first i bytes of a to the first j of b */
    int row[3][LONGEST + 1];
    for (size_t j = 0; j <= n_b; j++)
        row[0][j] = (int)j;
    for (size_t i = 1; i <= n_a; i++) {
        int *now = row[i % 3];
        const int *above = row[(i + 2) % 3], *above2 = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= n_b; j++) {
            int best = min(above[j], now[j - 1]) + 1;
            best = min(best, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = min(best, above2[j - 2] + 1);
            }
            now[j] = best;
        }
    }
    return row[n_a % 3][n_b];
}

const char *ftl_text_nearest(const char *word, const char *const *candidates) {
    const char *nearest = NULL;
    int smallest = 0;
    for (; *candidates; candidates++) {
        int length = (int)strlen(*candidates);
        int limit = length < 2 ? 0 : length < 6 ? 1 : length / 3;
        int distance = ftl_text_distance(word, *candidates);
        if (distance > limit || (nearest && distance >= smallest)) continue;
        nearest = *candidates;
        smallest = distance;
    }
    return nearest;
}

bool ftl_text_match(const char *pattern, const char *text) {
    const char *star = NULL,
               *resume = NULL; /* the last '*', and where it ends in text */
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
