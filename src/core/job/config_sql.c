/* Names, literals and expressions, as far as their spelling goes. */
#include "core/job/config_sql.h"

#include <string.h>
#include <strings.h>

#include "core/sql/template.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char digits[] = "0123456789";

static const char *identifier_end(const char *s)
{
    const char *start = s;

    while (strspn(s, letters) > 0 || (unsigned char)*s >= 0x80 ||
           (s > start && (strspn(s, digits) > 0 || *s == '$')))
        s++;
    return s;
}

/* The end of the quoted text at s, NULL where it is empty, never ends or holds a control byte. */
static const char *quoted_end(const char *s, char quote, bool may_be_empty)
{
    const char *start = ++s;

    for (; *s != quote || s[1] == quote; s++) {
        if ((unsigned char)*s < ' ' || *s == 0x7F)
            return NULL;
        s += *s == quote;
    }
    return s == start && !may_be_empty ? NULL : s + 1;
}

static const char *placeholder_end(const char *s)
{
    const char *end = s + 1 + strspn(s + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");

    return *end == '}' && end > s + 1 ? end + 1 : NULL;
}

static const char *name_end(const char *s)
{
    if (*s == '"')
        return quoted_end(s, '"', false);
    if (*s == '{')
        return placeholder_end(s);
    const char *end = identifier_end(s);
    return end > s ? end : NULL;
}

bool config_sql_is_table(const char *s)
{
    const char *end = name_end(s);

    if (end != NULL && *end == '.')
        end = name_end(end + 1);
    return end != NULL && *end == '\0';
}

static bool is_number(const char *s)
{
    s += *s == '-' || *s == '+';
    size_t whole = strspn(s, digits);
    s += whole;
    size_t fraction = *s == '.' ? strspn(s + 1, digits) : 0;
    s += *s == '.' ? 1 + fraction : 0;
    if (whole + fraction == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        if (strspn(s, digits) == 0)
            return false;
        s += strspn(s, digits);
    }
    return *s == '\0';
}

bool config_sql_is_literal(const char *s)
{
    if (*s == '\'') {
        const char *end = quoted_end(s, '\'', true);
        return end != NULL && *end == '\0';
    }
    return is_number(s) || strcasecmp(s, "true") == 0 || strcasecmp(s, "false") == 0 ||
           strcasecmp(s, "null") == 0;
}

const char *config_sql_expression_fault(const char *s)
{
    struct text between = TEXT_INIT;
    const char *fault = NULL;

    for (const char *c = s; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && strchr("\t\n\r", *c) == NULL) || *c == 0x7F)
            return "has a control byte";
    if (template_statements(s) == 0)
        return "is empty";
    text_format(&between, "a %s\nz", s);
    if (!template_is_closed(s))
        fault = "has a bracket, a quote or a comment that does not pair up";
    else if (template_statements(text_string(&between)) > 1)
        fault = "has a semicolon";
    else if (config_sql_parameter_line(s) > 0)
        fault = "has a parameter such as $1, which only the program's own statements may have";
    text_free(&between);
    return fault;
}

int config_sql_parameter_line(const char *s)
{
    int line = 1;

    while (*s != '\0') {
        const char *end = template_opaque_end(s);
        if (end == s && *s == '$' && strspn(s + 1, digits) > 0)
            return line;
        end += end == s;
        for (; s < end; s++)
            line += *s == '\n';
    }
    return 0;
}

int config_sql_check_placeholders(const struct config *config, const char *source, const char *text,
                                  bool in_update, struct error *err)
{
    struct template_value values[CONFIG_LIST_MAX + 1];
    struct text out = TEXT_INIT;
    int count = 0;

    for (; count < config->schema_count; count++)
        values[count] = (struct template_value){config->schemas[count].name, ""};
    if (in_update)
        values[count++] = (struct template_value){"chunk_filter", ""};
    int rc = template_expand(source, text, values, count, &out, err);
    text_free(&out);
    return rc;
}
