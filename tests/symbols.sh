#!/bin/sh
# The library shows the linker nothing but cedo_ names. Run in the build folder.
passed=0 failed=0

check() { # FILE NM-FLAG
    [ -e "$1" ] || { echo "SKIP $1 is not built"; return; }
    # without the version's own name; a sanitizer adds names of its own
    names=$(${NM:-nm} "$2" --defined-only "$1" |
        awk 'NF == 3 && $3 != "CEDO_0" && $3 !~ /^__odr_asan/ { sub(/@.*/, "", $3); print $3 }')
    strangers=$(echo "$names" | grep -v '^cedo_')
    if [ -z "$names" ]; then
        failed=$((failed + 1))
        echo "FAIL $1 shows no name at all"
    elif [ -n "$strangers" ]; then
        failed=$((failed + 1))
        echo "FAIL $1 shows $strangers"
    else
        passed=$((passed + 1))
    fi
}

check .libs/libcedo.so -D
check .libs/libcedo.a -g

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
