# A program with benchmark cases of its own, made with the installed package:
#
#   find_package(assay REQUIRED)
#   enable_testing()
#   assay_add_suite(mysuite SOURCES mysuite.c)
#
# The program has all of assay's verbs, and ctest finds its live tests: one per case, target and model, labelled
# live_e2e, the suite of the case, the target and the model. STATIC links libassay.a; NO_LIVE leaves ctest alone; LINKS
# names what else the cases need.
function(assay_add_suite name)
  cmake_parse_arguments(SUITE "STATIC;NO_LIVE" "" "SOURCES;LINKS" ${ARGN})
  if(SUITE_UNPARSED_ARGUMENTS OR NOT SUITE_SOURCES)
    message(FATAL_ERROR "assay_add_suite(NAME SOURCES file... [LINKS library...] [STATIC] [NO_LIVE]): "
      "cannot take \"${SUITE_UNPARSED_ARGUMENTS}\"")
  endif()
  add_executable(${name} ${SUITE_SOURCES})
  if(SUITE_STATIC)
    set(library assay::assay_static)
  else()
    set(library assay::assay)
  endif()
  # The library first: what Check has is then taken from it, and stands in the program once.
  target_link_libraries(${name} PRIVATE ${library} ${SUITE_LINKS})
  if(NOT SUITE_NO_LIVE)
    assay_live_tests(${name} "${CMAKE_CURRENT_BINARY_DIR}/live_e2e/${name}")
  endif()
endfunction()
