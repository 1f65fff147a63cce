#!/bin/bash
# What the library costs, for each target, without running anything: a table of sizeof for the
# structs of a list, then the flash of the core, then the flash of a whole program.
#
#   sizes.sh [-l LIST] [-p PROGRAM.c] [-H HEADER] [-- COMPILER-FLAGS]
#
#   -l  structs, one a line                  default: sizes.list beside this script
#   -p  the program that uses what it needs  default: examples/firmware/three_tasks.c
#   -H  the header                           default: cedo/core.h
#   --  flags for every compilation, e.g. the -D of another configuration
#
# sizeof is read from the object file: an array of that many bytes and its size in the symbol table.
# A struct that the header does not define is an error, printed as "?", never a zero.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

list=$here/sizes.list program=$top/examples/firmware/three_tasks.c header=cedo/core.h
while getopts l:p:H: option; do
    case $option in
    l) list=$OPTARG ;;
    p) program=$OPTARG ;;
    H) header=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

# Unwind tables are not the library's, so they are not counted; -w because run.sh does the warning.
# The first column is the library for a host, as it is installed; the others are bare metal.
flags=(-std=c99 -Os -w -ffunction-sections -fdata-sections -fno-common
       -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-pic -I "$top/include" "$@")
errors=0

error() { errors=$((errors + 1)); echo "sizes: $1" >&2; [ -z "${2:-}" ] || sed 's/^/    /' "$2" >&2; }

compile() {   # source object: for the current target
    local world=(-ffreestanding)
    [ ${#board_sources[@]} != 0 ] || world=()
    "$compiler" "${cpu_flags[@]}" "${world[@]}" "${flags[@]}" -c "$1" -o "$2" >"$work/log" 2>&1
}

# size_of TARGET NAME: the size in $answer, "?" and a message when the type is unknown or incomplete.
size_of() {
    local spelling hex
    for spelling in "struct $2" "$2"; do
        printf '#include <%s>\nchar sz_%s[sizeof(%s)];\n' "$header" "$2" "$spelling" >"$work/size.c"
        compile "$work/size.c" "$work/size.o" || continue
        hex=$("${prefix}nm" -S "$work/size.o" | awk -v name="sz_$2" '$4 == name { print $2 }')
        [ -n "$hex" ] || continue
        answer=$((16#$hex))
        return
    done
    error "$1: $2: not a complete type in <$header>"
    answer='?'
}

row() { printf '%-22s' "$1"; shift; printf ' %9s' "$@"; echo; }

names=$(sed 's/#.*//' "$list" | awk 'NF { print $1 }')
[ -n "$names" ] || { error "$list: no structs"; exit 2; }

printf '#include "%s/promised_sizes.h"\n' "$here" >"$work/promised.c"
usable=()
for one in x86-64 m0 m3 rv32 avr; do
    target $one || exit 2
    if tool=$(missing_tool compile); then
        if [ "$CEDO_REQUIRE_TOOLS" = 1 ]; then error "$one: $tool is missing"
        else echo "SKIP $one: $tool is missing"; fi
        continue
    fi
    printf '#include <%s>\n' "$header" >"$work/header.c"
    if compile "$work/header.c" "$work/header.o"; then
        usable+=("$one")
        if [ "$header" = cedo/core.h ] && ! compile "$work/promised.c" "$work/header.o"; then
            error "$one: a promised size is exceeded" "$work/log"
        fi
    else error "$one: <$header> does not compile" "$work/log"; fi
done
[ ${#usable[@]} -gt 0 ] || exit 1

row 'sizeof, bytes' "${usable[@]}"
for name in $names; do
    cells=()
    for one in "${usable[@]}"; do target "$one"; size_of "$one" "$name"; cells+=("$answer"); done
    row "$name" "${cells[@]}"
done

echo
row 'flash, bytes' "${usable[@]}"
printf '#define CEDO_IMPLEMENTATION\n#include <%s>\n' "$header" >"$work/core.c"
cells=()
for one in "${usable[@]}"; do
    target "$one"
    if compile "$work/core.c" "$work/core.o"; then
        read -r flash _ < <(flash_and_ram "$work/core.o")
        if [ "$flash" = 0 ]; then error "$one: CEDO_IMPLEMENTATION produced no code"; flash='?'; fi
    else error "$one: the core does not compile" "$work/log"; flash='?'; fi
    cells+=("$flash")
done
row 'all of the core' "${cells[@]}"

# The program is linked with the board's start-up; what is the library's is told by its prefix.
if [ ! -e "$program" ]; then
    echo "SKIP program: ${program#"$top/"} does not exist"
else
    whole=() part=() ram=()
    for one in "${usable[@]}"; do
        target "$one"
        if [ ${#board_sources[@]} = 0 ]; then whole+=(-) part+=(-) ram+=(-); continue; fi
        if "$compiler" "${cpu_flags[@]}" -ffreestanding "${flags[@]}" "${board_flags[@]}" -I "$here/three" \
            "$program" "${board_sources[@]}" "${link_flags[@]}" -Wl,--gc-sections -lgcc \
            -o "$work/program.elf" >"$work/log" 2>&1; then
            read -r flash bytes < <(flash_and_ram "$work/program.elf")
            whole+=("$flash") ram+=("$bytes")
            part+=("$("${prefix}nm" -S "$work/program.elf" |
                awk 'NF == 4 && $3 ~ /[TtRrDdWwVv]/ && $4 ~ /^cedo_/ { print $2 }' |
                { sum=0; while read -r hex; do sum=$((sum + 16#$hex)); done; echo $sum; })")
        else error "$one: $(basename "$program") does not build" "$work/log"; whole+=('?') part+=('?') ram+=('?'); fi
    done
    row "$(basename "$program")" "${whole[@]}"
    row '  of which cedo_*' "${part[@]}"
    row '  its RAM, no stack' "${ram[@]}"
fi
[ $errors = 0 ]
