#!/usr/bin/env bash
# debian13.sh - build and test on Debian 13: oneDNN 3, gcc 14, PyTorch 2.6.
#
#   test/debian13.sh [FOLDER]             build without warnings, quick tests
#   test/debian13.sh [FOLDER] --long      all tests
#   test/debian13.sh [FOLDER] --bench ... test/bench/compare.sh ... instead of the tests
#   test/debian13.sh [FOLDER] --run ...   any other command, in the tree, as root
#
# Works in a root of Debian 13 below FOLDER (default: fairtl-debian13 in the folder for
# temporary files), on what is committed here, as /src/fairtl. What is in FOLDER already
# is used again, the build too; delete FOLDER to begin anew. Needs about 5 GB there,
# Debian's packages, and root or sudo.
set -euo pipefail

# Everything is mounted in a name space of its own, which takes its mounts along when
# the script ends, however it ends.
if [[ ${FTL_DEBIAN13-} != inside ]]; then
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    source "$here/../tools/setup.sh"
    ftl_install_missing git debootstrap
    ftl_as_root env FTL_DEBIAN13=inside unshare --mount --propagation private \
        "$here/debian13.sh" "$@"
    exit
fi

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${TMPDIR:-/tmp}/fairtl-debian13
if [[ $# -gt 0 && $1 != --* ]]; then
    root=$1
    shift
fi
mkdir -p "$root"
root=$(cd "$root" && pwd)

make_root() {
    [[ -e $root/.complete ]] && return
    # An interrupted debootstrap cannot be continued; what is not one stays.
    if [[ -e $root/.incomplete ]]; then
        rm -rf --one-file-system "${root:?}"/*
    elif [[ -n $(ls -A "$root") ]]; then
        echo "$root: holds something else; name a new folder" >&2
        return 1
    fi
    touch "$root/.incomplete"
    debootstrap --variant=minbase trixie "$root" \
        "${FTL_MIRROR:-http://deb.debian.org/debian}" >"$root.log" ||
        { tail -n 20 "$root.log" >&2; return 1; }
    mv "$root/.incomplete" "$root/.complete"
}

# The ways to the network that the host has.
share_network() {
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    apt-config dump | grep -i '^Acquire::[a-z]*::.*Proxy' \
        >"$root/etc/apt/apt.conf.d/90host" || true
}

# What is committed; objects of an earlier build stay.
copy_tree() {
    local copy=$root/src/fairtl
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
    [[ -d $copy/.git ]] || git init -q "$copy"
    git -C "$copy" fetch -q --no-tags "$tree" HEAD
    git -C "$copy" checkout -q --force --detach FETCH_HEAD
    git -C "$copy" clean -q -fd
}

in_root() {
    chroot "$root" /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LC_ALL=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        bash -c 'cd /src/fairtl && "$@"' bash "$@"
}

make_root
share_network
copy_tree
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
in_root bash -c 'source tools/setup.sh
    ftl_install_missing "${ftl_packages[@]}" python3-torch python3-h5py'
case ${1-} in
    "" | --long) in_root tools/test.sh "$@" ;;
    --bench) in_root test/bench/compare.sh "${@:2}" ;;
    --run) in_root "${@:2}" ;;
    *)
        sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
