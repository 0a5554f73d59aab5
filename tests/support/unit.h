/* One suite of CUnit tests for each module, and a main that really fails: CU_basic_run_tests() says
 * success even when assertions failed, so the exit status comes from CU_get_number_of_failures().
 */
#ifndef CHUNKMILL_TESTS_UNIT_H
#define CHUNKMILL_TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stdlib.h>

#define TEST(function)                                                                             \
    {                                                                                              \
#function, function                                                                        \
    }

/* The module's tests, ended by CU_TEST_INFO_NULL. */
static inline int unit_run(const char *capacity, CU_TestInfo *tests)
{
    CU_SuiteInfo suites[] = {{capacity, NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    unsigned ran = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return failures == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
