/* Formats numbers and lines for people: thousands separated, times and sizes in a fitting unit,
 * singular and plural, lines of limited width. */
#ifndef CHUNKMILL_BASE_HUMAN_H
#define CHUNKMILL_BASE_HUMAN_H

#include <stdint.h>

#include "base/text.h"

/* Space for any of the strings below, so that they can be given back by value and printed in place.
 */
struct human {
    char text[80];
};

/* "-1,234,567" */
struct human human_number(int64_t n);

/* "1 chunk", "0 chunks", "2,000 chunks"; noun is the singular, and takes an s. */
struct human human_count(int64_t n, const char *noun);

/* "0.4 ms", "340 ms", "1.2 s", "2 min 05 s", "2 h 03 min"; 0 and less is "0 s". */
struct human human_duration(int64_t ns);

/* "512 bytes", "3.8 GiB": powers of 1024. */
struct human human_bytes(int64_t bytes);

/* "37%", "<1%" where it is more than nothing, "-" where there is no whole. */
struct human human_share(double part, double whole);

/* human_columns(s): code points of UTF-8 text, taken as a column each. */
int human_columns(const char *s);

/* human_wrap(out, indent, columns, s): s as lines of at most `columns`, broken between words
 * (inside of a word that is longer than a line), every line after the first beginning with `indent`
 * spaces; the first goes on where out's last line ends. Ends with a newline. Newlines in s count as
 * spaces. */
void human_wrap(struct text *out, int indent, int columns, const char *s);

/* human_cell(out, width, s): s and spaces up to width columns; what is longer is cut, ".." at its
 * end. width >= 2. */
void human_cell(struct text *out, int width, const char *s);

#endif
