#!/usr/bin/env bash
# run.sh - build the fuzzers with clang and let them run, one after the other.
#
#   test/fuzz/run.sh [SECONDS [TARGET ...]]       default: 1800 s each of target_*.c
#
# Builds into build/fuzz. What is found is kept there in findings/TARGET; inputs that
# reach something new in corpus/TARGET, from where the next run goes on. A finding ends
# its target, not the others; exit status 1 tells of it. To see one again:
#
#   build/fuzz/test/fuzz/fuzz_TARGET FILE
#
# Once it is mended, its input belongs into test/fuzz/corpus/TARGET. The files reached-NN
# there are the fewest that reach what has been reached so far:
#
#   build/fuzz/test/fuzz/fuzz_TARGET -set_cover_merge=1 -use_counters=0 OUT \
#       build/fuzz/corpus/TARGET test/fuzz/corpus/TARGET
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
seconds=${1:-1800}
shift
targets=("$@")
if [[ $# -eq 0 ]]; then
    targets=(test/fuzz/target_*.c)
    targets=("${targets[@]#test/fuzz/target_}")
    targets=("${targets[@]%.c}")
fi

CC=${CC:-clang} cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DFTL_FUZZ=ON >/dev/null &&
    cmake --build build/fuzz --target fuzzers || exit 1

# Longer inputs make all of them slower and reach nothing more.
declare -A longest=([config]=4096 [jpeg]=4096 [pack]=2500 [checkpoint]=2000 [seal]=512)
# Files that other tests have are seeds too.
declare -A seeds=([config]=configs [jpeg]=test/golden/bad/image
    [png]=test/golden/bad/image [csv]=test/golden/bad/csv [folder]=test/golden/bad/csv
    [celeba]=test/golden/bad/celeba)

export OMP_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=1
failed=()
for target in "${targets[@]}"; do
    corpus=build/fuzz/corpus/$target findings=build/fuzz/findings/$target
    mkdir -p "$corpus" "$findings"
    log=build/fuzz/$target.log
    build/fuzz/test/fuzz/"fuzz_$target" -max_total_time="$seconds" \
        -max_len="${longest[$target]:-1024}" -timeout=60 -rss_limit_mb=3000 \
        -malloc_limit_mb=600 -use_value_profile=1 -print_final_stats=1 \
        -artifact_prefix="$findings/" "$corpus" "test/fuzz/corpus/$target" \
        ${seeds[$target]:+"${seeds[$target]}"} >"$log" 2>&1 || failed+=("$target")
    printf '%-11s %s\n' "$target" "$(grep -E '^#[0-9]+' "$log" | tail -1)"
done
[[ ${#failed[@]} -eq 0 ]] || { echo "findings: ${failed[*]}" && exit 1; }
