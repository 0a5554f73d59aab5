/* Asks each library through the module that may include its header. */
#include "run/mpi/versions.h"

#include <mpi.h>
#include <string.h>

#include "base/json.h"
#include "chunkmill_commit.h"
#include "db/connection/connection.h"
#include "run/mpi/topology.h"

const char *versions_program(void)
{
    return CHUNKMILL_VERSION;
}

const char *versions_commit(void)
{
    return CHUNKMILL_COMMIT;
}

void versions_mpi(struct text *out)
{
    char library[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;

    MPI_Get_library_version(library, &length);
    library[strcspn(library, ",\n")] = '\0'; /* the rest is who built it, and when */
    text_add(out, library);
}

void versions_all(struct text *out)
{
    int libpq = connection_library_version();

    text_format(out, "chunkmill %s, commit %s\n", versions_program(), versions_commit());
    versions_mpi(out);
    text_format(out, "\nlibpq %d.%d\n", libpq / 10000, libpq % 10000);
    text_format(out, "cJSON %s\n", json_library_version());
    text_add(out, "hwloc ");
    topology_library_version(out);
    text_add(out, "\n");
}
