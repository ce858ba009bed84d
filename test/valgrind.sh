#!/usr/bin/env bash
# valgrind.sh - run tests under valgrind's memcheck: reads of memory that was never
# written, which the sanitizers do not see, and all that they do see, inside of libraries
# too.
#
#   test/valgrind.sh BUILD_DIR [REGEX [SECONDS]]   default: every quick test of ctest,
#                                                  an hour each
#
# A test fails if memcheck finds an error or a definite leak, in the test or in a program
# that it starts, if the test itself fails, or if it takes too long. Of transcripts only
# what memcheck says counts: what is slow prints lines of progress that are not in them.
# valgrind knows no AVX-512: it hides it from programs, so kernels and oneDNN's code are
# those for AVX2. It runs one thread at a time, and each some 30 times slower: what is
# found is worth some hours of an idle machine. Logs stay in BUILD_DIR/valgrind.
set -uo pipefail
command -v valgrind >/dev/null || { echo "valgrind.sh: install valgrind" >&2 && exit 1; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
regex=${2:-.}
seconds=${3:-3600}
logs=$build/valgrind
rm -rf "$logs"
mkdir -p "$logs/bin"

export OMP_WAIT_POLICY=passive OMP_NUM_THREADS=2 ONEDNN_MAX_CPU_ISA=AVX2
memcheck=(valgrind --quiet --error-exitcode=99 --leak-check=full
    --show-leak-kinds=definite --errors-for-leak-kinds=definite
    --suppressions="$here/valgrind.supp")

# Transcripts of the command line and tests of whole runs find these in the place of the
# programs.
for program in fairtl cli_fixture; do
    printf '#!/bin/sh\nexec %s --log-file=%s/%s.%%p.log %s "$@"\n' "${memcheck[*]}" \
        "$logs" "$program" "$build/$program" >"$logs/bin/$program"
    chmod +x "$logs/bin/$program"
done

# Has memcheck something to say of a program that the test has started?
programs_are_clean() {
    ! grep -ql . "$logs"/fairtl.*.log "$logs"/cli_fixture.*.log 2>/dev/null
}

# name, directory, command, each behind a tab. Scripts that run none of our programs, and
# tests that are to fail, are left out.
list() {
    ctest --test-dir "$build" -L quick -R "$regex" --show-only=json-v1 | python3 -c '
import json, sys
for test in json.load(sys.stdin)["tests"]:
    command = test.get("command")
    if not command or test["name"].startswith("check_") or test["name"] == "cli_can_fail":
        continue
    where = [p["value"] for p in test["properties"] if p["name"] == "WORKING_DIRECTORY"]
    print("\t".join([test["name"], where[0] if where else "."] + command))
'
}

passed=0 skipped=0 failed=()
while IFS=$'\t' read -r name directory words; do
    IFS=$'\t' read -ra command <<<"$words"
    start=$SECONDS
    if [[ ${command[0]} == *.sh ]]; then
        command=("${command[@]/#$build/$logs/bin}")
        (cd "$directory" && timeout "$seconds" "${command[@]}") >"$logs/$name.out" 2>&1 </dev/null
        [[ $? -ne 124 ]] && programs_are_clean # in time
        status=$?
    else
        (cd "$directory" && FTL_TEST_PROGRAMS_FROM=$logs/bin timeout "$seconds" \
            "${memcheck[@]}" --log-file="$logs/$name.log" "${command[@]}") \
            >"$logs/$name.out" 2>&1 </dev/null
        status=$?
        programs_are_clean || status=1
    fi
    case $status in
        0) word=ok && passed=$((passed + 1)) ;;
        77) word=skipped && skipped=$((skipped + 1)) ;; # SKIP_RETURN_CODE of ctest
        *) word=FAILED && failed+=("$name") ;;
    esac
    printf '%-7s %5d s  %s\n' "$word" $((SECONDS - start)) "$name"
    cat "$logs"/{fairtl,cli_fixture}.*.log >>"$logs/$name.log" 2>/dev/null
    rm -f "$logs"/{fairtl,cli_fixture}.*.log
done < <(list)
echo "$passed passed, $skipped skipped in part or whole, ${#failed[@]} failed"
[[ ${#failed[@]} -eq 0 && $passed -gt 0 ]]
