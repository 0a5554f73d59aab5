/* Checks the spelling of names, literals and expressions. */
#include "core/job/config_sql.h"

#include <string.h>

#include "core/sql/sql_lexer.h"
#include "core/sql/template.h"

static bool has_control_byte(const struct sql_token *token)
{
    for (size_t i = 0; i < token->bytes; i++)
        if ((unsigned char)token->start[i] < ' ' || token->start[i] == 0x7F)
            return true;
    return false;
}

/* A plain or quoted identifier, or a placeholder. */
static bool is_name(const struct sql_token *token)
{
    if (token->kind == SQL_QUOTED_IDENTIFIER)
        return token->is_closed && token->bytes > 2 && !has_control_byte(token);
    return token->kind == SQL_WORD || token->kind == SQL_PLACEHOLDER;
}

bool config_sql_is_table(const char *s)
{
    struct sql_token token = sql_lexer_token(s);

    if (!is_name(&token))
        return false;
    token = sql_lexer_token(sql_lexer_next(&token));
    if (sql_lexer_is_sign(&token, '.')) {
        token = sql_lexer_token(sql_lexer_next(&token));
        if (!is_name(&token))
            return false;
        token = sql_lexer_token(sql_lexer_next(&token));
    }
    return token.kind == SQL_END;
}

bool config_sql_is_literal(const char *s)
{
    struct sql_token token = sql_lexer_token(*s == '-' || *s == '+' ? s + 1 : s);
    bool is_whole = *sql_lexer_next(&token) == '\0';

    if (token.kind == SQL_NUMBER)
        return is_whole;
    if (token.start != s || !is_whole)
        return false;
    if (token.kind == SQL_STRING)
        return *s == '\'' && token.is_closed && !has_control_byte(&token);
    return sql_lexer_is(&token, "true") || sql_lexer_is(&token, "false") ||
           sql_lexer_is(&token, "null");
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

    for (struct sql_token token = sql_lexer_token(s); token.kind != SQL_END;
         token = sql_lexer_token(sql_lexer_next(&token))) {
        if (token.kind == SQL_PARAMETER)
            return line;
        for (size_t i = 0; i < token.bytes; i++)
            line += token.start[i] == '\n';
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
