# The live tests of a program with cases: one CTest test per case, target and model, found when ctest starts (`live
# discover`), so that a server started after the build is seen. ctest has to be started in the folder that calls this,
# or in one above it; assay.yaml and .env are those of the project's top folder. Plan and runs lie in `folder`. A
# machine measures one thing at a time: of several such programs in a project each waits for those before it.
#
#   assay_live_tests(assay "${CMAKE_BINARY_DIR}/live_e2e")
function(assay_live_tests program folder)
  get_property(many_configurations GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(many_configurations)
    message(WARNING "live tests of ${program}: only generators of one configuration (Ninja, Makefiles) have them")
    return()
  endif()
  get_property(earlier GLOBAL PROPERTY ASSAY_LIVE_FOLDERS)
  set_property(GLOBAL APPEND PROPERTY ASSAY_LIVE_FOLDERS "${folder}")
  list(TRANSFORM earlier REPLACE "(.+)" "[==[\\1]==]")
  list(JOIN earlier " " earlier)
  file(GENERATE OUTPUT "${folder}/discover.cmake" CONTENT "\
execute_process(COMMAND [==[$<TARGET_FILE:${program}>]==] live discover [==[${folder}]==]
  RESULT_VARIABLE live_result OUTPUT_VARIABLE live_output ERROR_VARIABLE live_output TIMEOUT 30
  WORKING_DIRECTORY [==[${CMAKE_SOURCE_DIR}]==])
if(live_result EQUAL 0)
  include([==[${folder}/tests.cmake]==])
  file(STRINGS [==[${folder}/tests.cmake]==] live_name LIMIT_COUNT 1)
  string(REPLACE \"# \" \"\" live_name \"\${live_name}\")
  set(live_ends)
  foreach(live_folder ${earlier})
    if(EXISTS \"\${live_folder}/tests.cmake\")
      file(STRINGS \"\${live_folder}/tests.cmake\" live_end LIMIT_COUNT 1)
      string(REPLACE \"# \" \"\" live_end \"\${live_end}.end\")
      list(APPEND live_ends \"\${live_end}\")
    endif()
  endforeach()
  if(live_ends)
    set_tests_properties(\"\${live_name}.begin\" PROPERTIES DEPENDS \"\${live_ends}\")
  endif()
else()
  add_test(live_e2e.${program}.discovery [==[${CMAKE_COMMAND}]==] -E false)
  set_tests_properties(live_e2e.${program}.discovery PROPERTIES LABELS live_e2e)
  message(\"live tests of ${program} cannot be found: \${live_result} \${live_output}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${folder}/discover.cmake")
endfunction()
