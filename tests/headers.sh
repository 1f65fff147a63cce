#!/bin/sh
# Every public header compiles alone, without a warning, in every language that cedo promises, and
# those of the core on every chip family too, as declarations and with their implementation.
#
# A missing compiler prints SKIP, or is a failure when CEDO_REQUIRE_TOOLS=1.
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
passed=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    failed=$((failed + 1))
    echo "FAIL $1"
    [ $# -lt 2 ] || sed 's/^/    /' "$2"
}

missing() { # COMPILER
    if [ "${CEDO_REQUIRE_TOOLS:-0}" = 1 ]; then fail "$1 is not installed"
    else echo "SKIP $1 is not installed"; fi
}

strict='-Wall -Wextra -Wpedantic -Werror'
compile() { # HEADER SUFFIX COMPILER FLAG...
    header=$1 unit=$tmp/unit.$2
    shift 2
    # twice, for the include guard; the name, since ISO C wants one
    printf '#include <cedo/%s>\n#include <cedo/%s>\nextern int unit;\n' "$header" "$header" >"$unit"
    # shellcheck disable=SC2086
    if "$@" $strict -I "$top/include" -c "$unit" -o "$tmp/unit.o" 2>"$tmp/log"
    then passed=$((passed + 1))
    else fail "$header: $*" "$tmp/log"; fi
}

# Ports are for one chip family each; a name that is not here is a port to a hosted system.
family() { # HEADER
    case $1 in
    port/cortex*) echo arm ;;
    port/riscv*) echo riscv ;;
    port/avr*) echo avr ;;
    *) echo host ;;
    esac
}

all=$(cd "$top/include/cedo" && find . -name '*.h' | sed 's|^\./||' | LC_ALL=C sort)
core=$(sh "$top/tests/core_headers.sh")
[ -n "$core" ] || fail "core_headers.sh finds no header"

for header in $all; do
    grep -q "include/cedo/$header\( \|\$\)" "$top/include/local.mk" ||
        fail "$header: not installed, add it to include/local.mk"
done

on_host() { # SUFFIX COMPILER STANDARD...
    suffix=$1 compiler=$2
    shift 2
    command -v "$compiler" >"$tmp/log" || { missing "$compiler"; return; }
    for standard; do
        for header in $all; do
            [ "$(family "$header")" != host ] ||
                compile "$header" "$suffix" "$compiler" "-std=$standard"
        done
        compile core.h "$suffix" "$compiler" "-std=$standard" -DCEDO_IMPLEMENTATION
    done
}

on_chip() { # FAMILY COMPILER FLAG...
    family=$1 compiler=$2
    shift 2
    command -v "$compiler" >"$tmp/log" || { missing "$compiler"; return; }
    set -- "$compiler" "$@" -std=c99 -Os -ffreestanding -nostdlib
    ports=$(for h in $all; do [ "$(family "$h")" != "$family" ] || echo "$h"; done)
    for header in $core $ports; do
        compile "$header" c "$@"
        compile "$header" c "$@" -DCEDO_IMPLEMENTATION
    done
}

on_host c gcc c99 c11 c17
on_host c clang c99 c11 c17
on_host cc g++ c++11 c++20
on_host cc clang++ c++11 c++20
# with the frequency that each port asks for
on_chip arm arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -DCEDO_CORTEX_M_HZ=16000000
on_chip arm arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -DCEDO_CORTEX_M_SHARED_TICK
on_chip riscv riscv64-unknown-elf-gcc -march=rv32imac -misa-spec=2.2 -mabi=ilp32 -DCEDO_RISCV_MTIME_HZ=10000000
on_chip riscv riscv64-unknown-elf-gcc -march=rv32e -misa-spec=2.2 -mabi=ilp32e -DCEDO_RISCV_MTIME_HZ=10000000
on_chip avr avr-gcc -mmcu=atmega328p -DF_CPU=16000000

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
