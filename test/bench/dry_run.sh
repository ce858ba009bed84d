#!/usr/bin/env bash
# dry_run.sh - what `fairtl run --dry-run` says of time, memory and disk beside what the
# same run then takes.
#
#   test/bench/dry_run.sh [CASE ...]
#
# Cases: demo (configs/demo.yaml, shortened, without an end before its time), demo-whole
# (as it is: minutes), demo-metrics (shortened, with metrics of quality and looks at the
# Frechet distance), demo-inception (shortened, metrics of few images in features of
# Inception: minutes), biggan64-fp32 and biggan64-bf16 (the yardstick's step on images made
# for it, then fairTL++). Those that take no minutes if none is named. A ratio above 1: it took
# more than was said. "step" is the median of the steps of pre-training. The rest of the
# machine should be at rest.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
arguments=("$@")
set --
source "$root/tools/setup.sh"
ftl_install_missing "${ftl_packages[@]}" python3
ftl_build release fairtl cli_fixture
exec python3 "$root/test/bench/dry_run.py" "$root/build/release" \
    ${arguments[@]+"${arguments[@]}"}
