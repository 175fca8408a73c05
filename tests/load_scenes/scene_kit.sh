# shellcheck shell=sh
# What the scenes of the load client share; to be sourced behind expect.sh and run_kit.sh, with the program in $assay.
#
#   simulator --burn 3ms                       # in a session of its own; $url is where it listens
#   load 3 -n 16 -d 4s                         # a load test of it that has to end with 3; says what it saw
#   says 'did not keep its schedule'           # on the terminal
#   reason server_lateness_p99_s invalid       # in the JSON result, which is valid by its schema

ours=
# shellcheck disable=SC2154 # tmp is expect.sh's
trap 'end_ours; rm -rf "$tmp"' EXIT

end_ours() {
    # shellcheck disable=SC2086 # a list
    [ -z "$ours" ] || kill $ours 2>/dev/null
    ours=
}

# A session of its own: the kernel shares processors out between sessions first, so what starves the client here does
# not starve the server.
simulator() {
    : >sim.url
    # shellcheck disable=SC2154 # assay is the caller's
    setsid "$assay" sim --for 2m "$@" >sim.url 2>sim.err </dev/null &
    ours="$ours $!"
    wait_until grep -q '^listening on ' sim.url
    url=$(sed -n 's|^listening on ||p' sim.url)
}

# Processes that do nothing but take a processor, as many as the first argument, behind the command of the others.
#   burn 4 taskset -c 0
burn() {
    count=$1
    shift
    for _ in $(seq "$count"); do
        "$@" timeout 100 sh -c 'while :; do :; done' &
        ours="$ours $!"
    done
}

# A load test in front of which the words in $before stand (nice -n 19), whatever becomes of it.
before=
try_load() {
    # shellcheck disable=SC2086 # words
    $before "$assay" load -t "$url" -o load.json "$@" >out.txt 2>err.txt </dev/null
    got=$?
}

show() {
    grep -E '^(client|the server is|  [a-z]+: |latency_s|response_s|[0-9]+ requests)' out.txt
    head -n 3 err.txt
}

load() {
    wanted=$1
    shift
    try_load "$@"
    show
    [ $got = "$wanted" ] || fail "exit $got, not $wanted: assay load $*"
    expect 0 'all valid' "$assay" validate load.json
}

says() {
    cat out.txt err.txt | grep -q -F -e "$1" || fail "no '$1' in what it says: $(cat out.txt err.txt)"
}

# The reason of this name is in the result, and as bad as that.
reason() {
    tr -d ' \n' <load.json | grep -q "{\"fitness\":\"$2\",\"name\":\"$1\"" || fail "no reason $1 ($2): $(cat out.txt)"
}

no_reason() {
    tr -d ' \n' <load.json | grep -q "\"name\":\"$1\"" && fail "there is a reason $1: $(cat out.txt)"
}

# The number at a path of members: value stall from_s
value() {
    tr -d ' \n' <load.json | sed -n "s/.*\"$1\":{[^{}]*\"$2\":\\([0-9.e+-]*\\).*/\\1/p"
}

# Whether a comparison holds, as awk reads it: holds "$a > 1.4"
holds() {
    awk "BEGIN { exit !($1) }"
}
