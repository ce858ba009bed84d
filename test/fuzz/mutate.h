/* mutate.h - what libFuzzer asks for, and gives, when a target changes its inputs
 * itself. */
#ifndef FTL_TEST_FUZZ_MUTATE_H
#define FTL_TEST_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(
        uint8_t *data, size_t size, size_t max_size, unsigned int seed);

#endif
