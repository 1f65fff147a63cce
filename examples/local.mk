# Host examples are built with the library and not installed; one pair of lines adds one.
noinst_PROGRAMS += \
	examples/host/callback \
	examples/host/echo_client \
	examples/host/echo_server \
	examples/host/fetch \
	examples/host/hello \
	examples/host/pipeline

examples_host_callback_LDADD = libcedo.la
examples_host_echo_client_LDADD = libcedo.la
examples_host_echo_server_LDADD = libcedo.la
examples_host_fetch_LDADD = libcedo.la
examples_host_hello_LDADD = libcedo.la
examples_host_pipeline_LDADD = libcedo.la

# Firmware examples are built by tests/firmware.
EXTRA_DIST += examples/firmware
