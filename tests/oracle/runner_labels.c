/* The traces of runner.c with labels as values. */
#define CEDO_LABELS
#include "runner.c"
