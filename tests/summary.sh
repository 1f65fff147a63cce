#!/bin/sh
# The number of single checks behind the logs of automake's harness, as "N passed, N failed".
# usage: summary.sh LOG...      exits with 1 if any failed or there is no log
passed=0 failed=0

for log; do
    trs=${log%.log}.trs
    # Check's last line, "75%: Checks: 8, Failures: 1, Errors: 1", or a script's
    n='\([0-9]*\)'
    counts=$(sed -n -e "s/^[0-9]*%: Checks: $n, Failures: $n, Errors: $n.*/\1 \2 \3/p" \
        -e "s/^$n passed, $n failed\$/\1 \2/p" "$log" 2>/dev/null | tail -n 1)
    # shellcheck disable=SC2086
    set -- $counts
    case $# in
    3) good=$(($1 - $2 - $3)) bad=$(($2 + $3)) ;;
    2) good=$1 bad=$2 ;;
    *) good=0 bad=0 ;;
    esac
    if grep -q '^:global-test-result: PASS$' "$trs" 2>/dev/null; then
        # a program that passes without a single check has not done its work
        [ $((good + bad)) -gt 0 ] || { bad=1; echo "no checks in $log"; }
    else
        [ "$bad" -gt 0 ] || bad=1
        echo "failed: see $log"
    fi
    passed=$((passed + good)) failed=$((failed + bad))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
