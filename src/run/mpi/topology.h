/* Where this rank runs: host, binding, cores, memory. The only module that includes hwloc.h. */
#ifndef CHUNKMILL_RUN_MPI_TOPOLOGY_H
#define CHUNKMILL_RUN_MPI_TOPOLOGY_H

#include "base/text.h"
#include "core/report/report.h"

/* topology_place(place): fills *place, every byte of it (it travels as bytes). Never fails: what
 * can't be found out is 0 or "". A binding that is longer than its space is cut behind a whole
 * range, with ",.." at its end. Some milliseconds: only processors and memory are looked for, no
 * devices. Not collective. */
void topology_place(struct report_place *place);

/* topology_library_version(out): of hwloc's interface, at run time: "2.9.0". */
void topology_library_version(struct text *out);

#endif
