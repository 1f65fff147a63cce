/* Everything: the core and what a hosted system adds. */
#ifndef CEDO_CEDO_H
#define CEDO_CEDO_H

#include <cedo/core.h>

#include <cedo/bytes.h>
#include <cedo/each.h>
#include <cedo/net.h>
#include <cedo/port/posix.h>
#include <cedo/run.h>
#include <cedo/server.h>
#include <cedo/stream.h>

#endif
