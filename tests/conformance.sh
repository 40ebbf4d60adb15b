#!/bin/sh
# The official conformance suite of the Model Context Protocol, both revisions: every scenario that
# needs no tools of a test server against the real program, and the complete sets of requirements
# against the same server with the suite's tools mounted (the example `conformance`).
#
# Needs npm once to fetch the suite; where that fails this says so and is skipped.
# Usage: tests/conformance.sh [PROGRAM [EXAMPLE]]
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
case $target in /*) ;; *) target=$PWD/$target ;; esac
program=${1:-$target/debug/plandown}
example=${2:-$target/debug/examples/conformance}
tools=$target/conformance
suite=0.2.0-alpha.12

# Ends a command that takes longer than so many seconds.
limit() {
    if command -v timeout >/dev/null; then timeout -k 5 "$@"; else perl -e 'alarm shift; exec @ARGV' "$@"; fi
}

for file in "$program" "$example"; do
    [ -x "$file" ] || { echo "$file is missing: cargo build --bin plandown --example conformance"; exit 1; }
done

fetch() {
    [ "${PLANDOWN_FETCH:-}" != no ] || return 1
    limit 180 npm i --prefix "$tools" --no-fund --no-audit node@22 \
        "@modelcontextprotocol/conformance@$suite" >"$tools/npm.log" 2>&1
}
# The mark is written last: what was fetched by halves is fetched again.
if [ "$(cat "$tools/suite" 2>/dev/null)" != "$suite" ]; then
    mkdir -p "$tools" || exit 1
    if ! fetch && ! fetch; then
        echo "SKIPPED: the conformance suite cannot be fetched (see $tools/npm.log)"
        exit 0
    fi
    echo "$suite" >"$tools/suite"
fi
PATH=$tools/node_modules/.bin:$PATH

work=$(mktemp -d) || exit 1
servers=
cleanup() {
    for pid in $servers; do kill "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1
"$program" init --root "$work" --name "Conformance" >/dev/null || exit 1

# Starts a server and sets `url` to its address.
start() {
    name=$1
    shift
    "$@" >"$name.url" 2>"$name.log" </dev/null &
    pid=$!
    servers="$servers $pid"
    tries=0
    while [ ! -s "$name.url" ] && [ $tries -lt 600 ] && kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        sleep 0.1
    done
    url=$(cat "$name.url")
    [ -n "$url" ] || { echo "FAILED: $name does not start:"; cat "$name.log"; exit 1; }
}

failed=0
count=0
# Some checks wait half a second for an answer: on a busy machine a second try decides.
run() {
    count=$((count + 1))
    limit 120 conformance server --url "$url" "$@" >out 2>&1 && return
    limit 120 conformance server --url "$url" "$@" >out 2>&1 && return
    failed=$((failed + 1))
    echo "FAILED: conformance server $*"
    cat out
}
check() {
    revision=$1
    shift
    for scenario in "$@"; do
        run --scenario "$scenario" --spec-version "$revision" --expected-failures "$here/tests/conformance.yml"
    done
}

start plandown "$program" mcp --root "$work" --http 127.0.0.1:0 --print-url
check 2025-11-25 server-initialize ping tools-list prompts-list resources-list completion-complete \
    server-sse-multiple-streams server-session-lifecycle resources-subscribe resources-unsubscribe \
    dns-rebinding-protection
check 2026-07-28 server-stateless tools-list prompts-list resources-list completion-complete caching \
    sep-2164-resource-not-found server-sse-multiple-streams http-header-validation \
    dns-rebinding-protection input-required-result-unsupported-methods input-required-result-validate-input
echo "conformance of plandown: $((count - failed)) of $count scenarios pass"

start fixtures "$example" "$work"
for revision in 2025-11-25 2026-07-28; do
    before=$failed
    run --requirements "$revision"
    [ "$failed" -eq "$before" ] && echo "conformance with fixtures: all requirements of $revision are met"
done
[ "$failed" -eq 0 ]
