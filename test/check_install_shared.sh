#!/usr/bin/env bash
# check_install_shared.sh - libfairtl as a shared library, built, installed and used.
#
#   test/check_install_shared.sh SOURCE_DIR CMAKE_GENERATOR
#
# Compiles everything that is installed once more: minutes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

{ cmake -S "$1" -B "$build" -G "$2" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON &&
    cmake --build "$build" -j "$(nproc)" --target fairtl manual; } >"$build/log" 2>&1 ||
    { tail -n 50 "$build/log"; exit 1; }
[[ -n $(find "$build" -maxdepth 1 -name 'libfairtl.so.*') ]]
"$here/check_install.sh" "$build"
