/* config_write.c - values back to YAML, by the table that they were read with. */
#include "configs/config.h"

#include "configs/config_internal.h"
#include "engine/base/memory_file.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct writer {
    FILE *file;
    int indent;        /* blanks before a key */
    bool behind_dash;  /* the next key stands on the line of its list's dash */
    ftl_status status; /* the first failure; what is written then is thrown away */
};

static void write_table(
        struct writer *writer, const ftl_option *table, const void *values);

static const void *field_of(const ftl_option *row, const void *values) {
    return (const char *)values + row->offset;
}

/* Would the table write any key? */
static bool has_content(const ftl_option *table, const void *values);

static bool is_written(const ftl_option *row, const void *values) {
    if (row->silent && row->silent(values)) return false;
    if (row->fallback || row->required) return true;
    const void *field = field_of(row, values);
    switch (row->type) {
    case FTL_OPTION_TEXT:
        return *(const char *const *)field != NULL;
    case FTL_OPTION_TEXTS:
        return ((const ftl_texts *)field)->n > 0;
    case FTL_OPTION_GROUPS:
        return ((const ftl_groups *)field)->n > 0;
    case FTL_OPTION_SECTIONS:
        return ((const ftl_sections *)field)->n > 0;
    case FTL_OPTION_VARIANTS:
        return ((const ftl_variants *)field)->n > 0;
    case FTL_OPTION_SECTION:
        return has_content(row->table, field);
    case FTL_OPTION_BOOL:
    case FTL_OPTION_INT:
    case FTL_OPTION_REAL:
    case FTL_OPTION_CHOICE:
        break;
    }
    return true;
}

static bool has_content(const ftl_option *table, const void *values) {
    for (const ftl_option *row = table; row->key; row++)
        if (is_written(row, values)) return true;
    return false;
}

/* May the text stand without quotes, so that any YAML reader takes it for text? */
static bool is_plain(const char *text) {
    static const char *const words[] = {
            "null", "true", "false", "yes", "no", "on", "off", "y", "n", NULL};
    static const char letters[] =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char others[] = "0123456789./+-";
    for (int i = 0; words[i]; i++)
        if (strcasecmp(words[i], text) == 0) return false;
    /* A slash or a letter first: no number, no date, no .inf and no "---". */
    if (!*text || !(strchr(letters, *text) || *text == '/')) return false;
    for (const char *at = text; *at; at++)
        if (!strchr(letters, *at) && !strchr(others, *at)) return false;
    return true;
}

/* The character at *at and how long it is; false if it is no valid UTF-8. */
static bool decode(const unsigned char *at, uint32_t *character, int *n_bytes) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    int n = *at < 0x80   ? 1
            : *at < 0xc0 ? 0
            : *at < 0xe0 ? 2
            : *at < 0xf0 ? 3
            : *at < 0xf8 ? 4
                         : 0;
    if (n == 0) return false;
    uint32_t value = n == 1 ? *at : *at & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80) return false;
        value = value << 6 | (at[i] & 0x3fu);
    }
    *character = value;
    *n_bytes = n;
    return value >= smallest[n] && value <= 0x10ffff &&
           !(value >= 0xd800 && value <= 0xdfff);
}

/* Characters that a double-quoted scalar may hold as they are. Not those that YAML
 * takes for line breaks, byte-order marks or nothing printable. */
static bool is_printable(uint32_t character) {
    if (character < 0x20 || (character >= 0x7f && character < 0xa0)) return false;
    return character != 0x2028 && character != 0x2029 && character != 0xfeff &&
           character != 0xfffe && character != 0xffff;
}

static ftl_status write_quoted(FILE *file, const char *text) {
    fputc('"', file);
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        uint32_t character = 0;
        int n = 0;
        if (!decode(at, &character, &n)) {
            char shown[FTL_YAML_SHOWN];
            return ftl_fail(FTL_EINPUT,
                    "cannot write \"%s\" to a configuration: it is not valid UTF-8",
                    ftl_yaml_show(shown, text));
        }
        if (character == '"' || character == '\\') {
            fprintf(file, "\\%c", (char)character);
        } else if (character == '\n') {
            fputs("\\n", file);
        } else if (character == '\t') {
            fputs("\\t", file);
        } else if (is_printable(character)) {
            fwrite(at, 1, (size_t)n, file);
        } else {
            fprintf(file, "\\u%04" PRIx32, character);
        }
        at += n;
    }
    fputc('"', file);
    return FTL_OK;
}

ftl_status ftl_config_write_text(FILE *file, const char *text) {
    if (!is_plain(text)) return write_quoted(file, text);
    fputs(text, file);
    return FTL_OK;
}

static void keep(struct writer *writer, ftl_status status) {
    if (writer->status == FTL_OK) writer->status = status;
}

static void write_text(struct writer *writer, const char *text) {
    keep(writer, ftl_config_write_text(writer->file, text));
}

static void write_key(struct writer *writer, const char *key) {
    if (!writer->behind_dash) fprintf(writer->file, "%*s", writer->indent, "");
    writer->behind_dash = false;
    write_text(writer, key);
    fputc(':', writer->file);
}

static void write_dash(struct writer *writer) {
    fprintf(writer->file, "%*s- ", writer->indent - 2, "");
    writer->behind_dash = true;
}

/* Behind a key: its section, on the lines below. */
static void write_section(
        struct writer *writer, const ftl_option *table, const void *values) {
    if (!has_content(table, values)) {
        fputs(" {}\n", writer->file);
        return;
    }
    fputc('\n', writer->file);
    writer->indent += 2;
    write_table(writer, table, values);
    writer->indent -= 2;
}

static void write_texts(struct writer *writer, const ftl_texts *texts) {
    fputs(" [", writer->file);
    for (int i = 0; i < texts->n; i++) {
        if (i) fputs(", ", writer->file);
        write_text(writer, texts->item[i]);
    }
    fputs("]\n", writer->file);
}

static void write_range(struct writer *writer, const ftl_range *range) {
    if (range->word) {
        keep(writer, write_quoted(writer->file, range->word));
        return;
    }
    if (range->first > INT64_MIN) fprintf(writer->file, "%" PRId64, range->first);
    if (range->first == range->last) return;
    fputs("..", writer->file);
    if (range->last < INT64_MAX) fprintf(writer->file, "%" PRId64, range->last);
}

static void write_values(struct writer *writer, const ftl_condition *condition) {
    for (int i = 0; i < condition->n_ranges; i++) {
        fputs(i ? ", " : "[", writer->file);
        write_range(writer, &condition->range[i]);
    }
    fputc(']', writer->file);
}

static void write_group(struct writer *writer, const ftl_group *group) {
    fputc(' ', writer->file);
    if (group->n_conditions == 1 && !group->condition->attribute) {
        write_values(writer, group->condition);
    } else {
        for (int i = 0; i < group->n_conditions; i++) {
            fputs(i ? ", " : "{", writer->file);
            write_text(writer, group->condition[i].attribute);
            fputs(": ", writer->file);
            write_values(writer, &group->condition[i]);
        }
        fputc('}', writer->file);
    }
    fputc('\n', writer->file);
}

static void write_groups(struct writer *writer, const ftl_groups *groups) {
    fputs(groups->n ? "\n" : " {}\n", writer->file);
    writer->indent += 2;
    for (int i = 0; i < groups->n; i++) {
        write_key(writer, groups->item[i].name);
        write_group(writer, &groups->item[i]);
    }
    writer->indent -= 2;
}

static void write_sections(
        struct writer *writer, const ftl_option *row, const ftl_sections *sections) {
    fputs(sections->n ? "\n" : " []\n", writer->file);
    writer->indent += 4;
    for (int i = 0; i < sections->n; i++) {
        const char *section =
                (const char *)sections->item + (size_t)i * row->table_bytes;
        write_dash(writer);
        if (has_content(row->table, section)) {
            write_table(writer, row->table, section);
        } else {
            fputs("{}\n", writer->file);
            writer->behind_dash = false;
        }
    }
    writer->indent -= 4;
}

static void write_variants(
        struct writer *writer, const ftl_option *row, const ftl_variants *variants) {
    fputs(variants->n ? "\n" : " []\n", writer->file);
    writer->indent += 4;
    for (int i = 0; i < variants->n; i++) {
        const ftl_option_variant *variant = &row->variants[variants->item[i].kind];
        write_dash(writer);
        write_key(writer, variant->name);
        write_section(writer, variant->table, variants->item[i].section);
    }
    writer->indent -= 4;
}

/* One that looks like a number is written like one: resolution: 64. */
static void write_choice(struct writer *writer, const char *choice) {
    fputc(' ', writer->file);
    if (ftl_config_is_integer(choice)) {
        fputs(choice, writer->file);
    } else {
        write_text(writer, choice);
    }
    fputc('\n', writer->file);
}

static void write_optional_text(struct writer *writer, const char *text) {
    fputc(' ', writer->file);
    if (text) {
        write_text(writer, text);
    } else {
        fputs("null", writer->file);
    }
    fputc('\n', writer->file);
}

static void write_real(struct writer *writer, double value) {
    char digits[FTL_CONFIG_REAL_CHARS];
    assert(isfinite(value));
    fprintf(writer->file, " %s\n", ftl_config_format_real(digits, value));
}

static void write_value(
        struct writer *writer, const ftl_option *row, const void *field) {
    switch (row->type) {
    case FTL_OPTION_BOOL:
        fputs(*(const bool *)field ? " true\n" : " false\n", writer->file);
        break;
    case FTL_OPTION_INT:
        fprintf(writer->file, " %" PRId64 "\n", *(const int64_t *)field);
        break;
    case FTL_OPTION_REAL:
        write_real(writer, *(const double *)field);
        break;
    case FTL_OPTION_TEXT:
        write_optional_text(writer, *(const char *const *)field);
        break;
    case FTL_OPTION_CHOICE:
        write_choice(writer, row->choices[*(const int *)field]);
        break;
    case FTL_OPTION_TEXTS:
        write_texts(writer, field);
        break;
    case FTL_OPTION_GROUPS:
        write_groups(writer, field);
        break;
    case FTL_OPTION_SECTION:
        write_section(writer, row->table, field);
        break;
    case FTL_OPTION_SECTIONS:
        write_sections(writer, row, field);
        break;
    case FTL_OPTION_VARIANTS:
        write_variants(writer, row, field);
        break;
    }
}

static void write_table(
        struct writer *writer, const ftl_option *table, const void *values) {
    for (const ftl_option *row = table; row->key; row++) {
        if (!is_written(row, values)) continue;
        write_key(writer, row->key);
        write_value(writer, row, field_of(row, values));
    }
}

ftl_status ftl_config_write(char **text, const ftl_option *table, const void *values) {
    *text = NULL;
    ftl_memory_file memory;
    FTL_TRY(ftl_memory_file_open(&memory, "a configuration"));
    struct writer writer = {.file = memory.file};
    write_table(&writer, table, values);
    return ftl_memory_file_close(&memory, writer.status, text, NULL);
}
