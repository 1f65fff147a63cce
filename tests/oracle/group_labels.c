/* The traces of group.c with labels as values. */
#define CEDO_LABELS
#include "group.c"
