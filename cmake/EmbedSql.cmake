# chunkmill_embed_sql(TARGET DIRECTORY..): every sql/DIRECTORY/*.sql becomes
# `const struct sql sql_STEM` in TARGET, declared in "sql_statements.h". The text is a byte array,
# because string literals over 4095 bytes are not portable C.

function(chunkmill_embed_sql target)
  set(files "")
  foreach(directory IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/${directory}/*.sql)
    list(APPEND files ${found})
  endforeach()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  set(header ${out}/sql_statements.h)
  set(source ${out}/sql_statements.c)
  list(JOIN files "," joined)
  set(script ${CMAKE_SOURCE_DIR}/cmake/WriteSql.cmake)
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DFILES=${joined} -DHEADER=${header} -DSOURCE=${source} -P ${script}
    DEPENDS ${files} ${script}
    VERBATIM)
  target_sources(${target} PRIVATE ${source} ${header})
  target_include_directories(${target} PUBLIC ${out})
endfunction()
