/* The dynamic programme over two names. */
#include "base/edit_distance.h"

#include <string.h>

enum { NAME_BYTES_MAX = 63 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int edit_distance(const char *a, const char *b)
{
    size_t a_bytes = strlen(a);
    size_t b_bytes = strlen(b);
    int rows[3][NAME_BYTES_MAX + 1];
    int *before = rows[0];
    int *above = rows[1];
    int *row = rows[2];

    if (a_bytes > NAME_BYTES_MAX || b_bytes > NAME_BYTES_MAX)
        return NAME_BYTES_MAX + 1;
    memset(rows, 0, sizeof rows);
    for (size_t j = 0; j <= b_bytes; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a_bytes; i++) {
        int *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = (int)i;
        for (size_t j = 1; j <= b_bytes; j++) {
            int best = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            best = smaller(best, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller(best, before[j - 2] + 1);
            row[j] = best;
        }
    }
    return row[b_bytes];
}

bool edit_distance_is_near(int distance, const char *name)
{
    return distance * 3 <= (int)strlen(name);
}
