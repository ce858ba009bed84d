/* target_config.c - any bytes as the configuration of a run: text, and behind a zero
 * byte up to four overrides, each ended by another. What is accepted is written as
 * YAML, which must read back and be written the same. */
#include "test/fuzz/fuzz.h"

#include "configs/config.h"
#include "configs/yaml.h"
#include "trainers/run/run_state.h"
#include "trainers/settings.h"

#include <stdlib.h>
#include <string.h>

/* What can be said of settings before there are data. */
static bool is_sound(ftl_config *config, const ftl_settings *settings) {
    ftl_data_form form;
    ftl_run_options options = {0};
    ftl_run_state *run = calloc(1, sizeof *run);
    FUZZ_CHECK(run);
    run->options = &options;
    run->config = config;
    run->settings = *settings;
    ftl_status status = ftl_run_check_stages(run);
    if (status == FTL_OK) status = ftl_data_check(&form, &settings->data);
    status = ftl_config_locate(config, ftl_settings_table, status);
    free(run);
    return fuzz_accepted(status);
}

/* NULL if it is refused. */
static char *rewrite(const char *text) {
    ftl_config *config = NULL;
    ftl_settings settings;
    char *written = NULL;
    if (fuzz_accepted(ftl_config_parse(&config, text, "r.yaml")) &&
            fuzz_accepted(ftl_config_read(config, ftl_settings_table, &settings)))
        FUZZ_CHECK(ftl_config_write(&written, ftl_settings_table, &settings) == FTL_OK);
    ftl_config_free(config);
    return written;
}

static void check_written(const ftl_settings *settings) {
    char *once = NULL;
    /* A text may be no UTF-8 only where it came by an override. */
    if (!fuzz_accepted(ftl_config_write(&once, ftl_settings_table, settings))) return;
    char *twice = rewrite(once);
    FUZZ_CHECK(twice && strcmp(once, twice) == 0);
    free(once);
    free(twice);
}

/* As a list of values of any kind, which need not be a configuration. */
static void read_tree(const uint8_t *data, size_t size) {
    ftl_arena *arena;
    ftl_yaml *tree;
    FUZZ_CHECK(ftl_arena_create(&arena) == FTL_OK);
    fuzz_accepted(ftl_yaml_parse(&tree, arena, (const char *)data, size, "y", true));
    ftl_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ftl_config *config;
    ftl_settings settings;
    char *text = malloc(size + 2);
    FUZZ_CHECK(text);
    if (size) memcpy(text, data, size);
    text[size] = text[size + 1] = 0;
    read_tree(data, size);
    if (!fuzz_accepted(ftl_config_parse(&config, text, "c.yaml"))) goto out;
    const char *end = text + size, *set = text + strlen(text) + 1;
    for (int i = 0; i < 4 && set < end; i++, set += strlen(set) + 1)
        fuzz_accepted(ftl_config_set(config, set, ftl_settings_table));
    if (fuzz_accepted(ftl_config_read(config, ftl_settings_table, &settings))) {
        is_sound(config, &settings);
        check_written(&settings);
    }
out:
    ftl_config_free(config);
    free(text);
    return 0;
}
