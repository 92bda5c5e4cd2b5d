#!/bin/sh
# Makes .venv for `make`: scripts/setup.sh LOCK [WANTED_PYTHON]
# Everything that is installed is named, with its hash, in LOCK; the project itself comes from this folder.
set -eu
lock=$1
wanted=${2:-}
venv=.venv

fits() {  # Python 3.11 to 3.14, and really there: version managers leave commands that only print a message
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

find_python() {
    for python in $wanted python3.11 python3.12 python3.13 python3.14 python3; do
        if fits "$python"; then
            echo "$python"
            return
        fi
    done
    echo "Fairlead needs Python 3.11, 3.12, 3.13 or 3.14, and none was found." >&2
    echo "  Install one, or name it: make PYTHON=/path/to/python3.12" >&2
    exit 1
}

# One whose Python is gone is made anew.
if ! [ -x "$venv/bin/python" ] || ! fits "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$python cannot make a virtual environment: its modules venv and ensurepip are missing." >&2
        echo "  On Debian and Ubuntu they are a package of their own: apt install python3-venv" >&2
        exit 1
    fi
    echo "Making $venv with $("$python" --version)" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

echo "Installing what $lock names (about half a minute the first time)" >&2
pip install --require-hashes -r "$lock"
# The lock brings setuptools, so that nothing is fetched to build the project.
pip install --no-deps --no-build-isolation --no-index --editable .
