/* test_run_opened.c - what is read of a checkpoint's configuration. */
#include "test/harness.h"
#include "trainers/run/run_opened.h"

#include <stdio.h>
#include <string.h>

#define DATA                                                                           \
    "data:\n"                                                                          \
    "  pack: x.h5\n"                                                                   \
    "  groups: {a: [1], b: [2]}\n"

static ftl_status read_networks(
        ftl_config **config, ftl_settings *settings, const char *text) {
    char path[5000];
    ftl_checkpoint_writer *w = NULL;
    ftl_checkpoint *c = NULL;
    *config = NULL;
    snprintf(path, sizeof path, "%s/c.h5", ftl_test_directory());
    ftl_status status = ftl_checkpoint_begin(&w, "training");
    if (status == FTL_OK) status = ftl_checkpoint_put_text(w, "config", text);
    if (status == FTL_OK) status = ftl_checkpoint_save(w, path, NULL);
    ftl_checkpoint_discard(w);
    if (status == FTL_OK) status = ftl_checkpoint_open(&c, path);
    if (status == FTL_OK) status = ftl_run_read_networks(config, settings, c);
    ftl_checkpoint_close(c);
    return status;
}

/* Training may have had other keys when it was written. */
static void training_stays_unread(void) {
    ftl_config *config;
    ftl_settings settings;
    FTL_CHECK_OK(read_networks(&config, &settings,
            "seed: 1\n" DATA "model: {ch: 12, resolution: 32}\n"
            "engine: {of_another_time: 3}\n"
            "run:\n"
            "  - pretrain: {kimg: 1, settle: {every: 2, nobody_knows: 3}}\n"));
    const bool good = settings.model.ch == 12 && settings.model.resolution == 32 &&
                      settings.data.groups.n == 2 &&
                      !strcmp(settings.data.groups.item[1].name, "b");
    ftl_config_free(config);
    FTL_CHECK(good);
}

/* What the networks are has to be understood. */
static void networks_are_read_strictly(void) {
    ftl_config *config;
    ftl_settings settings;
    FTL_CHECK_FAILS(read_networks(&config, &settings, DATA "model: {wings: 2}\n"),
            FTL_ECONFIG, "model.wings: unknown key");
    ftl_config_free(config);
    FTL_CHECK_FAILS(read_networks(&config, &settings, DATA "modell: {ch: 2}\n"),
            FTL_ECONFIG, "modell: unknown key");
    ftl_config_free(config);
}

int main(void) {
    FTL_TEST(training_stays_unread);
    FTL_TEST(networks_are_read_strictly);
    return ftl_test_finish();
}
