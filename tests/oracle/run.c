/* Prints a trace.
 *
 *     run NAME                   as compiled with the switch
 *     ORACLE_LABELS=1 run NAME   as compiled with labels as values
 *     run --list                 the names of all traces
 */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const char *const labels = getenv("ORACLE_LABELS");
    const bool use_labels = labels && *labels && strcmp(labels, "0") != 0;
    const oracle_trace *trace;
    if (argc != 2) {
        fprintf(stderr, "usage: %s NAME | --list\n", argv[0]);
        return 2;
    }
    const bool list = strcmp(argv[1], "--list") == 0;
    for (unsigned i = 0; (trace = oracle_trace_at(i, use_labels)) != NULL; i++) {
        if (list) {
            puts(trace->name);
        }
        else if (strcmp(argv[1], trace->name) == 0) {
            fputs(oracle_output(trace), stdout);
            return 0;
        }
    }
    if (list) return 0;
    fprintf(stderr, "%s: no trace has the name %s\n", argv[0], argv[1]);
    return 3;
}
