/* page_pictures.c - grids of generated images: before and after, sorted by group, and
 * while the generator trained. All from the same latents. */
#include "trainers/report/html.h"
#include "trainers/report/page_parts.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DURING = 8 }; /* of all that a run drew */

const ftl_source_sample *ftl_source_find_sample(
        const ftl_source *source, const char *stage, ftl_sample_kind kind) {
    for (int i = 0; i < source->n_samples; i++)
        if (source->sample[i].kind == kind &&
                strcmp(source->sample[i].stage, stage) == 0)
            return &source->sample[i];
    return NULL;
}

ftl_status ftl_page_read_sample(
        ftl_page *page, const ftl_source_sample *sample, char **bytes, size_t *n) {
    static const char magic[] = "\x89PNG\r\n\x1a\n";
    const char *file =
            ftl_arena_printf(page->source->arena, "samples/%s", sample->file);
    *bytes = NULL;
    if (!file) return FTL_ENOMEM;
    FTL_TRY(ftl_source_read(page->source, bytes, n, file));
    if (!*bytes || (*n >= 8 && memcmp(*bytes, magic, 8) == 0)) return FTL_OK;
    free(*bytes);
    *bytes = NULL;
    return ftl_source_note(page->source, "%s: it is no PNG", file);
}

void ftl_page_image(ftl_page *page, const void *bytes, size_t n, const char *name) {
    fputs("<img alt=\"", page->file);
    ftl_html_text(page->file, name);
    fputs("\" src=\"", page->file);
    ftl_html_data(page->file, "image/png", bytes, n);
    fputs("\"/>", page->file);
}

ftl_status ftl_page_picture(
        ftl_page *page, const ftl_source_sample *sample, const char *name) {
    char *bytes;
    size_t n;
    FTL_TRY(ftl_page_read_sample(page, sample, &bytes, &n));
    if (!bytes) return FTL_OK;
    fputs("<div><span class=\"name\">", page->file);
    ftl_html_text(page->file, name);
    fputs("</span>", page->file);
    ftl_page_image(page, bytes, n, name);
    fputs("</div>\n", page->file);
    free(bytes);
    return FTL_OK;
}

static const char *role_of(const ftl_source *source, const ftl_source_sample *s) {
    const bool before = strncmp(s->stage, "pretrain", 8) == 0;
    return ftl_arena_printf(
            source->arena, "%s: %s", before ? "before" : "after", s->stage);
}

static ftl_status draw_kind(ftl_page *page, ftl_sample_kind kind, const char *caption) {
    const ftl_source *source = page->source;
    bool any = false;
    for (int i = 0; i < source->n_samples; i++)
        any |= source->sample[i].kind == kind;
    if (!any) return FTL_OK;
    fputs("<figure><div class=\"row\">\n", page->file);
    const ftl_source_sample *before = ftl_source_find_sample(source, "pretrain", kind);
    if (before) FTL_TRY(ftl_page_picture(page, before, role_of(source, before)));
    for (int i = 0; i < source->n_samples; i++) {
        const ftl_source_sample *s = &source->sample[i];
        if (s->kind == kind && s != before)
            FTL_TRY(ftl_page_picture(page, s, role_of(source, s)));
    }
    fputs("</div>\n", page->file);
    ftl_page_figure(page);
    fprintf(page->file, "%s</figcaption></figure>\n", caption);
    return FTL_OK;
}

bool ftl_page_is_taken(int nth, int n, int most) {
    const int wanted = n < most ? n : most;
    return nth * wanted / n != (nth - 1) * wanted / n;
}

static int count_during(const ftl_source *source, const char *stage) {
    int n = 0;
    for (int i = 0; i < source->n_samples; i++)
        n += source->sample[i].kind == FTL_SAMPLE_DURING &&
             strcmp(source->sample[i].stage, stage) == 0;
    return n;
}

/* MAX_DURING / 2 of each stage, spread evenly, the last among them. */
static ftl_status draw_during(ftl_page *page, const char *stage) {
    const ftl_source *source = page->source;
    const int n = count_during(source, stage);
    if (n == 0) return FTL_OK;
    fputs("<div class=\"row small\">\n", page->file);
    for (int i = 0, at = 0; i < source->n_samples; i++) {
        const ftl_source_sample *s = &source->sample[i];
        if (s->kind != FTL_SAMPLE_DURING || strcmp(s->stage, stage) != 0) continue;
        at++;
        if (!ftl_page_is_taken(at, n, MAX_DURING / 2)) continue;
        const char *name = ftl_arena_printf(
                source->arena, "%s, %.6g kimg", stage, (double)s->images / 1000);
        if (!name) return FTL_ENOMEM;
        FTL_TRY(ftl_page_picture(page, s, name));
    }
    fputs("</div>\n", page->file);
    return FTL_OK;
}

static ftl_status draw_all_during(ftl_page *page) {
    const ftl_source *source = page->source;
    const char *done = NULL;
    bool any = false;
    for (int i = 0; i < source->n_samples; i++)
        any |= source->sample[i].kind == FTL_SAMPLE_DURING;
    if (!any) return FTL_OK;
    fputs("<figure>", page->file);
    FTL_TRY(draw_during(page, "pretrain"));
    for (int i = 0; i < source->n_samples; i++) { /* by name, so by stage */
        const ftl_source_sample *s = &source->sample[i];
        if (s->kind != FTL_SAMPLE_DURING || strcmp(s->stage, "pretrain") == 0) continue;
        if (!done || strcmp(done, s->stage) != 0) FTL_TRY(draw_during(page, s->stage));
        done = s->stage;
    }
    ftl_page_figure(page);
    fprintf(page->file,
            "The same latents while the generator trained; at most %d grids of each "
            "stage, spread evenly over those in samples/.</figcaption></figure>\n",
            MAX_DURING / 2);
    return FTL_OK;
}

ftl_status ftl_page_pictures(ftl_page *page) {
    if (page->source->n_samples == 0) return FTL_OK;
    ftl_page_heading(page, "What it draws");
    FTL_TRY(draw_kind(page, FTL_SAMPLE_FINAL,
            "Generated images, not chosen by anybody; the same place in two grids is "
            "the same latent."));
    FTL_TRY(draw_kind(page, FTL_SAMPLE_BY_GROUP,
            "The same images, sorted by the group that the classifier sees in them. It "
            "errs: "
            "its own table says how often."));
    return draw_all_during(page);
}
