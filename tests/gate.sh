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
# Whether anything can be fetched is found out once: where nothing can, every try takes minutes to fail.
limit() { if command -v timeout >/dev/null; then timeout -k 5 "$@"; else perl -e 'alarm shift; exec @ARGV' "$@"; fi; }
export npm_config_fetch_retry_mintimeout=2000 npm_config_fetch_retry_maxtimeout=10000
if command -v npm >/dev/null && ! limit 60 npm view node@22 version >/dev/null 2>&1 </dev/null; then
  echo "SKIPPED: fetching (the registry of npm does not answer); what was fetched before is used"
  export PLANDOWN_FETCH=no
fi
# The tests have built the program and the example.
step sh tests/conformance.sh
step sh tests/clients.sh
# The other peer is 870 packages: `tests/peers.sh` alone has both.
step env PLANDOWN_PEERS=backlog sh tests/peers.sh
