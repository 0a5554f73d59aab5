/* The outline of an UPDATE: any text is survived, and comments before it or line breaks change
 * nothing. */
#include "core/sql/update_outline.h"

#include "base/text.h"
#include "core/sql/template.h"
#include "fuzz.h"

static void check_same(const struct update_outline *outline, const char *sql)
{
    struct update_outline again;

    update_outline_read(sql, &again);
    REQUIRE(again.is_update == outline->is_update && again.is_filtered == outline->is_filtered);
    REQUIRE(again.column_count == outline->column_count);
    for (int i = 0; i < again.column_count; i++)
        REQUIRE(strcmp(again.columns[i], outline->columns[i]) == 0);
    update_outline_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *sql = fuzz_string(data, bytes);
    struct text commented = TEXT_INIT;
    struct update_outline outline;

    update_outline_read(sql, &outline);
    REQUIRE((outline.columns == NULL) == (outline.column_count == 0));
    REQUIRE(outline.column_count == 0 || outline.is_update);
    REQUIRE(!outline.is_filtered || template_uses(sql, "chunk_filter"));
    for (int i = 0; i < outline.column_count; i++)
        REQUIRE(strlen(outline.columns[i]) < bytes &&
                update_outline_assigns(&outline, outline.columns[i]));
    text_format(&commented, "-- UPDATE x SET y = (1 WHERE\n/* SET z = /* ( */ SET */\n%s", sql);
    check_same(&outline, text_string(&commented));
    update_outline_clear(&outline);
    REQUIRE(outline.column_count == 0 && outline.columns == NULL);
    text_free(&commented);
    free(sql);
    return 0;
}
