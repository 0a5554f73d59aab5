/* One value into struct config. For config*.c alone. */
#ifndef CHUNKMILL_CORE_JOB_CONFIG_APPLY_H
#define CHUNKMILL_CORE_JOB_CONFIG_APPLY_H

#include "base/error.h"
#include "core/job/config.h"
#include "core/job/config_values.h"

/* config_apply(value, config, err): checks the value as its key's type asks, and keeps it; reads
 * the SQL files that it names. config->path and the schemas are there already. Errors: CONFIG. */
int config_apply(const struct config_value *value, struct config *config, struct error *err);

/* For CONFIG_SETTINGS, too long to live with the others: config_settings.c. */
int config_apply_setting(const struct config_value *value, struct config *config,
                         struct error *err);

#endif
