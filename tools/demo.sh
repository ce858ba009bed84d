#!/usr/bin/env bash
# demo.sh - install what is missing, build, and make a generator fairer.
#
#   tools/demo.sh [OPTIONS]    options of `fairtl run`, such as --set seed=2
#
# The results come into runs/demo. A demonstration that was interrupted goes on where it
# stopped; delete runs/demo to begin again. Ends with the table and the path of the
# picture.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
ftl_install_missing "${ftl_packages[@]}"
ftl_build release fairtl

# --resume begins at the beginning where there is nothing yet.
exec build/release/fairtl run configs/demo.yaml --out runs/demo --resume "$@"
