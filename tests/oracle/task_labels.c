/* The traces of task.c with labels as values. */
#define CEDO_LABELS
#include "task.c"
