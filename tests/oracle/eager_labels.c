/* The traces of eager.c with labels as values. */
#define CEDO_LABELS
#include "eager.c"
