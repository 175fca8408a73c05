# shellcheck shell=sh
# What tests of `assay run` share; to be sourced behind expect.sh, with the program in $assay. They work in $tmp, with a
# measurement lock of their own and no server or key of the caller's.
#
#   expect 0 '1 passed' "$assay" run -t sim:sim-fast $brief
#   [ "$(outcomes runs/latest)" = 'passed' ] || fail 'it did not pass'

# The program may be named from where the caller stands.
case ${assay:-/} in
    /*) ;;
    */*) assay=$(cd "${assay%/*}" && pwd)/${assay##*/} || exit 1 ;;
esac
cd "$tmp" || exit 1
export ASSAY_LOCK_FILE="$tmp/lock"
unset ASSAY_TARGETS ASSAY_API_KEY OPENAI_API_KEY

# Ten cases that every server can answer, unless a test names others: what is counted does not change with the
# suites.
ASSAY_CASES='infrastructure.* chat.short chat.long_prompt chat.long_answer chat.turns chat.stop_tokens
    chat.streamed_equals_unstreamed'
export ASSAY_CASES

# One test of one request.
# shellcheck disable=SC2034 # for the tests
brief='-c chat.short -r 1 --warmup 0'

# The values of a text member in a file of ours, one a line. Member names of our records stand in them once a line.
texts_of() {
    grep -o "\"$1\": *\"[^\"]*\"" "$2" | sed 's/^[^:]*: *"//; s/"$//'
}

outcomes() {
    texts_of outcome "$1/benchmark.jsonl" | sort | uniq -c | sed 's/^ *//; s/^1 //' | paste -s -d, -
}

# Waits at most a minute, and longer on a machine that is busy, until the condition (a command) holds.
wait_until() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 1200 ] || fail "in vain waited for: $*"
        sleep 0.05
    done
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}

a_test_runs() {
    [ -n "$(find "$1/spool" -name '*.intent.json' 2>/dev/null)" ]
}

# Starts a run of an hour in the background, as the shell starts what can be interrupted, and waits for its first test.
#   start_long; ... "$long" is its process
start_long() {
    env --default-signal=INT "$assay" run -t sim:sim-steady -s chat -r 1000 --warmup 0 -o long "$@" \
        >"$tmp/long.out" 2>"$tmp/long.err" </dev/null &
    long=$!
    wait_until a_test_runs long/latest
}

# Every file of a run that has a schema, against it.
valid() {
    for file in run.json benchmark.jsonl exchanges.jsonl answers.jsonl samples.jsonl requests.jsonl; do
        [ ! -e "$1/$file" ] || "$assay" validate "$1/$file" >"$tmp/validate" 2>&1 ||
            fail "$1/$file: $(cat "$tmp/validate")"
    done
}
