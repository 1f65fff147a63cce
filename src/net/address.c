#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "net.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

void cedo_address_loopback_(cedo_address *address, int family, uint16_t port)
{
    memset(address, 0, sizeof *address);
    if (family == AF_INET6) {
        address->u.v6.sin6_family = AF_INET6;
        address->u.v6.sin6_port = htons(port);
        address->u.v6.sin6_addr = in6addr_loopback;
        address->size = sizeof address->u.v6;
    }
    else {
        address->u.v4.sin_family = AF_INET;
        address->u.v4.sin_port = htons(port);
        address->u.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address->size = sizeof address->u.v4;
    }
}

uint16_t cedo_address_port_(const cedo_address *address)
{
    return ntohs(address->u.any.sa_family == AF_INET6 ? address->u.v6.sin6_port
                                                      : address->u.v4.sin_port);
}

/* getaddrinfo takes "+1", " 1" and 99999, too */
static bool parse_port(const char *text, uint16_t *port)
{
    unsigned value = 0;
    if (!text || !*text) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value * 10 + (unsigned)(*text - '0');
        if (value > 65535) return false;
    }
    *port = (uint16_t)value;
    return true;
}

static bool has_ipv6(void)
{
    const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    close(fd);
    return true;
}

cedo_status cedo_address_parse_(cedo_address *address, const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    uint16_t number;
    int error;
    if (!parse_port(port, &number)) return CEDO_ENAME;
    if (!host || !*host) {
        cedo_address_loopback_(address, has_ipv6() ? AF_INET6 : AF_INET, number);
        if (address->u.any.sa_family == AF_INET6) {
            address->u.v6.sin6_addr = in6addr_any;
        }
        else {
            address->u.v4.sin_addr.s_addr = htonl(INADDR_ANY);
        }
        return CEDO_OK;
    }
    if (strcmp(host, "localhost") == 0) {
        cedo_address_loopback_(address, AF_INET, number);
        return CEDO_OK;
    }
    error = getaddrinfo(host, port, &hints, &found);
    if (error) return error == EAI_MEMORY ? CEDO_ENOMEM : CEDO_ENAME;
    memset(address, 0, sizeof *address);
    memcpy(&address->u, found->ai_addr, found->ai_addrlen);
    address->size = found->ai_addrlen;
    freeaddrinfo(found);
    return CEDO_OK;
}
