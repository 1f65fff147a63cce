#!/bin/bash
# compare.sh with what firmware has instead of the engine of hosts, in several configurations, built here.
# usage: firmware.sh [SEED [COUNT]]
set -u
cd "$(dirname "$0")/../../.." || exit 1
. tests/configurations.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
for configuration in fw32 fw32-labels fw16 fw-trace; do
    labels=
    [ "${configuration%-labels}" != "$configuration" ] && labels=-DRANDOM_LABELS
    # shellcheck disable=SC2046
    ${CC:-gcc} -std=gnu11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE $(defines_of "$configuration") $labels \
        -Iinclude -Itests $(sources_of "$configuration") tests/oracle/oracle.c \
        tests/oracle/random/run.c -o "$work/run" &&
        tests/oracle/random/compare.sh "$work/run" "${1:-1}" "${2:-2000}" || failed=1
done
exit $failed
