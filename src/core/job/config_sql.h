/* Checks of a job's SQL that need no server. Only config*.c include this header. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_SQL_H
#define CHUNKMILL_CORE_JOB_CONFIG_SQL_H

#include <stdbool.h>

#include "base/error.h"
#include "core/job/config.h"

/* Whether s is [SCHEMA.]TABLE, each an identifier, a quoted identifier or a {placeholder}. */
bool config_sql_is_table(const char *s);

/* Whether s is a number, true, false, null or one string in single quotes. */
bool config_sql_is_literal(const char *s);

/* Why s can't be one expression between parentheses, NULL: no reason is seen. */
const char *config_sql_expression_fault(const char *s);

/* The line, from 1, of a $1 or its like outside of names, literals and comments, which would take
 * one of our own parameters; 0: there is none. */
int config_sql_parameter_line(const char *s);

/* config_sql_check_placeholders(config, source, text, in_update, err): text may use the schemas'
 * names, and in the update {chunk_filter}. Errors: CONFIG, as template_expand. */
int config_sql_check_placeholders(const struct config *config, const char *source, const char *text,
                                  bool in_update, struct error *err);

#endif
