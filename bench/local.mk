# `make bench` and `make bench-instructions`. Nothing here is a part of `make all` or `make check`.
#
# Each peer is a plain rule that tries to compile: if that fails, because its library is not there,
# the peer is left out with a line that says so.

# Options for the drivers: make bench BENCH_FLAGS='-r 3 -t yield,nest'
BENCH_FLAGS =
BENCH_INSTRUCTIONS_FLAGS =
BENCH_PY = python3
BENCH_CC = $(CC)
BENCH_CXX = g++
BENCH_CFLAGS = -O2 -Wall -Wextra
BENCH_CXXFLAGS = -std=c++20 -O2 -Wall -Wextra
BENCH_GO = go
BENCH_CARGO = cargo
# Where the distribution keeps the sources of Rust packages (Debian: librust-tokio-dev).
BENCH_CARGO_REGISTRY = /usr/share/cargo/registry

BENCH_PEERS = \
	bench/peer_hand \
	bench/peer_hand_wheel \
	bench/peer_cedo \
	bench/peer_protothreads \
	bench/peer_cxx20 \
	bench/peer_libuv \
	bench/peer_libev \
	bench/peer_libevent \
	bench/peer_asio \
	bench/peer_go \
	bench/peer_tokio

BENCH_COUNTED_PEERS = \
	bench/peer_hand \
	bench/peer_hand_wheel \
	bench/peer_cedo \
	bench/peer_protothreads \
	bench/peer_cxx20 \
	bench/peer_libuv \
	bench/peer_libev

EXTRA_DIST += \
	bench/README.md \
	bench/bench.h \
	bench/hand.h \
	bench/post.h \
	bench/pt.h \
	bench/peer_hand.c \
	bench/peer_hand_wheel.c \
	bench/peer_cedo.c \
	bench/peer_protothreads.c \
	bench/peer_cxx20.cc \
	bench/peer_libuv.c \
	bench/peer_libev.c \
	bench/peer_libevent.c \
	bench/peer_asio.cc \
	bench/go/go.mod \
	bench/go/main.go \
	bench/tokio/Cargo.toml \
	bench/tokio/main.rs \
	bench/peer_asyncio.py \
	bench/plan.py \
	bench/run.py \
	bench/instructions.py

CLEANFILES += $(BENCH_PEERS) bench/bench.tsv bench/instructions.tsv \
	bench/peer_hand.log bench/peer_hand_wheel.log bench/peer_cedo.log bench/peer_protothreads.log \
	bench/peer_cxx20.log bench/peer_libuv.log bench/peer_libev.log bench/peer_libevent.log \
	bench/peer_asio.log bench/peer_go.log bench/peer_tokio.log

.PHONY: bench bench-peers bench-instructions

bench-peers: $(BENCH_PEERS)

bench: $(BENCH_PEERS)
	$(BENCH_PY) -B $(srcdir)/bench/run.py -o bench/bench.tsv $(BENCH_FLAGS) bench

bench-instructions: $(BENCH_COUNTED_PEERS)
	$(BENCH_PY) -B $(srcdir)/bench/instructions.py -o bench/instructions.tsv \
	    $(BENCH_INSTRUCTIONS_FLAGS) bench

# A recipe is $(bench_try) COMMAND. What the compiler says stays in bench/peer_NAME.log if it fails.
bench_try = @mkdir -p bench; echo "  BENCH    $@"; bench_run() { \
	if "$$@" >$@.log 2>&1; then cat $@.log; rm -f $@.log; \
	else rm -f $@; echo "left out: $@ does not compile here, see $@.log"; fi; }; bench_run

bench/peer_hand: $(srcdir)/bench/peer_hand.c $(srcdir)/bench/hand.h $(srcdir)/bench/post.h \
    $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -o $@ $(srcdir)/bench/peer_hand.c -lpthread

bench/peer_hand_wheel: $(srcdir)/bench/peer_hand_wheel.c $(srcdir)/bench/hand.h \
    $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -o $@ $(srcdir)/bench/peer_hand_wheel.c

# The library as a program of a user gets it: its headers and the static library.
bench/peer_cedo: $(srcdir)/bench/peer_cedo.c $(srcdir)/bench/post.h $(srcdir)/bench/bench.h libcedo.la
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -I$(builddir)/include -I$(srcdir)/include -o $@ \
	    $(srcdir)/bench/peer_cedo.c .libs/libcedo.a $(LIBS) -lpthread

bench/peer_protothreads: $(srcdir)/bench/peer_protothreads.c $(srcdir)/bench/pt.h \
    $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -o $@ $(srcdir)/bench/peer_protothreads.c

bench/peer_cxx20: $(srcdir)/bench/peer_cxx20.cc $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CXX) $(BENCH_CXXFLAGS) -o $@ $(srcdir)/bench/peer_cxx20.cc

bench/peer_libuv: $(srcdir)/bench/peer_libuv.c $(srcdir)/bench/post.h $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -o $@ $(srcdir)/bench/peer_libuv.c -luv -lpthread

bench/peer_libev: $(srcdir)/bench/peer_libev.c $(srcdir)/bench/post.h $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -o $@ $(srcdir)/bench/peer_libev.c -lev -lpthread

bench/peer_libevent: $(srcdir)/bench/peer_libevent.c $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CC) $(BENCH_CFLAGS) -o $@ $(srcdir)/bench/peer_libevent.c -levent

bench/peer_asio: $(srcdir)/bench/peer_asio.cc $(srcdir)/bench/post.h $(srcdir)/bench/bench.h
	$(bench_try) $(BENCH_CXX) $(BENCH_CXXFLAGS) -o $@ $(srcdir)/bench/peer_asio.cc -lpthread

# Both build in a directory that goes away again, and fetch nothing.
bench/peer_go: $(srcdir)/bench/go/main.go $(srcdir)/bench/go/go.mod
	$(bench_try) sh -c 'out=`pwd`/$@ && rm -rf $@.dir && mkdir $@.dir && GOCACHE=`pwd`/$@.dir && \
	    export GOCACHE && cd $(srcdir)/bench/go && \
	    GOPROXY=off GOTOOLCHAIN=local GOFLAGS=-buildvcs=false $(BENCH_GO) build -o "$$out" .; \
	    status=$$?; rm -rf "$$out.dir"; exit $$status'

bench/peer_tokio: $(srcdir)/bench/tokio/main.rs $(srcdir)/bench/tokio/Cargo.toml
	$(bench_try) sh -c 'out=`pwd`/$@ && rm -rf $@.dir && mkdir -p $@.dir/.cargo && \
	    cp $(srcdir)/bench/tokio/main.rs $(srcdir)/bench/tokio/Cargo.toml $@.dir && cd $@.dir && \
	    { echo "[source.crates-io]"; echo "replace-with = \"distribution\""; \
	      echo "[source.distribution]"; \
	      echo "directory = \"$(BENCH_CARGO_REGISTRY)\""; } >.cargo/config.toml && \
	    CARGO_TARGET_DIR=target $(BENCH_CARGO) build -q --release --offline && \
	    cp target/release/peer_tokio "$$out"; \
	    status=$$?; rm -rf "$$out.dir"; exit $$status'
