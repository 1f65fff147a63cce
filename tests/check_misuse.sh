#!/bin/bash
# Misuse does not compile, or traps where and as it should.
# misuse/compile/: with -DWRONG each compiler named in the file must refuse it with the text behind "expect:" (a regular
# expression); without, it must compile. misuse/trap/: each program must abort and say file, function and advice.
# usage: check_misuse.sh      one line per case, at last "N passed, N failed". A compiler that is missing is skipped.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

good() {
    passed=$((passed + 1))
    echo "ok      $*"
}

bad() {
    failed=$((failed + 1))
    echo "FAILED  $*"
    sed 's/^/        /' "$work/log" | head -n 12
}

field() { # NAME FILE
    sed -n "s/^ \* $1: //p" "$2" | head -n 1
}

# [compiler] FLAG... FILE: to an object, all warnings being errors
refuses_warnings() {
    local compiler=$1 language=
    shift
    case $compiler in
    gcc) set -- -std=gnu11 -Wjump-misses-init "$@" ;;
    clang) set -- -std=gnu11 "$@" ;;
    *++) language='-x c++' && set -- -std=c++11 -Wno-pedantic "$@" ;;
    esac
    # shellcheck disable=SC2086
    "$compiler" $language -Wall -Wextra -Werror -Iinclude -c -o "$work/case.o" "$@" >"$work/log" 2>&1
}

for file in tests/misuse/compile/*.c; do
    name=$(basename "$file" .c)
    expect=$(field expect "$file")
    for compiler in $(field compilers "$file"); do
        command -v "$compiler" >/dev/null || { echo "skipped $name, $compiler"; continue; }
        if refuses_warnings "$compiler" -DWRONG "$file"; then
            bad "$name, $compiler: compiles"
        elif ! grep -E 'error:' "$work/log" | grep -qE "$expect"; then
            bad "$name, $compiler: refused, but not for \"$expect\""
        elif ! refuses_warnings "$compiler" "$file"; then
            bad "$name, $compiler: its right twin does not compile"
        else
            good "$name, $compiler"
        fi
    done
done

for source in src/core.c src/status.c src/loop/sim.c; do
    ${CC:-gcc} -std=gnu11 -g -Iinclude -D_POSIX_C_SOURCE=200809L -c "$source" -o "$work/$(basename "$source" .c).o" || exit 1
done
for file in tests/misuse/trap/*.c; do
    name=$(basename "$file" .c)
    if ! ${CC:-gcc} -std=gnu11 -g -Wall -Wextra -Werror -pthread -Iinclude "$file" "$work"/core.o "$work"/status.o "$work"/sim.o \
        -o "$work/program" >"$work/log" 2>&1; then
        bad "$name does not compile"
        continue
    fi
    # in a shell of its own, whose remark about the abort is not wanted
    status=$( (ulimit -c 0; "$work/program" >"$work/log" 2>&1; echo $?) 2>/dev/null)
    # FILE:LINE: FUNCTION: ADVICE...
    if [ "$status" != 134 ]; then
        bad "$name: exit status $status instead of an abort"
    elif ! grep -qE "(^|/)$(field file "$file" | sed 's/\./\\./g'):[1-9][0-9]*: $(field function "$file"): $(field advice "$file")" \
        "$work/log"; then
        bad "$name traps otherwise"
    else
        good "$name"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
