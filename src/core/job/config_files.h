/* Reads the files of a job whole, and refuses all but plain text files of limited size. Only
 * config*.c include this header. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_FILES_H
#define CHUNKMILL_CORE_JOB_CONFIG_FILES_H

#include "base/error.h"
#include "base/text.h"

/* config_files_read(path, out, err): appends the text of a regular file, which must be 1 to 2^20
 * bytes of UTF-8 without NUL; a byte order mark is left out. Does not block on a named pipe.
 * Errors: CONFIG "PATH: why". */
int config_files_read(const char *path, struct text *out, struct error *err);

/* config_files_beside(job_path, name, out): appends the path of a file whose name is relative to
 * the folder of the job file. */
void config_files_beside(const char *job_path, const char *name, struct text *out);

#endif
