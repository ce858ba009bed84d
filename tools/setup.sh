# setup.sh - what test.sh, demo.sh and CI share; to be sourced by bash.
#
# After it the working directory is the root of the tree.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# All that fairtl is built from and tested with, on Debian 12 and 13.
ftl_packages=(build-essential cmake ninja-build pkg-config libdnnl-dev libhdf5-dev
    libyaml-dev libjpeg62-turbo-dev libpng-dev zlib1g-dev libssl-dev libjansson-dev
    liblapacke-dev libopenblas-serial-dev
    dataset-fashion-mnist file)

ftl_is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

ftl_as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "need root, or sudo, for: $*" >&2
        return 1
    fi
}

ftl_apt_install() {
    ftl_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@"
}

# Install the packages that are not there. Touches neither the network nor root's rights
# if all are.
ftl_install_missing() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        echo "no Debian: install by hand what $* are called here" >&2
        return 1
    fi
    for package in "$@"; do
        ftl_is_installed "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    echo "installing ${missing[*]}"
    # The lists of packages may be absent or too old: fetch them only then.
    ftl_apt_install "${missing[@]}" >/tmp/fairtl-apt.$$ 2>&1 ||
        { ftl_as_root apt-get update -q && ftl_apt_install "${missing[@]}"; } \
            >>/tmp/fairtl-apt.$$ 2>&1
    local status=$?
    [[ $status -eq 0 ]] || cat /tmp/fairtl-apt.$$ >&2
    rm -f /tmp/fairtl-apt.$$
    return $status
}

# Configure and build a preset of CMakePresets.json; further words are ninja's targets.
ftl_build() {
    local preset=$1
    shift
    cmake --preset "$preset" >"/tmp/fairtl-cmake.$$" 2>&1 || {
        cat "/tmp/fairtl-cmake.$$" >&2
        rm -f "/tmp/fairtl-cmake.$$"
        return 1
    }
    rm -f "/tmp/fairtl-cmake.$$"
    cmake --build --preset "$preset" ${1:+--target "$@"}
}
