#!/usr/bin/env bash
# The gate: formatting, lints, documentation, tests. Needs nothing but a Rust toolchain.
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
