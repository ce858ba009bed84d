#!/usr/bin/env bash
# run.sh - tests of the command line, written as transcripts.
#
#   test/cli/run.sh [--bless] BIN_DIR CASE ...
#
# BIN_DIR holds fairtl and cli_fixture. A case is a text file of commands, each with
# what it must print and return:
#
#     # a comment
#     $ fairtl rum
#     | a line of standard output
#     ! a line of standard error
#     = 2
#
# Without "=" the exit status must be 0; without "|" or "!" nothing may be printed there.
# In lines "*" stands for any characters, and "..." alone for any number of lines. "> "
# continues a command. The commands of a case run one after another in one empty
# directory; SOURCE is the root of the tree, CASES the folder of the case.
#
# --bless writes what was printed into the case wherever it does not match.
set -uo pipefail

bless=
[[ ${1-} == --bless ]] && bless=1 && shift
if [[ $# -lt 2 ]]; then
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
export PATH="$(cd "$1" && pwd):$PATH"
shift
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Networks here are tiny: a second thread would only wait.
export SOURCE LC_ALL=C TERM=dumb OMP_NUM_THREADS=1
unset COLUMNS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# Does the line match the pattern, in which only "*" is special?
line_matches() {
    local pattern=${2//\\/\\\\}
    pattern=${pattern//\[/\\[}
    pattern=${pattern//\?/\\?}
    # shellcheck disable=SC2053 # a glob is what is wanted
    [[ $1 == $pattern ]]
}

# matches LINES PATTERNS: names of arrays; from their elements $3 and $4 on.
matches() {
    local -n got=$1 want=$2
    local i=$3 j=$4 k
    while [[ $j -lt ${#want[@]} ]]; do
        if [[ ${want[$j]} == ... ]]; then
            for ((k = i; k <= ${#got[@]}; k++)); do
                matches "$1" "$2" "$k" $((j + 1)) && return 0
            done
            return 1
        fi
        [[ $i -lt ${#got[@]} ]] || return 1
        line_matches "${got[$i]}" "${want[$j]}" || return 1
        i=$((i + 1))
        j=$((j + 1))
    done
    [[ $i -eq ${#got[@]} ]]
}

# Run one command and judge it; prints the case's new lines to $blessed.
run_command() {
    local status
    (cd "$directory" && bash -c "$command") >"$work/out" 2>"$work/err" </dev/null
    status=$?
    mapfile -t out <"$work/out"
    mapfile -t err <"$work/err"
    if matches out want_out 0 0 && matches err want_err 0 0 &&
        [[ $status -eq $want_status ]]; then
        passed=$((passed + 1))
        [[ ${#expected[@]} -eq 0 ]] || printf '%s\n' "${expected[@]}" >>"$blessed"
        return
    fi
    {
        [[ ${#out[@]} -eq 0 ]] || printf '| %s\n' "${out[@]}"
        [[ ${#err[@]} -eq 0 ]] || printf '! %s\n' "${err[@]}"
        [[ $status -eq 0 ]] || printf '= %s\n' "$status"
    } >"$work/got"
    cat "$work/got" >>"$blessed"
    [[ -n $bless ]] && return
    failed=$((failed + 1))
    echo "$case_file:$line_number: \$ $command"
    { [[ ${#expected[@]} -eq 0 ]] || printf '%s\n' "${expected[@]}"; } |
        diff --label expected --label got -u - "$work/got"
}

run_case() {
    local case_file=$1 lines command="" i=0 line_number
    local -a out err want_out want_err expected
    mapfile -t lines <"$case_file"
    directory=$(mktemp -d "$work/case.XXXXXX")
    blessed=$work/blessed
    : >"$blessed"
    CASES=$(cd "$(dirname "$case_file")" && pwd)
    export CASES
    while [[ $i -lt ${#lines[@]} ]]; do
        local line=${lines[$i]}
        echo "$line" >>"$blessed"
        i=$((i + 1))
        [[ $line == '$ '* ]] || continue
        line_number=$i
        command=${line#'$ '}
        while [[ ${lines[$i]-} == '> '* ]]; do
            command+=$'\n'${lines[$i]#'> '}
            echo "${lines[$i]}" >>"$blessed"
            i=$((i + 1))
        done
        want_out=() want_err=() expected=() want_status=0
        while [[ ${lines[$i]-} == [\|!=]* ]]; do
            line=${lines[$i]}
            expected+=("$line")
            case $line in
                '|'*) line=${line#?} && want_out+=("${line# }") ;;
                '!'*) line=${line#?} && want_err+=("${line# }") ;;
                *) want_status=${line#= } ;;
            esac
            i=$((i + 1))
        done
        run_command
    done
    [[ -z $bless ]] || cmp -s "$blessed" "$case_file" || cp "$blessed" "$case_file"
    rm -rf "$directory"
}

for case_file in "$@"; do
    run_case "$case_file"
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]] || [[ -n $bless ]]
