#!/usr/bin/env bash
# valgrind.sh - run tests under valgrind's memcheck: reads of memory that was never
# written, which the sanitizers do not see, and all that they do see, inside of libraries
# too.
#
#   cmake --preset valgrind && cmake --build --preset valgrind
#   [JOBS=N] test/valgrind.sh build/valgrind [REGEX [SECONDS]]
#
# Default: every quick test of ctest, as many at a time as there are processors, two hours
# each; those that took ctest least time first. A test that has passed is not repeated
# until something of what it runs is built anew, so a run that was interrupted goes on.
#
# A test fails if memcheck finds an error or a definite leak, in the test or in a program
# that it starts, if the test itself fails, or if it takes too long. Of transcripts only
# what memcheck says counts: what is slow prints lines of progress that are not in them.
# What takes time is translated code of JIT compilers and fused multiply-adds, which
# valgrind computes by a function for each number: so the preset's kernels are those for
# any x86-64, and oneDNN is told to use those for AVX, OpenBLAS those for SSE 4. With
# kernels for AVX2, those of another build (valgrind knows no AVX-512, and hides it), all
# takes ten times as long. Logs stay in BUILD_DIR/valgrind.
set -uo pipefail
command -v valgrind >/dev/null || { echo "valgrind.sh: install valgrind" >&2 && exit 1; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
regex=${2:-.}
seconds=${3:-7200}
logs=$build/valgrind
mkdir -p "$logs/bin"

export OMP_WAIT_POLICY=passive OMP_NUM_THREADS=2
export ONEDNN_MAX_CPU_ISA=AVX OPENBLAS_CORETYPE=Nehalem
memcheck=(valgrind --quiet --error-exitcode=99 --leak-check=full
    --show-leak-kinds=definite --errors-for-leak-kinds=definite
    --suppressions="$here/valgrind.supp")

# Transcripts of the command line and tests of whole runs find these in the place of the
# programs. FTL_VALGRIND_TEST is the test that starts them. Where allocations are made to
# fail, that is done by a malloc before valgrind's.
for program in fairtl cli_fixture; do
    # shellcheck disable=SC2016 # for the program's shell
    printf '#!/bin/sh\nexec %s --log-file="%s/$FTL_VALGRIND_TEST".program.%%p.log %s "$@"\n' \
        "${memcheck[*]} --soname-synonyms=somalloc=nouserintercepts" "$logs" \
        "$build/$program" >"$logs/bin/$program"
    chmod +x "$logs/bin/$program"
done

# name, directory, command, each behind a tab. Scripts that run none of our programs, and
# tests that are to fail, are left out.
list() {
    ctest --test-dir "$build" -L quick -R "$regex" --show-only=json-v1 | python3 -c '
import json, os, sys
seconds = {}
costs = os.path.join(sys.argv[1], "Testing/Temporary/CTestCostData.txt")
if os.path.exists(costs):
    for line in open(costs):
        words = line.split()
        if len(words) == 3:
            seconds[words[0]] = float(words[2])
for test in sorted(json.load(sys.stdin)["tests"], key=lambda t: seconds.get(t["name"], 0)):
    command = test.get("command")
    if not command or test["name"].startswith("check_") or test["name"] == "cli_can_fail":
        continue
    where = [p["value"] for p in test["properties"] if p["name"] == "WORKING_DIRECTORY"]
    print("\t".join([test["name"], where[0] if where else "."] + command))
' "$build"
}

# Has it passed since what it consists of was built?
has_passed() { # NAME WORD ...
    local passed=$logs/$1.passed word
    shift
    for word in "$build/fairtl" "$@"; do
        [[ ! -f $word || $passed -nt $word ]] || return 1
    done
    [[ -e $passed ]]
}

run_test() { # NAME DIRECTORY WORD ...
    local name=$1 directory=$2 start=$SECONDS status
    shift 2
    local command=("$@")
    rm -f "$logs/$name".*
    export FTL_VALGRIND_TEST=$name
    if [[ ${command[0]} == *.sh || ${command[*]} == *.py\ * ]]; then
        command=("${command[@]/#$build/$logs/bin}")
        (cd "$directory" && timeout "$seconds" "${command[@]}") >"$logs/$name.out" 2>&1 </dev/null
        [[ $? -ne 124 ]] # in time
        status=$?
    else
        (cd "$directory" && FTL_TEST_PROGRAMS_FROM=$logs/bin timeout "$seconds" \
            "${memcheck[@]}" --log-file="$logs/$name.log" "${command[@]}") \
            >"$logs/$name.out" 2>&1 </dev/null
        status=$?
    fi
    # Has memcheck something to say of a program that the test has started?
    cat "$logs/$name".program.*.log 2>/dev/null | grep -q . && status=1
    cat "$logs/$name".program.*.log >>"$logs/$name.log" 2>/dev/null
    rm -f "$logs/$name".program.*.log
    local word=FAILED
    case $status in
        0) word=ok && : >"$logs/$name.passed" ;;
        77) word=skipped ;; # SKIP_RETURN_CODE of ctest
    esac
    printf '%-7s %5d s  %s\n' "$word" $((SECONDS - start)) "$name" | tee "$logs/$name.result"
}

rm -f "$logs"/*.result
running=0 before=0
while IFS=$'\t' read -r name directory words; do
    IFS=$'\t' read -ra command <<<"$words"
    has_passed "$name" "${command[@]}" && before=$((before + 1)) && continue
    if [[ $running -ge ${JOBS:-$(nproc)} ]]; then
        wait -n
        running=$((running - 1))
    fi
    run_test "$name" "$directory" "${command[@]}" &
    running=$((running + 1))
done < <(list)
wait
count() { cat "$logs"/*.result 2>/dev/null | grep -c "^$1"; }
passed=$(count ok) skipped=$(count skipped) failed=$(count FAILED)
echo "$passed passed, $before had passed before, $skipped skipped in part or whole, $failed failed"
[[ $failed -eq 0 && $((passed + before)) -gt 0 ]]
