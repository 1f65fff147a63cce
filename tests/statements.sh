#!/bin/sh
# How many of the statements about asyncio's behaviour (statements.tsv) have a test whose name carries their id, as
# START_TEST(LOOP_01_...), or are listed with a reason in statements-na.tsv.
# usage: statements.sh [-m]      -m: also print the ids that are missing
set -eu
cd "$(dirname "$0")"

covered=$(sed -n 's/^START_TEST(\([A-Z0-9]*\)_\([0-9][0-9]*\)_.*/\1-\2/p' ./*.c | sort -u)
unknown=$(printf '%s\n' "$covered" | grep -vxF -f statements.tsv || true)
if [ -n "$unknown" ]; then
    echo "ids that no statement has: $unknown" >&2
    exit 1
fi
printf '%s\n' "$covered" | awk -F '\t' -v show="${1:-}" '
    FILENAME == "-" { covered[$1] = 1; next }
    FILENAME == "statements-na.tsv" { none[$1] = 1; next }
    {
        area = $1; sub(/-.*/, "", area)
        if (!(area in total)) order[++areas] = area
        total[area]++; all++
        if ($1 in covered) { done[area]++; tested++ }
        else if ($1 in none) { without[area]++; na++ }
        else missing[area] = missing[area] " " $1
    }
    END {
        for (i = 1; i <= areas; i++) {
            area = order[i]
            printf "%-12s %3d of %3d tested, %d without counterpart%s\n", area, done[area], total[area], without[area],
                show == "-m" && area in missing ? ":" missing[area] : ""
        }
        printf "%d of %d statements tested, %d without counterpart, %d to do\n", tested, all, na, all - tested - na
    }' - statements-na.tsv statements.tsv
