/* config.h - configurations: YAML text and --set, read by tables of options.
 *
 *     ftl_config *config = NULL;
 *     run_settings settings;
 *     FTL_TRY_OUT(ftl_config_open(&config, "configs/celeba.yaml"));
 *     FTL_TRY_OUT(ftl_config_set(config, "model.ch=16", run_options));
 *     FTL_TRY_OUT(ftl_config_read(config, run_options, &settings));
 *     out: ftl_config_free(config);    (settings are gone with it)
 *
 * A table (engine/base/option.h) says which keys there are. How values are written:
 *   BOOL     true, false, yes, no, on, off
 *   INT      digits with an optional sign; also a decimal exponent if the result is
 *            whole without a point: 200e3. 1.5, 0x10 and "3" in quotes are refused
 *   REAL     0.5, .5, 3, 2e-4; finite. In quotes refused
 *   TEXT     any scalar, 3 and no included; a plain null or ~ means: no text
 *   CHOICE   one of the names, quoted or not
 *   TEXTS    a list of texts, or one text
 *   GROUPS   a map of names to values, or to maps of attributes to values, all of which
 *            must hold. Values are one of these or a list of them: an integer; a range
 *            of integers, 18..39, 40.. or ..17, ends included; a word
 *   SECTION  a map; null or nothing behind the key: all defaults
 *   SECTIONS a list of maps
 *   VARIANTS a list; an entry is a map of one name to its section, or the bare name
 * Keys of the table that are not given take their default, whose text is read by the
 * same code; a section that is not given takes its keys' defaults, so its required
 * keys are missed too. Keys that the table does not have are errors.
 *
 * Messages give file, line and the whole path of the key, or the --set they are about:
 *     configs/celeba.yaml:14: run[2].adapt.lambda: -1 is below 0
 *     --set model.hc=3: model.hc: unknown key; did you mean model.ch?
 * Everything that can be wrong with a configuration is FTL_ECONFIG. */
#ifndef FTL_CONFIGS_CONFIG_H
#define FTL_CONFIGS_CONFIG_H

#include "engine/base/option.h"
#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct ftl_config ftl_config;

/* Parse a file. *out is owned by the caller; NULL on failure. Fails with FTL_EINPUT
 * (cannot be opened), FTL_EIO, FTL_ECONFIG (not the YAML of configs/yaml.h, or no map
 * at the top) and FTL_ENOMEM. An empty file is an empty map. */
ftl_status ftl_config_open(ftl_config **out, const char *path);

/* The same from text, such as the configuration in a checkpoint; `name` is what
 * messages call it. Both are copied. */
ftl_status ftl_config_parse(ftl_config **out, const char *text, const char *name);

/* Free it and all values that were read from it. NULL is fine. */
void ftl_config_free(ftl_config *config);

/* What messages call it: the path of the file. Borrowed. */
const char *ftl_config_name(const ftl_config *config);

/* Override a value: "path=value", the value in YAML. Call before ftl_config_read; a
 * later override wins over an earlier one. Paths:
 *     seed=3   model.ch=16   data.groups.male=[0,1]
 *     run[1].pretrain.kimg=20   by index, from 0
 *     run.pretrain.kimg=20      all entries of that name
 *     run.adapt.stages[0].kimg=5
 *     run.pretrain={kimg: 5}    what is not said here takes its default
 * A list that is absent but has a default is first filled with the default. Fails with
 * FTL_ECONFIG: a path that names nothing in the table or in the lists, a value that is
 * no YAML (its type and range are checked by ftl_config_read); config is then as
 * before, or has sections without keys in addition, which mean nothing. */
ftl_status ftl_config_set(
        ftl_config *config, const char *assignment, const ftl_option *table);

/* Leave a part out, as if it had not been given: a key at the top ("compare"), or all
 * entries of a name in a list at the top ("run.adapt"). Nothing if it was not. Call
 * before ftl_config_read. */
void ftl_config_drop(ftl_config *config, const char *path);

/* Read all of it into the struct that the table describes. Every field of the table is
 * written; strings, lists and their items live as long as config. May be called again,
 * after further overrides too. Fails with FTL_ECONFIG, FTL_ENOMEM; the values are then
 * not to be used. */
ftl_status ftl_config_read(ftl_config *config, const ftl_option *table, void *values);

/* Was this key given, in the file or by --set, with anything but null? For settings
 * that exclude each other. Paths as in messages: "data.source", "run[2].adapt.lambda".
 * In a configuration that ftl_config_write wrote all keys with defaults are given, but
 * those that are `silent` there (option.h). */
bool ftl_config_given(const ftl_config *config, const char *path);

/* Refuse a value that a table cannot judge, such as two keys that exclude each other:
 * FTL_ECONFIG with "file:line: path: what is wrong". The line is that of the key or,
 * if it was not given, of the innermost section around it. */
ftl_status ftl_config_refuse(const ftl_config *config, const char *path,
        const char *format, ...) __attribute__((format(printf, 3, 4), cold));

/* A module that knows nothing of files refused a value: if the message of an
 * FTL_ECONFIG begins with the path of a key of this table ("data.bias: ..."), file and
 * line come in front of it, as by ftl_config_refuse. Returns the status. */
ftl_status ftl_config_locate(
        const ftl_config *config, const ftl_option *table, ftl_status status);

/* The values as YAML with every key of the table, in its order, that reads back to
 * the same values; equal values give equal bytes. Left out is what has neither value
 * nor default: texts that are NULL, lists and sections without anything in them; and
 * what is `silent` beside the other values.
 * Reals have the fewest digits that read back to the same double. *text is malloc'ed:
 * free() it. Fails with FTL_EINPUT (a text is not valid UTF-8) and FTL_ENOMEM. */
ftl_status ftl_config_write(char **text, const ftl_option *table, const void *values);

/* One value as ftl_config_write writes it, for YAML of other forms. A real: the fewest
 * digits that read back to the same double, "0.1", "3", "1.0e-05" (with the point,
 * without which YAML 1.1 readers take it for text); returns `out`. A text: in quotes
 * where it needs them, inside lists and maps on one line too; fails with FTL_EINPUT
 * (not valid UTF-8). */
#define FTL_CONFIG_REAL_CHARS 32
const char *ftl_config_format_real(char out[FTL_CONFIG_REAL_CHARS], double value);
ftl_status ftl_config_write_text(FILE *file, const char *text);

/* Print every key with type, range, unit, default, choices and help, nested ones
 * indented. A table must not contain itself. */
void ftl_config_help(FILE *file, const ftl_option *table);

#endif
