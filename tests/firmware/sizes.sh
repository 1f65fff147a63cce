#!/bin/bash
# What the library costs, for each target, without running anything: a table of sizeof for the
# structs of a list, then the flash of the core, of a whole program, and what one use of each
# primitive adds to a least program (uses.c), with all that it needs. A program must not pay for a
# header that it does not use: an error if it does.
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

compile() {   # source object flags...: for the current target
    local source=$1 object=$2 world=(-ffreestanding)
    shift 2
    [ ${#board_sources[@]} != 0 ] || world=()
    "$compiler" "${cpu_flags[@]}" "${world[@]}" "${flags[@]}" "$@" -c "$source" -o "$object" >"$work/log" 2>&1
}

link() {   # source flags...: $work/program.elf, with the board's start-up, for the current target
    "$compiler" "${cpu_flags[@]}" -ffreestanding "${flags[@]}" "${board_flags[@]}" "$@" \
        "${board_sources[@]}" "${link_flags[@]}" -Wl,--gc-sections -lgcc \
        -o "$work/program.elf" >"$work/log" 2>&1
}

# size_of TARGET NAME FLAGS...: the size in $answer, "?" and a message when the type is unknown or
# incomplete.
size_of() {
    local one=$1 name=$2 spelling hex
    shift 2
    for spelling in "struct $name" "$name"; do
        printf '#include <%s>\nchar size_of_it[sizeof(%s)];\n' "$header" "$spelling" >"$work/size.c"
        compile "$work/size.c" "$work/size.o" "$@" || continue
        hex=$("${prefix}nm" -S "$work/size.o" | awk '$4 == "size_of_it" { print $2 }')
        [ -n "$hex" ] || continue
        answer=$((16#$hex))
        return
    done
    error "$one: $name: not a complete type in <$header>"
    answer='?'
}

row() { printf '%-30s' "$1"; shift; printf ' %9s' "$@"; echo; }

mapfile -t types < <(sed 's/#.*//' "$list" | awk 'NF')
[ ${#types[@]} != 0 ] || { error "$list: no structs"; exit 2; }

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
for type in "${types[@]}"; do
    read -ra type <<<"$type" # its name, its flags
    cells=()
    for one in "${usable[@]}"; do target "$one"; size_of "$one" "${type[@]}"; cells+=("$answer"); done
    row "${type[0]}" "${cells[@]}"
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
        if link -I "$here/three" "$program"; then
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

# Not for all targets: these are many.
[ "$header" = cedo/core.h ] || { [ $errors = 0 ]; exit; }
flash_of() {   # TARGET FLAGS...: of uses.c, in $answer
    local one=$1
    shift
    target "$one"
    answer=0
    if link "$here/uses.c" "$@"; then read -r answer _ < <(flash_and_ram "$work/program.elf")
    else error "$one: uses.c does not build with $*" "$work/log"; fi
}

chips=()
for one in "${usable[@]}"; do case $one in m0 | avr) chips+=("$one") ;; esac; done
[ ${#chips[@]} != 0 ] || { [ $errors = 0 ]; exit; }

echo
row 'flash of a least program' "${chips[@]}"
least=() unused=() base=()
for one in "${chips[@]}"; do
    flash_of "$one" -DCEDO_ISR=0 -DLEAST; least+=("$answer")
    flash_of "$one" -DCEDO_ISR=0; unused+=("$answer")
    flash_of "$one"; base+=("$answer")
done
row 'only headers of tasks, sleep' "${least[@]}"
row 'the same with all headers' "${unused[@]}"
[ "${least[*]}" = "${unused[*]}" ] || error 'headers that are not used cost flash'
row 'with CEDO_ISR, the default' "${base[@]}"
echo
row 'to which one use adds' "${chips[@]}"
mapfile -t uses < <(sed -n 's/^#\(el\)\{0,1\}if defined(USE_\(.*\))$/\2/p' "$here/uses.c")
for use in "${uses[@]}"; do
    cells=()
    for i in "${!chips[@]}"; do
        flash_of "${chips[i]}" "-DUSE_$use"
        cells+=($((answer - base[i])))
    done
    row "$use" "${cells[@]}"
done
[ $errors = 0 ]
