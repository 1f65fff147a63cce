#!/bin/bash
# The three-task program (three/app.h says what it does), written in several ways, as a table: flash
# and RAM in bytes of the image built for size, and what it spends in 1005 virtual milliseconds,
# checked by its own counters: instructions on Cortex-M (QEMU, TCG plugin), cycles awake on AVR (simavr).
#
#   three.sh              flash is .text + .rodata + .data; RAM is .data + .bss, the stack is extra
#
# Every number is exactly repeatable with one compiler version. The cedo variant is
# examples/firmware/three_tasks.c. Ends with "N passed, N failed".
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

three=$here/three
flags=(-std=gnu11 -Os -ffunction-sections -fdata-sections -ffreestanding -I "$three" -I "$top/include")
passed=0 failed=0 skipped=0

fail() {
    failed=$((failed + 1)); echo "FAIL $1: $2"
    [ ! -s "$work/log" ] || sed 's/^/    /' "$work/log"
}

build() {   # source output extra-flags...
    local source=$1 output=$2; shift 2
    "$compiler" "${cpu_flags[@]}" "${flags[@]}" "${board_flags[@]}" "${chosen[@]}" "$@" "$source" "${start[@]}" \
        "${link_flags[@]}" -Wl,--gc-sections -lgcc -o "$output" >"$work/log" 2>&1
}

spent() {   # what the run of $work/run.elf cost, or fails
    if [ "$emulator" = simavr ]; then
        emulate "$work/run.elf" >"$work/text" 2>"$work/log" || return 1
        awk '$1 == "awake" { print $2 }' "$work/log"
    else
        emulate "$work/run.elf" -plugin "$work/icount.so" -d plugin -D "$work/count" \
            >"$work/text" 2>"$work/log" || return 1
        awk '$1 == "total" { print $2 }' "$work/count"
    fi
}

measure() {   # variant source target
    local flash ram cost tool start=()
    target "$3" || exit 2
    if tool=$(missing_tool run); then
        if [ "$CEDO_REQUIRE_TOOLS" = 1 ]; then fail "$1 $3" "$tool is missing"
        else skipped=$((skipped + 1)); echo "SKIP $1 $3: $tool is missing"; fi
        return
    fi
    [ "$3" = avr ] || start=("$three/start.c")
    build "$2" "$work/size.elf" || { fail "$1 $3" "does not build"; return; }
    read -r flash ram < <(flash_and_ram "$work/size.elf")
    cost=-
    if [ "$1" != empty ]; then
        if [ "$3" = avr ]; then start=("$here/board/avr.c")
        elif [ ! -e "$work/icount.so" ] && ! build_icount >"$work/log" 2>&1; then
            fail "$1 $3" "icount.c does not build"; return
        fi
        start+=("$three/check.c")
        build "$2" "$work/run.elf" -DRUN || { fail "$1 $3" "does not build with -DRUN"; return; }
        cost=$(spent) || { cat "$work/text" >>"$work/log"; fail "$1 $3" "wrong result"; return; }
    fi
    passed=$((passed + 1))
    printf '%-14s %-4s %6s %6s %10s\n' "$1" "$3" "$flash" "$ram" "$cost"
}

# The least configuration: what this program does not use is left out (cancelling and finally are not
# a choice), and the port and the loop are known to the compiler; a tick is a cycle on Cortex-M, a count of the timer on AVR, so that reading the clock needs
# no division.
least() {   # target
    chosen=(-DCEDO_SCOPES=0 -DCEDO_HANDLES=0 -DCEDO_STOP=0 -DCEDO_JOIN=0 -DCEDO_REGISTRY=0
            -DCEDO_ALLOCATORS=0 -DCEDO_EXCEPTION_HANDLER=0 -DCEDO_TRAP_HANDLER=0 -DCEDO_CHECKS=0
            -DCEDO_ISR=0 -DCEDO_STATE_BITS=8 -DCEDO_LOOP=app_loop)
    case $1 in
    avr) chosen+=(-DCEDO_PORT=cedo_port_avr -DCEDO_TICKS_PER_SECOND=250000) ;;
    *)   chosen+=(-DCEDO_PORT=cedo_port_cortex_m -DCEDO_TICKS_PER_SECOND=BOARD_CPU_HZ) ;;
    esac
}

printf '%-14s %-4s %6s %6s %10s\n' variant cpu flash RAM 'in 1005 ms'
chosen=()
for variant in empty superloop protothreads; do
    for cpu in m0 m3 avr; do measure $variant "$three/$variant.c" $cpu; done
done
for variant in cedo cedo-least; do
    for cpu in m0 m3 avr; do
        if [ $variant = cedo-least ]; then least $cpu; fi
        measure $variant "$top/examples/firmware/three_tasks.c" $cpu
    done
done
[ $skipped = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
