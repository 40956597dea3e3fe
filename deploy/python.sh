#!/bin/sh
# Makes .venv and installs exactly what the lock file says. Called by make; a stamp makes the next call immediate.
#
#   deploy/python.sh run    what the product needs
#   deploy/python.sh dev    and what the tests and checks need
set -eu
cd "$(dirname "$0")/.."

case "${1:-run}" in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) echo "usage: deploy/python.sh run|dev" >&2; exit 2 ;;
esac

say() { echo "alliance: $*" >&2; }
fail() { say "$*"; exit 1; }

# A name that is new enough, or nothing.
find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "installing $* with apt-get"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2
}

make_venv() {
    # Ordered by what a machine is likeliest to have; each way ends with a pip inside .venv.
    "$python" -m venv --clear .venv >/dev/null 2>&1 && return
    if command -v uv >/dev/null; then
        uv venv --quiet --clear --seed --python "$(command -v "$python")" .venv && return
    fi
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear --without-pip .venv && "$python" -m pip --python .venv/bin/python install -q pip && return
    fi
    apt_install python3-venv && "$python" -m venv --clear .venv && return
    rm -rf .venv
    fail "Python cannot make a virtual environment here: install the package python3-venv (apt-get install python3-venv) and try again"
}

python=$(find_python)
if [ -z "$python" ]; then
    apt_install python3 python3-venv || true
    python=$(find_python)
fi
[ -n "$python" ] || fail "Python 3.11 or newer is needed: install the packages python3 and python3-venv (or set PYTHON) and try again"

state=$(cat pyproject.toml "$lock" | cksum | tr ' ' -)-$PWD
for stamp in .venv/.ready-dev ".venv/.ready-$1"; do
    # What the tests need includes what the product needs.
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && .venv/bin/python -c 'import alliance' 2>/dev/null; then exit 0; fi
done

.venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv
say "installing the libraries of $lock (the first time only)"
# Twice quiet: errors only.
pip() { .venv/bin/python -m pip -qq --disable-pip-version-check --no-input "$@"; }
pip install --require-hashes -r "$lock" || fail "the libraries could not be installed: see the lines above (is the package registry reachable?)"
pip install --no-deps --editable . || fail "the product itself could not be installed: see the lines above"
echo "$state" > ".venv/.ready-$1"
