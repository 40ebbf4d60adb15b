#!/bin/sh
# The official conformance suite of the Model Context Protocol against the real program, both
# revisions, every scenario that needs no tools of a test server.
#
# Needs npm once to fetch the suite; where that fails this says so and is skipped.
# Usage: tests/conformance.sh [PROGRAM]
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
program=${1:-$target/debug/plandown}
tools=$target/conformance
suite=0.2.0-alpha.12

if [ ! -x "$tools/node_modules/.bin/conformance" ]; then
    mkdir -p "$tools"
    if ! npm i --prefix "$tools" --no-fund --no-audit node@22 \
        "@modelcontextprotocol/conformance@$suite" >"$tools/npm.log" 2>&1; then
        echo "SKIPPED: the conformance suite cannot be fetched (see $tools/npm.log)"
        exit 0
    fi
fi
PATH=$tools/node_modules/.bin:$PATH

work=$(mktemp -d)
server=
cleanup() {
    [ -n "$server" ] && kill "$server" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT INT TERM
cd "$work" || exit 1
"$program" init --root "$work" --name "Conformance" >/dev/null || exit 1
"$program" mcp --root "$work" --http 127.0.0.1:0 --print-url >url 2>log &
server=$!
tries=0
while [ ! -s url ] && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
url=$(cat url)
[ -n "$url" ] || { echo "the server did not start:"; cat log; exit 1; }

failed=0
count=0
check() {
    revision=$1
    shift
    for scenario in "$@"; do
        count=$((count + 1))
        if ! timeout 60 conformance server --url "$url" --scenario "$scenario" \
            --spec-version "$revision" --expected-failures "$here/tests/conformance.yml" >out 2>&1; then
            failed=$((failed + 1))
            echo "FAILED: $scenario ($revision)"
            cat out
        fi
    done
}

check 2025-11-25 server-initialize ping tools-list prompts-list resources-list completion-complete \
    server-sse-multiple-streams server-session-lifecycle resources-subscribe resources-unsubscribe \
    dns-rebinding-protection
check 2026-07-28 server-stateless tools-list prompts-list resources-list completion-complete caching \
    sep-2164-resource-not-found server-sse-multiple-streams http-header-validation \
    dns-rebinding-protection input-required-result-unsupported-methods input-required-result-validate-input

echo "conformance: $((count - failed)) of $count scenarios pass"
[ "$failed" -eq 0 ]
