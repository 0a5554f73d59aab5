/* How far two names are apart, to suggest what a misspelt one was meant to be. */
#ifndef CHUNKMILL_BASE_EDIT_DISTANCE_H
#define CHUNKMILL_BASE_EDIT_DISTANCE_H

#include <stdbool.h>

/* edit_distance(a, b): how many letters must be inserted, dropped, replaced or swapped with their
 * neighbour to make b of a. Names over 63 bytes are far from everything: their distance is 64.
 * O(|a| |b|). Source: optimal string alignment,
 * https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance */
int edit_distance(const char *a, const char *b);

/* edit_distance_is_near(distance, name): near enough to suggest name: a third of its letters may be
 * wrong. */
bool edit_distance_is_near(int distance, const char *name);

#endif
