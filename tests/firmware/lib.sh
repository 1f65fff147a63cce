# shellcheck shell=bash disable=SC2034,SC2054
# What run.sh, three.sh and sizes.sh share: the targets, how to compile for one and how to start an
# image. To be sourced. Sets `here` (this folder), `top` (the source tree), `work` (a temporary
# folder, removed at exit).
#
# Hazards, found the hard way: never `-o /dev/null` (tcc as root deletes the device); never
# -march=..._zicsr with Debian's RISC-V gcc (it silently links the 64-bit libgcc); never
# qemu-system-avr (sleep hangs) nor the stock simavr command (always exits with 0).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

: "${CC:=cc}"
: "${EMULATION_TIMEOUT:=20}"   # seconds; an image that hangs is a failure, not a stuck build
: "${CEDO_REQUIRE_TOOLS:=0}"   # 1: a missing compiler or emulator is a failure

# target NAME: sets compiler, prefix (of the other tools), cpu_flags, link_flags, board_sources,
# board_flags and emulator for one of x86-64 m0 m3 m4f m33 rv32 avr. The first has no board.
target() {
    local board=$here/board
    prefix='' cpu_flags=() link_flags=() board_sources=() board_flags=() emulator='' machine='' cpu_hz=''
    case $1 in
    x86-64) cpu_flags=(-m64) ;;
    m0)  machine=microbit   cpu_hz=16000000 cpu_flags=(-mcpu=cortex-m0 -mthumb) ;;
    m3)  machine=mps2-an385 cpu_hz=25000000 cpu_flags=(-mcpu=cortex-m3 -mthumb) ;;
    m4f) machine=mps2-an386 cpu_hz=25000000
         cpu_flags=(-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard) ;;
    m33) machine=mps2-an505 cpu_hz=20000000
         cpu_flags=(-mcpu=cortex-m33 -mthumb -mfpu=fpv5-sp-d16 -mfloat-abi=hard)
         link_flags=(-Wl,--defsym=BOARD_FLASH=0x10000000 -Wl,--defsym=BOARD_RAM=0x38000000) ;;
    rv32) prefix=riscv64-unknown-elf- emulator=qemu-system-riscv32 machine=virt
         cpu_flags=(-march=rv32imac -misa-spec=2.2 -mabi=ilp32 -mcmodel=medlow)
         board_sources=("$board/rv32.c")
         link_flags=(-nostartfiles -nostdlib -T "$board/rv32.ld") ;;
    avr) prefix=avr- emulator=simavr cpu_hz=16000000 cpu_flags=(-mmcu=atmega328p)
         board_sources=("$board/avr.c") link_flags=(-nodefaultlibs) ;;
    *) echo "unknown target $1" >&2; return 1 ;;
    esac
    case $1 in m*)
        prefix=arm-none-eabi- emulator=qemu-system-arm board_sources=("$board/cortex_m.c")
        link_flags+=(-nostartfiles -nostdlib -T "$board/cortex_m.ld") ;;
    esac
    board_flags=(-I "$board")
    [ -z "$cpu_hz" ] || board_flags+=("-DBOARD_CPU_HZ=${cpu_hz}u")
    if [ "$1" = x86-64 ]; then compiler=$CC; else compiler=${prefix}gcc; fi
}

# missing_tool compile|run: names what the current target lacks, or fails when all is there.
missing_tool() {
    command -v "$compiler" >"$work/which" || { echo "$compiler"; return 0; }
    [ "$1" = run ] || return 1
    case $emulator in
    simavr) build_simavr_runner || { echo "libsimavr (with libelf)"; return 0; } ;;
    '') ;;
    *) command -v "$emulator" >"$work/which" || { echo "$emulator"; return 0; } ;;
    esac
    return 1
}

build_simavr_runner() {
    [ -x "$work/simavr_runner" ] && return 0
    [ ! -e "$work/simavr_runner.log" ] || return 1
    "$CC" -O2 "$here/simavr_runner.c" -o "$work/simavr_runner" -lsimavr -lelf \
        >"$work/simavr_runner.log" 2>&1
}

build_icount() {
    local api=1 major
    major=$("$emulator" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
    [ "${major:-0}" -lt 9 ] || api=2
    "$CC" -O2 -shared -fPIC "-DPLUGIN_API=$api" "$here/icount.c" -o "$work/icount.so"
}

# emulate IMAGE [emulator arguments]: runs it on the current target's machine. The image's text goes
# to standard output, the exit status is the image's own (124: it did not end in time).
emulate() {
    local image=$1; shift
    case $emulator in
    simavr)
        timeout "$EMULATION_TIMEOUT" "$work/simavr_runner" "$image" </dev/null ;;
    qemu-system-arm)
        timeout "$EMULATION_TIMEOUT" qemu-system-arm -M "$machine" -nographic -monitor none \
            -serial null -chardev stdio,id=text \
            -semihosting-config enable=on,target=native,chardev=text \
            -icount shift=4,sleep=off "$@" -kernel "$image" </dev/null ;;
    *)
        timeout "$EMULATION_TIMEOUT" "$emulator" -M "$machine" -bios none -display none \
            -rtc clock=vm -monitor none -serial stdio -icount shift=4,sleep=off "$@" -kernel "$image" </dev/null ;;
    esac
}

# flash_and_ram FILE: "flash ram" of an image or object; flash is code, constants and the initial
# values of data, RAM is data and bss without the stack.
flash_and_ram() { "${prefix}size" -B "$1" | awk 'NR == 2 { print $1 + $2, $2 + $3 }'; }
