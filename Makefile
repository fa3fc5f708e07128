# What there is to run. Everything installs what it needs and says so.

CARGO ?= cargo
CASE ?= index

# Further options of the measuring program, e.g. BENCH="--quick" or BENCH="--million".
BENCH ?=
# Rounds of each soak test.
SOAK_ROUNDS ?= 50
# How long to fuzz.
FUZZ_SECONDS ?= 3600

.PHONY: demo test deps lint bench bench-sdk eval eval-confidence eval-live soak fuzz

## demo: the whole way of one error, on a real program (make demo CASE=borrow for another panic)
demo:
	$(CARGO) run --locked -- demo --case $(CASE) --build-dir target/demo

## test: everything, ending in the test runner's own summary
test: deps lint
	$(CARGO) test --locked --workspace --all-features --doc
	$(CARGO) test --locked --workspace --all-features --lib --test suite --test capture --test resilience

## lint: formatting and lints, warnings are errors
lint:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --workspace --all-features --all-targets -- -D warnings

## deps: what the tests need beyond cargo (a browser, a database, Sentry SDKs); asks first on a terminal,
## starts nothing
deps:
	@scripts/deps.sh
	@scripts/sdks.sh

## bench: measures ingest beside its ceilings and prints one table (benches/README.md)
bench:
	$(CARGO) build --locked --release --bin andon
	$(CARGO) build --locked --release --manifest-path benches/ingest/Cargo.toml --target-dir target/bench-tools
	target/bench-tools/release/measure --andon target/release/andon --out target/bench $(BENCH)

## bench-sdk: what capturing costs an application, as one table
bench-sdk:
	$(CARGO) bench --locked -p andon-sdk --features tracing,tower,api --bench capture

## eval: how often the panic agent names the function that was mended, and how often its edit is plausible
## (fetches the crates and packages that it reads, and runs the tests of those with a fault put in, outside the
## sandbox; needs python3 with pip, node and npm)
eval:
	python3 scripts/eval-panics.py tests/panic4r target/eval/panic4r
	python3 scripts/eval-panics.py tests/seeded target/eval/seeded --halves
	$(CARGO) build --locked --release --bin andon
	@echo "Real panics:" && target/release/andon eval panics target/eval/panic4r
	@echo "Seeded faults, seen while the ranking was made:" && target/release/andon eval panics target/eval/seeded/seen
	@echo "Seeded faults, held out:" && target/release/andon eval panics target/eval/seeded/held-out
	@echo "Edits for the seeded faults that were seen:" && \
		target/release/andon eval fixes target/eval/seeded/seen --work target/eval/work
	@echo "Edits for the seeded faults that were held out:" && \
		target/release/andon eval fixes target/eval/seeded/held-out --work target/eval/work
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "make eval needs node and npm"; exit 1; }
	python3 scripts/eval-exceptions.py tests/seeded-scripts target/eval/seeded-scripts
	@echo "Python and JavaScript, seen:" && target/release/andon eval exceptions target/eval/seeded-scripts/tuned
	@echo "Python and JavaScript, held back:" && target/release/andon eval exceptions target/eval/seeded-scripts/held-back
	@echo "Learning:" && target/release/andon eval patterns tests/seeded tests/seeded-scripts

## eval-confidence: writes into src/analysis/measured.toml how often the agents are right, over all that `make eval`
## has laid out; the next build says so as the confidence of their causes
eval-confidence:
	$(CARGO) build --locked --release --bin andon
	target/release/andon eval panics target/eval/panic4r target/eval/seeded/seen target/eval/seeded/held-out \
		--write-confidence src/analysis/measured.toml
	target/release/andon eval exceptions target/eval/seeded-scripts/tuned target/eval/seeded-scripts/held-back \
		--write-confidence src/analysis/measured.toml

## eval-live: asks the configured models about errors with red herrings; costs what they cost
eval-live:
	$(CARGO) run --locked -- eval live tests/answers

## soak: kills, stops, full disks and crashes of PostgreSQL under load
soak:
	ANDON_SOAK_ROUNDS=$(SOAK_ROUNDS) $(CARGO) test --locked --release --test suite soak:: -- \
		--test-threads=1 --nocapture

## fuzz: makes up bodies for FUZZ_SECONDS and keeps those that reach new code (installs cargo-fuzz if it is missing)
fuzz:
	FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh
