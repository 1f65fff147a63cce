/* Private: how many, of permits or parties; on firmware at most 255. */
#ifndef CEDO_TALLY_H
#define CEDO_TALLY_H

#include <cedo/config.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
typedef uint32_t cedo_tally_;
#else
typedef uint8_t cedo_tally_;
#endif
#define CEDO_TALLY_MAX_ ((cedo_tally_)-1)

/* Of a constant: what does not fit does not compile. */
#define CEDO_TALLY_(n) \
    ((cedo_tally_)((n) + 0 * sizeof(char[(int64_t)(n) >> 8 * sizeof(cedo_tally_) ? -1 : 1])))

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_TALLY_IMPLEMENTED_)
#define CEDO_TALLY_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static bool cedo_tally_fits_(int n)
{
    return n >= 0 && (unsigned)n <= CEDO_TALLY_MAX_;
}

#ifdef __cplusplus
}
#endif
#endif
