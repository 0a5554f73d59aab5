# Run at each build: chunkmill_commit.h in OUT says which commit the sources are of, "-dirty" behind it when they differ from it. Touched
# only when that has changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --exclude * OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
                ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
set(text "#define CHUNKMILL_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${OUT}/chunkmill_commit.h)
  file(READ ${OUT}/chunkmill_commit.h before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${OUT}/chunkmill_commit.h "${text}")
endif()
