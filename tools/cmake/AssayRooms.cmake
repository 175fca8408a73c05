# A room is one folder, one static library, one job. Its headers are visible only to rooms that link to it, so an
# #include against the direction of the arrows does not compile. What other programs may call is marked ASSAY_API; all
# else is hidden in the library that the rooms make together (AssayLibrary.cmake).
#
#   assay_room(net SOURCES loop.c sse.c LINKS assay_base dep::curl)    -> library assay_net
function(assay_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(assay_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(assay_${name} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(assay_${name} PUBLIC ${ROOM_LINKS})
  set_target_properties(assay_${name} PROPERTIES C_VISIBILITY_PRESET hidden)
  set_property(GLOBAL APPEND PROPERTY ASSAY_ROOMS assay_${name})
endfunction()

# For a room with assertions: records and reports name the file of a failure, and what they name must not depend on
# where this was built. A compiler cache may hand the compiler paths relative to the build folder.
function(assay_name_files_relatively room)
  file(RELATIVE_PATH from_build "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")
  target_compile_options(assay_${room} PRIVATE "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/="
    "-fmacro-prefix-map=${from_build}=")
endfunction()

# A test program written with Check; one CTest test per program.
#
#   assay_test(test_sse SOURCES test_sse.c LINKS assay_net LABELS unit)
function(assay_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LINKS;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 1200) # for what hangs: slow is a machine, and a sanitizer
  endif()
  if(NOT TEST_LABELS)
    set(TEST_LABELS unit)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} assay_testkit dep::check)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}" SKIP_RETURN_CODE 77
    ENVIRONMENT "${TEST_ENVIRONMENT}")
endfunction()

# A libFuzzer target, built only by the preset `fuzz`. The same source with tests/fuzz/fuzz_main.c replays its
# corpus as an ordinary test in every other preset.
#
#   assay_fuzz(fuzz_sse SOURCES fuzz_sse.c LINKS assay_net CORPUS corpus/sse)
function(assay_fuzz name)
  cmake_parse_arguments(FUZZ "" "CORPUS" "SOURCES;LINKS" ${ARGN})
  if(ASSAY_FUZZ)
    add_executable(${name} ${FUZZ_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${FUZZ_SOURCES} "${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_main.c")
    add_test(NAME ${name} COMMAND ${name} "${CMAKE_CURRENT_SOURCE_DIR}/${FUZZ_CORPUS}")
    set_tests_properties(${name} PROPERTIES LABELS "unit;fuzz" TIMEOUT 600)
  endif()
  target_link_libraries(${name} PRIVATE ${FUZZ_LINKS})
endfunction()
