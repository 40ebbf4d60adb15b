#!/bin/sh
# Projects that other people's released programs made, mended and broken by hand, imported by the real program: every
# task of theirs is visible afterwards, and what is exported is opened by their program again.
#
# Fetches Backlog.md and Task Master from npm once; what cannot be fetched is announced and skipped.
# Usage: tests/peers.sh [PROGRAM]
#   PLANDOWN_PEERS="backlog"   only these
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
case $target in /*) ;; *) target=$PWD/$target ;; esac
program=${1:-$target/debug/plandown}
tools=$target/peers

# Ends a command that takes longer than so many seconds.
limit() {
    if command -v timeout >/dev/null; then timeout -k 5 "$@"; else perl -e 'alarm shift; exec @ARGV' "$@"; fi
}

[ -x "$program" ] || { echo "$program is missing: cargo build --bin plandown"; exit 1; }
for tool in npm node; do
    command -v "$tool" >/dev/null || { echo "SKIPPED: no $tool to run the peers with"; exit 0; }
done

failed=0
# One peer: its short name, its package, what npm is told besides.
peer() {
    name=$1
    package=$2
    shift 2
    case " ${PLANDOWN_PEERS:-backlog taskmaster} " in *" $name "*) ;; *) return ;; esac
    home=$tools/$name
    mkdir -p "$home" || exit 1
    fetch() {
        [ "${PLANDOWN_FETCH:-}" != no ] || return 1
        limit 180 npm i --prefix "$home" --no-fund --no-audit --ignore-scripts "$@" "$package" >"$home/npm.log" 2>&1
    }
    # The mark is written last: what was fetched by halves is fetched again.
    if [ "$(cat "$home/fetched" 2>/dev/null)" != "$package" ]; then
        if ! fetch "$@" && ! fetch "$@"; then
            echo "SKIPPED: $package cannot be fetched (see $home/npm.log)"
            return
        fi
        echo "$package" >"$home/fetched"
    fi
    # A busy machine may be too slow once; what fails twice fails.
    tell() {
        limit 400 node "$here/tests/peers/story.mjs" "$name" "$home/node_modules/.bin" "$program" >"$home/story.log" 2>&1
    }
    tell || tell || { failed=1; echo "FAILED: $package"; }
    cat "$home/story.log"
}

peer backlog backlog.md@1.52.0
# Half of it are other programs that it can call and need not.
peer taskmaster task-master-ai@0.43.1 --omit=optional
[ "$failed" -eq 0 ]
