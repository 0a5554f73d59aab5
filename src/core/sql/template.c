/* Finds placeholders among the tokens of the SQL text, so that literals, quoted identifiers and
 * comments are left alone. */
#include "core/sql/template.h"

#include <string.h>

#include "base/edit_distance.h"
#include "core/sql/sql_lexer.h"

static int line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

static int unknown(struct error *err, const char *source, int line, const char *name,
                   const struct template_value *values, int count)
{
    struct text known = TEXT_INIT;
    int nearest = -1;
    int nearest_distance = 0;

    for (int i = 0; i < count; i++) {
        int distance = edit_distance(name, values[i].name);
        if (edit_distance_is_near(distance, values[i].name) &&
            (nearest < 0 || distance < nearest_distance)) {
            nearest = i;
            nearest_distance = distance;
        }
    }
    if (nearest >= 0)
        text_format(&known, "{%s}", values[nearest].name);
    for (int i = 0; i < count; i++)
        if (i != nearest)
            text_format(&known, "%s{%s}", known.bytes > 0 ? ", " : "", values[i].name);
    error_set(err, ERROR_CONFIG, "%s:%d: unknown placeholder {%s}; known here: %s", source, line,
              name, count > 0 ? text_string(&known) : "none");
    text_free(&known);
    return -1;
}

static bool is_name(const struct sql_token *token, const char *name)
{
    return token->kind == SQL_PLACEHOLDER && strlen(name) + 2 == token->bytes &&
           strncmp(token->start + 1, name, strlen(name)) == 0;
}

/* Appends the value of a placeholder; -1 where it is unknown. */
static int expand(const struct sql_token *token, const struct template_value *values, int count,
                  struct text *out)
{
    for (int i = 0; i < count; i++) {
        if (!is_name(token, values[i].name))
            continue;
        if (values[i].value == NULL)
            text_add_bytes(out, token->start, token->bytes);
        else
            text_add(out, values[i].value);
        return 0;
    }
    return -1;
}

static int refuse(struct error *err, const char *source, const char *text,
                  const struct sql_token *token, const struct template_value *values, int count)
{
    struct text name = TEXT_INIT;
    int line = line_of(text, token->start);

    if (token->kind == SQL_SIGN)
        return error_set(err, ERROR_CONFIG,
                         "%s:%d: a { that begins no {placeholder}; try {{ for a brace that is "
                         "meant as one",
                         source, line);
    text_add_bytes(&name, token->start + 1, token->bytes - 2);
    unknown(err, source, line, text_string(&name), values, count);
    text_free(&name);
    return -1;
}

int template_expand(const char *source, const char *text, const struct template_value *values,
                    int count, struct text *out, struct error *err)
{
    struct text made = TEXT_INIT;
    bool is_for_later = false;
    int rc = 0;

    for (int i = 0; i < count; i++)
        is_for_later |= values[i].value == NULL;
    for (struct sql_token token = sql_lexer_token(text); rc == 0 && token.kind != SQL_END;
         token = sql_lexer_token(sql_lexer_next(&token))) {
        if (sql_lexer_is_sign(&token, '{') ||
            (token.kind == SQL_PLACEHOLDER && expand(&token, values, count, &made) != 0))
            rc = refuse(err, source, text, &token, values, count);
        else if (token.kind == SQL_BRACE)
            text_add(&made, is_for_later ? "{{" : "{");
        else if (token.kind != SQL_PLACEHOLDER)
            text_add_bytes(&made, token.start, token.bytes);
    }
    if (rc == 0)
        text_add(out, text_string(&made));
    text_free(&made);
    return rc;
}

bool template_uses(const char *text, const char *name)
{
    struct sql_token token = sql_lexer_token(text);

    while (token.kind != SQL_END && !is_name(&token, name))
        token = sql_lexer_token(sql_lexer_next(&token));
    return token.kind != SQL_END;
}

int template_statements(const char *text)
{
    int statements = 0;
    bool is_empty = true;

    for (struct sql_token token = sql_lexer_token(text); token.kind != SQL_END;
         token = sql_lexer_token(sql_lexer_next(&token))) {
        if (sql_lexer_is_sign(&token, ';')) {
            statements += !is_empty;
            is_empty = true;
        } else if (token.kind != SQL_COMMENT && token.kind != SQL_SPACE) {
            is_empty = false;
        }
    }
    return statements + !is_empty;
}

/* The next word or sign that is neither a space nor a comment. */
static struct sql_token next_token(const char *text)
{
    struct sql_token token = sql_lexer_token(text);

    while (token.kind == SQL_SPACE || token.kind == SQL_COMMENT)
        token = sql_lexer_token(sql_lexer_next(&token));
    return token;
}

/* Whether the statement that begins with `first` ends the transaction. */
static bool is_an_end(const struct sql_token *first)
{
    static const char *const ends[] = {"commit", "end", "abort", NULL};
    static const char *const fillers[] = {"work", "transaction", NULL};
    struct sql_token second = next_token(sql_lexer_next(first));

    if (sql_lexer_is(first, "prepare"))
        return sql_lexer_is(&second, "transaction");
    if (!sql_lexer_is(first, "rollback"))
        return sql_lexer_is_one_of(first, ends);
    if (sql_lexer_is_one_of(&second, fillers))
        second = next_token(sql_lexer_next(&second));
    return !sql_lexer_is(&second, "to");
}

bool template_ends_transaction(const char *text)
{
    bool is_first = true, is_ended = false;

    for (struct sql_token token = next_token(text); token.kind != SQL_END;
         token = next_token(sql_lexer_next(&token))) {
        if (sql_lexer_is(&token, "atomic"))
            return false;
        is_ended |= is_first && is_an_end(&token);
        is_first = sql_lexer_is_sign(&token, ';');
    }
    return is_ended;
}

const char *template_statement_end(const char *text)
{
    struct sql_token token = sql_lexer_token(text);

    while (token.kind != SQL_END && !sql_lexer_is_sign(&token, ';'))
        token = sql_lexer_token(sql_lexer_next(&token));
    return sql_lexer_next(&token);
}

bool template_is_closed(const char *text)
{
    enum { DEPTH_MAX = 256 };
    char open[DEPTH_MAX];
    int depth = 0;

    for (struct sql_token token = sql_lexer_token(text); token.kind != SQL_END;
         token = sql_lexer_token(sql_lexer_next(&token))) {
        char sign = token.kind == SQL_SIGN ? *token.start : '\0';
        if (!token.is_closed)
            return false;
        if (sign == '(' || sign == '[') {
            if (depth == DEPTH_MAX)
                return false;
            open[depth++] = sign;
        } else if (sign == ')' || sign == ']') {
            if (depth == 0 || open[--depth] != (sign == ')' ? '(' : '['))
                return false;
        }
    }
    return depth == 0;
}
