#!/usr/bin/env bash
# check_install.sh - what `cmake --install` installs is enough to build on.
#
#   test/check_install.sh BUILD_DIR
#
# Installs into a temporary prefix, compiles a small program against it with nothing but
# `pkg-config fairtl`, and runs it and the installed fairtl.
set -euo pipefail

build=$(cd "$1" && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

cmake --install "$build" --prefix "$prefix" >"$prefix/log" || { cat "$prefix/log"; exit 1; }
pc=$(find "$prefix" -name fairtl.pc)
export PKG_CONFIG_PATH=${pc%/*}

cat >"$prefix/user.c" <<'C'
#include <datasets/importer.h>
#include <engine/plan.h>
#include <trainers/run.h>
int main(void) {
    const ftl_importer *importer;
    if (ftl_importer_find(&importer, "idx", "--format") != FTL_OK) return 1;
    if (ftl_importer_find(&importer, "idy", "--format") != FTL_ECONFIG) return 1;
    ftl_print_versions(stdout);
    return 0;
}
C
read -ra flags <<<"$(pkg-config --cflags --libs fairtl)"
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror "$prefix/user.c" -o "$prefix/user" "${flags[@]}"

# The headers, not those of the tree.
[[ " ${flags[*]} " == *" -I$prefix/"* ]]
"$prefix/user" >"$prefix/versions"
grep -q '^fairtl ' "$prefix/versions"
"$prefix/bin/fairtl" --version | cmp - "$prefix/versions"
[[ -f $prefix/share/fairtl/configs/demo.yaml ]]
[[ -f $prefix/share/doc/fairtl/README.md ]]
"$prefix/bin/fairtl" --man | cmp - "$prefix/share/man/man1/fairtl.1"
"$prefix/bin/fairtl" --bash-completion | cmp - "$prefix/share/bash-completion/completions/fairtl"
echo "1 passed, 0 failed"
