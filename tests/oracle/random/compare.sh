#!/bin/sh
# Do random programs of tasks, cancellations, timeouts, groups, locks and queues print the same under asyncio?
# Needs python3 3.11 or newer, and three open files for each program. Prints the first difference.
# usage: compare.sh PROGRAM [SEED [COUNT]]      PROGRAM: run.c, built
# With CEDO_COSTLY_CLOCK set, tasks that are alone run as they do at a real clock, see py_port in oracle.c.
here=$(cd "$(dirname "$0")" && pwd)
program=$1 seed=${2:-1} count=${3:-2000}
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
python3 -c 'import asyncio; asyncio.timeout' 2>/dev/null || { echo "no python3 3.11 or newer"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
python3 "$here/programs.py" "$seed" "$count" ${CEDO_COSTLY_CLOCK:+costly} > "$work/programs" || exit 1
"$program" < "$work/programs" > "$work/c" 2> "$work/errors" || { tail -n 1 "$work/errors"; exit 1; }
python3 "$here/run.py" < "$work/programs" > "$work/python" || exit 1
if cmp -s "$work/c" "$work/python"; then
    echo "$count passed, 0 failed"
else
    diff -U 1000 "$work/python" "$work/c" | awk '
        /^ program/ { text = "" }
        { text = text $0 "\n" }
        /^[-+][^-+]/ { print text; exit }'
    echo "0 passed, 1 failed"
    exit 1
fi
