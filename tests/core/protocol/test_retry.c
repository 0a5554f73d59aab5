/* docs/PROTOCOL.md, "What an error means", line by line; and the width of a backoff. */
#include "core/protocol/retry.h"
#include "unit.h"

static const struct {
    const char *sqlstate;
    enum retry_action action;
} expected[] = {
    {"40001", RETRY_TRANSACTION}, {"40P01", RETRY_TRANSACTION}, {"55P03", RETRY_TRANSACTION},
    {"57014", RETRY_TIMED_OUT},   {"57P01", RETRY_RECONNECT},   {"57P02", RETRY_RECONNECT},
    {"57P03", RETRY_RECONNECT},   {"57P05", RETRY_RECONNECT},   {"25P03", RETRY_RECONNECT},
    {"08000", RETRY_RECONNECT},   {"08006", RETRY_RECONNECT},   {"08P01", RETRY_RECONNECT},
    {"", RETRY_RECONNECT},        {NULL, RETRY_RECONNECT},      {"53300", RETRY_FEWER},
    {"25006", RETRY_PRIMARY},     {"53100", RETRY_STOP_RUN},    {"53200", RETRY_STOP_RUN},
    {"57P04", RETRY_STOP_RUN},    {"28000", RETRY_STOP_RUN},    {"28P01", RETRY_STOP_RUN},
    {"3D000", RETRY_STOP_RUN},    {"58030", RETRY_STOP_RUN},    {"58P01", RETRY_STOP_RUN},
    {"XX000", RETRY_STOP_RUN},    {"XX001", RETRY_STOP_RUN},    {"22003", RETRY_QUARANTINE},
    {"22P02", RETRY_QUARANTINE},  {"23505", RETRY_QUARANTINE},  {"42601", RETRY_QUARANTINE},
    {"44000", RETRY_QUARANTINE},  {"0A000", RETRY_QUARANTINE},  {"54001", RETRY_QUARANTINE},
    {"P0001", RETRY_QUARANTINE},  {"25001", RETRY_QUARANTINE},  {"40003", RETRY_QUARANTINE},
    {"55006", RETRY_QUARANTINE},  {"ZZ999", RETRY_QUARANTINE},
};

static void every_sqlstate_of_the_protocol_has_its_action(void)
{
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (retry_action(expected[i].sqlstate, false) != expected[i].action)
            CU_FAIL(expected[i].sqlstate == NULL ? "NULL" : expected[i].sqlstate);
    }
    CU_PASS("all of them");
}

static void only_a_held_lock_means_something_else_at_the_claim(void)
{
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const char *sqlstate = expected[i].sqlstate;
        bool is_lock =
            sqlstate != NULL && sqlstate[0] == '5' && sqlstate[2] == 'P' && sqlstate[1] == '5';
        enum retry_action at_claim = is_lock ? RETRY_LATER : expected[i].action;
        CU_ASSERT_EQUAL(retry_action(sqlstate, true), at_claim);
    }
}

static void messages_that_may_hold_values_are_not_shown(void)
{
    CU_ASSERT_FALSE(retry_shows_message("22P02"));
    CU_ASSERT_FALSE(retry_shows_message("23505"));
    CU_ASSERT_FALSE(retry_shows_message("P0001"));
    CU_ASSERT_FALSE(retry_shows_message("44000"));
    CU_ASSERT_FALSE(retry_shows_message("XX000"));
    CU_ASSERT_FALSE(retry_shows_message("ZZ999"));
    CU_ASSERT_FALSE(retry_shows_message("01000"));
}

static void messages_about_objects_and_connections_are_shown(void)
{
    static const char *const shown[] = {"08006", "0A000", "25006", "26000", "28P01",
                                        "3D000", "3F000", "40001", "42P01", "53300",
                                        "54001", "55P03", "57P01", "58030"};

    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        CU_ASSERT_TRUE(retry_shows_message(shown[i]));
    CU_ASSERT_TRUE(retry_shows_message(""));
    CU_ASSERT_TRUE(retry_shows_message(NULL));
}

static void a_backoff_doubles_up_to_its_ceiling(void)
{
    double almost_one = 0.999999;

    CU_ASSERT_DOUBLE_EQUAL((double)retry_backoff_ns(0, 1000, 100000, almost_one), 1000, 1);
    CU_ASSERT_DOUBLE_EQUAL((double)retry_backoff_ns(1, 1000, 100000, almost_one), 2000, 1);
    CU_ASSERT_DOUBLE_EQUAL((double)retry_backoff_ns(6, 1000, 100000, almost_one), 64000, 1);
    CU_ASSERT_DOUBLE_EQUAL((double)retry_backoff_ns(7, 1000, 100000, almost_one), 100000, 1);
    CU_ASSERT_DOUBLE_EQUAL((double)retry_backoff_ns(8, 1000, 100000, almost_one), 100000, 1);
}

static void a_backoff_is_jittered_over_its_whole_width(void)
{
    CU_ASSERT_EQUAL(retry_backoff_ns(5, 1000, 100000, 0.5), 16000);
    CU_ASSERT_EQUAL(retry_backoff_ns(5, 1000, 100000, 0.25), 8000);
}

static void a_backoff_is_never_under_half_its_base(void)
{
    for (int i = 0; i < 20; i++)
        CU_ASSERT_EQUAL(retry_backoff_ns(i, 1000, 100000, 0.0), 500);
}

static void a_backoff_does_not_overflow(void)
{
    int64_t ceiling_ns = INT64_C(30) * 1000000000;
    int64_t wait_ns = retry_backoff_ns(1000000, 100000000, ceiling_ns, 0.999999);

    CU_ASSERT_TRUE(wait_ns > ceiling_ns - 1000000 && wait_ns <= ceiling_ns);
    CU_ASSERT_TRUE(retry_backoff_ns(200, 3, INT64_MAX, 0.5) > 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(every_sqlstate_of_the_protocol_has_its_action),
        TEST(only_a_held_lock_means_something_else_at_the_claim),
        TEST(messages_that_may_hold_values_are_not_shown),
        TEST(messages_about_objects_and_connections_are_shown),
        TEST(a_backoff_doubles_up_to_its_ceiling),
        TEST(a_backoff_is_jittered_over_its_whole_width),
        TEST(a_backoff_is_never_under_half_its_base),
        TEST(a_backoff_does_not_overflow),
        CU_TEST_INFO_NULL,
    };

    return unit_run("retry", tests);
}
