/* Splits SQL text into tokens, as far as is needed to tell literals, comments and identifiers from
 * the rest. The text is read as with standard_conforming_strings on. Source: PostgreSQL's
 * documentation, section "Lexical Structure",
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
#ifndef CHUNKMILL_CORE_SQL_SQL_LEXER_H
#define CHUNKMILL_CORE_SQL_SQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

enum sql_token_kind {
    SQL_END,     /* the end of the text: 0 bytes */
    SQL_SPACE,   /* one byte of white space or more */
    SQL_COMMENT, /* to the end of its line, or between slash-star and star-slash, nested */
    SQL_WORD,    /* a keyword or a plain identifier, of non-ASCII letters too */
    SQL_QUOTED_IDENTIFIER, /* "a ""b""" */
    SQL_STRING,            /* 'it''s', E'it\'s', $tag$it's$tag$ */
    SQL_NUMBER,            /* 12, 1.5, .5e-3, without a sign */
    SQL_PARAMETER,         /* $1 */
    SQL_PLACEHOLDER,       /* {name} of a template, with name = [a-z_][a-z0-9_]* */
    SQL_BRACE,             /* {{, a brace of a template that is meant as one */
    SQL_SIGN,              /* any other byte */
};

struct sql_token {
    enum sql_token_kind kind;
    const char *start; /* in the text */
    size_t bytes;
    bool is_closed; /* false: a literal, an identifier or a comment that never ends */
};

/* sql_lexer_token(s): the token that begins at s. The tokens from the first byte to SQL_END are the
 * whole text. O(its bytes). */
struct sql_token sql_lexer_token(const char *s);

/* sql_lexer_next(token): behind it. */
static inline const char *sql_lexer_next(const struct sql_token *token)
{
    return token->start + token->bytes;
}

/* sql_lexer_is(token, word): whether the token is this keyword, in any case. */
bool sql_lexer_is(const struct sql_token *token, const char *word);
/* Whether it is one of these words; the list ends with NULL. */
bool sql_lexer_is_one_of(const struct sql_token *token, const char *const *words);

/* sql_lexer_is_sign(token, sign): whether it is this one byte. */
static inline bool sql_lexer_is_sign(const struct sql_token *token, char sign)
{
    return token->kind == SQL_SIGN && *token->start == sign;
}

#endif
