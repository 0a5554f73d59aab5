/* SQLSTATE -> what to do, as a table, and the length of a backoff. The message text of the server
 * decides nothing here: it is translated, and it may hold values of rows. */
#include "core/protocol/retry.h"

#include <string.h>

/* Five characters are one SQLSTATE, two a class; a state stands before its class. */
static const struct {
    const char *prefix;
    enum retry_action action;
} actions[] = {
    {"40001", RETRY_TRANSACTION}, /* serialization failure */
    {"40P01", RETRY_TRANSACTION}, /* deadlock victim */
    {"55P03", RETRY_TRANSACTION}, /* lock not available */
    {"57014", RETRY_TIMED_OUT},   /* query canceled */
    {"57P01", RETRY_RECONNECT},   /* admin shutdown */
    {"57P02", RETRY_RECONNECT},   /* crash shutdown */
    {"57P03", RETRY_RECONNECT},   /* cannot connect now */
    {"57P05", RETRY_RECONNECT},   /* idle session timeout */
    {"25P03", RETRY_RECONNECT},   /* idle in transaction timeout */
    {"08", RETRY_RECONNECT},      /* class: connection exception */
    {"53300", RETRY_FEWER},       /* too many connections */
    {"25006", RETRY_PRIMARY},     /* read-only transaction: a standby now */
    {"53100", RETRY_STOP_RUN},    /* disk full */
    {"53200", RETRY_STOP_RUN},    /* out of memory */
    {"57P04", RETRY_STOP_RUN},    /* database dropped */
    {"28", RETRY_STOP_RUN},       /* class: invalid authorization */
    {"3D", RETRY_STOP_RUN},       /* class: invalid catalog name */
    {"58", RETRY_STOP_RUN},       /* class: system error */
    {"XX", RETRY_STOP_RUN},       /* class: internal error, data corrupted */
};

/* Classes whose messages speak of objects, never of the values of a row. */
static const char *const speaking_classes[] = {
    "08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58",
};

enum retry_action retry_action(const char *sqlstate, bool at_claim)
{
    if (sqlstate == NULL || sqlstate[0] == '\0')
        return RETRY_RECONNECT; /* libpq has no SQLSTATE when the server is simply gone */
    if (at_claim && strcmp(sqlstate, "55P03") == 0)
        return RETRY_LATER; /* another backend has the chunk: no reason to count it against
                             * the chunk
                             */
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strncmp(sqlstate, actions[i].prefix, strlen(actions[i].prefix)) == 0)
            return actions[i].action;
    }
    return RETRY_QUARANTINE;
}

bool retry_may_pass(const char *sqlstate)
{
    enum retry_action action = retry_action(sqlstate, false);

    return action != RETRY_STOP_RUN && action != RETRY_QUARANTINE;
}

bool retry_shows_message(const char *sqlstate)
{
    if (sqlstate == NULL || sqlstate[0] == '\0')
        return true; /* the text is libpq's own, about the connection */
    for (size_t i = 0; i < sizeof speaking_classes / sizeof speaking_classes[0]; i++) {
        if (strncmp(sqlstate, speaking_classes[i], 2) == 0)
            return true;
    }
    return false;
}

int64_t retry_backoff_ns(int try_number, int64_t base_ns, int64_t ceiling_ns, double random)
{
    int64_t widest_ns = base_ns < ceiling_ns ? base_ns : ceiling_ns;

    for (int i = 0; i < try_number && widest_ns < ceiling_ns; i++)
        widest_ns = widest_ns > ceiling_ns / 2 ? ceiling_ns : widest_ns * 2;
    int64_t wait_ns = (int64_t)(random * (double)widest_ns);
    return wait_ns < base_ns / 2 ? base_ns / 2 : wait_ns;
}
