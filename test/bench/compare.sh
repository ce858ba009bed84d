#!/usr/bin/env bash
# compare.sh - training steps of fairtl beside the same steps in PyTorch, in turn.
#
#   test/bench/compare.sh [--quick] [--case CASE] [--precision fp32|bf16] [--tune]
#                         [--json FILE]
#   test/bench/compare.sh --threads ...
#
# Without --case all five cases, in both precisions. Times are milliseconds of a step: one
# update of G with two of D; an update of the classifier; a batch of 64 samples. The ratio
# is PyTorch's median in its best mode over ours: above 1 we are faster. Times mean
# something only as ratios of one run. --json adds rows to a file, so that a run that was
# interrupted goes on with --case. --tune: our kernels by trying (engine.tune: measure)
# instead of by the fixed rule. --threads: how our steps scale.
#
# Needs Debian's python3-torch and an optimised BLAS for it, and installs them if they
# are missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
arguments=("$@")
here=$PWD
set --
source "$root/tools/setup.sh"
ftl_install_missing "${ftl_packages[@]}" python3-torch libopenblas0-openmp
ftl_build release bench_step
cd "$here"
exec /usr/bin/python3 "$root/test/bench/compare.py" "$root/build/release/test/bench_step" \
    ${arguments[@]+"${arguments[@]}"}
