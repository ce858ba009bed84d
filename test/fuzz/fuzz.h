/* fuzz.h - what fuzz targets share.
 *
 * A target is one file, target_<name>.c, which defines LLVMFuzzerTestOneInput: it gives
 * the bytes to the code under test and checks what that promised. Broken promises
 * abort; crashes, leaks and overruns are the sanitizers' to see. Inputs that are
 * refused are fine, if the refusal is one. */
#ifndef FTL_TEST_FUZZ_H
#define FTL_TEST_FUZZ_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the code under test. */
#define FUZZ_CHECK(condition)                                                          \
    do {                                                                               \
        if (!(condition)) fuzz_abort(__FILE__, __LINE__, #condition);                  \
    } while (0)

_Noreturn void fuzz_abort(const char *file, int line, const char *what);

/* Is this FTL_OK? Else it must blame the input, in one line, which is then forgotten:
 * aborts if memory is said to be short or a library to have failed, if there is no
 * message, or one that spans lines. */
bool fuzz_accepted(ftl_status status);

/* A directory of this process, in memory where there is such a thing; it goes when the
 * process exits. Borrowed. */
const char *fuzz_directory(void);

/* directory/name, in one of four buffers that are used in turn. */
const char *fuzz_path(const char *name);

/* Write a file below the directory, replacing what is there. */
void fuzz_put(const char *name, const void *bytes, size_t n_bytes);

/* A PNG of one shade. */
void fuzz_put_png(const char *name, int channels, int shade);

/* Import fuzz_directory()/<source> to images of 8 px. What was made of it must be a
 * pack that can be opened. */
void fuzz_import(const char *importer, const char *source, const char *csv);

/* Bytes that a target takes its decisions from, one after the other; zeros when they
 * are used up. */
typedef struct fuzz_input {
    const uint8_t *at, *end;
} fuzz_input;

uint8_t fuzz_byte(fuzz_input *in);

#endif
