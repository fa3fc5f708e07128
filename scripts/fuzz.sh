#!/usr/bin/env bash
# Fuzzes what a body goes through before it is stored, on the stable toolchain, for FUZZ_SECONDS, and
# keeps the smallest set of inputs that reaches the same code. Says what it installs.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-3600}
corpus=fuzz/corpus/ingest
options=(-s none --target-dir target/fuzz)

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "fuzz: cargo-fuzz is missing; this runs: cargo install --locked cargo-fuzz"
    cargo install --locked cargo-fuzz
fi

mkdir -p "$corpus"
# Without sanitizers libFuzzer does not see single allocations; the target counts what is held at once.
cargo fuzz run "${options[@]}" ingest "$corpus" fuzz/seeds/ingest -- \
    -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=64 \
    -dict=fuzz/ingest.dict -print_final_stats=1
cargo fuzz cmin "${options[@]}" ingest "$corpus"
echo "fuzz: $seconds s without a finding; the corpus has $(find "$corpus" -type f | wc -l) inputs, $(du -sb "$corpus" | cut -f1) bytes"
