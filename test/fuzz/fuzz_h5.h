/* fuzz_h5.h - sealed HDF5 files from descriptions, for what reads them.
 *
 * libhdf5 has faults of its own on damaged files, which is why every file is sealed and
 * the seal is checked before libhdf5 sees a byte. So damaged bytes are given to the
 * seal, which has to refuse every one, and what is behind it, the checks of schemas, is
 * given files that libhdf5 made but that hold what no writer would put there. An input
 * describes such a file in lines of words:
 *
 *     d PATH TYPE DIMS FIRST STEP        a dataset; TYPE f32 f64 i32 i64 u8 str, DIMS
 *                                        2,8,8,3 or - for a scalar; element i is
 *                                        FIRST + i * STEP, a string of that length
 *     s PATH TEXT...                     a scalar string
 *     h                                  the last dataset's attribute sha256, true
 *     n PATH NAME TYPE COUNT FIRST STEP  an attribute of numbers
 *     t PATH NAME TEXT...                an attribute of text
 *     x BYTE BIT                         in the end, flip a bit of the file
 *     c BYTES                            in the end, cut it there
 *
 * In real numbers -77 stands for NaN and -78 for infinity. Lines that cannot be carried
 * out are left out. */
#ifndef FTL_TEST_FUZZ_H5_H
#define FTL_TEST_FUZZ_H5_H

#include "test/fuzz/fuzz.h"

typedef enum fuzz_h5_kind {
    FUZZ_H5_NONE,    /* libhdf5 did not want to make it */
    FUZZ_H5_WHOLE,   /* the seal holds */
    FUZZ_H5_DAMAGED, /* it must be refused */
} fuzz_h5_kind;

/* Write the described file to fuzz_path(name). */
fuzz_h5_kind fuzz_h5_write(const char *name, const uint8_t *data, size_t size);

#endif
