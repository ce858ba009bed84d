#!/usr/bin/env bash
# compare.sh - training steps of fairtl beside the same steps in PyTorch, interleaved.
#
#   test/bench/compare.sh [--quick] [--json FILE]
#
# Needs Debian's python3-torch, and installs it if it is missing. The ratio is PyTorch's
# median in its best mode over ours: above 1 we are faster. Times mean something only as
# ratios of one run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
arguments=("$@")
set --
source "$root/tools/setup.sh"
ftl_install_missing "${ftl_packages[@]}" python3-torch
ftl_build release bench_step
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT-10000}
exec /usr/bin/python3 test/bench/compare.py build/release/test/bench_step "${arguments[@]}"
