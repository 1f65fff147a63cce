/* The traces of cancel.c with labels as values. */
#define CEDO_LABELS
#include "cancel.c"
