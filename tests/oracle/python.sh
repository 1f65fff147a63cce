#!/bin/sh
# Are the expected outputs of our own traces what Python prints? Needs python3 3.11 or newer.
# usage: python.sh           compares
#        python.sh --update  writes them
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import asyncio; asyncio.timeout' 2>/dev/null || { echo "no python3 3.11 or newer"; exit 77; }
passed=0 failed=0
for program in "$here"/extra/*.py; do
    name=$(basename "$program" .py)
    case $name in virtual | jobs) continue ;; esac # modules
    if [ "$1" = --update ]; then
        PYTHONDONTWRITEBYTECODE=1 python3 -W ignore "$program" > "$here/expected/$name.out" || exit 1
    elif PYTHONDONTWRITEBYTECODE=1 python3 -W ignore "$program" 2>/dev/null | cmp -s - "$here/expected/$name.out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: Python prints something else"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
