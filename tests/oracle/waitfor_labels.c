/* The traces of waitfor.c with labels as values. */
#define CEDO_LABELS
#include "waitfor.c"
