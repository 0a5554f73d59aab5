/* What an administrator's acts do to the number of workers. */
#include "core/dispatch/throttle.h"
#include "unit.h"

#define S INT64_C(1000000000)

static void a_cancel_halves_the_workers_for_a_minute(void)
{
    struct throttle t;

    throttle_init(&t, 8);
    CU_ASSERT_EQUAL(throttle_active(&t, 1), 8);
    CU_ASSERT_TRUE(throttle_cancelled(&t, 10 * S));
    CU_ASSERT_EQUAL(throttle_active(&t, 10 * S), 4);
    CU_ASSERT_EQUAL(throttle_active(&t, 69 * S), 4);
    CU_ASSERT_EQUAL(throttle_active(&t, 70 * S), 8);
}

static void what_is_cancelled_together_is_one_act(void)
{
    struct throttle t;

    throttle_init(&t, 64);
    CU_ASSERT_TRUE(throttle_cancelled(&t, 10 * S));
    for (int i = 1; i < 64; i++)
        CU_ASSERT_FALSE(throttle_cancelled(&t, 10 * S + i * S / 64));
    CU_ASSERT_EQUAL(throttle_active(&t, 12 * S), 32);
}

static void each_further_act_halves_again_and_one_worker_is_left(void)
{
    struct throttle t;

    throttle_init(&t, 5);
    throttle_cancelled(&t, 10 * S);
    CU_ASSERT_EQUAL(throttle_active(&t, 10 * S), 2);
    throttle_cancelled(&t, 20 * S);
    CU_ASSERT_EQUAL(throttle_active(&t, 20 * S), 1);
    CU_ASSERT_TRUE(throttle_cancelled(&t, 30 * S));
    CU_ASSERT_EQUAL(throttle_active(&t, 30 * S), 1);
    CU_ASSERT_EQUAL(throttle_active(&t, 90 * S), 5);
    throttle_cancelled(&t, 100 * S);
    CU_ASSERT_EQUAL(throttle_active(&t, 100 * S), 2);
}

static void a_single_worker_stays(void)
{
    struct throttle t;

    throttle_init(&t, 1);
    CU_ASSERT_TRUE(throttle_cancelled(&t, S));
    CU_ASSERT_EQUAL(throttle_active(&t, S), 1);
}

static void the_third_act_within_five_minutes_is_one_too_many(void)
{
    struct throttle t;

    throttle_init(&t, 4);
    CU_ASSERT_EQUAL(throttle_ended(&t, 10 * S), 1);
    CU_ASSERT_EQUAL(throttle_ended(&t, 11 * S), 0); /* the same */
    CU_ASSERT_EQUAL(throttle_ended(&t, 15 * S), 0); /* the same, still */
    CU_ASSERT_EQUAL(throttle_ended(&t, 30 * S), 2);
    CU_ASSERT_EQUAL(throttle_ended(&t, 300 * S), 3);
    CU_ASSERT_EQUAL(throttle_ended(&t, 301 * S), 0); /* told once */
}

static void three_acts_in_a_longer_time_are_not(void)
{
    struct throttle t;

    throttle_init(&t, 4);
    for (int64_t at = 10; at < 5000; at += 160)
        CU_ASSERT_TRUE(throttle_ended(&t, at * S) < 3);
}

/* A script that goes on and on is no single act. */
static void acts_that_never_rest_are_many(void)
{
    struct throttle t;
    bool is_too_many = false, is_new = false;

    throttle_init(&t, 4);
    throttle_cancelled(&t, 10 * S);
    for (int64_t at = 14; at <= 40; at += 4) {
        is_too_many = throttle_ended(&t, at * S) || is_too_many;
        is_new = throttle_cancelled(&t, at * S) || is_new;
    }
    CU_ASSERT_TRUE(is_too_many);
    CU_ASSERT_TRUE(is_new);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_cancel_halves_the_workers_for_a_minute),
        TEST(acts_that_never_rest_are_many),
        TEST(what_is_cancelled_together_is_one_act),
        TEST(each_further_act_halves_again_and_one_worker_is_left),
        TEST(a_single_worker_stays),
        TEST(the_third_act_within_five_minutes_is_one_too_many),
        TEST(three_acts_in_a_longer_time_are_not),
        CU_TEST_INFO_NULL,
    };

    return unit_run("throttle", tests);
}
