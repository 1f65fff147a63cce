#!/bin/bash
# Builds every image of a table for every target it names, runs it under emulation and compares exit
# code and text. Ends with "N passed, N failed".
#
#   run.sh [TABLE]        default: images.list beside this script, where the format is described
#
# A missing compiler or emulator prints SKIP, or fails when CEDO_REQUIRE_TOOLS=1.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

table=${1:-$here/images.list}
strict=(-Os -std=c99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
        -ffreestanding -ffunction-sections -fdata-sections)
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); echo "PASS $1"; }
skip() { skipped=$((skipped + 1)); echo "SKIP $1: $2"; }
fail() {
    failed=$((failed + 1)); echo "FAIL $1: $2"
    [ ! -s "$3" ] || sed 's/^/    /' "$3"
}

run_image() {   # name target exit-code text flags sources
    local label="$1 $2" want_code=$3 want_text=$4 flags sources source tool code
    read -ra flags <<<"$5"
    read -ra sources <<<"$6"
    target "$2" || { fail "$label" "unknown target" ''; return; }

    if tool=$(missing_tool run); then
        if [ "$CEDO_REQUIRE_TOOLS" = 1 ]; then fail "$label" "$tool is missing" ''
        else skip "$label" "$tool is missing"; fi
        return
    fi
    for source in "${sources[@]}"; do
        [ -e "$source" ] || { fail "$label" "$source does not exist" ''; return; }
    done

    if ! "$compiler" "${cpu_flags[@]}" "${strict[@]}" "${board_flags[@]}" -I include "${flags[@]}" \
        "${sources[@]}" "${board_sources[@]}" "${link_flags[@]}" -Wl,--gc-sections -lgcc \
        -o "$work/image.elf" >"$work/log" 2>&1; then
        fail "$label" "does not build" "$work/log"; return
    fi
    emulate "$work/image.elf" >"$work/text" 2>"$work/log"; code=$?
    if [ "$code" != "$want_code" ]; then
        cat "$work/text" >>"$work/log"
        fail "$label" "exit code $code, expected $want_code" "$work/log"
    elif [ "$want_text" != - ] && ! grep -qF -- "$want_text" "$work/text"; then
        fail "$label" "the text lacks \"$want_text\"" "$work/text"
    else
        pass "$label ($(flash_and_ram "$work/image.elf" | sed 's/ / B flash, /') B RAM)"
    fi
}

[ -r "$table" ] || { echo "$table: cannot read" >&2; exit 2; }
table=$(cd "$(dirname "$table")" && pwd)/$(basename "$table")
cd "$top" || exit 2
while IFS='|' read -r name targets code text flags sources <&3; do
    name=${name//[[:space:]]/} code=${code//[[:space:]]/}
    case $name in '' | '#'*) continue ;; esac
    text=$(sed 's/^ *//; s/ *$//' <<<"$text")
    for one in $targets; do run_image "$name" "$one" "$code" "$text" "$flags" "$sources"; done
done 3<"$table"

[ $skipped = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
