/* The traces of sleep.c with labels as values. */
#define CEDO_LABELS
#include "sleep.c"
