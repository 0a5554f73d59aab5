/* The rows of an answer: text values, read by row and column from 0. */
#ifndef CHUNKMILL_DB_CONNECTION_ROWS_H
#define CHUNKMILL_DB_CONNECTION_ROWS_H

#include <stdbool.h>
#include <stdint.h>

struct rows; /* opaque: connection.c makes them */

void rows_free(struct rows *rows); /* takes NULL */
int64_t rows_count(const struct rows *rows);
/* Rows that an UPDATE, INSERT or DELETE touched. */
int64_t rows_affected(const struct rows *rows);
bool rows_is_null(const struct rows *rows, int64_t row, int column);
/* "" for NULL. */
const char *rows_text(const struct rows *rows, int64_t row, int column);
/* NULL for NULL. */
const char *rows_value(const struct rows *rows, int64_t row, int column);
/* 0 for NULL; the column is an integer type. */
int64_t rows_int64(const struct rows *rows, int64_t row, int column);
double rows_double(const struct rows *rows, int64_t row, int column);
bool rows_bool(const struct rows *rows, int64_t row, int column);

/* rows_column(rows, name): the number of the column of this name, which the statement must have; of
 * several the first. For statements with so many columns that their numbers can't be read. */
int rows_column(const struct rows *rows, const char *name);
/* As rows_text, rows_int64 and rows_bool. */
const char *rows_named_text(const struct rows *rows, int64_t row, const char *name);
int64_t rows_named_int64(const struct rows *rows, int64_t row, const char *name);
bool rows_named_bool(const struct rows *rows, int64_t row, const char *name);

#endif
