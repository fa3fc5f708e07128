#!/usr/bin/env bash
# Installs what the tests need beyond cargo. Says what it does; asks first if somebody watches.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
# Debian keeps the server's programs off the path, in a folder a version.
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
# The tests start PostgreSQL with it, as another user and bound to their own life.
command -v setpriv >/dev/null || missing+=(util-linux)
# What the real SDKs of other languages run on (scripts/sdks.sh).
python3 -m venv --help >/dev/null 2>&1 && python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
command -v npm >/dev/null || missing+=(nodejs npm)
command -v go >/dev/null || missing+=(golang-go)
[ -d /usr/share/gocode/src/github.com/getsentry/sentry-go ] ||
    missing+=(golang-github-getsentry-sentry-go-dev)
/usr/bin/ruby -e 'require "sentry-ruby"' >/dev/null 2>&1 || missing+=(ruby ruby-sentry-ruby)

for tool in rustfmt clippy; do
    case $tool in
        rustfmt) cargo fmt --version >/dev/null 2>&1 && continue ;;
        clippy) cargo clippy --version >/dev/null 2>&1 && continue ;;
    esac
    if command -v rustup >/dev/null; then
        echo "deps: rustup component add $tool"
        rustup component add "$tool"
    else
        echo "deps: cargo has no $tool; install it with your toolchain" >&2
        exit 1
    fi
done

if [ ${#missing[@]} -eq 0 ]; then
    echo "deps: everything is here (chromium, chromedriver, postgresql, setpriv, python, npm, go, ruby, rustfmt, clippy)"
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo "deps: the tests need ${missing[*]}; install them with your package manager" >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
fi
echo "deps: the tests need ${missing[*]}; this runs: ${as_root[*]} apt-get install ${missing[*]}"
if [ -t 0 ] && [ -t 1 ]; then
    read -r -p "deps: go ahead? [Y/n] " answer
    case $answer in
        "" | y | Y | yes) ;;
        *)
            echo "deps: not installed; tests that need them will fail" >&2
            exit 1
            ;;
    esac
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
# Installing must not start a service. Debian's PostgreSQL makes a database cluster and starts it, unless
# it is told not to before the server's own package comes; the tests make theirs in temporary folders.
cluster_conf=/etc/postgresql-common/createcluster.conf
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
    "${as_root[@]}" apt-get install -q -y --no-install-recommends postgresql-common
    if ! grep -Eq '^[[:space:]]*create_main_cluster' "$cluster_conf"; then
        echo "deps: create_main_cluster = false goes into $cluster_conf, so that no server is started"
        echo "create_main_cluster = false" | "${as_root[@]}" tee -a "$cluster_conf" >/dev/null
    fi
fi
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
echo "deps: installed ${missing[*]}"
