# What there is to run. Everything installs what it needs and says so.

CARGO ?= cargo
CASE ?= index

.PHONY: demo test deps lint

## demo: the whole way of one error, on a real program (make demo CASE=borrow for another panic)
demo:
	$(CARGO) run --locked -- demo --case $(CASE) --build-dir target/demo

## test: everything, ending in the test runner's own summary
test: deps lint
	$(CARGO) test --locked --doc
	$(CARGO) test --locked --lib --test suite

## lint: formatting and lints, warnings are errors
lint:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

## deps: what the tests need beyond cargo (a browser); asks first on a terminal, starts nothing
deps:
	@scripts/deps.sh
