#!/bin/sh
# Prints the headers of the freestanding core, core.h and all that it includes, relative to the
# folder that `#include <cedo/...>` names.
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
${CC:-cc} -ffreestanding -I "$top/include" -MM "$top/include/cedo/core.h" |
    tr -s ' \134' '\n' | sed -n "s|^$top/include/cedo/||p" | LC_ALL=C sort -u
