/* choices.c - a list of keys and words; see choices.h. Some hundred entries at most,
 * looked at when plans are made: a list will do. */
#include "engine/choices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char separator[] = " = ";

typedef struct choice {
    char *key, *word;
} choice;

struct ftl_choices {
    choice *list;
    int n, capacity;
};

static ftl_status no_memory(void) {
    return ftl_fail(FTL_ENOMEM, "out of memory for the choice of kernels");
}

ftl_status ftl_choices_create(ftl_choices **out) {
    *out = calloc(1, sizeof **out);
    return *out ? FTL_OK : no_memory();
}

void ftl_choices_free(ftl_choices *choices) {
    if (!choices) return;
    for (int i = 0; i < choices->n; i++) {
        free(choices->list[i].key);
        free(choices->list[i].word);
    }
    free(choices->list);
    free(choices);
}

static choice *find(const ftl_choices *choices, const char *key) {
    for (int i = 0; i < choices->n; i++)
        if (strcmp(choices->list[i].key, key) == 0) return &choices->list[i];
    return NULL;
}

const char *ftl_choices_find(const ftl_choices *choices, const char *key) {
    const choice *found = choices ? find(choices, key) : NULL;
    return found ? found->word : NULL;
}

int ftl_choices_count(const ftl_choices *choices) { return choices->n; }

static ftl_status grow(ftl_choices *choices) {
    if (choices->n < choices->capacity) return FTL_OK;
    const int capacity = choices->capacity ? 2 * choices->capacity : 64;
    choice *list = realloc(choices->list, (size_t)capacity * sizeof *list);
    if (!list) return no_memory();
    choices->list = list;
    choices->capacity = capacity;
    return FTL_OK;
}

ftl_status ftl_choices_set(ftl_choices *choices, const char *key, const char *word) {
    FTL_TRY(grow(choices)); /* which may move the list */
    choice *old = find(choices, key);
    choice new = {.key = old ? NULL : strdup(key), .word = strdup(word)};
    if (!new.word || (!old && !new.key)) {
        free(new.key);
        free(new.word);
        return no_memory();
    }
    if (old) {
        free(old->word);
        old->word = new.word;
    } else {
        choices->list[choices->n++] = new;
    }
    return FTL_OK;
}

ftl_status ftl_choices_format(char **text, const ftl_choices *choices) {
    size_t n = 1;
    for (int i = 0; i < choices->n; i++)
        n += strlen(choices->list[i].key) + strlen(choices->list[i].word) +
             sizeof separator;
    char *at = *text = malloc(n);
    if (!at) return no_memory();
    *at = 0;
    for (int i = 0; i < choices->n; i++)
        at += snprintf(at, n - (size_t)(at - *text), "%s%s%s\n", choices->list[i].key,
                separator, choices->list[i].word);
    return FTL_OK;
}

/* "key = word" */
static ftl_status parse_line(
        ftl_choices *choices, char *line, const char *where, int number) {
    char *middle = strstr(line, separator);
    if (!middle || middle == line || !middle[sizeof separator - 1])
        return ftl_fail(FTL_EFORMAT, "%s: line %d is not \"key = kernel\": %s", where,
                number, line);
    *middle = 0;
    return ftl_choices_set(choices, line, middle + sizeof separator - 1);
}

ftl_status ftl_choices_parse(
        ftl_choices *choices, const char *text, const char *where) {
    char *copy = strdup(text), *rest = copy;
    ftl_status status = copy ? FTL_OK : no_memory();
    for (int number = 1; status == FTL_OK && *rest; number++) {
        char *line = rest, *end = strchr(rest, '\n');
        rest = end ? end + 1 : rest + strlen(rest);
        if (end) *end = 0;
        if (*line) status = parse_line(choices, line, where, number);
    }
    free(copy);
    return status;
}
