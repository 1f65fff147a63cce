/* All traces, in one row. */
#include "oracle.h"

const oracle_trace *oracle_trace_at(unsigned index, bool labels)
{
#define FAMILY(family) {oracle_##family, oracle_##family##_labels},
    static const oracle_trace *const families[][2] = {ORACLE_FAMILIES(FAMILY)};
#undef FAMILY
    for (unsigned family = 0; family < sizeof families / sizeof families[0]; family++) {
        for (const oracle_trace *trace = families[family][labels]; trace->name; trace++) {
            if (index-- == 0) return trace;
        }
    }
    return NULL;
}
