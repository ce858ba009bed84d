#!/usr/bin/env bash
# check_layers.sh - the direction of dependence, told from #include lines.
#
#   test/check_layers.sh [--root DIR]     check the tree; exit 1 if an include breaks it
#   test/check_layers.sh --self-test      check that the check can fail
#
# tools -> trainers -> {configs, datasets, checkpoints} -> engine -> engine/base, never
# back; the three in the middle do not know each other. Inside trainers:
# {comparison, profile} -> run -> the others. Inside engine:
# nn -> ops -> graph -> base; compile -> {graph, backend}; backend never -> nn. Libraries
# with an interface that may change have one place that includes them, and one function
# of libc is not used at all.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)

# The layer of a path. "graph" is engine/ itself: tensor, graph, gradient. The plan is a
# layer above: what it is, everybody may know, but making one takes all of the compiler.
# "runs" is what makes use of runs; what a comparison is called and came to, a run and its
# report may know.
layer_of() {
    case $1 in
        trainers/run/*) echo run ;;
        trainers/comparison/comparison_settings.? | trainers/comparison/comparison_results.?)
            echo trainers ;;
        trainers/comparison/* | trainers/profile/*) echo runs ;;
        tools/* | trainers/* | configs/* | datasets/* | checkpoints/* | test/*)
            echo "${1%%/*}" ;;
        engine/base/* | engine/ops/* | engine/compile/* | engine/backend/* | engine/nn/*)
            local below=${1#engine/}
            echo "${below%%/*}" ;;
        engine/plan*.c) echo plan ;;
        engine/*) echo graph ;;
        *) echo unknown ;;
    esac
}

# Whom each layer may include, besides itself.
below="base graph ops nn compile backend configs datasets checkpoints"
declare -A may=(
    [base]=""
    [graph]="base"
    [plan]="base graph ops compile backend"
    [ops]="base graph"
    [backend]="base graph ops"
    [compile]="base graph ops backend"
    [nn]="base graph ops"
    [configs]="base"
    [datasets]="base graph"
    [checkpoints]="base graph ops nn"
    [trainers]="$below"
    [run]="$below trainers"
    [runs]="$below trainers run"
    [tools]="base configs datasets checkpoints trainers run runs"
    [test]="$below trainers run runs tools"
)

# One step back: a gradient is a sum of contributions, so the graph knows ops by name.
declare -A exception=([graph]="engine/ops/ops.h")

# Which files may include a library, as an extended regular expression.
declare -A only=(
    [dnnl.h]='engine/backend/onednn[^/]*'
    [dnnl_types.h]='engine/backend/onednn[^/]*'
    [yaml.h]='configs/[^/]*'
    [hdf5.h]='engine/base/h5[^/]*'
    [jpeglib.h]='datasets/[^/]*'
    [png.h]='datasets/[^/]*'
    [jansson.h]='(trainers|checkpoints)/.*'
    [lapacke.h]='trainers/metrics/lapack.c'
    [openssl/evp.h]='engine/base/[^/]*'
    [openssl/err.h]='engine/base/[^/]*'
)

# Print a line for each include that is not allowed.
check() {
    local file line name from to
    cd "$1"
    local folders=()
    for from in tools trainers configs datasets checkpoints engine test; do
        [[ -d $from ]] && folders+=("$from")
    done
    while IFS=: read -r file line name; do
        name=${name#*include}
        name=${name#*[\"<]}
        name=${name%%[\">]*}
        from=$(layer_of "$file")
        [[ $from == test && $name != */* ]] && continue # tests may use any library
        if [[ -n ${only[$name]-} ]]; then
            [[ $file =~ ^${only[$name]}$ ]] ||
                echo "$file:$line: <$name> may be included by ${only[$name]} only"
            continue
        fi
        [[ -e $name ]] || continue # a system header
        to=$(layer_of "$name")
        [[ $name == "${exception[$from]-}" ]] && continue
        if [[ $to != "$from" && " ${may[$from]} " != *" $to "* ]]; then
            echo "$file:$line: $from must not include $to ($name)"
        fi
    done < <(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' \
        --include='*.c' --include='*.h' --include='*.def' "${folders[@]}")
    # glibc's loses text without a word where memory is short.
    while IFS=: read -r file line name; do
        [[ $file == test/* ]] ||
            echo "$file:$line: open_memstream: engine/base/memory_file.h is to be used"
    done < <(grep -rnE '\bopen_memstream *\(' --include='*.[ch]' "${folders[@]}")
    # Relative includes would slip through the check.
    while IFS=: read -r file line name; do
        name=${name#*\"}
        name=${name%%\"*}
        [[ -e $name ]] || echo "$file:$line: \"$name\" is not relative to the root"
    done < <(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
        --include='*.c' --include='*.h' --include='*.def' "${folders[@]}")
}

# One file that breaks each rule, and one that breaks none.
self_test() {
    local count=0 failed=0 file include want
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT # tree is global: the trap outlives the function
    (cd "$root" && find . -name '*.h' -not -path './build/*' | while read -r file; do
        mkdir -p "$tree/${file%/*}" && touch "$tree/$file"
    done)
    mkdir -p "$tree"/{checkpoints,datasets,configs,tools,engine/{nn,compile,backend}} \
        "$tree"/trainers/{run,report,profile,comparison}
    touch "$tree"/{checkpoints/probe.h,trainers/probe.h,engine/nn/probe.h,tools/probe.h}
    while read -r want file include; do
        echo "#include $include" >"$tree/$file"
        local found
        found=$(check "$tree" | wc -l)
        rm "$tree/$file"
        count=$((count + 1))
        if [[ $found -ne $want ]]; then
            echo "$file with $include: $found complaints instead of $want"
            failed=$((failed + 1))
        fi
    done <<'CASES'
0 datasets/probe.c "engine/base/status.h"
0 engine/ops/probe.c "engine/op.h"
0 engine/backend/onednn9.c <dnnl.h>
0 tools/probe.c "trainers/run/run.h"
1 tools/probe.c <stdio.h> // open_memstream(
0 test/probe.c <stdio.h> // open_memstream(
1 engine/base/probe.c "engine/tensor.h"
1 engine/ops/probe.c "engine/nn/probe.h"
1 engine/ops/probe.c "engine/backend/kernel.h"
1 engine/backend/probe.c "engine/nn/probe.h"
1 engine/probe.c "engine/nn/probe.h"
1 engine/compile/probe.c "engine/nn/probe.h"
1 engine/probe.c "trainers/probe.h"
1 configs/probe.c "datasets/pack.h"
1 datasets/probe.c "configs/config.h"
1 datasets/probe.c "checkpoints/probe.h"
1 checkpoints/probe.c "datasets/pack.h"
1 datasets/probe.c "trainers/probe.h"
1 trainers/probe.c "tools/probe.h"
0 trainers/run/probe.c "trainers/probe.h"
1 trainers/probe.c "trainers/run/run.h"
1 trainers/report/probe.c "trainers/run/run.h"
0 trainers/profile/probe.c "trainers/run/run.h"
1 trainers/run/probe.c "trainers/comparison/comparison.h"
1 trainers/run/probe.c "trainers/profile/profile.h"
1 trainers/comparison/comparison_settings.c "trainers/run/run.h"
1 trainers/run/probe.c "tools/probe.h"
1 tools/probe.c "engine/graph.h"
1 engine/backend/probe.c <dnnl.h>
1 datasets/probe.c <yaml.h>
1 checkpoints/probe.c <hdf5.h>
1 trainers/probe.c <png.h>
1 trainers/probe.c <jpeglib.h>
1 engine/base/probe.c "status.h"
1 engine/base/probe.c "../tensor.h"
1 engine/probe.c "engine/compile/program.h"
0 engine/plan_probe.c "engine/compile/program.h"
1 engine/ops/probe.c   <hdf5.h>
CASES
    echo "$((count - failed)) passed, $failed failed"
    [[ $failed -eq 0 ]]
}

case ${1-} in
    --self-test) self_test ;;
    --root) root=$2 ;&
    "")
        complaints=$(check "$root")
        if [[ -n $complaints ]]; then
            echo "$complaints"
            exit 1
        fi
        ;;
    *)
        echo "usage: $0 [--root DIR | --self-test]" >&2
        exit 2
        ;;
esac
