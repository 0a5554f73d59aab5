/* The files of a job: read whole, and only when they are plain text files of a sane size. For
 * config*.c. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_FILES_H
#define CHUNKMILL_CORE_JOB_CONFIG_FILES_H

#include "base/error.h"
#include "base/text.h"

/* config_files_read(path, out, err): a regular file of 1 to 2^20 bytes of UTF-8 without NUL; a byte
 * order mark is dropped. Never waits for a pipe's other end. Errors: CONFIG "PATH: why". */
int config_files_read(const char *path, struct text *out, struct error *err);

/* config_files_beside(job_path, name, out): name as seen from the folder that the job file is in.
 */
void config_files_beside(const char *job_path, const char *name, struct text *out);

#endif
