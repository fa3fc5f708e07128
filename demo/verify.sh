#!/usr/bin/env bash
# For who changes the demo's project: does each case hold what README.md says? Needs cargo only, works in
# a temporary folder, and says `demo: all cases hold` at its end.
set -euo pipefail
cd "$(dirname "$0")"
demo=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TARGET_DIR=$work/target CARGO_TERM_COLOR=never CARGO_NET_OFFLINE=${CARGO_NET_OFFLINE:-false}
export RUST_BACKTRACE=0
unset SENTRY_DSN

fail() { echo "demo: $*" >&2; exit 1; }

# fact CASE KEY: a value out of cases.toml.
fact() { awk -F ' = "' -v c="$1" -v k="$2" '$1 == "name" { n = $2 } $1 == k && n == c "\"" { sub(/"$/, "", $2); print $2 }' cases.toml; }

# lay_out NAME [OVERLAY]: the release's files, and an overlay upon them, in a folder that becomes the current one.
lay_out() {
    rm -rf "$work/shop" && cp -R "$demo/project" "$work/shop" && rm -rf "$work/shop/target"
    if [ $# -gt 1 ]; then cp -R "$demo/$2/." "$work/shop/"; fi
    # Cargo judges by time stamps, and an older overlay must not pass for the last one built.
    find "$work/shop" -name '*.rs' -exec touch {} +
    cd "$work/shop"
    echo "== $1"
}

# clean: compiles without a warning, is formatted, its tests pass.
clean() {
    cargo fmt --check >/dev/null || fail "badly formatted"
    RUSTFLAGS=-Dwarnings CARGO_TARGET_DIR=$work/strict cargo test -q --locked -p orders >"$work/out" 2>&1 ||
        { cat "$work/out" >&2; fail "the library is not clean"; }
}

cases=$(sed -n 's/^name = "\(.*\)"$/\1/p' cases.toml)

lay_out "first version"
cp -R "$demo/first/." . && clean
cargo build -q --locked
for case in $cases; do
    "$work/target/debug/desk" --case "$case" >/dev/null 2>"$work/err" && code=0 || code=$?
    [ "$code" -le 1 ] || fail "$case: the first version ends with $code: $(cat "$work/err")"
done

lay_out "release"
clean
cargo build -q --locked
cp "$work/target/debug/desk" "$work/desk"

for case in $cases; do
    file=$(cd "$demo" && fact "$case" file) missing=$(cd "$demo" && fact "$case" missing)
    unused=$(cd "$demo" && fact "$case" unused) panic=$(cd "$demo" && fact "$case" panic)

    lay_out "$case" "head/$case"
    "$work/desk" --case "$case" >/dev/null 2>"$work/err" && code=0 || code=$?
    [ "$code" = 101 ] || fail "$case: ends with $code"
    grep -qF -- "$panic" "$work/err" || fail "$case: another panic: $(cat "$work/err")"
    line=$(sed -n "s|.* panicked at $file:\([0-9]*\):.*|\1|p" "$work/err")
    text=$(sed -n "${line}p" "$demo/project/$file")
    now=$(grep -nFx -- "$text" "$file" | cut -d: -f1)
    [[ $now =~ ^[0-9]+$ ]] || fail "$case: HEAD has the panicking line not just once: $now"
    [ "$(find "$demo/head/$case" -type f | wc -l)" = 1 ] || fail "$case: HEAD changes more than $file"

    [ "$(grep -cw -- "${unused##*::}" "$file")" = 1 ] || fail "$case: ${unused##*::} is not there just once"
    cargo fmt --check >/dev/null && fail "$case: HEAD is well formatted"
    cargo check -q --locked -p orders --message-format=json >"$work/json" 2>/dev/null && fail "$case: HEAD compiles"
    [ "$(grep -c '"level":"error"' "$work/json")" = 1 ] || fail "$case: HEAD has not just one error"
    [ "$(grep -o '"suggested_replacement":"use ' "$work/json" | wc -l)" = 1 ] || fail "$case: not just one candidate"
    grep -qF "\"suggested_replacement\":\"use $missing;" "$work/json" || fail "$case: the candidate is not $missing"
    grep -qF "unused import: \`" "$work/json" || fail "$case: no unused import"

    # Cargo's own switch for its tests: takes suggestions that rustc is not sure of, the missing import among them.
    __CARGO_FIX_YOLO=1 cargo fix -q --broken-code --lib -p orders --allow-no-vcs --locked 2>/dev/null
    cargo fmt
    clean
    grep -qw -- "${unused##*::}" "$file" && fail "$case: ${unused##*::} is still there"
    echo "   $file:$line at the release, line $now at HEAD: ${text#"${text%%[! ]*}"}"
    echo "   $panic; missing $missing, unused $unused"
done
echo "demo: all cases hold"
