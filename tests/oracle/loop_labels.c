/* The traces of loop.c with labels as values. */
#define CEDO_LABELS
#include "loop.c"
