/* The versions of this program and of its libraries. */
#ifndef CHUNKMILL_RUN_MPI_VERSIONS_H
#define CHUNKMILL_RUN_MPI_VERSIONS_H

#include "base/text.h"

/* "0.1.0", and the commit that it was built from: "4f61b63", "4f61b63-dirty" or "unknown". */
const char *versions_program(void);
const char *versions_commit(void);

/* versions_mpi(out): "Open MPI v4.1.4". Before MPI_Init, too. */
void versions_mpi(struct text *out);

/* versions_all(out): a line for the program, and one for each library, as they are at run time. */
void versions_all(struct text *out);

#endif
