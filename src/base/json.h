/* Writes JSON: the one place where the program does. A thin layer over cJSON that adds what cJSON
 * leaves to its user: any bytes become well-formed UTF-8, whole numbers keep all their digits, and
 * numbers that are not finite become null. Reading JSON is the business of its readers.
 *
 * A document is a tree of struct cJSON. name is the member's name in an object, and ignored where
 * the parent is an array. What is added belongs to the parent. */
#ifndef CHUNKMILL_BASE_JSON_H
#define CHUNKMILL_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct cJSON;

/* json_object(parent, name), json_array(parent, name): a new one; parent NULL: the root, owned by
 * the caller until json_text or json_print. */
struct cJSON *json_object(struct cJSON *parent, const char *name);
struct cJSON *json_array(struct cJSON *parent, const char *name);

/* json_string(parent, name, value): NULL is null. Bytes that are not UTF-8 become question marks.
 */
void json_string(struct cJSON *parent, const char *name, const char *value);
/* The same, but "" is null, too: for facts that are not known yet. */
void json_string_or_null(struct cJSON *parent, const char *name, const char *value);
void json_null(struct cJSON *parent, const char *name);
void json_bool(struct cJSON *parent, const char *name, bool value);
/* With all its digits, past 2^53 too. */
void json_number(struct cJSON *parent, const char *name, int64_t value);
/* NAN and infinite values are null. json_rounded: to six significant digits. */
void json_real(struct cJSON *parent, const char *name, double value);
void json_rounded(struct cJSON *parent, const char *name, double value);
/* json_raw(parent, name, json): text that is JSON already. */
void json_raw(struct cJSON *parent, const char *name, const char *json);

/* json_line(list, item): adds item to the array on a line of its own, so that grep and diff are of
 * use on long lists. Takes item. */
void json_line(struct cJSON *list, struct cJSON *item);

enum json_layout { JSON_IN_LINES, JSON_IN_ONE_LINE };

/* json_text(root, layout, out): appends the document and a newline; frees root. */
void json_text(struct cJSON *root, enum json_layout layout, struct text *out);

/* json_print(root): to standard output, in one line; frees root. */
void json_print(struct cJSON *root);

/* "1.7.15": of cJSON, at run time. */
const char *json_library_version(void);

#endif
