/* Well-formed UTF-8 has no overlong forms, no surrogates and nothing past U+10FFFF. */
#include "base/utf8.h"

#include "base/memory.h"

size_t utf8_sequence_bytes(const char *s)
{
    static const struct {
        unsigned char first_low, first_high, low, high; /* of the first byte and of the second */
        size_t bytes;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    unsigned char first = (unsigned char)*s;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (first < forms[i].first_low || first > forms[i].first_high)
            continue;
        for (size_t at = 1; at < forms[i].bytes; at++) {
            unsigned char byte = (unsigned char)s[at];
            if (byte < (at == 1 ? forms[i].low : 0x80) || byte > (at == 1 ? forms[i].high : 0xBF))
                return 0;
        }
        return forms[i].bytes;
    }
    return 0;
}

char *utf8_clean_copy(const char *s)
{
    char *clean = memory_copy_string(s);

    for (char *at = clean; *at != '\0';) {
        size_t bytes = utf8_sequence_bytes(at);

        if (bytes == 0)
            *at = '?';
        at += bytes == 0 ? 1 : bytes;
    }
    return clean;
}
