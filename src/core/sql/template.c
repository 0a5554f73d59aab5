/* Placeholders, found by the little of SQL's lexical rules that says where they are not meant.
 * Knows no SQL beyond literals, quoted identifiers, dollar quotes and comments. Source:
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
#include "core/sql/template.h"

#include <string.h>

#include "base/edit_distance.h"

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

/* The end of what the quote at s opens; a doubled quote is read as two neighbours, which comes to
 * the same.
 */
static const char *quoted_end(const char *s, bool backslash)
{
    char quote = *s++;

    while (*s != '\0' && *s != quote) {
        if (backslash && *s == '\\' && s[1] != '\0')
            s++;
        s++;
    }
    return *s == '\0' ? s : s + 1;
}

/* An E'' string is continued, escapes and all, by the next '' if a newline lies between. */
static const char *escape_string_end(const char *s)
{
    for (;;) {
        s = quoted_end(s, true);
        const char *next = s;
        bool newline = false;
        while (is_space(*next))
            newline |= *next++ == '\n';
        if (*s == '\'')
            next = s; /* the doubled quote */
        else if (*next != '\'' || !newline)
            return s;
        s = next;
    }
}

static const char *dollar_end(const char *s)
{
    const char *tag_end = s + 1;

    if (is_letter(*tag_end))
        while (is_letter(*tag_end) || is_digit(*tag_end))
            tag_end++;
    if (*tag_end != '$')
        return s; /* a parameter, or a stray dollar */
    size_t tag_bytes = (size_t)(tag_end - s) + 1;
    for (const char *end = s + tag_bytes; *end != '\0'; end++)
        if (strncmp(end, s, tag_bytes) == 0)
            return end + tag_bytes;
    return s + strlen(s);
}

static const char *word_end(const char *s)
{
    const char *end = s;

    while (is_letter(*end) || is_digit(*end) || *end == '$')
        end++;
    if (end == s + 1 && (*s == 'e' || *s == 'E') && *end == '\'')
        return escape_string_end(end);
    return end;
}

/* Comments nest. */
static const char *comment_end(const char *s)
{
    int depth = 0;

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
    return s;
}

static bool is_comment(const char *s)
{
    return (s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '*');
}

const char *template_opaque_end(const char *s)
{
    if (is_letter(*s))
        return word_end(s);
    if (*s == '\'' || *s == '"')
        return quoted_end(s, false);
    if (*s == '$')
        return dollar_end(s);
    if (is_comment(s))
        return *s == '-' ? s + strcspn(s, "\n") : comment_end(s);
    return s;
}

/* Bytes of the name in {name} at s, 0 where there is no placeholder. */
static size_t name_bytes(const char *s)
{
    const char *end = s + 1;

    while ((*end >= 'a' && *end <= 'z') || *end == '_' || (end > s + 1 && is_digit(*end)))
        end++;
    return *end == '}' ? (size_t)(end - s) - 1 : 0;
}

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

static const struct template_value *find(const struct template_value *values, int count,
                                         const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0)
            return &values[i];
    return NULL;
}

/* The brace at *s: its expansion goes to out and *s moves behind it. */
static int expand_brace(const char **s, const struct template_value *values, int count,
                        struct text *out, struct text *name)
{
    size_t bytes = name_bytes(*s);

    text_clear(name);
    text_add_bytes(name, *s + 1, bytes);
    const struct template_value *value = bytes == 0 ? NULL : find(values, count, text_string(name));
    if (value == NULL)
        return -1;
    if (value->value == NULL)
        text_add_bytes(out, *s, bytes + 2);
    else
        text_add(out, value->value);
    *s += bytes + 2;
    return 0;
}

int template_expand(const char *source, const char *text, const struct template_value *values,
                    int count, struct text *out, struct error *err)
{
    struct text made = TEXT_INIT;
    struct text name = TEXT_INIT;
    bool later = false;
    int rc = -1;

    for (int i = 0; i < count; i++)
        later |= values[i].value == NULL;
    for (const char *s = text; *s != '\0';) {
        const char *end = template_opaque_end(s);
        if (end > s || *s != '{') {
            end += end == s;
            text_add_bytes(&made, s, (size_t)(end - s));
            s = end;
        } else if (s[1] == '{') {
            text_add(&made, later ? "{{" : "{");
            s += 2;
        } else if (expand_brace(&s, values, count, &made, &name) != 0) {
            if (name.bytes == 0)
                error_set(err, ERROR_CONFIG,
                          "%s:%d: a { that begins no {placeholder}; try {{ for a brace that is "
                          "meant as one",
                          source, line_of(text, s));
            else
                unknown(err, source, line_of(text, s), text_string(&name), values, count);
            goto out;
        }
    }
    text_add(out, text_string(&made));
    rc = 0;
out:
    text_free(&made);
    text_free(&name);
    return rc;
}

bool template_uses(const char *text, const char *name)
{
    for (const char *s = text; *s != '\0';) {
        const char *end = template_opaque_end(s);
        if (end > s) {
            s = end;
        } else if (s[0] == '{' && s[1] == '{') {
            s += 2;
        } else {
            if (*s == '{' && name_bytes(s) == strlen(name) &&
                strncmp(s + 1, name, strlen(name)) == 0)
                return true;
            s++;
        }
    }
    return false;
}

int template_statements(const char *text)
{
    int statements = 0;
    bool is_empty = true;

    for (const char *s = text; *s != '\0';) {
        const char *end = template_opaque_end(s);
        if (*s == ';') {
            statements += !is_empty;
            is_empty = true;
        } else if (!is_comment(s) && !is_space(*s)) {
            is_empty = false;
        }
        s = end > s ? end : s + 1;
    }
    return statements + !is_empty;
}

const char *template_statement_end(const char *text)
{
    const char *s = text;

    while (*s != '\0' && *s != ';') {
        const char *end = template_opaque_end(s);
        s = end > s ? end : s + 1;
    }
    return *s == ';' ? s + 1 : s;
}

/* What is left open swallows whatever comes behind the text; a line's comment ends with the line.
 */
static bool has_open_end(const char *text)
{
    struct text marked = TEXT_INIT;

    text_format(&marked, "%s\n;", text);
    const char *s = text_string(&marked);
    const char *marker = s + strlen(text) + 1;
    while (s < marker) {
        const char *end = template_opaque_end(s);
        s = end > s ? end : s + 1;
    }
    bool is_open = s > marker;
    text_free(&marked);
    return is_open;
}

bool template_is_closed(const char *text)
{
    enum { DEPTH_MAX = 256 };
    char open[DEPTH_MAX];
    int depth = 0;

    for (const char *s = text; *s != '\0';) {
        const char *end = template_opaque_end(s);
        if (*s == '(' || *s == '[') {
            if (depth == DEPTH_MAX)
                return false;
            open[depth++] = *s;
        } else if (*s == ')' || *s == ']') {
            if (depth == 0 || open[--depth] != (*s == ')' ? '(' : '['))
                return false;
        }
        s = end > s ? end : s + 1;
    }
    return depth == 0 && !has_open_end(text);
}
