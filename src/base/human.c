/* Rounds a number before it chooses the unit, so that 59.97 s is a minute and not "60.0 s". */
#include "base/human.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MS_PER_S = 1000, S_PER_MIN = 60, S_PER_H = 3600 };

struct human human_number(int64_t n)
{
    char digits[24];
    struct human h;
    uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;
    int count = snprintf(digits, sizeof digits, "%" PRIu64, size);
    int at = 0;

    if (n < 0)
        h.text[at++] = '-';
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            h.text[at++] = ',';
        h.text[at++] = digits[i];
    }
    h.text[at] = '\0';
    return h;
}

struct human human_count(int64_t n, const char *noun)
{
    struct human h;

    snprintf(h.text, sizeof h.text, "%.32s %.32s%s", human_number(n).text, noun,
             n == 1 || n == -1 ? "" : "s");
    return h;
}

struct human human_duration(int64_t ns)
{
    struct human h;
    int64_t tenths_ms = ns / 100000 + (ns % 100000 >= 50000);
    int64_t ms = ns / 1000000 + (ns % 1000000 >= 500000);
    int64_t tenths_s = ms / 100 + (ms % 100 >= 50);
    int64_t s = ms / MS_PER_S + (ms % MS_PER_S >= 500);
    int64_t min = s / S_PER_MIN + (s % S_PER_MIN >= 30);

    if (ns <= 0)
        snprintf(h.text, sizeof h.text, "0 s");
    else if (tenths_ms < 100)
        snprintf(h.text, sizeof h.text, "%" PRId64 ".%" PRId64 " ms", tenths_ms / 10,
                 tenths_ms % 10);
    else if (ms < MS_PER_S)
        snprintf(h.text, sizeof h.text, "%" PRId64 " ms", ms);
    else if (tenths_s < 10 * S_PER_MIN)
        snprintf(h.text, sizeof h.text, "%" PRId64 ".%" PRId64 " s", tenths_s / 10, tenths_s % 10);
    else if (s < S_PER_H)
        snprintf(h.text, sizeof h.text, "%" PRId64 " min %02" PRId64 " s", s / S_PER_MIN,
                 s % S_PER_MIN);
    else
        snprintf(h.text, sizeof h.text, "%" PRId64 " h %02" PRId64 " min", min / 60, min % 60);
    return h;
}

struct human human_bytes(int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    const int last = (int)(sizeof units / sizeof units[0]) - 1;
    struct human h;
    double size = (double)bytes / 1024.0;
    int unit = 0;

    if (bytes < 1024)
        return human_count(bytes, "byte");
    while (size >= 1023.95 && unit < last) {
        size /= 1024.0;
        unit++;
    }
    snprintf(h.text, sizeof h.text, "%.1f %s", size, units[unit]);
    return h;
}

struct human human_share(double part, double whole)
{
    struct human h;
    double percent = whole > 0 ? 100.0 * part / whole : 0;

    if (!(whole > 0))
        snprintf(h.text, sizeof h.text, "-");
    else if (percent > 0 && percent < 0.5)
        snprintf(h.text, sizeof h.text, "<1%%");
    else if (percent < 100 && percent >= 99.5)
        snprintf(h.text, sizeof h.text, ">99%%");
    else
        snprintf(h.text, sizeof h.text, "%.0f%%", percent);
    return h;
}

/* The bytes of the code point at s; a stray byte is one of its own. */
static size_t point_bytes(const char *s)
{
    size_t bytes = 1;

    while (((unsigned char)s[bytes] & 0xC0U) == 0x80U)
        bytes++;
    return bytes;
}

int human_columns(const char *s)
{
    int columns = 0;

    for (; *s != '\0'; s += point_bytes(s))
        columns++;
    return columns;
}

/* Columns of the last line of out. */
static int column_of(const struct text *out)
{
    const char *s = text_string(out);
    const char *newline = strrchr(s, '\n');

    return human_columns(newline == NULL ? s : newline + 1);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static int new_line(struct text *out, int indent)
{
    text_format(out, "\n%*s", indent, "");
    return indent;
}

void human_wrap(struct text *out, int indent, int columns, const char *s)
{
    int column = column_of(out);
    bool space_due = false;
    bool has_word = false; /* on this line, by this call */

    assert(columns > indent);
    while (*s != '\0') {
        size_t bytes = 0;
        int width = 0;

        for (; is_space(*s); s++)
            space_due = has_word || column > indent;
        for (; s[bytes] != '\0' && !is_space(s[bytes]); width++)
            bytes += point_bytes(s + bytes);
        if (width == 0)
            break;
        if (column > indent && column + space_due + width > columns) {
            column = new_line(out, indent);
            space_due = false;
        }
        has_word = true;
        if (space_due)
            text_add(out, " ");
        column += space_due;
        space_due = false;
        for (; bytes > 0; column++) {
            size_t point = point_bytes(s);

            if (column >= columns)
                column = new_line(out, indent);
            text_add_bytes(out, s, point);
            s += point;
            bytes -= point;
        }
    }
    text_add(out, "\n");
}

void human_cell(struct text *out, int width, const char *s)
{
    int columns = human_columns(s);
    int shown = columns <= width ? columns : width - 2;

    assert(width >= 2);
    for (int i = 0; i < shown; i++) {
        size_t point = point_bytes(s);

        text_add_bytes(out, s, point);
        s += point;
    }
    if (shown < columns)
        text_add(out, "..");
    else
        text_format(out, "%*s", width - shown, "");
}
