/* One function for each kind of token; each returns where the token ends. */
#include "core/sql/sql_lexer.h"

#include <string.h>
#include <strings.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A quote is doubled inside; in E'' a backslash takes the next byte along. */
static const char *quoted_end(const char *s, bool has_escapes, bool *is_closed)
{
    char quote = *s++;

    for (; *s != '\0'; s++) {
        if (*s == quote && s[1] != quote)
            return s + 1;
        if (*s == quote || (has_escapes && *s == '\\' && s[1] != '\0'))
            s++;
    }
    *is_closed = false;
    return s;
}

/* An E'' string is continued, escapes and all, by the next '' if a newline lies between. */
static const char *escape_string_end(const char *s, bool *is_closed)
{
    for (;;) {
        s = quoted_end(s, true, is_closed);
        const char *next = s;
        bool has_newline = false;
        while (is_space(*next))
            has_newline |= *next++ == '\n';
        if (*next != '\'' || !has_newline)
            return s;
        s = next;
    }
}

/* A dollar-quoted string, or s where the dollar quotes nothing. */
static const char *dollar_end(const char *s, bool *is_closed)
{
    const char *tag_end = s + 1;

    if (is_letter(*tag_end))
        while (is_letter(*tag_end) || is_digit(*tag_end))
            tag_end++;
    if (*tag_end != '$')
        return s;
    size_t tag_bytes = (size_t)(tag_end - s) + 1;
    const char *end = s + tag_bytes;
    while (*end != '\0') {
        if (strncmp(end, s, tag_bytes) == 0)
            return end + tag_bytes;
        end++;
    }
    *is_closed = false;
    return end;
}

static const char *word_end(const char *s)
{
    while (is_letter(*s) || is_digit(*s) || *s == '$')
        s++;
    return s;
}

static const char *digits_end(const char *s)
{
    while (is_digit(*s))
        s++;
    return s;
}

/* s is a digit, or a point before one. */
static const char *number_end(const char *s)
{
    s = digits_end(s);
    if (*s == '.')
        s = digits_end(s + 1);
    const char *exponent = s + 1 + (*s != '\0' && (s[1] == '-' || s[1] == '+'));
    return (*s == 'e' || *s == 'E') && is_digit(*exponent) ? digits_end(exponent) : s;
}

static const char *comment_end(const char *s, bool *is_closed)
{
    int depth = 0;

    if (*s == '-')
        return s + strcspn(s, "\n");
    do {
        if (s[0] == '/' && s[1] == '*') {
            depth++;
            s += 2;
        } else if (s[0] == '*' && s[1] == '/') {
            depth--;
            s += 2;
        } else {
            s++;
        }
    } while (depth > 0 && *s != '\0');
    *is_closed = depth == 0;
    return s;
}

/* A placeholder, or s where the brace begins none. */
static const char *placeholder_end(const char *s)
{
    const char *end = s + 1;

    while ((*end >= 'a' && *end <= 'z') || *end == '_' || (end > s + 1 && is_digit(*end)))
        end++;
    return *end == '}' && end > s + 1 ? end + 1 : s;
}

static const char *space_end(const char *s)
{
    while (is_space(*s))
        s++;
    return s;
}

static struct sql_token token(enum sql_token_kind kind, const char *start, const char *end,
                              bool is_closed)
{
    return (struct sql_token){kind, start, (size_t)(end - start), is_closed};
}

static struct sql_token dollar(const char *s)
{
    bool is_closed = true;
    const char *end = dollar_end(s, &is_closed);

    if (end > s)
        return token(SQL_STRING, s, end, is_closed);
    end = digits_end(s + 1);
    return token(end > s + 1 ? SQL_PARAMETER : SQL_SIGN, s, end, true);
}

static struct sql_token brace(const char *s)
{
    const char *end = placeholder_end(s);

    if (s[1] == '{')
        return token(SQL_BRACE, s, s + 2, true);
    return end > s ? token(SQL_PLACEHOLDER, s, end, true) : token(SQL_SIGN, s, s + 1, true);
}

static struct sql_token word(const char *s)
{
    bool is_closed = true;

    if ((*s == 'e' || *s == 'E') && s[1] == '\'') {
        const char *end = escape_string_end(s + 1, &is_closed);
        return token(SQL_STRING, s, end, is_closed);
    }
    return token(SQL_WORD, s, word_end(s), true);
}

struct sql_token sql_lexer_token(const char *s)
{
    bool is_closed = true;
    const char *end;

    if (*s == '\0')
        return token(SQL_END, s, s, true);
    if (is_space(*s))
        return token(SQL_SPACE, s, space_end(s), true);
    if (is_letter(*s))
        return word(s);
    if (is_digit(*s) || (*s == '.' && is_digit(s[1])))
        return token(SQL_NUMBER, s, number_end(s), true);
    if (*s == '$')
        return dollar(s);
    if (*s == '{')
        return brace(s);
    if (*s == '\'' || *s == '"') {
        end = quoted_end(s, false, &is_closed);
        return token(*s == '"' ? SQL_QUOTED_IDENTIFIER : SQL_STRING, s, end, is_closed);
    }
    if ((s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '*')) {
        end = comment_end(s, &is_closed);
        return token(SQL_COMMENT, s, end, is_closed);
    }
    return token(SQL_SIGN, s, s + 1, true);
}

bool sql_lexer_is(const struct sql_token *token, const char *word)
{
    return token->kind == SQL_WORD && strlen(word) == token->bytes &&
           strncasecmp(token->start, word, token->bytes) == 0;
}

bool sql_lexer_is_one_of(const struct sql_token *token, const char *const *words)
{
    while (*words != NULL && !sql_lexer_is(token, *words))
        words++;
    return *words != NULL;
}
