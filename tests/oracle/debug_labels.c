/* The traces of debug.c with labels as values. */
#define CEDO_LABELS
#include "debug.c"
