/* Writes the report to a file that is either complete or absent, and never overwrites another. */
#ifndef CHUNKMILL_RUN_REPORT_REPORT_FILE_H
#define CHUNKMILL_RUN_REPORT_REPORT_FILE_H

#include <stddef.h>

#include "base/error.h"

/* report_file_write(path, bytes, err): writes the string to a temporary file in path's folder,
 * syncs it, and gives it its name, by the umask's mode. CONFIG when path exists already (it is left
 * as it is), or when the folder can't be written to; FATAL when writing fails (disk full). Blocks
 * on the disk. On an error nothing of ours is left behind. */
int report_file_write(const char *path, const char *bytes, struct error *err);

/* report_file_default_path(path, bytes, job, label, attempt): "./JOB.LABEL.aN.report.json" into
 * path, which has space for `bytes`. A byte of job that is not one of [A-Za-z0-9._-] becomes '_',
 * so that the file stays in this folder. */
void report_file_default_path(char *path, size_t bytes, const char *job, const char *label,
                              int attempt);

#endif
