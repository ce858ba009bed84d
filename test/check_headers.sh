#!/usr/bin/env bash
# check_headers.sh - every header compiles alone, and twice in a row.
#
#   test/check_headers.sh [HEADER ...]    all of the tree by default; CC is the compiler
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
cc=${CC:-cc}
flags=(-std=c11 -Wall -Wextra -pedantic -Werror -fsyntax-only -fopenmp -I. -x c)
# What the build defines for the files that these headers are for.
flags+=(-D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DFTL_CPU_SUFFIX=_baseline)
read -ra hdf5 <<<"$(pkg-config --cflags hdf5 2>/dev/null)"
flags+=(${hdf5[@]+"${hdf5[@]}"})

headers=("$@")
if [[ $# -eq 0 ]]; then
    mapfile -t headers < <(find tools trainers configs datasets checkpoints engine test \
        -name '*.h' | sort)
fi

failed=0
for header in "${headers[@]}"; do
    extra=()
    # Tables and helpers of tests: their one user needs all that is in them.
    [[ $header == test/* ]] && extra=(-Wno-unused-function -Wno-unused-variable)
    # The typedef: a header of macros alone would be an empty translation unit.
    if ! printf '#include "%s"\n#include "%s"\ntypedef int check_headers;\n' \
        "$header" "$header" | "$cc" "${flags[@]}" ${extra[@]+"${extra[@]}"} -; then
        echo "$header does not compile alone" >&2
        failed=$((failed + 1))
    fi
done
echo "$((${#headers[@]} - failed)) passed, $failed failed"
[[ $failed -eq 0 ]]
