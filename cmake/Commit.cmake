# Runs at each build. Writes chunkmill_commit.h in OUT, which names the commit of the sources, with
# "-dirty" after it where they differ from the commit. The file is written only when that has
# changed.
execute_process(
  COMMAND git -C ${SOURCE} describe --always --dirty --exclude *
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
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
