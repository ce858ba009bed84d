#!/usr/bin/env bash
# test.sh - install what is missing, build, run the tests.
#
#   tools/test.sh           the quick tier, some minutes
#   tools/test.sh --long    every test, also the long tier
#
# Ends with ctest's own summary; the exit status is 0 only if every test passed.
set -euo pipefail

tier=(-L quick)
case ${1-} in
    "") ;;
    --long) tier=() ;;
    *)
        sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
ftl_install_missing "${ftl_packages[@]}"
ftl_build release
ctest --test-dir build/release -j "$(nproc)" --output-on-failure ${tier[@]+"${tier[@]}"}
