/* One attempt at a run, from MPI_Init to MPI_Finalize: the only door into floor run. */
#ifndef CHUNKMILL_RUN_LAUNCH_LAUNCH_H
#define CHUNKMILL_RUN_LAUNCH_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

struct report;

/* Takes the report, which is borrowed during the call. */
typedef void launch_observer(void *context, const struct report *report);

/* What the command line says; strings are borrowed. */
struct launch_options {
    const char *job_file;
    const char *const *sets;
    int set_count;
    const char *label;       /* NULL: none given */
    const char *report;      /* NULL: the default path; "none" writes none */
    const char *const *skip; /* --skip-check */
    int skip_count;
    int64_t chunk;      /* --chunk ID; 0: all */
    int64_t max_chunks; /* --max-chunks; 0: no limit */
    bool accept_changes;
    bool retry_failed;
    int log_level; /* enum log_level */
    bool json;     /* the report to standard output as JSON instead of text */
    const char *command_line;
    /* for `bench` */
    double share;              /* of the chunks, evenly spaced, to be done; 0: all */
    launch_observer *observer; /* gets the report in place of standard output and the file; NULL: they do */
    void *observer_context;
};

/* launch_run(options, argc, argv): collective: every rank calls it once. Returns the exit status, the same on
 * all ranks. Rank 0 alone reads the job file and talks to the person. */
int launch_run(const struct launch_options *options, int *argc, char ***argv);

#endif
