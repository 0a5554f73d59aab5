/* Gives each file to a fuzz target once, so that every build, with any compiler, repeats the inputs
 * that were found before. Usage: replay_MODULE FILE.. */
#include "fuzz.h"

static void replay(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");

    REQUIRE(file != NULL);
    size_t bytes = fread(data, 1, sizeof data, file);
    REQUIRE(ferror(file) == 0 && bytes < sizeof data);
    fclose(file);
    /* a block of its own, so that a read past its end is detected */
    uint8_t *input = memory_copy(data, bytes);
    LLVMFuzzerTestOneInput(input, bytes);
    free(input);
}

int main(int argc, char **argv)
{
    REQUIRE(argc > 1);
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    printf("ok - %d inputs\n", argc - 1);
    return EXIT_SUCCESS;
}
