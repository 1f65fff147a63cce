#!/bin/sh
# Every line and every branch of the core is run by the tests.
# usage: coverage.sh BUILD      BUILD: configured with --enable-coverage --disable-shared, tests run
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

set -- --filter 'src/core\.c$'
for header in $(sh tests/core_headers.sh); do
    set -- "$@" --filter "include/cedo/$(echo "$header" | sed 's/\./\\./g')\$"
done

report() { # FLAG...: gcovr's table; the last column names the lines that miss something
    gcovr --root . --object-directory "$build" "$@" "$build"
}

passed=0 failed=0
for what in line branch; do
    [ $what = line ] && table='' || table=--branches
    # shellcheck disable=SC2086
    if report $table --fail-under-$what 100 "$@"
    then passed=$((passed + 1))
    else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
