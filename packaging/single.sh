#!/bin/sh
# Prints the core and the firmware ports as one header, for those who copy one file.
# usage: single.sh [VERSION]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)

cat <<TEXT
/* cedo ${1:-(unversioned)}: the core in one file, made of include/cedo/ of its source. Use:
 *
 *     #define CEDO_USE_CORTEX_M           // or CEDO_USE_AVR, CEDO_USE_RISCV: the port
 *     #define CEDO_IMPLEMENTATION         // in one file of the program
 *     #include "cedo.h"
 *
 * Each part says at its beginning what it is for.
 *
$(sed 's/^/ * /; s/ *$//' "$top/LICENSE")
 */
TEXT
# A header is its declarations, up to a line that says "= implementation", and its bodies. core.h includes all once for
# the former, and, behind "#define CEDO_IMPLEMENT_", once more for the latter.
awk -v folder="$top/include/cedo/" '
    function put(name, wants_bodies,    line, path, is_body) {
        path = folder name
        if (!wants_bodies && path in seen) return
        seen[path] = 1
        printf "\n/* ---- cedo/%s%s */\n\n", name, wants_bodies ? ", bodies" : ""
        while ((getline line < path) > 0) {
            if (line ~ /= implementation \*\/$/) is_body = 1
            else if (is_body != wants_bodies) continue
            else if (line ~ /^#include <cedo\//) {
                if (!wants_bodies) put(named(line), 0)
            }
            else print line
        }
        close(path)
        if (wants_bodies && !is_body) {
            print "single.sh: no line \"= implementation\" in " name > "/dev/stderr"
            exit 1
        }
    }
    function named(line) {
        sub(/^#include <cedo\//, "", line)
        sub(/>.*/, "", line)
        return line
    }
    /^#define CEDO_IMPLEMENT_/ { bodies = 1 }
    /^#include <cedo\// { put(named($0), bodies); next }
    { print }
' "$top/include/cedo/core.h"
for port in cortex_m avr riscv; do
    macro=CEDO_USE_$(echo "$port" | tr '[:lower:]' '[:upper:]')
    printf '\n#ifdef %s\n' "$macro"
    grep -v '^#include <cedo/' "$top/include/cedo/port/$port.h"
    printf '#endif /* %s */\n' "$macro"
done
