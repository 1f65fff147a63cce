/* The traces of sync.c with labels as values. */
#define CEDO_LABELS
#include "sync.c"
