/* option.h - rows of configuration.
 *
 * A module that has settings exports a table of these rows, ended by a row whose key
 * is NULL; each row says where in the module's struct the value goes. One table drives
 * the YAML reader, --set, --help and the resolved configuration saved with a run
 * (configs/config.h). Values live in the struct; strings and lists in the arena of the
 * configuration that was read. configs/config.h has the grammar of each type. */
#ifndef FTL_ENGINE_BASE_OPTION_H
#define FTL_ENGINE_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ftl_option_type {
    FTL_OPTION_BOOL,     /* bool */
    FTL_OPTION_INT,      /* int64_t; min <= value <= max */
    FTL_OPTION_REAL,     /* double; min <= value <= max */
    FTL_OPTION_TEXT,     /* const char *; NULL if absent and without default */
    FTL_OPTION_CHOICE,   /* int: index into choices, NULL-ended names */
    FTL_OPTION_TEXTS,    /* ftl_texts: a list of strings; one alone is a list of one */
    FTL_OPTION_GROUPS,   /* ftl_groups: {name: values, ...} in order */
    FTL_OPTION_SECTION,  /* a struct with a table of its own, in place at offset */
    FTL_OPTION_SECTIONS, /* ftl_sections: a list of such structs */
    FTL_OPTION_VARIANTS, /* ftl_variants: a list of {name: section} maps */
} ftl_option_type;

typedef struct ftl_texts {
    const char **item;
    int n;
} ftl_texts;

/* Values of an attribute: whole numbers, both ends included, or what one is called. */
typedef struct ftl_range {
    int64_t first, last; /* INT64_MIN, INT64_MAX: no end */
    const char *word;    /* NULL: the numbers */
} ftl_range;

/* An attribute has one of these values. */
typedef struct ftl_condition {
    const char *attribute; /* NULL: the one that is named beside the groups */
    const ftl_range *range;
    int n_ranges;
} ftl_condition;

typedef struct ftl_group {
    const char *name;
    const ftl_condition *condition; /* all must hold */
    int n_conditions;
} ftl_group;

typedef struct ftl_groups {
    ftl_group *item;
    int n;
} ftl_groups;

typedef struct ftl_sections {
    void *item; /* array of n structs of table_bytes */
    int n;
} ftl_sections;

typedef struct ftl_variant {
    int kind;      /* index into the row's variants */
    void *section; /* struct of that variant's table */
    int line;      /* where it stood, for messages; 0 if from a default */
} ftl_variant;

typedef struct ftl_variants {
    ftl_variant *item;
    int n;
} ftl_variants;

typedef struct ftl_option ftl_option;

/* One kind of entry in a FTL_OPTION_VARIANTS list. Ended by name NULL. */
typedef struct ftl_option_variant {
    const char *name;
    const ftl_option *table;
    size_t table_bytes;
    const char *help;
} ftl_option_variant;

struct ftl_option {
    const char *key;
    ftl_option_type type;
    size_t offset;              /* offsetof in the module's struct */
    double min, max;            /* INT, REAL and the values of GROUPS, both
                                   inclusive; both 0: no bounds. Use -INFINITY or
                                   INFINITY for one side without a bound */
    const char *fallback;       /* default as YAML would write it; NULL: required
                                   for INT, REAL, BOOL and CHOICE; absent (NULL,
                                   empty) for the others, and for SECTION the
                                   defaults of its keys */
    const char *const *choices; /* CHOICE */
    const ftl_option *table;    /* SECTION and SECTIONS */
    size_t table_bytes;         /* SECTION and SECTIONS */
    const ftl_option_variant *variants; /* VARIANTS */
    const char *unit;                   /* "kimg", "px", ...; NULL if none */
    const char *help;                   /* one line */
    bool required;                      /* absence is an error, whatever the fallback */
    /* Says the key nothing beside the other values of its table's struct? It is then
     * left out where a configuration is written, and whoever reads one may refuse it.
     * NULL: it always counts. */
    bool (*silent)(const void *values);
};

#endif
