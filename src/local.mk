# The core has a library of its own, so that it alone is compiled as C99 and without POSIX.
noinst_LTLIBRARIES = libcore.la
libcore_la_SOURCES = src/core.c
libcore_la_CPPFLAGS = -I$(top_srcdir)/include
libcore_la_CFLAGS = $(CEDO_CFLAGS) -std=c99

# One line adds one file.
hosted_sources = \
	src/run.c \
	src/status.c \
	src/loop/buffer.c \
	src/loop/buffer.h \
	src/loop/epoll.c \
	src/loop/poller.c \
	src/loop/poller.h \
	src/loop/sim.c \
	src/net/address.c \
	src/net/net.h \
	src/net/server.c \
	src/net/stream.c

# current:revision:age. A release that adds names: current+1:0:age+1; one that removes or changes
# them: current+1:0:0; any other: revision+1.
lib_LTLIBRARIES = libcedo.la
libcedo_la_SOURCES = $(hosted_sources)
libcedo_la_CPPFLAGS = -I$(top_srcdir)/include -D_POSIX_C_SOURCE=200809L
libcedo_la_LIBADD = libcore.la
libcedo_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0
EXTRA_libcedo_la_DEPENDENCIES = src/cedo.map
EXTRA_DIST += src/cedo.map

if HAVE_VERSION_SCRIPT
libcedo_la_LDFLAGS += -Wl,--version-script=$(srcdir)/src/cedo.map
else
libcedo_la_LDFLAGS += -export-symbols-regex '^cedo_'
endif
