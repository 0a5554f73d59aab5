# Each layer is a static library. A layer sees its own headers and those of the layers below through
# a view: a folder in the build tree with links to just these layers. So an include of a layer above
# does not compile.

set(CHUNKMILL_LAYERS base core db run cli)

add_library(chunkmill_options INTERFACE)
target_compile_features(chunkmill_options INTERFACE c_std_11)
target_compile_definitions(chunkmill_options INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(chunkmill_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
  -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef -Wvla -Wwrite-strings -Wnull-dereference
  -Wdouble-promotion
  $<$<BOOL:${CHUNKMILL_WERROR}>:-Werror>
  $<$<BOOL:${CHUNKMILL_COVERAGE}>:--coverage>)
target_link_options(chunkmill_options INTERFACE $<$<BOOL:${CHUNKMILL_COVERAGE}>:--coverage>)
if(CHUNKMILL_SANITIZE)
  target_compile_options(chunkmill_options INTERFACE
    -fsanitize=${CHUNKMILL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(chunkmill_options INTERFACE -fsanitize=${CHUNKMILL_SANITIZE})
endif()
if(CHUNKMILL_FAILPOINTS)
  target_compile_definitions(chunkmill_options INTERFACE CHUNKMILL_FAILPOINTS)
endif()

# chunkmill_layer(NAME [LIBRARIES ..]): makes the library chunkmill_NAME of src/NAME/**.c, which
# sees the layers up to NAME.
function(chunkmill_layer name)
  cmake_parse_arguments(LAYER "" "" "LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
  set(view ${CMAKE_BINARY_DIR}/views/${name})
  file(MAKE_DIRECTORY ${view})
  foreach(layer IN LISTS CHUNKMILL_LAYERS)
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${layer} ${view}/${layer} SYMBOLIC)
    if(layer STREQUAL name)
      break()
    endif()
  endforeach()
  add_library(chunkmill_${name} STATIC ${sources})
  target_include_directories(chunkmill_${name} PUBLIC ${view})
  target_link_libraries(chunkmill_${name} PUBLIC chunkmill_options ${LAYER_LIBRARIES})
endfunction()
