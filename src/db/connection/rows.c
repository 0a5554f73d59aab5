/* Reads values from libpq's result. */
#include "db/connection/rows.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "db/connection/exchange.h"

void rows_free(struct rows *rows)
{
    if (rows == NULL)
        return;
    PQclear(rows->result);
    free(rows);
}

int64_t rows_count(const struct rows *rows)
{
    return PQntuples(rows->result);
}

int64_t rows_affected(const struct rows *rows)
{
    return strtoll(PQcmdTuples(rows->result), NULL, 10);
}

bool rows_is_null(const struct rows *rows, int64_t row, int column)
{
    return PQgetisnull(rows->result, (int)row, column) != 0;
}

const char *rows_text(const struct rows *rows, int64_t row, int column)
{
    return PQgetvalue(rows->result, (int)row, column);
}

const char *rows_value(const struct rows *rows, int64_t row, int column)
{
    return rows_is_null(rows, row, column) ? NULL : rows_text(rows, row, column);
}

int64_t rows_int64(const struct rows *rows, int64_t row, int column)
{
    return strtoll(rows_text(rows, row, column), NULL, 10);
}

double rows_double(const struct rows *rows, int64_t row, int column)
{
    return strtod(rows_text(rows, row, column), NULL);
}

bool rows_bool(const struct rows *rows, int64_t row, int column)
{
    return rows_text(rows, row, column)[0] == 't';
}

int rows_column(const struct rows *rows, const char *name)
{
    int column = PQfnumber(rows->result, name);

    assert(column >= 0);
    return column;
}

const char *rows_named_text(const struct rows *rows, int64_t row, const char *name)
{
    return rows_text(rows, row, rows_column(rows, name));
}

int64_t rows_named_int64(const struct rows *rows, int64_t row, const char *name)
{
    return rows_int64(rows, row, rows_column(rows, name));
}

bool rows_named_bool(const struct rows *rows, int64_t row, const char *name)
{
    return rows_bool(rows, row, rows_column(rows, name));
}
