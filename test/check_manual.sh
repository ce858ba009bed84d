#!/usr/bin/env bash
# check_manual.sh - the manual page, the completions and the README know what the program
# knows.
#
#   test/check_manual.sh BIN_DIR
set -euo pipefail
fairtl=$(cd "$1" && pwd)/fairtl
readme=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 passed=0

check() { # name, command...
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name" >&2
    fi
}

"$fairtl" --man >"$work/fairtl.1"
"$fairtl" --bash-completion >"$work/completion"
sed 's/\\-/-/g; s/\\f[BIR]//g' "$work/fairtl.1" >"$work/plain"

# Names below a line "commands:" of --help.
commands() { "$fairtl" "$@" --help | sed -n '/^commands:/,/^options:/s/^  \([a-z]*\) .*/\1/p'; }

complete_words() { # words of a line, the last one being typed
    COMP_WORDS=(fairtl "$@") COMP_CWORD=$# COMPREPLY=()
    _fairtl
    printf '%s\n' "${COMPREPLY[@]}"
}
# shellcheck disable=SC1091
source "$work/completion"

# The section of a command: from its title to the next one.
section() { sed -n "/^\.SS fairtl $*\$/,/^\.S[HS] /p" "$work/plain"; }

visit() { # words of a command
    local option word below
    below=$(commands "$@")
    for word in $below; do
        check "completion of $* $word" grep -qx "$word" <(complete_words "$@" "$word")
        visit "$@" "$word"
    done
    [[ -z $below ]] || return 0
    check "man: $*" grep -q . <(section "$*")
    for option in $("$fairtl" "$@" --help | grep -oE '^  (-[a-z]|  ).* --[a-z-]+' |
        grep -oE -- '--[a-z-]+$' | grep -vx -- --help); do
        check "man: $* $option" grep -qE -- "$option( |\$)" <(section "$*")
        check "completion of $* $option" grep -qx -- "$option" \
            <(complete_words "$@" "$option")
    done
}
visit

# Nothing but commands is offered where a command is due, and files where none is.
check "completion of d" diff <(complete_words d) <(echo dataset)
check "completion of a file" diff <(complete_words run x) <(echo)

"$fairtl" --help | sed -n '/^exit status:/,/^$/s/^  \([0-9]\+\) .*/\1/p' >"$work/exits"
check "exit statuses of --help" diff "$work/exits" <(printf '%s\n' 0 1 2 130 143 139)
while read -r status; do
    check "man: exit status $status" grep -qx "$status" "$work/plain"
    check "README: exit status $status" grep -q "^| $status |" "$readme"
done <"$work/exits"

if command -v groff >/dev/null; then
    groff -man -Tutf8 -ww -z "$work/fairtl.1" 2>"$work/warnings"
    check "groff: $(head -3 "$work/warnings")" test ! -s "$work/warnings"
fi
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
