/* Stores one value in struct config. Only config*.c include this header. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_APPLY_H
#define CHUNKMILL_CORE_JOB_CONFIG_APPLY_H

#include "base/error.h"
#include "core/job/config.h"
#include "core/job/config_values.h"

/* config_apply(value, config, err): checks the value by its key's type and stores it, with the text
 * of the SQL files that it names. config->path and the schemas must be stored already. Errors:
 * CONFIG. */
int config_apply(const struct config_value *value, struct config *config, struct error *err);

#endif
