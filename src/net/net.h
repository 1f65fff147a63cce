/* What the files of this folder share. Private to the library. */
#ifndef CEDO_NET_PRIVATE_H
#define CEDO_NET_PRIVATE_H

#include <cedo/stream.h>
#include <cedo/wake.h>

#include "../loop/poller.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define CEDO_DEFAULT_LIMIT_ 16 /* log2 of 64 KiB */

typedef struct cedo_address cedo_address;
struct cedo_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } u;
    socklen_t size;
};

/* The address of a numeric `host` and `port`. NULL or "": all addresses, of both families where
 * there is IPv6. "localhost": 127.0.0.1. CEDO_OK; CEDO_ENAME; CEDO_ENOMEM. */
cedo_status cedo_address_parse_(cedo_address *address, const char *host, const char *port);

/* 127.0.0.1 or ::1. */
void cedo_address_loopback_(cedo_address *address, int family, uint16_t port);

/* The port number in host order. */
uint16_t cedo_address_port_(const cedo_address *address);

/* Makes a stream of a connected, non-blocking socket. On failure the socket is still the
 * caller's. */
cedo_status cedo_stream_open_(cedo_poller *poller, cedo_stream *stream, int fd);

/* Sends what can be sent without waiting. */
void cedo_stream_send_(cedo_stream *stream);

/* The error that broke the connection, negative, or CEDO_OK. */
cedo_status cedo_stream_error_(const cedo_stream *stream);

/* The exponent of the least power of two that is not below `size`. */
uint8_t cedo_log2_(size_t size);

#endif
