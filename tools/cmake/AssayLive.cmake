# The live tests: one CTest test per case, target and model, found when ctest starts (`assay live discover`), so that
# a server started after the build is seen. Include it from the top folder, where people start ctest. assay.yaml and
# .env are those of that folder.
set(live_folder "${CMAKE_BINARY_DIR}/live_e2e")
file(GENERATE OUTPUT "${live_folder}/discover.cmake" CONTENT "\
execute_process(COMMAND [==[$<TARGET_FILE:assay>]==] live discover [==[${live_folder}]==]
  RESULT_VARIABLE live_result OUTPUT_VARIABLE live_output ERROR_VARIABLE live_output TIMEOUT 30
  WORKING_DIRECTORY [==[${CMAKE_SOURCE_DIR}]==])
if(live_result EQUAL 0)
  include([==[${live_folder}/tests.cmake]==])
else()
  add_test(live_e2e.discovery [==[${CMAKE_COMMAND}]==] -E false)
  set_tests_properties(live_e2e.discovery PROPERTIES LABELS live_e2e)
  message(\"live tests cannot be found: \${live_result} \${live_output}\")
endif()
")
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${live_folder}/discover.cmake")
