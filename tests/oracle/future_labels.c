/* The traces of future.c with labels as values. */
#define CEDO_LABELS
#include "future.c"
