# shellcheck shell=sh
# To be sourced by tests of the command line.
#
#   expect CODE TEXT COMMAND...     runs COMMAND; its exit code is CODE, and TEXT stands in what it prints
#
#   tries COMMAND...                COMMAND, which may end in `fail`, is good in one of five tries: for bounds on time
#
# tmp is a folder of the test's own, removed at its end; out and err in it hold what the last command printed.

set -u
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

fail() {
    printf 'FAILED: %s\n' "$1"
    exit 1
}

expect() {
    wanted=$1 text=$2
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    got=$?
    [ "$got" = "$wanted" ] || fail "exit $got, not $wanted: $* ($(head -c 500 "$tmp/err"))"
    [ -z "$text" ] || cat "$tmp/out" "$tmp/err" | grep -q -F -e "$text" ||
        fail "no '$text' in what it says: $* ($(cat "$tmp/out" "$tmp/err" | head -c 500))"
}

# In a shell of its own: a failure ends the try and not the test, and variables are not kept.
tries() {
    for _ in 1 2 3 4 5; do
        ("$@") >"$tmp/try" 2>&1 && return
        cat "$tmp/try"
    done
    fail "in none of five tries: $*"
}
