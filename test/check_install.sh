#!/usr/bin/env bash
# check_install.sh - what `cmake --install` installs is enough to build on.
#
#   test/check_install.sh BUILD_DIR
#
# Installs into a temporary prefix, compiles a small program against it, once with nothing
# but `pkg-config fairtl` and once with nothing but find_package(fairtl), and runs both and
# the installed fairtl. Moves the prefix in between: no file may name it.
set -euo pipefail

build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$work/first" >"$work/log" || { cat "$work/log"; exit 1; }
mv "$work/first" "$prefix"
pc=$(find "$prefix" -name fairtl.pc)
export PKG_CONFIG_PATH=${pc%/*}
libdir=$(pkg-config --variable=libdir fairtl)

cat >"$work/user.c" <<'C'
#include <datasets/importer.h>
#include <engine/plan.h>
#include <trainers/run/run.h>
int main(void) {
    const ftl_importer *importer;
    if (ftl_importer_find(&importer, "idx", "--format") != FTL_OK) return 1;
    if (ftl_importer_find(&importer, "idy", "--format") != FTL_ECONFIG) return 1;
    ftl_print_versions(stdout);
    return 0;
}
C
cat >"$work/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(fairtl 0.1 REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE fairtl::fairtl)
CMAKE

# Only a shared library has to be found when the program runs.
read -ra flags <<<"$(pkg-config --cflags --libs fairtl)"
so=$(find "$libdir" -maxdepth 1 -name 'libfairtl.so')
[[ -z $so ]] || flags+=("-Wl,-rpath,$libdir")
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror "$work/user.c" -o "$work/user" "${flags[@]}"

# The headers, not those of the tree.
[[ " ${flags[*]} " == *" -I$prefix/"* ]]
"$work/user" >"$work/versions"
grep -q '^fairtl ' "$work/versions"
"$prefix/bin/fairtl" --version | cmp - "$work/versions"

generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
{ cmake -S "$work" -B "$work/build" -G "$generator" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" && cmake --build "$work/build"; } \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
grep -q "fairtl_DIR:PATH=$prefix/" "$work/build/CMakeCache.txt"
"$work/build/user" | cmp - "$work/versions"

# A shared library goes by major and minor version, shows no name but ours, and the
# program takes the one beside it.
if [[ -n $so ]]; then
    soname=$(readelf -d "$so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
    [[ $soname =~ ^libfairtl\.so\.[0-9]+\.[0-9]+$ && -e $libdir/$soname ]]
    names=$(nm -D --defined-only "$so" | awk '{print $3}' | sort)
    alien=$(grep -v '^ftl_' <<<"$names" || true)
    [[ -z $alien ]] || { echo "exported, and not named ftl_...:" "$alien"; exit 1; }
    for program in "$prefix/bin/fairtl" "$work/user" "$work/build/user"; do
        [[ $(ldd "$program") == *"$soname => $(realpath "$libdir")/"* ||
            $(ldd "$program") == *"$soname => $prefix/bin/../"* ]]
    done
fi

[[ -f $prefix/share/fairtl/configs/demo.yaml ]]
[[ -f $prefix/share/doc/fairtl/README.md ]]
"$prefix/bin/fairtl" --man | cmp - "$prefix/share/man/man1/fairtl.1"
"$prefix/bin/fairtl" --bash-completion | cmp - "$prefix/share/bash-completion/completions/fairtl"
echo "1 passed, 0 failed"
