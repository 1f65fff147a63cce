/* The traces of generator.c with labels as values. */
#define CEDO_LABELS
#include "generator.c"
