/* The traces of context.c with labels as values. */
#define CEDO_LABELS
#include "context.c"
