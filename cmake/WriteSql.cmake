# Writes the byte arrays of EmbedSql.cmake.
string(REPLACE "," ";" files "${FILES}")
set(declarations "/* Made from sql/ by the build. */
#ifndef CHUNKMILL_SQL_STATEMENTS_H
#define CHUNKMILL_SQL_STATEMENTS_H

#include \"db/connection/connection.h\"

")
set(definitions "/* Made from sql/ by the build. */\n#include \"sql_statements.h\"\n\n")
foreach(file IN LISTS files)
  get_filename_component(stem ${file} NAME_WE)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND declarations "extern const struct sql sql_${stem};\n")
  string(APPEND definitions "static const char text_${stem}[] = {${bytes}0};
const struct sql sql_${stem} = {\"${stem}\", text_${stem}};
")
endforeach()
string(APPEND declarations "\n#endif\n")
file(WRITE ${HEADER} "${declarations}")
file(WRITE ${SOURCE} "${definitions}")
