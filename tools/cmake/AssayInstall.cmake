# `cmake --install`: the component `runtime` is the program and the data, `library` the shared library; `development`
# is what a program with cases of its own is compiled and linked with. Nothing in it names this tree or the prefix: what
# was installed may be moved.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/assay")
set(data_folder "${CMAKE_INSTALL_DATADIR}/assay")

install(TARGETS assay RUNTIME COMPONENT runtime)
install(FILES LICENSE README.md TYPE DOC COMPONENT runtime)
install(DIRECTORY docs TYPE DOC COMPONENT runtime) # README.md and --help lead there

# The program has these compiled in; they are for other programs that read our files.
install(DIRECTORY schemas/ DESTINATION "${data_folder}/schemas" COMPONENT runtime
  FILES_MATCHING PATTERN "*.schema.json" PATTERN current PATTERN examples EXCLUDE) # current: a link to a release
install(FILES reports/junit.xsd reports/junit_strict.xsd DESTINATION "${data_folder}/schemas" COMPONENT runtime)
install(DIRECTORY fixtures/tasks/ DESTINATION "${data_folder}/tasks" COMPONENT runtime
  FILES_MATCHING PATTERN "*.jsonl")
install(DIRECTORY fixtures/sim/scenarios/ DESTINATION "${data_folder}/scenarios" COMPONENT runtime
  FILES_MATCHING PATTERN "*.json")

# NAME.pc, for those who build without CMake.
function(assay_install_pc name)
  cmake_parse_arguments(PC "" "LIBS;PRIVATE" "" ${ARGN})
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/${name}.pc" @ONLY CONTENT "\
prefix=\${pcfiledir}/${to_prefix}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: ${name}
Description: ${PROJECT_DESCRIPTION}
Version: ${PROJECT_VERSION}
Libs: ${PC_LIBS}
Libs.private: ${PC_PRIVATE}
Cflags: -I\${includedir}
")
  install(FILES "${CMAKE_BINARY_DIR}/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
endfunction()

if(ASSAY_LIBRARY)
  install(TARGETS assay_shared assay_static EXPORT assay
    LIBRARY COMPONENT library NAMELINK_COMPONENT development
    ARCHIVE COMPONENT development)
  install(FILES ${ASSAY_PUBLIC_HEADERS} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/assay" COMPONENT development)

  install(EXPORT assay NAMESPACE assay:: FILE assayTargets.cmake DESTINATION "${package_folder}"
    COMPONENT development)
  configure_package_config_file(tools/cmake/assayConfig.cmake.in "${CMAKE_BINARY_DIR}/assayConfig.cmake"
    INSTALL_DESTINATION "${package_folder}" NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file("${CMAKE_BINARY_DIR}/assayConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
  install(FILES "${CMAKE_BINARY_DIR}/assayConfig.cmake" "${CMAKE_BINARY_DIR}/assayConfigVersion.cmake"
    tools/cmake/AssayLive.cmake tools/cmake/AssaySuite.cmake
    DESTINATION "${package_folder}" COMPONENT development)

  assay_private_libraries(words)
  list(JOIN words " " words)
  file(RELATIVE_PATH to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
  assay_install_pc(assay LIBS "-L\${libdir} -lassay" PRIVATE "${words}")
  assay_install_pc(assay-static LIBS "\${libdir}/libassay.a ${words}" PRIVATE "")
endif()
