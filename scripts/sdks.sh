#!/usr/bin/env bash
# Installs the SDKs that tests/suite/sdks sends with into target/sdks, in the versions of the lock files, if
# they are not there yet. `make deps` runs it. The tests themselves fetch nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
sdks=$PWD/target/sdks
mkdir -p "$sdks"

# Two at once would undo each other's work.
exec 9>"$sdks/lock"
flock 9

hash_of() {
    cat "$@" | sha256sum | cut -d' ' -f1
}

# Whether a folder holds what these lock files say. The tests look at the same file.
is_here() {
    [ "$(cat "$sdks/$1/installed" 2>/dev/null)" = "$2" ]
}

python() {
    local wanted
    wanted=$(hash_of tests/sdks/python/requirements.txt)
    # A venv dies with the Python that it was made of.
    if is_here python "$wanted" && "$sdks/python/bin/python" -c 'import sentry_sdk' 2>/dev/null; then
        return
    fi
    echo "sdks: pip installs tests/sdks/python/requirements.txt into target/sdks/python"
    rm -rf "$sdks/python"
    python3 -m venv "$sdks/python"
    "$sdks/python/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --requirement tests/sdks/python/requirements.txt
    echo "$wanted" >"$sdks/python/installed"
}

node() {
    local wanted
    wanted=$(hash_of tests/sdks/node/package.json tests/sdks/node/package-lock.json)
    if is_here node "$wanted"; then
        return
    fi
    echo "sdks: npm installs tests/sdks/node/package-lock.json into target/sdks/node"
    rm -rf "$sdks/node"
    mkdir "$sdks/node"
    cp tests/sdks/node/package.json tests/sdks/node/package-lock.json "$sdks/node/"
    # What the packages would run by themselves is not needed, and not wanted.
    (cd "$sdks/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$wanted" >"$sdks/node/installed"
}

go_application() {
    local wanted
    wanted=$(hash_of tests/sdks/go/main.go tests/sdks/go/page/main.go)
    if is_here go "$wanted"; then
        return
    fi
    echo "sdks: go builds tests/sdks/go with Debian's packages into target/sdks/go"
    rm -rf "$sdks/go"
    mkdir "$sdks/go"
    export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$sdks/go/cache" GOTOOLCHAIN=local CGO_ENABLED=0
    go build -o "$sdks/go/application" ./tests/sdks/go
    # The program that docs/connect/go.md shows: that it can be built.
    go build -o "$sdks/go/page" ./tests/sdks/go/page
    rm -rf "$sdks/go/cache"
    echo "$wanted" >"$sdks/go/installed"
}

# Not SDKs: the linters that run over code which is sent, so that the tests meet the real ones.
linters() {
    local wanted
    wanted=$(hash_of tests/sdks/linters/{requirements.txt,package.json,package-lock.json})
    if is_here linters "$wanted" && "$sdks/linters/python/bin/ruff" --version >/dev/null 2>&1; then
        return
    fi
    echo "sdks: pip and npm install ruff and eslint (tests/sdks/linters) into target/sdks/linters"
    rm -rf "$sdks/linters"
    mkdir "$sdks/linters"
    python3 -m venv "$sdks/linters/python"
    "$sdks/linters/python/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --requirement tests/sdks/linters/requirements.txt
    cp tests/sdks/linters/package.json tests/sdks/linters/package-lock.json "$sdks/linters/"
    (cd "$sdks/linters" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$wanted" >"$sdks/linters/installed"
}

python
node
go_application
linters
echo "sdks: everything is here (target/sdks: Python, Node, browser, Go, ruff, eslint; Ruby's are Debian's)"
