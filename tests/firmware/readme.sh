#!/bin/bash
# Does the table of sizes in README.md say what sizes.sh prints? Needs its compilers.
# usage: readme.sh       prints the rows that README.md should have and lacks; exits with 1 if there are any
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

bash "$here/sizes.sh" >"$work/sizes" || exit 1

size() { # NAME COLUMN: x86-64 1, m0 2, m3 3, rv32 4, avr 5
    awk -v name="$1" -v column="$2" '$1 == name && NF == 6 { print $(column + 1) }' "$work/sizes"
}
use() { # NAME COLUMN: m0 1, avr 2
    awk -v name="$1" -v column="$2" '$1 == name && NF == 3 { print $(column + 1) }' "$work/sizes"
}
three() { # FUNCTION COLUMN NAME...
    local function=$1 column=$2 list='' name
    shift 2
    for name; do list="$list${list:+, }$($function "$name" "$column")"; done
    echo "$list"
}

objects='cedo_event cedo_queue cedo_group' uses='event queue group' missing=0
# shellcheck disable=SC2086
while read -r row; do
    grep -qF "$row" "$top/README.md" && continue
    echo "$row"
    missing=1
done <<END
| frame of a coroutine, without your fields | $(size cedo_coro 1) | $(size cedo_coro 2) | $(size cedo_coro 5) |
| task | $(size cedo_task 1) | $(size cedo_task 2), at least
| event, queue without its items, group | $(three size 1 $objects) | $(three size 2 $objects) | $(three size 5 $objects) |
| flash of their first use; unused: 0 | | $(three use 1 $uses) | $(three use 2 $uses) |
END
exit $missing
