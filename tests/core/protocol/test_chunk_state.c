/* The states of a chunk: their names, and which of them are open. */
#include "core/protocol/chunk_state.h"
#include "unit.h"

static void a_chunk_state_is_found_by_its_name(void)
{
    for (int i = CHUNK_STATE_PLANNED; i <= CHUNK_STATE_SPLIT; i++) {
        enum chunk_state state = CHUNK_STATE_ABSENT;
        CU_ASSERT_EQUAL(chunk_state_parse(chunk_state_name((enum chunk_state)i), &state), 0);
        CU_ASSERT_EQUAL((int)state, i);
    }
}

static void no_other_name_is_a_chunk_state(void)
{
    static const char *const names[] = {"", "PLANNED", "plan", "planned ", "quarantined", NULL};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        enum chunk_state state = CHUNK_STATE_DONE;
        CU_ASSERT_EQUAL(chunk_state_parse(names[i], &state), -1);
        CU_ASSERT_EQUAL(state, CHUNK_STATE_DONE);
    }
    CU_ASSERT_STRING_EQUAL(chunk_state_name(CHUNK_STATE_ABSENT), "");
}

static void planned_and_marked_chunks_are_open(void)
{
    CU_ASSERT_TRUE(chunk_state_is_open(CHUNK_STATE_PLANNED));
    CU_ASSERT_TRUE(chunk_state_is_open(CHUNK_STATE_MARKED));
    CU_ASSERT_FALSE(chunk_state_is_open(CHUNK_STATE_ABSENT));
    CU_ASSERT_FALSE(chunk_state_is_open(CHUNK_STATE_DONE));
    CU_ASSERT_FALSE(chunk_state_is_open(CHUNK_STATE_FAILED));
    CU_ASSERT_FALSE(chunk_state_is_open(CHUNK_STATE_SPLIT));
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_chunk_state_is_found_by_its_name),
        TEST(no_other_name_is_a_chunk_state),
        TEST(planned_and_marked_chunks_are_open),
        CU_TEST_INFO_NULL,
    };

    return unit_run("chunk_state", tests);
}
