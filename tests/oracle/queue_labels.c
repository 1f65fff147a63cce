/* The traces of queue.c with labels as values. */
#define CEDO_LABELS
#include "queue.c"
