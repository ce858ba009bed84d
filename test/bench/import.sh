#!/usr/bin/env bash
# import.sh - `fairtl dataset import` beside djpeg over the same JPEG files, in turn.
#
#   test/bench/import.sh [--rounds N] [DIR ...]
#
# DIR holds .jpg files; without one, three sets are drawn: of 64 x 64, 178 x 218 (as
# CelebA) and 1600 x 1200 px. Two columns for each way to read a set: images a second, and
# milliseconds of processor time an image, which other users of the machine disturb less;
# medians over the rounds (default 5). djpeg takes one file a process: "start" is what a
# process that does nothing costs, to be taken off. It only decodes; the import also reads
# names, hashes, resizes to 64 px, looks for duplicates, and writes and syncs a pack.
#
# Needs Debian's libjpeg-turbo-progs, and python3-pil and python3-numpy to draw; installs
# them if they are missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rounds=5
[[ ${1-} != --rounds ]] || { rounds=$2 && shift 2; }
sets=()
for set in "$@"; do sets+=("$(cd "$set" && pwd)"); done
set --
source "$root/tools/setup.sh"
ftl_install_missing "${ftl_packages[@]}" libjpeg-turbo-progs python3-pil python3-numpy
ftl_build release fairtl
fairtl=$root/build/release/fairtl
export OMP_WAIT_POLICY=passive TERM=dumb LC_ALL=C TIMEFORMAT='%R %U %S'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ ${#sets[@]} -eq 0 ]]; then
    /usr/bin/python3 "$root/test/bench/draw_jpegs.py" "$work/64x64" 4000 64 64
    /usr/bin/python3 "$root/test/bench/draw_jpegs.py" "$work/178x218" 2000 178 218
    /usr/bin/python3 "$root/test/bench/draw_jpegs.py" "$work/1600x1200" 80 1600 1200
    sets=("$work/64x64" "$work/178x218" "$work/1600x1200")
fi

# read_by NAME SET: each prints nothing.
read_by() {
    local files=(find "$2" -maxdepth 1 -name '*.jpg' -print0)
    case $1 in
    import-1) OMP_NUM_THREADS=1 import "$2" ;;
    import-all) import "$2" ;;
    djpeg-1) "${files[@]}" | xargs -0 -n1 djpeg ;;
    djpeg-all) "${files[@]}" | xargs -0 -n1 -P"$(nproc)" djpeg ;;
    start-1) "${files[@]}" | xargs -0 -n1 /bin/true ;;
    esac >/dev/null 2>&1
}
import() { "$fairtl" dataset import "$1" --format folder --size 64 --out "$work/pack.h5"; }

# Lines "name seconds user system" on standard input.
summary() {
    sort -k1,1 -k2,2g | awk -v n="$1" '
        { real[$1, ++k[$1]] = $2; cpu[$1, k[$1]] = $3 + $4 }
        function median(a, name,   i, j, v, m) {
            m = k[name]
            for (i = 1; i <= m; i++) v[i] = a[name, i]
            for (i = 2; i <= m; i++)
                for (j = i; j > 1 && v[j] < v[j - 1]; j--) {
                    t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
                }
            return v[int((m + 1) / 2)]
        }
        END {
            split("import-1 import-all djpeg-1 djpeg-all start-1", names, " ")
            for (i = 1; i <= 5; i++)
                printf "  %-11s %9.0f images/s  %8.3f ms of processor an image\n",
                    names[i], n / median(real, names[i]), 1000 * median(cpu, names[i]) / n
        }'
}

for set in "${sets[@]}"; do
    n=$(find "$set" -maxdepth 1 -name '*.jpg' | wc -l)
    echo "$(basename "$set"): $n images, $(du -sk "$set" | cut -f1) KiB, $(nproc) threads"
    read_by djpeg-all "$set" # into the page cache
    for ((round = 0; round < rounds; round++)); do
        for way in import-1 djpeg-1 import-all djpeg-all start-1; do
            echo "$way $({ time read_by "$way" "$set"; } 2>&1)"
        done
    done | summary "$n"
done
