# Manual pages and completions of shells, written by the program itself from its tables of options (tools/manual.h,
# tools/completion.h) whenever it was built, and installed beside it. The date of pages is SOURCE_DATE_EPOCH, else that
# of the commit, else that of CMakeLists.txt, so that equal sources give equal pages. Who builds for another machine
# cannot run the program: both are left out then.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "assay: built for another machine, so without manual pages and completions")
  return()
endif()

include(GNUInstallDirs)
set(pages "${CMAKE_BINARY_DIR}/pages")
add_custom_command(OUTPUT "${pages}/written"
  COMMAND "${CMAKE_COMMAND}" "-DASSAY=$<TARGET_FILE:assay>" "-DEMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}"
    "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${pages}" -P "${PROJECT_SOURCE_DIR}/tools/cmake/write_pages.cmake"
  DEPENDS assay "${PROJECT_SOURCE_DIR}/tools/cmake/write_pages.cmake"
  COMMENT "Writing manual pages and completions" VERBATIM)
add_custom_target(assay_pages ALL DEPENDS "${pages}/written")
install(DIRECTORY "${pages}/man1" DESTINATION "${CMAKE_INSTALL_MANDIR}" COMPONENT runtime
  FILES_MATCHING PATTERN "*.1")
install(FILES "${pages}/completion.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
  RENAME assay COMPONENT runtime)
install(FILES "${pages}/completion.zsh" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions"
  RENAME _assay COMPONENT runtime)
install(FILES "${pages}/completion.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
  RENAME assay.fish COMPONENT runtime)
