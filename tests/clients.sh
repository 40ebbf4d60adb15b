#!/bin/sh
# A whole story told to the real program by clients that other people wrote: the command line of the
# MCP Inspector (npm) and the Python SDK (PyPI), each in both revisions of the protocol. And what the server
# costs a model, counted with a model's own tokenizer (npm).
#
# Fetches them once; what cannot be fetched is announced and skipped.
# Usage: tests/clients.sh [PROGRAM]
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
case $target in /*) ;; *) target=$PWD/$target ;; esac
program=${1:-$target/debug/plandown}
tools=$target/clients
inspector=2.12.0
sdk=2.3.0
tokenizer=4.0.0

# Ends a command that takes longer than so many seconds.
limit() {
    if command -v timeout >/dev/null; then timeout -k 5 "$@"; else perl -e 'alarm shift; exec @ARGV' "$@"; fi
}

[ -x "$program" ] || { echo "$program is missing: cargo build --bin plandown"; exit 1; }
mkdir -p "$tools" || exit 1

fetch_inspector() {
    limit 240 npm i --prefix "$tools" --no-fund --no-audit node@22 \
        "@modelcontextprotocol/inspector@$inspector" >"$tools/npm.log" 2>&1
}
fetch_tokenizer() {
    limit 240 npm i --prefix "$tools" --no-fund --no-audit node@22 "gpt-tokenizer@$tokenizer" \
        >"$tools/npm-tokens.log" 2>&1
}
fetch_sdk() {
    { limit 60 python3 -m venv "$tools/venv" && limit 180 "$tools/venv/bin/pip" install -q "mcp==$sdk"; } \
        >"$tools/pip.log" 2>&1
}
# The mark is written last: what was fetched by halves is fetched again.
has() {
    [ "$(cat "$tools/$1" 2>/dev/null)" = "$2" ] && return
    [ "${PLANDOWN_FETCH:-}" != no ] || return 1
    "fetch_$1" || "fetch_$1" || return 1
    echo "$2" >"$tools/$1"
}

failed=0
# A busy machine may be too slow once; what fails twice fails.
tell() {
    python=$1
    kind=$2
    limit 320 "$python" "$here/tests/clients/story.py" "$kind" "$program" >"$tools/$kind.log" 2>&1 ||
        limit 320 "$python" "$here/tests/clients/story.py" "$kind" "$program" >"$tools/$kind.log" 2>&1 ||
        { failed=1; echo "FAILED: $kind"; }
    cat "$tools/$kind.log"
}

if ! command -v python3 >/dev/null; then
    echo "SKIPPED: no python3 to tell the story with"
elif has inspector "$inspector"; then
    PATH=$tools/node_modules/.bin:$PATH
    MCP_INSPECTOR_SECRET_STORE=memory
    export PATH MCP_INSPECTOR_SECRET_STORE
    tell python3 inspector
    tell python3 inspector-modern
else
    echo "SKIPPED: the MCP Inspector cannot be fetched (see $tools/npm.log)"
fi
if ! command -v python3 >/dev/null; then
    : # said above
elif has sdk "$sdk"; then
    tell "$tools/venv/bin/python" sdk-legacy
    tell "$tools/venv/bin/python" sdk-modern
else
    echo "SKIPPED: the Python SDK cannot be fetched (see $tools/pip.log)"
fi
if has tokenizer "$tokenizer"; then
    NODE_TOOLS=$tools limit 320 "$tools/node_modules/.bin/node" \
        "$here/tests/clients/tokens.mjs" "$program" || { failed=1; echo "FAILED: tokens"; }
else
    echo "SKIPPED: the tokenizer cannot be fetched (see $tools/npm-tokens.log)"
fi
[ "$failed" -eq 0 ]
