#!/bin/bash
# Builds and runs all suites of the core, without automake, in every configuration.
# usage: build.sh [-k] [CONFIGURATION...]
#   CC             gcc
#   BUILD          where to build; default: a temporary directory
#   FLAGS          more compiler flags; default: -O1 -g -fsanitize=address,undefined
#   RUN            what runs each program, such as "valgrind -q --error-exitcode=99"; sets CK_FORK=no
# -k: go on after a failure. Ends with "N passed, N failed" (single checks).
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/configurations.sh

keep_on=
[ "${1:-}" = -k ] && { keep_on=1; shift; }
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $configurations
compiler=${CC:-gcc}
flags=${FLAGS--O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined}
run=${RUN:-}
[ -n "$run" ] && export CK_FORK=no
if [ -z "${BUILD:-}" ]; then
    BUILD=$(mktemp -d)
    trap 'rm -rf "$BUILD"' EXIT
fi

warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
case $($compiler --version) in
*clang*) ;;
*) warnings="$warnings -Wjump-misses-init" ;;
esac
check_flags=$(pkg-config --cflags check)
check_libs=$(pkg-config --libs check)

passed=0 failed=0
fail() {
    failed=$((failed + 1))
    echo "FAILED: $*"
    [ -n "$keep_on" ] || { echo "$passed passed, $failed failed"; exit 1; }
}

compile() { # SOURCE OBJECT FLAG...
    local source=$1 object=$2
    shift 2
    # shellcheck disable=SC2086
    $compiler -std=gnu11 $warnings $flags -D_GNU_SOURCE -Iinclude -Itests $check_flags "$@" -c "$source" -o "$object"
}

run_suite() { # PROGRAM
    # shellcheck disable=SC2086
    set -- $run "$1"
    "$@" 2>&1 || return
    # in one process the second case of a suite, if it has one, is a run of its own, see suite.h
    [ "${CK_FORK:-}" != no ] || CK_RUN_CASE='costly clock' "$@" 2>&1
}

for configuration; do
    defines=$(defines_of "$configuration")
    labels=
    [ "${configuration%-labels}" != "$configuration" ] && labels=-DCEDO_LABELS
    mkdir -p "$BUILD/$configuration"
    objects=
    for source in $(sources_of "$configuration"); do
        object=$BUILD/$configuration/$(basename "$source" .c).o
        # shellcheck disable=SC2086
        compile "$source" "$object" $defines || { fail "$configuration $source"; continue 2; }
        objects="$objects $object"
    done
    for suite in $(suites_of "$configuration"); do
        program=$BUILD/$configuration/$suite
        # shellcheck disable=SC2086
        if ! compile "tests/$suite.c" "$program.o" $defines $labels ||
            ! $compiler $flags "$program.o" $objects $check_libs -o "$program"; then
            fail "$configuration $suite does not build"
            continue
        fi
        output=$(run_suite "$program")
        status=$?
        counts=$(printf '%s\n' "$output" |
            sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' |
            awk '{ checks += $1; failures += $2; errors += $3 }
                END { print checks + 0, failures + 0, errors + 0 }')
        read -r checks failures errors <<<"$counts"
        passed=$((passed + checks - failures - errors))
        if [ $status -ne 0 ] || [ "$checks" -eq 0 ]; then
            failed=$((failed + failures + errors))
            [ $((failures + errors)) -gt 0 ] && failed=$((failed - 1))
            printf '%s\n' "$output" | tail -n 40
            fail "$configuration $suite"
        fi
        printf '%-24s %-20s %s\n' "$configuration" "$suite" "$checks checks"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
