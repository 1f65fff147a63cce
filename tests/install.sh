#!/bin/sh
# An installed cedo serves a program that knows only pkg-config, shared and static.
# usage: install.sh BUILD
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

make -s -C "$build" install DESTDIR="$tmp/root"
libdir=$(dirname "$(find "$tmp/root" -name libcedo.a)")
export PKG_CONFIG_PATH="$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$tmp/root"

# shellcheck disable=SC2046
{
    ${CC:-cc} "$top/examples/host/hello.c" -o "$tmp/shared" $(pkg-config --cflags --libs cedo)
    ${CC:-cc} "$top/examples/host/hello.c" -o "$tmp/static" $(pkg-config --cflags cedo) \
        "$libdir/libcedo.a" $(pkg-config --static --libs-only-other cedo)
}
LD_LIBRARY_PATH=$libdir "$tmp/shared"
"$tmp/static"
make -s -C "$build" uninstall DESTDIR="$tmp/root"
left=$(find "$tmp/root" -type f)
[ -z "$left" ] || { echo "uninstall left $left"; exit 1; }
echo "2 passed, 0 failed"
