/* The traces of reader.c with labels as values. */
#define CEDO_LABELS
#include "reader.c"
