/* The network: what streams and servers have in common.
 *
 * A host is a numeric address ("127.0.0.1", "::1") or "localhost", a port a number ("8080").
 * Looking up other names blocks and is therefore not done in the loop: they fail with CEDO_ENAME.
 */
#ifndef CEDO_NET_H
#define CEDO_NET_H

#include <cedo/bytes.h>
#include <cedo/port/posix.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Statuses beside those of status.h and the system's -errno. */
enum {
    CEDO_ENAME = -4001 /* socket.gaierror: not a numeric address, "localhost", or port number */
};

#ifdef __cplusplus
}
#endif
#endif
