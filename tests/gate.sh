#!/usr/bin/env bash
# The gate: formatting, lints, documentation, tests, the server of agents before the protocol's own suite
# and real clients, and projects of the peers' own programs. Needs a Rust toolchain; what else it would
# like and cannot have is announced.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; "$@"; }

if cargo fmt --version >/dev/null 2>&1; then
  step cargo fmt --all --check
else
  echo "SKIPPED: formatting (no rustfmt in this toolchain; rustup component add rustfmt)"
fi
if cargo clippy --version >/dev/null 2>&1; then
  step cargo clippy --quiet --all-targets -- -D warnings
else
  echo "SKIPPED: lints (no clippy in this toolchain; rustup component add clippy)"
fi
RUSTDOCFLAGS="-D warnings" step cargo doc --quiet --no-deps
step cargo test --quiet
# The tests have built the program and the example.
step sh tests/conformance.sh
step sh tests/clients.sh
step sh tests/peers.sh
