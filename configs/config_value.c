/* config_value.c - scalars by type, and back. */
#include "configs/config_internal.h"

#include "engine/base/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Past the digits at `at`; ASCII, whatever the locale. */
static const char *skip_digits(const char *at) {
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

static const char *skip_sign(const char *at) { return at + (*at == '+' || *at == '-'); }

/* Past an exponent; NULL if what starts like one is none. */
static const char *skip_exponent(const char *at, bool may_be_negative) {
    if (*at != 'e' && *at != 'E') return at;
    at++;
    at += *at == '+' || (may_be_negative && *at == '-');
    const char *end = skip_digits(at);
    return end > at ? end : NULL;
}

bool ftl_config_is_integer(const char *text) {
    const char *at = skip_sign(text);
    const char *end = skip_digits(at);
    if (end == at) return false;
    end = skip_exponent(end, false);
    return end && !*end;
}

bool ftl_config_is_real(const char *text) {
    const char *at = skip_sign(text);
    const char *end = skip_digits(at);
    bool digits = end > at;
    if (*end == '.') {
        at = end + 1;
        end = skip_digits(at);
        digits |= end > at;
    }
    if (!digits) return false;
    end = skip_exponent(end, true);
    return end && !*end;
}

ftl_status ftl_config_fail_kind(
        const ftl_yaml *node, const ftl_config_path *path, const char *what) {
    if (node->kind == FTL_YAML_LIST)
        return ftl_config_fail_key(node, path, "expected %s, got a list", what);
    if (node->kind == FTL_YAML_MAP)
        return ftl_config_fail_key(node, path, "expected %s, got a map", what);
    if (ftl_yaml_empty(node))
        return ftl_config_fail_key(node, path, "has no value; expected %s", what);
    char shown[FTL_YAML_SHOWN];
    ftl_yaml_show(shown, node->text);
    if (!node->plain)
        return ftl_config_fail(
                node, path, "expected %s, got \"%s\" in quotes", what, shown);
    return ftl_config_fail(node, path, "expected %s, got %s", what, shown);
}

ftl_status ftl_config_read_bool(
        bool *out, const ftl_yaml *node, const ftl_config_path *path) {
    static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};
    for (int i = 0; i < 6 && node->kind == FTL_YAML_SCALAR && node->plain; i++) {
        if (strcasecmp(node->text, words[i]) != 0) continue;
        *out = i < 3;
        return FTL_OK;
    }
    return ftl_config_fail_kind(node, path, "true or false");
}

bool ftl_config_bounded(const ftl_option *row) {
    return row->min < 0 || row->min > 0 || row->max < 0 || row->max > 0;
}

static ftl_status check_bounds(double value, const char *text, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row) {
    if (!ftl_config_bounded(row)) return FTL_OK;
    assert(row->min <= row->max);
    char bound[FTL_CONFIG_REAL_CHARS], shown[FTL_YAML_SHOWN];
    ftl_yaml_show(shown, text);
    if (value < row->min)
        return ftl_config_fail(node, path, "%s is below %s", shown,
                ftl_config_format_real(bound, row->min));
    if (value > row->max)
        return ftl_config_fail(node, path, "%s is above %s", shown,
                ftl_config_format_real(bound, row->max));
    return FTL_OK;
}

/* Text of the grammar of INT into 64 bits; false if it does not fit. */
static bool convert_integer(int64_t *out, const char *text) {
    bool negative = *text == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t size = 0;
    const char *at = skip_sign(text);
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (size > (limit - digit) / 10) return false;
        size = size * 10 + digit;
    }
    /* strtol saturates; 19 tenfolds overflow anything but 0. */
    for (long n = *at ? strtol(at + 1, NULL, 10) : 0; n > 0 && size > 0; n--) {
        if (size > limit / 10) return false;
        size *= 10;
    }
    *out = negative ? (size ? -(int64_t)(size - 1) - 1 : 0) : (int64_t)size;
    return true;
}

ftl_status ftl_config_read_int(int64_t *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row) {
    if (node->kind != FTL_YAML_SCALAR || !node->plain ||
            !ftl_config_is_integer(node->text))
        return ftl_config_fail_kind(node, path, "an integer");
    if (!convert_integer(out, node->text)) {
        char shown[FTL_YAML_SHOWN];
        return ftl_config_fail(node, path, "%s does not fit into 64 bits",
                ftl_yaml_show(shown, node->text));
    }
    return check_bounds((double)*out, node->text, node, path, row);
}

ftl_status ftl_config_read_real(double *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row) {
    if (node->kind != FTL_YAML_SCALAR || !node->plain ||
            !ftl_config_is_real(node->text))
        return ftl_config_fail_kind(node, path, "a finite number");
    *out = strtod(node->text, NULL);
    if (!isfinite(*out)) {
        char shown[FTL_YAML_SHOWN];
        return ftl_config_fail(node, path, "%s is too large for a double",
                ftl_yaml_show(shown, node->text));
    }
    return check_bounds(*out, node->text, node, path, row);
}

ftl_status ftl_config_read_choice(int *out, const ftl_yaml *node,
        const ftl_config_path *path, const ftl_option *row) {
    char joined[FTL_CONFIG_NAMES_SHOWN], shown[FTL_YAML_SHOWN];
    if (node->kind != FTL_YAML_SCALAR || ftl_yaml_empty(node))
        return ftl_config_fail_kind(node, path, ftl_config_join(joined, row->choices));
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], node->text) != 0) continue;
        *out = i;
        return FTL_OK;
    }
    const char *nearest = ftl_text_nearest(node->text, row->choices);
    return ftl_config_fail(node, path, "%s is none of %s%s%s%s",
            ftl_yaml_show(shown, node->text), ftl_config_join(joined, row->choices),
            nearest ? "; did you mean " : "", nearest ? nearest : "",
            nearest ? "?" : "");
}

const char *ftl_config_format_real(char out[FTL_CONFIG_REAL_CHARS], double value) {
    if (fabs(value) < 1e15 && !(fabs(value - trunc(value)) > 0)) {
        snprintf(out, FTL_CONFIG_REAL_CHARS, "%.0f", value);
        return out;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, FTL_CONFIG_REAL_CHARS, "%.*g", digits, value);
        double back = strtod(out, NULL);
        if (!(back < value) && !(back > value)) break;
    }
    char *exponent = strchr(out, 'e');
    if (!exponent || strchr(out, '.')) return out;
    memmove(exponent + 2, exponent, strlen(exponent) + 1);
    exponent[0] = '.';
    exponent[1] = '0';
    return out;
}
