/* profile_table.c - what was measured, for people: 98 columns; see profile_data.h. */
#include "trainers/profile/profile_data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MIB 1048576.0
#define KERNEL_TEXT 16

/* "16x512x64x64" */
static void format_shape(char text[FTL_SHAPE_TEXT], ftl_shape shape) {
    int n = 0;
    text[0] = 0;
    for (int i = 0; i < shape.rank; i++)
        n += snprintf(text + n, FTL_SHAPE_TEXT - (size_t)n, "%s%" PRId64, i ? "x" : "",
                shape.dim[i]);
}

/* "onednn brgconv:avx512_core" -> "brgconv": the rest is the same in all rows. */
static void format_kernel(char text[KERNEL_TEXT], const char *kernel) {
    static const char prefix[] = "onednn ";
    if (strncmp(kernel, prefix, strlen(prefix)) == 0) kernel += strlen(prefix);
    snprintf(text, KERNEL_TEXT, "%.*s", (int)strcspn(kernel, ":"), kernel);
}

/* How near so much work in so many seconds comes to what the machine can do: to the one
 * of its two limits that is nearer. */
typedef struct pace {
    double rate, share; /* a second; of the limit */
    bool arithmetic;    /* operations; else bytes */
} pace;

static pace pace_of(
        const ftl_profile_state *p, double flop, double bytes, double seconds) {
    const bool half = p->run.gan.options.precision == FTL_BF16;
    const ftl_machine *m = &p->machine;
    const double s = seconds + 1e-12;
    const double arithmetic = flop / s / (half ? m->bf16_flop_per_s : m->flop_per_s);
    const double memory = bytes / s / m->bytes_per_s;
    return arithmetic > memory
                   ? (pace) {.rate = flop / s, .share = arithmetic, .arithmetic = true}
                   : (pace) {.rate = bytes / s, .share = memory};
}

static double total_s(const ftl_profile_state *p) {
    double total = 0;
    for (int i = 0; i < p->n_rows; i++)
        total += p->rows[i].step_s;
    return total;
}

static void print_head(const ftl_profile_state *p, FILE *file) {
    const ftl_gan_options *gan = &p->run.gan.options;
    const ftl_machine *m = &p->machine;
    fprintf(file,
            "%s %d px, ch %d, %d channel%s, %s; %s: a step is %" PRId64
            " discriminator step%s and\n"
            "one generator step, batch %" PRId64 ", on random images\n",
            p->run.gan.model->name, gan->resolution, gan->ch, gan->channels,
            gan->channels == 1 ? "" : "s", gan->precision == FTL_BF16 ? "bf16" : "fp32",
            p->stage, p->settings->d_steps, p->settings->d_steps == 1 ? "" : "s",
            p->settings->batch);
    fprintf(file, "machine: %d thread%s, at most %.0f GFLOP/s", m->threads,
            m->threads == 1 ? "" : "s", m->flop_per_s * 1e-9);
    if (m->bf16_flop_per_s > 0)
        fprintf(file, " (bf16: %.0f)", m->bf16_flop_per_s * 1e-9);
    fprintf(file, " and %.1f GB/s from memory", m->bytes_per_s * 1e-9);
    if (m->round_trip_s > 0)
        fprintf(file, ",\n%.0f ns from thread to thread and back",
                m->round_trip_s * 1e9);
    fprintf(file, ", measured now\n\n");
}

static int slower_first(const void *a, const void *b) {
    const ftl_profile_row *const *x = a, *const *y = b;
    if ((*x)->step_s != (*y)->step_s) return (*x)->step_s < (*y)->step_s ? 1 : -1;
    return *x < *y ? -1 : 1;
}

static void print_row(const ftl_profile_state *p, const ftl_profile_row *row,
        double total, FILE *file) {
    const ftl_plan_call_info *call = &row->call;
    char shape[FTL_SHAPE_TEXT], kernel[KERNEL_TEXT];
    const pace at =
            pace_of(p, row->each * call->flop, row->each * call->bytes, row->step_s);
    format_shape(shape, call->shape);
    format_kernel(kernel, call->kernel);
    /* Long names lose their beginning, which many have in common. */
    const size_t length = strlen(call->layer), room = 20;
    const char *layer = length > room ? call->layer + length - room : call->layer;
    fprintf(file,
            "%7.2f %4.1f %-1s %-15.15s %-20s %-14.14s %-6s%c %-9.9s %5.0f %s %4.0f\n",
            row->step_s * 1e3, 100 * row->step_s / total, row->phase, call->op, layer,
            shape, call->layout, call->type == FTL_BF16 ? '*' : ' ', kernel,
            at.rate * 1e-9, at.arithmetic ? "GF" : "GB", 100 * at.share);
}

static const char legend[] =
        "\n"
        "ms: in a step, in the discriminator's (D) or the generator's (G). A second: "
        "GF = "
        "GFLOP, of\n"
        "convolutions as the direct method counts them (a better one may exceed 100 "
        "%), "
        "or GB read and\n"
        "written; peak: in % of what the machine can do, where it is nearer to. nhwc*: "
        "kept as bf16.\n\n";

static ftl_status print_rows(const ftl_profile_state *p, FILE *file) {
    const size_t n = (size_t)p->n_rows;
    const ftl_profile_row **sorted = malloc(n * sizeof *sorted);
    const double total = total_s(p);
    if (!sorted) return ftl_fail(FTL_ENOMEM, "out of memory for a table");
    for (size_t i = 0; i < n; i++)
        sorted[i] = &p->rows[i];
    qsort(sorted, n, sizeof *sorted, slower_first);
    const int shown = p->options->rows && p->options->rows < p->n_rows
                              ? p->options->rows
                              : p->n_rows;
    fprintf(file, "%7s %4s %-1s %-15s %-20s %-14s %-7s %-9s %8s %4s\n", "ms", "%", "",
            "op", "layer", "result", "layout", "kernel", "a second", "peak");
    for (int i = 0; i < shown; i++)
        print_row(p, sorted[i], total, file);
    double rest = 0;
    for (int i = shown; i < p->n_rows; i++)
        rest += sorted[i]->step_s;
    if (shown < p->n_rows)
        fprintf(file, "%7.2f %4.1f   %d more (--rows 0 shows all)\n", rest * 1e3,
                100 * rest / total, p->n_rows - shown);
    free(sorted);
    fputs(legend, file);
    return FTL_OK;
}

static void print_parts(const ftl_profile_state *p, FILE *file) {
    static const char *const names[FTL_PROFILE_PARTS] = {"convolutions",
            "matrix products", "reorders", "other calls, bound by memory",
            "optimisers and average", "images and latents", "finite?, statistics"};
    const double total = total_s(p);
    fprintf(file, "%-30s %8s %6s %7s %17s %6s\n", "a step", "ms", "%", "calls", "rate",
            "peak");
    for (int part = 0; part < FTL_PROFILE_PARTS; part++) {
        double seconds = 0, flop = 0, bytes = 0;
        int n = 0;
        for (int i = 0; i < p->n_rows; i++) {
            const ftl_profile_row *row = &p->rows[i];
            if ((int)row->part != part) continue;
            seconds += row->step_s;
            flop += row->each * row->call.flop;
            bytes += row->each * row->call.bytes;
            n += row->each;
        }
        const pace at = pace_of(p, flop, bytes, seconds);
        fprintf(file, "%-30s %8.2f %5.1f%% %7d %9.1f %-7s %5.0f%%\n", names[part],
                seconds * 1e3, 100 * seconds / total, n, at.rate * 1e-9,
                at.arithmetic ? "GFLOP/s" : "GB/s", 100 * at.share);
    }
    fprintf(file, "%-30s %8.2f\n", "sum of medians", total * 1e3);
    fprintf(file,
            "%-30s %8.2f  %.1f images/s (median of %d, no clock between "
            "calls)\n\n",
            "a whole step", p->median_plain_s * 1e3,
            (double)p->settings->batch / p->median_plain_s, p->options->steps);
}

static void print_bytes(const char *name, size_t bytes, const char *what, FILE *file) {
    fprintf(file, "%-30s %8.1f MiB%s%s\n", name, (double)bytes / MIB,
            what[0] ? "  " : "", what);
}

static void print_memory(const ftl_profile_state *p, FILE *file) {
    const ftl_profile_memory *m = &p->memory;
    const size_t known = m->block + m->ports + m->g + m->d + m->average + m->gradients +
                         m->moments + m->data;
    char text[128];
    snprintf(text, sizeof text,
            "the plans share it: D needs %.1f, G %.1f; scratch %.1f",
            (double)m->block_d / MIB, (double)m->block_g / MIB,
            (double)m->scratch / MIB);
    print_bytes("values between calls", m->block, text, file);
    print_bytes("inputs and outputs", m->ports, "", file);
    print_bytes("generator", m->g, "parameters and buffers", file);
    print_bytes("discriminators", m->d, "parameters and buffers", file);
    print_bytes("average of the generator", m->average, "", file);
    print_bytes("gradients", m->gradients, "", file);
    print_bytes("moments", m->moments, "of Adam", file);
    print_bytes("images", m->data, "random ones; a run maps its pack", file);
    print_bytes("program", m->peak > known ? m->peak - known : 0,
            "and libraries, graphs, kernels' code", file);
    print_bytes("peak of this process", m->peak, "resident", file);
}

ftl_status ftl_profile_print(const ftl_profile_state *p, FILE *file) {
    print_head(p, file);
    FTL_TRY(print_rows(p, file));
    print_parts(p, file);
    print_memory(p, file);
    return FTL_OK;
}
