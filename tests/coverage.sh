#!/bin/bash
# Lines and branches of the core that no suite runs, over all configurations together (see coverage.py).
# usage: coverage.sh [CONFIGURATION...]      BUILD: where to build; default: a temporary directory
# Prints file:line of each one; fails below 100 %.
set -u
cd "$(dirname "$0")/.." || exit 1
if [ -z "${BUILD:-}" ]; then
    BUILD=$(mktemp -d)
    trap 'rm -rf "$BUILD"' EXIT
fi
export BUILD
find "$BUILD" -name '*.gcda' -delete
CK_FORK=no FLAGS='-O0 -g --coverage -DCEDO_ALWAYS_INLINE_=' tests/build.sh -k "$@" >"$BUILD/log" 2>&1
status=$?
grep -v ' checks$' "$BUILD/log"
[ $status -eq 0 ] || exit 1
# shellcheck disable=SC2046
python3 tests/coverage.py "$BUILD" $(sh tests/core_headers.sh)
