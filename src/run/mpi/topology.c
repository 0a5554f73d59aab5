/* Asks hwloc. Looks for no devices and no caches: a discovery of PCI and GPUs takes seconds on
 * some nodes, and the report does not use it. */
#include "run/mpi/topology.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fill_host(struct report_place *place)
{
    /* gethostname needn't end a name that it cuts; place is zeroed. */
    if (gethostname(place->host, sizeof place->host - 1) != 0)
        place->host[0] = '\0';
}

/* Only PUs, cores, NUMA nodes (the memory hangs on them) and the machine; packages for their
 * processor model.
 */
static int load(hwloc_topology_t *topology)
{
    static const hwloc_obj_type_t kept[] = {HWLOC_OBJ_PACKAGE, HWLOC_OBJ_CORE};

    if (hwloc_topology_init(topology) != 0)
        return -1;
    hwloc_topology_set_all_types_filter(*topology, HWLOC_TYPE_FILTER_KEEP_NONE);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        hwloc_topology_set_type_filter(*topology, kept[i], HWLOC_TYPE_FILTER_KEEP_ALL);
    /* The host's cores, also those that a batch system has not given us: what it gave is in the
     * binding. */
    hwloc_topology_set_flags(*topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    if (hwloc_topology_load(*topology) != 0) {
        hwloc_topology_destroy(*topology);
        return -1;
    }
    return 0;
}

static void copy_list(char *to, size_t bytes, const char *list)
{
    static const char more[] = ",..";

    if (strlen(list) < bytes) {
        memcpy(to, list, strlen(list) + 1);
        return;
    }
    memcpy(to, list, bytes);
    to[bytes - sizeof more] = '\0';
    char *comma = strrchr(to, ',');
    if (comma != NULL)
        *comma = '\0';
    memcpy(to + strlen(to), more, sizeof more);
}

static void fill_binding(hwloc_topology_t topology, struct report_place *place)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    char *list = NULL;

    if (set != NULL && hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_PROCESS) == 0 &&
        hwloc_bitmap_list_asprintf(&list, set) > 0)
        copy_list(place->binding, sizeof place->binding, list);
    free(list);
    hwloc_bitmap_free(set);
}

/* Where the model is, differs by processor: on the package, or on the machine. */
static void fill_processor(hwloc_topology_t topology, struct report_place *place)
{
    hwloc_obj_t package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0);
    const char *model = package == NULL ? NULL : hwloc_obj_get_info_by_name(package, "CPUModel");

    if (model == NULL)
        model = hwloc_obj_get_info_by_name(hwloc_get_root_obj(topology), "CPUModel");
    if (model != NULL)
        snprintf(place->processor, sizeof place->processor, "%s", model);
}

/* A count that is not known is -1 when objects of the type are on several levels. */
static int32_t count_of(hwloc_topology_t topology, hwloc_obj_type_t type)
{
    int count = hwloc_get_nbobjs_by_type(topology, type);
    return count > 0 ? count : 0;
}

void topology_place(struct report_place *place)
{
    hwloc_topology_t topology;

    memset(place, 0, sizeof *place);
    fill_host(place);
    if (load(&topology) != 0)
        return;
    fill_binding(topology, place);
    fill_processor(topology, place);
    place->cores = count_of(topology, HWLOC_OBJ_CORE);
    place->pus = count_of(topology, HWLOC_OBJ_PU);
    place->memory_bytes = (int64_t)hwloc_get_root_obj(topology)->total_memory;
    hwloc_topology_destroy(topology);
}

void topology_library_version(struct text *out)
{
    unsigned version = hwloc_get_api_version();

    text_format(out, "%u.%u.%u", version >> 16, version >> 8 & 0xff, version & 0xff);
}
