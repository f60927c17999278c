#!/usr/bin/env bash
# Makes .venv: Python 3.10 and every package at its locked version, checked by hash.
#
#   scripts/bootstrap.sh            what `make run` needs
#   scripts/bootstrap.sh speech     the same, and what hears callers by the audio stream
#   scripts/bootstrap.sh dev        all of that, and what tests and checks need
#   scripts/bootstrap.sh docs       only what builds the documentation, in .tools/docs
#   scripts/bootstrap.sh sbom       only what lists the packages, in .tools/sbom
#   scripts/bootstrap.sh uv         only finds or fetches uv, and prints its path
#
# Run again, it ends at once unless the lock files, pyproject.toml or the place of the checkout changed.
# Honours UV_CACHE_DIR, UV_PYTHON_INSTALL_DIR and the other settings of uv, and pip's.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
mode=${1:-runtime}
venv=.venv
tools=.tools
# Debris of a stopped install cannot be told from a whole package, so this marks it.
unfinished=$venv/.unfinished
needed_mb=4000

# Only the project's own environment is meant, whatever the caller has switched on.
unset VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME PYTHONSTARTUP UV_SYSTEM_PYTHON UV_PROJECT_ENVIRONMENT UV_PYTHON

# Trust whom the machine trusts: an office network may sign with a certificate of its own. A bare
# container may have no list at all, and then uv's own serves.
if [ -s /etc/ssl/certs/ca-certificates.crt ] && [ -z "${UV_SYSTEM_CERTS:-}${UV_NATIVE_TLS:-}" ]; then
    # Older releases of uv know only the second name.
    export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1
fi

say() { printf '%s\n' "$*" >&2; }

# fail SENTENCE [LINE...]: what went wrong, then what to do.
fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

case $mode in
    runtime | speech | dev | docs | sbom | uv) ;;
    *) fail "scripts/bootstrap.sh takes runtime, speech, dev, docs, sbom or uv, not '$mode'." ;;
esac

# fingerprint FILE...: changes with the files' content and with the place of the checkout, which
# the environment's scripts name.
fingerprint() { { printf '%s\n' "$root"; cat -- "$@"; } | sha256sum | cut -d' ' -f1; }

runtime_print=$(fingerprint .python-version pyproject.toml requirements/build.txt requirements/runtime.txt)
speech_print=$(fingerprint .python-version pyproject.toml requirements/build.txt requirements/speech.txt)
dev_print=$(fingerprint .python-version pyproject.toml requirements/build.txt requirements/dev.txt)

# stamp MODE: what .venv/.stamp says of an environment that is complete for MODE.
stamp() {
    case $1 in
        docs | sbom) fingerprint .python-version "requirements/$1.txt" ;;
        dev) printf '%s' "dev $runtime_print $speech_print $dev_print" ;;
        speech) printf '%s' "speech $runtime_print $speech_print" ;;
        runtime) printf '%s' "runtime $runtime_print" ;;
    esac
}

# stamped MODE: whether .venv holds all that MODE needs: each mode holds what those before it do.
stamped() {
    [ -x "$venv/bin/python" ] && [ ! -e "$unfinished" ] || return 1
    local found held more
    found=$(cat "$venv/.stamp" 2>/dev/null) || return 1
    case $1 in
        dev) more=(dev) ;;
        speech) more=(speech dev) ;;
        runtime) more=(runtime speech dev) ;;
    esac
    for held in "${more[@]}"; do
        if [ "$found" = "$(stamp "$held")" ]; then return 0; fi
    done
    return 1
}

# Tools that need later packages than Rasa allows have an environment each, made anew as a whole.
beside() { [ "$mode" = docs ] || [ "$mode" = sbom ]; }
beside_made() { [ -x "$tools/$mode/bin/python" ] && [ "$(cat "$tools/$mode/.stamp" 2>/dev/null)" = "$(stamp "$mode")" ]; }

if beside; then
    if beside_made; then exit 0; fi
elif [ "$mode" != uv ] && stamped "$mode"; then
    exit 0
fi

# ---------------------------------------------------------------------------------------------- uv

works() { "$@" >/dev/null 2>&1; }

# The private uv: a virtual environment of any Python 3, or a plain folder where there is only pip.
private_uv() {
    local wanted
    wanted=$(sha256sum <requirements/uv.txt)
    if [ "$(cat "$tools/uv.stamp" 2>/dev/null)" = "$wanted" ] && works "$tools/uv/bin/uv" --version; then
        echo "$root/$tools/uv/bin/uv"
        return
    fi
    local python=""
    for candidate in python3 /usr/bin/python3 python; do
        if works "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then
            python=$candidate
            break
        fi
    done
    [ -n "$python" ] || fail "No working python3 was found, and one is needed to fetch uv." \
        "On Debian or Ubuntu: sudo apt-get install python3 python3-venv"

    local has_venv=true has_pip=true
    works "$python" -c 'import ensurepip, venv' || has_venv=false
    works "$python" -m pip --version || has_pip=false
    if ! $has_venv && ! $has_pip; then
        if [ "$(id -u)" = 0 ] && works command -v apt-get; then
            say "Installing the Debian package python3-venv, which fetching uv needs ..."
            { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3-venv; } >&2 ||
                fail "The Debian package python3-venv could not be installed (see above)."
            python=/usr/bin/python3
            works "$python" -c 'import ensurepip, venv' || fail "$python still has no venv after installing python3-venv."
            has_venv=true
        else
            fail "$python has neither venv nor pip, and one of them is needed to fetch uv." \
                "On Debian or Ubuntu: sudo apt-get install python3-venv" \
                "Or install uv yourself and run this again."
        fi
    fi

    say "Fetching uv, which installs Python packages (about 25 MB, once) ..."
    rm -rf "$tools/uv" "$tools/uv.stamp"
    mkdir -p "$tools"
    local install=("--require-hashes" "--only-binary" ":all:" "--quiet" "--disable-pip-version-check" "-r" "requirements/uv.txt")
    # A user's own defaults for where pip puts things would put uv elsewhere.
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
    export PIP_ROOT_USER_ACTION=ignore
    if $has_venv; then
        "$python" -m venv "$tools/uv" >&2 && "$tools/uv/bin/python" -m pip install "${install[@]}" >&2
    else
        "$python" -m pip install --target "$tools/uv" "${install[@]}" >&2
    fi || fail "uv could not be fetched (see above)." \
        "Check the network and pip's settings, then run this again."
    works "$tools/uv/bin/uv" --version || fail "The uv that was fetched does not run on this machine ($(uname -sm))."
    printf '%s' "$wanted" >"$tools/uv.stamp"
    echo "$root/$tools/uv/bin/uv"
}

# An installed uv will do if it knows the options used here (0.5 and later).
find_uv() {
    local version
    if version=$(uv --version 2>/dev/null); then
        version=${version#uv }
        version=${version%% *}
        if [ "$(printf '%s\n' 0.5.0 "$version" | sort -V | head -n1)" = 0.5.0 ]; then
            command -v uv
            return
        fi
    fi
    private_uv
}

# ------------------------------------------------------------------------------------------ python

# suitable PROGRAM: whether it runs, is CPython 3.10 of 64 bits and has the parts that get left out
# when Python is built on a machine that lacks their libraries. A file of the right name proves
# nothing: pyenv puts a python3.10 on the path that only runs once a version is chosen.
suitable() {
    works "$1" -I -c '
import sys
ok = sys.version_info[:2] == (3, 10) and sys.implementation.name == "cpython" and sys.maxsize > 2**32
import bz2, ctypes, lzma, sqlite3, ssl, zlib
sys.exit(not ok)'
}

find_python() {
    local candidate
    for candidate in \
        python3.10 python3 /usr/bin/python3.10 /usr/local/bin/python3.10 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10 "$HOME"/.pyenv/versions/3.10*/bin/python3.10; do
        if suitable "$candidate"; then
            # Its own path, not that of a shim which may choose another version tomorrow.
            "$candidate" -I -c 'import os, sys; print(os.path.join(sys.base_prefix, "bin", "python3.10") if os.path.exists(os.path.join(sys.base_prefix, "bin", "python3.10")) else sys.executable)'
            return
        fi
    done
    candidate=$("$uv" python find --no-project --python-preference only-managed --no-python-downloads 3.10 2>/dev/null) || true
    if [ -n "$candidate" ] && suitable "$candidate"; then
        echo "$candidate"
        return
    fi
    say "No Python 3.10 found here: fetching one with uv (about 30 MB, once) ..."
    # Without a python3.10 in ~/.local/bin, which nobody asked for.
    UV_PYTHON_INSTALL_BIN=0 "$uv" python install 3.10 >&2 || fail "Python 3.10 could not be fetched (see above)." \
        "Install it yourself, with 'pyenv install 3.10' or from your distribution, and run this again."
    candidate=$("$uv" python find --no-project --python-preference only-managed --no-python-downloads 3.10) || true
    suitable "${candidate:-none}" || fail "uv fetched Python 3.10, but it does not run on this machine."
    echo "$candidate"
}

# --------------------------------------------------------------------------------------------- go

if [ "$mode" = uv ]; then
    find_uv
    exit 0
fi

# Two terminals may start at once: the second waits and then finds the work done.
mkdir -p "$tools"
if works command -v flock; then
    exec 9>"$tools/lock"
    if ! flock -n 9; then
        say "Another set-up of this checkout is running: waiting for it ..."
        flock 9
        if beside; then
            if beside_made; then exit 0; fi
        elif stamped "$mode"; then
            exit 0
        fi
    fi
fi

uv=$(find_uv)

if beside; then
    say "Installing $(grep -cE '^[a-z0-9].*==' "requirements/$mode.txt") packages of requirements/$mode.txt into $tools/$mode (once) ..."
    python=$(find_python)
    rm -rf "${tools:?}/$mode"
    "$uv" venv --quiet --python "$python" "$tools/$mode" &&
        "$uv" pip sync --quiet --python "$tools/$mode/bin/python" --require-hashes "requirements/$mode.txt" ||
        fail "The packages could not be installed (see above)." \
            "Run the same command again: what was downloaded is kept."
    stamp "$mode" >"$tools/$mode/.stamp"
    exit 0
fi

if [ -e "$unfinished" ]; then
    say "The last set-up was interrupted: starting it anew."
    rm -rf "$venv"
elif [ -d "$venv" ] && [ ! -e "$venv/.stamp" ]; then
    fail "There is a $venv here that this script did not make." "Move it away and run the same command again."
elif [ -d "$venv" ] && ! suitable "$venv/bin/python"; then
    say "The Python that $venv was made with is gone: making it anew."
    rm -rf "$venv"
elif [ -d "$venv" ] && [ "$(cat "$venv/.root" 2>/dev/null)" != "$root" ]; then
    say "The checkout was moved: making $venv anew."
    rm -rf "$venv"
fi

if [ ! -d "$venv" ]; then
    free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
    if [ "$free_mb" -lt "$needed_mb" ]; then
        fail "Backline needs about $needed_mb MB of free disk space for its packages, and $root has $free_mb MB."
    fi
    python=$(find_python)
    say "Using $("$python" -V) ($python)"
    mkdir -p "$venv"
    : >"$unfinished"
    "$uv" venv --quiet --allow-existing --python "$python" "$venv" || fail "The environment $venv could not be made (see above)."
    printf '%s\n' "$root" >"$venv/.root"
fi

# Taking out again what was installed once, such as the test tools, would only have it installed again.
case $mode-$(cut -d' ' -f1 "$venv/.stamp" 2>/dev/null) in
    runtime-dev | speech-dev) mode=dev ;;
    runtime-speech) mode=speech ;;
esac
lock=requirements/$mode.txt
say "Installing $(grep -cE '^[a-z0-9].*==' "$lock") packages of $lock (once; up to 1.1 GB to download and 3 GB on disk) ..."
: >"$unfinished"
rm -f "$venv/.stamp"

# uv's progress bars are for a terminal; elsewhere its list of 200 names only hides what matters.
quietly() {
    if [ -t 2 ]; then "$@"; else "$@" 2>&1 | sed -uE '/^ ([+~-]|Downloaded) /d' >&2; fi
}
quietly "$uv" pip sync --python "$venv/bin/python" --require-hashes --build-constraints requirements/build.txt \
    --compile-bytecode "$lock" ||
    fail "The packages could not be installed (see above)." \
        "Run the same command again: what was downloaded is kept."
# Built with the setuptools of the lock, so that nothing comes in without a hash.
"$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable . ||
    fail "Backline itself could not be installed into $venv (see above)."

stamp "$mode" >"$venv/.stamp"
rm -f "$unfinished"
