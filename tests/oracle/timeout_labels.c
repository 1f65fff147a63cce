/* The traces of timeout.c with labels as values. */
#define CEDO_LABELS
#include "timeout.c"
