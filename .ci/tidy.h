/* tidy.h - what the analyser of clang-tidy cannot see, since it looks at one file at a
 * time: ftl_fail() returns what it was given, so `return ftl_fail(...)` never is
 * FTL_OK. Included in front of every file by .ci/tidy; not part of the program. */
#ifndef FTL_CI_TIDY_H
#define FTL_CI_TIDY_H

#include "engine/base/status.h"

/* NOLINTNEXTLINE(readability-identifier-naming) */
#define ftl_fail(status, ...) ((void)ftl_fail(status, __VA_ARGS__), (status))

#endif
