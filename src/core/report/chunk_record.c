/* The functions that follow from the list of members. */
#include "core/report/chunk_record.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct chunk_record) == CHUNK_RECORD_MEMBERS * sizeof(int64_t),
              "the struct is an array of int64_t");

#define ROW(member, name, report_name, kind) {name, report_name, CHUNK_RECORD_KIND_##kind},

static const struct {
    const char *name, *report_name;
    enum chunk_record_kind kind;
} members[] = {CHUNK_RECORD(ROW)};

const char *chunk_record_name(int i)
{
    return members[i].name;
}

const char *chunk_record_report_name(int i)
{
    return members[i].report_name;
}

enum chunk_record_kind chunk_record_kind(int i)
{
    return members[i].kind;
}

void chunk_record_to(const struct chunk_record *record, int64_t values[CHUNK_RECORD_MEMBERS])
{
    memcpy(values, record, sizeof *record);
}

void chunk_record_from(struct chunk_record *record, const int64_t values[CHUNK_RECORD_MEMBERS])
{
    memcpy(record, values, sizeof *record);
}
