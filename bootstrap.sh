#!/bin/sh
# From a bare copy of the sources to a working cedo.
set -eu
top=$(cd "$(dirname "$0")" && pwd)
build=${CEDO_BUILD:-$top/build}
case $build in /*) ;; *) build=$PWD/$build ;; esac

usage() {
    cat <<'END'
usage: ./bootstrap.sh demo      build, then let an echo client talk to an echo server
       ./bootstrap.sh check     build with every warning as an error, run all tests
       ./bootstrap.sh help      print this

On Debian and Ubuntu what is missing is installed (as root or through sudo); elsewhere it is named.

CEDO_BUILD            the folder to build in (./build)
CEDO_REQUIRE_TOOLS=1  install the cross compilers, emulators and checkers too, and let a test that
                      misses one fail instead of skip
CC                    the compiler
END
}

build_packages='gcc libc6-dev make autoconf automake libtool pkg-config'
check_packages='check'
ci_packages='g++ clang clang-format libclang-rt-14-dev python3 valgrind gcc-arm-none-eabi gcc-avr avr-libc
    gcc-riscv64-unknown-elf qemu-system-arm qemu-system-misc libsimavr-dev libelf-dev'

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>&1)" = installed ]
}

need() { # PACKAGE...
    if ! command -v dpkg-query >/dev/null; then
        for tool in cc make autoconf automake libtoolize pkg-config; do
            command -v $tool >/dev/null || missing="${missing-} $tool"
        done
        [ -z "${missing-}" ] || { echo "bootstrap.sh: please install:$missing" >&2; exit 1; }
        return 0
    fi
    missing=
    for package; do is_installed "$package" || missing="$missing $package"; done
    [ -n "$missing" ] || return 0

    echo "installing$missing"
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "bootstrap.sh: please install:$missing" >&2; exit 1; }
        root=sudo
    fi
    $root apt-get -q -o DPkg::Lock::Timeout=600 update
    # shellcheck disable=SC2086
    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 \
        install --no-install-recommends $missing
}

configure() { # FLAG...
    (cd "$top" && autoreconf -fi)
    mkdir -p "$build"
    (cd "$build" && "$top/configure" "$@")
}

make_jobs() {
    make -C "$build" -j"$(getconf _NPROCESSORS_ONLN)" "$@"
}

# The server listens on a free port of the loopback interface and prints a line that ends in its
# number; the client sends its arguments as lines and prints what comes back.
demo() {
    examples=$build/examples/host
    tmp=$(mktemp -d)
    server=
    trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; rm -rf "$tmp"' EXIT
    trap 'exit 1' HUP INT TERM

    "$examples/echo_server" 0 >"$tmp/server" &
    server=$!
    port='' waited=0
    while [ -z "$port" ]; do
        kill -0 "$server" 2>/dev/null || { echo "demo: the server ended" >&2; exit 1; }
        [ $waited -lt 100 ] || { echo "demo: the server prints no port" >&2; exit 1; }
        sleep 0.1
        waited=$((waited + 1))
        port=$(sed -n 's/^.*[^0-9]\([0-9][0-9]*\)$/\1/p' "$tmp/server" | head -n 1)
    done
    echo "demo: echo_server (process $server) listens on 127.0.0.1, port $port"

    timeout 20 "$examples/echo_client" 127.0.0.1 "$port" \
        'I yield' 'you yield' 'he, she, it yields' >"$tmp/replies" ||
        { echo "demo: the client failed" >&2; exit 1; }
    sed 's/^/demo: echo_client received: /' "$tmp/replies"

    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
    printf '%s\n' 'I yield' 'you yield' 'he, she, it yields' | cmp - "$tmp/replies"
    echo "demo: every byte came back"
}

case ${1-help} in
demo)
    # shellcheck disable=SC2086
    need $build_packages
    configure
    make_jobs
    demo
    ;;
check)
    # shellcheck disable=SC2086
    need $build_packages $check_packages
    # shellcheck disable=SC2086
    [ "${CEDO_REQUIRE_TOOLS:-0}" != 1 ] || need $ci_packages
    configure --enable-werror
    make_jobs clean # so that warnings of an earlier build without -Werror are seen
    make_jobs check VERBOSE=1 || { make -s -C "$build" check-summary; exit 1; }
    ;;
help | -h | --help)
    usage
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
