#!/bin/sh
# The core in one file (packaging/single.sh) compiles as the headers do, and to the same code.
#
# A missing compiler prints SKIP, or is a failure when CEDO_REQUIRE_TOOLS=1.
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
passed=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
sh "$top/packaging/single.sh" test >"$tmp/cedo.h" || exit 1

same_code() { # PORT SUFFIX COMPILER FLAG...
    port=$1 suffix=$2
    shift 2
    command -v "$1" >"$tmp/log" || {
        echo "SKIP $1 is not installed"
        [ "${CEDO_REQUIRE_TOOLS:-0}" != 1 ] || failed=$((failed + 1))
        return
    }
    {
        echo '#define CEDO_IMPLEMENTATION'
        [ -z "$port" ] || echo "#define CEDO_USE_$(echo "$port" | tr '[:lower:]' '[:upper:]')"
        echo '#include "cedo.h"'
        echo '#include "cedo.h"' # the guards hold
    } >"$tmp/one.$suffix"
    {
        echo '#define CEDO_IMPLEMENTATION'
        echo '#include <cedo/core.h>'
        [ -z "$port" ] || echo "#include <cedo/port/$port.h>"
    } >"$tmp/many.$suffix"
    # lines and file names stand in what traps say: so without
    set -- "$@" -Wall -Wextra -Wpedantic -Werror -DCEDO_CHECKS=0 -DCEDO_TRACE=0 -DCEDO_ADVICE=0 -DCEDO_DEBUG=0
    if "$@" -c "$tmp/one.$suffix" -o "$tmp/one.o" && "$@" -I "$top/include" -c "$tmp/many.$suffix" -o "$tmp/many.o" &&
        sections "$tmp/one.o" "$1" >"$tmp/one.size" && sections "$tmp/many.o" "$1" >"$tmp/many.size" &&
        grep -q '[1-9]' "$tmp/one.size" && cmp "$tmp/one.size" "$tmp/many.size"
    then passed=$((passed + 1))
    else failed=$((failed + 1)); echo "FAIL $*"; fi
}

# text, data and bss of an object, by the tools that go with its compiler
sections() { # OBJECT COMPILER
    case $2 in
    *-gcc) "${2%gcc}size" "$1" ;;
    *) size "$1" ;;
    esac | awk 'NR == 2 { print $1, $2, $3 }'
}

same_code '' c "${CC:-cc}" -std=c99 -O2
same_code '' cc g++ -std=c++11 -O2
same_code cortex_m c arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -std=c99 -Os -ffreestanding -DCEDO_CORTEX_M_HZ=16000000
same_code riscv c riscv64-unknown-elf-gcc -march=rv32imac -misa-spec=2.2 -mabi=ilp32 -std=c99 -Os -ffreestanding \
    -DCEDO_RISCV_MTIME_HZ=10000000
same_code avr c avr-gcc -mmcu=atmega328p -std=c99 -Os -ffreestanding -DF_CPU=16000000

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
