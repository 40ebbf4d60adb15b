#!/bin/sh
# The crash suites in full: the real program killed before every call that changes something, in every kind of
# command, and in the recovery after that; every such call failing once and from then on; SIGKILL at random moments;
# many writers and an editor with old buffers. Takes hours on two cores, less with TMPDIR on tmpfs; needs Linux and strace.
#
#   tests/crash.sh            everything
#   tests/crash.sh "undo"     the kinds whose names contain the word
set -eu
cd "$(dirname "$0")/.."
export PLANDOWN_CRASH_STEP=1 PLANDOWN_CRASH_KIND="${1:-}"
export PLANDOWN_WRITER_EDITS=250 PLANDOWN_EDITOR_ROUNDS=100 PLANDOWN_KILLS=1000
cargo test --release --test it -- --nocapture crash:: concurrency::
cargo test --release --lib -- disk::protocol workspace::tests
