# The configurations in which the suites of the core are built; read by build.sh and coverage.sh.

configurations='host host-labels list fw32 fw32-labels fw16 fw-trace fw-noscopes fw-nojoin fw-small fw-unchecked
    fw-plain fw-bare fw-bare-port fw-bare-open host-plain host-small'

# The macros of a configuration. NAME-labels: the same, and CEDO_LABELS for the suites.
defines_of() {
    firmware='-DCEDO_HOSTED=0 -DCEDO_ADVICE=1 -DCEDO_STATE_BITS=16 -DCEDO_TIME_BITS=32'
    case ${1%-labels} in
    host) ;;
    list) echo -DCEDO_TIMER_WHEEL=0 ;;                          # 64-bit time in a sorted list
    fw32) echo "$firmware" ;;                                   # Cortex-M
    fw16) echo '-DCEDO_HOSTED=0 -DCEDO_ADVICE=1 -DCEDO_STATE_BITS=8 -DCEDO_TIME_BITS=16' ;; # AVR
    fw-trace) echo "$firmware -DCEDO_TRACE=1 -DCEDO_LOOPS=1 -DCEDO_SPAWN_HOOK=1 -DCEDO_DEBUG=1" ;; # a big board
    fw-noscopes) echo "$firmware -DCEDO_SCOPES=0" ;;
    fw-nojoin) echo "$firmware -DCEDO_JOIN=0" ;;
    fw-unchecked) echo "$firmware -DCEDO_CHECKS=0" ;;
    fw-plain) echo '-DCEDO_HOSTED=0 -DCEDO_STATE_BITS=16 -DCEDO_TIME_BITS=32' ;; # a firmware's defaults
    fw-bare) echo '-DCEDO_HOSTED=0 -DCEDO_STATE_BITS=16 -DCEDO_TIME_BITS=32 -DCEDO_SCOPES=0 -DCEDO_HANDLES=0
        -DCEDO_STOP=0 -DCEDO_JOIN=0 -DCEDO_REGISTRY=0 -DCEDO_EXCEPTION_HANDLER=0 -DCEDO_ALLOCATORS=0
        -DCEDO_TRAP_HANDLER=0' ;;
    fw-bare-port) echo "$(defines_of fw-bare) -DCEDO_PORT=bare_port -DCEDO_ISR=0" ;; # the three-task firmware
    fw-bare-open) echo "$(defines_of fw-bare) -DCEDO_PORT=open_port" ;;
    host-plain) echo '-DCEDO_TRACE=0 -DCEDO_ADVICE=0' ;;
    fw-small) echo '-DCEDO_HOSTED=0 -DCEDO_ADVICE=1 -DCEDO_STATE_BITS=8 -DCEDO_TIME_BITS=16 -DCEDO_SCOPES=0 -DCEDO_JOIN=0
        -DCEDO_REGISTRY=0 -DCEDO_CHECKS=0 -DCEDO_EXCEPTION_HANDLER=0 -DCEDO_ALLOCATORS=0 -DCEDO_ISR=0' ;;
    host-small) echo '-DCEDO_SCOPES=0 -DCEDO_JOIN=0 -DCEDO_REGISTRY=0 -DCEDO_CHECKS=0 -DCEDO_EXCEPTION_HANDLER=0
        -DCEDO_ALLOCATORS=0 -DCEDO_NAMES=0 -DCEDO_TRACE=0 -DCEDO_LOOPS=0 -DCEDO_TIMER_WHEEL=0' ;;
    esac
}

# The suites that make sense in it.
suites_of() {
    sync='event lock condition semaphore barrier'
    all="coro scope loop timer task cancel message timeout group wait alloc future $sync queue fifo priority_queue reader isr list status trap small schedule runner eager context generator"
    case ${1%-labels} in
    fw-noscopes) all="coro loop timer task cancel message alloc future $sync queue fifo priority_queue reader isr small trap runner" ;;
    fw-nojoin) all="coro scope timer cancel message timeout alloc future $sync queue fifo priority_queue reader isr small schedule generator" ;;
    fw-unchecked) all="coro scope loop timer task cancel message timeout group wait alloc future $sync queue fifo priority_queue reader isr small schedule runner generator" ;;
    fw-bare*) all=bare ;;
    *-small) all="coro timer future $sync queue fifo priority_queue reader list status small" ;;
    esac
    case ${1%-labels} in
    host | list | fw-trace) all="$all trace dump debug" ;;
    host-plain) all="$all debug" ;;
    esac
    for suite in $all; do
        # these are not for firmware, unless asked for
        case $1:$suite in
        host*:* | list*:* | fw-trace*:*) ;;
        *:eager | *:context) continue ;;
        esac
        # what no coroutine is in does not differ
        case $1:$suite in *-labels:list | *-labels:status | *-labels:trap | *-labels:timer) continue ;; esac
        echo "test_$suite"
    done
}

sources_of() {
    echo src/core.c
    case $1 in fw-bare*) ;; *) echo src/loop/sim.c ;; esac
    case $1 in host* | list*) echo src/status.c src/loop/buffer.c src/loop/epoll.c src/loop/poller.c ;; esac
}
