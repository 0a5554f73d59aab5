/* Text with placeholders: all of template.h on one text. */
#include "core/sql/sql_lexer.h"
#include "core/sql/template.h"
#include "fuzz.h"

enum { LONG_BYTES = 512 };

static const char before[] = "what was there";

/* (1) and (2) touch no word, quote or comment beside them, so that a text means the same before and
 * behind.
 */
static const struct template_value both_known[] = {{"a", "(1)"}, {"chunk_filter", "(2)"}};
static const struct template_value filter_later[] = {{"a", "(1)"}, {"chunk_filter", NULL}};
static const struct template_value filter_known[] = {{"chunk_filter", "(2)"}};

/* The expansion, owned by the caller; NULL where there is none. */
static char *expand(const char *text, const struct template_value *values, int count)
{
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;

    text_add(&out, before);
    int rc = template_expand("source.sql", text, values, count, &out, &err);
    REQUIRE(strncmp(text_string(&out), before, sizeof before - 1) == 0);
    if (rc != 0) {
        REQUIRE(out.bytes == sizeof before - 1);
        REQUIRE(err.kind == ERROR_CONFIG && strncmp(err.text, "source.sql:", 11) == 0);
        text_free(&out);
        return NULL;
    }
    char *made = memory_copy_string(text_string(&out) + sizeof before - 1);
    text_free(&out);
    return made;
}

static void check_expansion(const char *text)
{
    char *plain = expand(text, NULL, 0);
    char *filtered = expand(text, filter_known, 1);
    char *at_once = expand(text, both_known, 2);
    char *later = expand(text, filter_later, 2);
    char *in_two_steps = later == NULL ? NULL : expand(later, both_known, 2);

    /* no placeholder and no {{: nothing is changed */
    if (strchr(text, '{') == NULL)
        REQUIRE(plain != NULL);
    if (plain != NULL && strstr(text, "{{") == NULL)
        REQUIRE(strcmp(plain, text) == 0);
    /* the placeholder is used just where the text can't be expanded without it */
    REQUIRE(plain == NULL || (filtered != NULL && strcmp(plain, filtered) == 0));
    REQUIRE(filtered == NULL || template_uses(text, "chunk_filter") == (plain == NULL));
    /* a value that is kept for later is there later */
    REQUIRE((at_once == NULL) == (later == NULL));
    REQUIRE(later == NULL ||
            template_uses(later, "chunk_filter") == template_uses(text, "chunk_filter"));
    REQUIRE(later == NULL || (in_two_steps != NULL && strcmp(in_two_steps, at_once) == 0));
    free(plain);
    free(filtered);
    free(at_once);
    free(later);
    free(in_two_steps);
}

static void check_statements(const char *text)
{
    struct text twice = TEXT_INIT;
    int statements = template_statements(text);

    REQUIRE(statements >= 0 && (size_t)statements <= strlen(text));
    if (template_is_closed(text)) {
        text_format(&twice, "%s\n;%s", text, text);
        REQUIRE(template_statements(text_string(&twice)) == 2 * statements);
        REQUIRE(template_is_closed(text_string(&twice)));
        text_clear(&twice);
        text_format(&twice, "(%s\n) (%s\n", text, text);
        REQUIRE(!template_is_closed(text_string(&twice)));
    }
    text_free(&twice);
}

static void check_ends(const char *text)
{
    const char *end = text + strlen(text);

    for (const char *s = text; *s != '\0' && end - text < LONG_BYTES; s++) {
        struct sql_token token = sql_lexer_token(s);
        REQUIRE(token.start == s && token.bytes > 0 && sql_lexer_next(&token) <= end);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = fuzz_string(data, bytes);

    check_expansion(text);
    check_statements(text);
    check_ends(text);
    free(text);
    return 0;
}
