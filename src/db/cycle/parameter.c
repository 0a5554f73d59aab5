/* The table of parameters. */
#include "db/cycle/parameter.h"

/* The oids of pg_type's own rows, which never change. */
enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_XID = 28 };

static const struct {
    uint32_t type;
    const char *description;
} rows[PARAMETER_COUNT] = {
    [PARAMETER_RUN_ID] = {OID_INT8, "run id"},
    [PARAMETER_ATTEMPT] = {OID_INT4, "attempt"},
    [PARAMETER_WORKER] = {OID_INT4, "worker"},
    [PARAMETER_CHUNK_ID] = {OID_INT8, "chunk id"},
    [PARAMETER_PARENT_ID] = {OID_INT8, "the parent's id"},
    [PARAMETER_CRASHES_MAX] = {OID_INT4, "the most crashes allowed"},
    [PARAMETER_STATE] = {OID_TEXT, "state"},
    [PARAMETER_MARK_XID] = {OID_XID, "the mark's xid"},
    [PARAMETER_ROWS_UPDATED] = {OID_INT8, "rows updated"},
    [PARAMETER_ROWS_RELEASED] = {OID_INT8, "rows released"},
    [PARAMETER_ROWS_LOST] = {OID_INT8, "rows lost"},
    [PARAMETER_TRIES] = {OID_INT4, "tries"},
    [PARAMETER_SQLSTATE] = {OID_TEXT, "SQLSTATE"},
    [PARAMETER_ERROR] = {OID_TEXT, "error"},
    [PARAMETER_KIND] = {OID_TEXT, "kind"},
    [PARAMETER_KEY_LOWER] = {OID_TEXT, "lower key"},
    [PARAMETER_KEY_UPPER] = {OID_TEXT, "upper key"},
    [PARAMETER_UPPER_OPEN] = {OID_BOOL, "upper open"},
    [PARAMETER_ROW_LOWER] = {OID_TEXT, "lower row id"},
    [PARAMETER_ROW_UPPER] = {OID_TEXT, "upper row id"},
    [PARAMETER_KEY_SETS] = {OID_TEXT, "key sets"},
    [PARAMETER_ROWS_PLANNED] = {OID_INT8, "rows planned"},
    [PARAMETER_KEYS_PLANNED] = {OID_INT8, "keys planned"},
    [PARAMETER_IS_FIRST_PART] = {OID_BOOL, "whether it is the first part"},
    [PARAMETER_IS_LAST_PART] = {OID_BOOL, "whether it is the last part"},
};

uint32_t parameter_type(enum parameter parameter)
{
    return rows[parameter].type;
}

const char *parameter_description(enum parameter parameter)
{
    return rows[parameter].description;
}
