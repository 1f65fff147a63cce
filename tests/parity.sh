#!/bin/bash
# docs/asyncio.md answers every public item of asyncio (asyncio-api.txt), and each symbol that it names stands in a header.
# Ends with "N passed, N failed": one for each item.
set -u
cd "$(dirname "$0")/.." || exit 1

# The text of the headers without comments, in which names stand that may be gone.
code() {
    cat include/cedo/*.h include/cedo/port/*.h | awk '{
        text = $0
        while (text != "") {
            at = index(text, inside ? "*/" : "/*")
            if (!inside) print at ? substr(text, 1, at - 1) : text
            if (!at) break
            text = substr(text, at + 2)
            inside = !inside
        }
    }'
}

code | grep -oE '\b(cedo|CEDO)_[A-Za-z0-9_]+' | sort -u |
    awk -v items=tests/asyncio-api.txt -v page=docs/asyncio.md '
    BEGIN { FS = "\n" }
    { declared[$0] = 1 }
    function fail(item, why) { print "FAILED: " item ": " why; failed++ }
    END {
        while ((getline line < page) > 0) {
            if (line !~ /^\| `/) continue
            split(line, cell, " \\| ")
            item = substr(cell[1], 4, length(cell[1]) - 4)
            symbols[item] = cell[2]
            note[item] = cell[3]
            sub(/ *\|$/, "", note[item])
            on_page++
        }
        while ((getline item < items) > 0) {
            listed++
            if (!(item in symbols)) { fail(item, "is not on the page"); continue }
            count = split(symbols[item], name, /, */)
            good = 1
            for (i = 1; i <= count; i++) {
                gsub(/[` ]/, "", name[i])
                if (name[i] != "" && !(name[i] in declared)) { fail(item, name[i] " is in no header"); good = 0 }
            }
            if (symbols[item] !~ /`/ && note[item] == "") { fail(item, "neither a symbol nor a reason"); good = 0 }
            if (good) passed++
        }
        if (on_page != listed) fail(page, on_page " items, but " listed " are known")
        printf "%d passed, %d failed\n", passed, failed
        exit failed > 0
    }'
