# libassay: all rooms as one library, shared and static, for programs with cases of their own (docs/library.md).
#
# The rooms are joined into one object first. What is not marked ASSAY_API is hidden in it, so the shared library does
# not export it, and the static one keeps it to itself: a program may have functions of the same names. Check is in the
# shared library, which exports it: the assertions of a case and the runner that catches them are one copy.
if(CMAKE_BUILD_TYPE AND NOT ASSAY_SANITIZE AND NOT ASSAY_COVERAGE AND NOT ASSAY_FUZZ)
  set(library_default ON)
else()
  set(library_default OFF)
endif()
include(GNUInstallDirs)
option(ASSAY_LIBRARY "Build and install libassay, shared and static" ${library_default})

# Raised when a program that was linked to the library before may no longer work with it (docs/library.md).
set(ASSAY_LIBRARY_ABI 0)

set(ASSAY_SYMBOLS "${CMAKE_CURRENT_LIST_DIR}/libassay.symbols")
set(ASSAY_LIBRARY_FOLDER "${CMAKE_BINARY_DIR}/library")

# The public headers, by which a suite is compiled without anything else of this tree.
set(ASSAY_PUBLIC_HEADERS
  harness/base/assay_api.h
  harness/base/buf_view.h
  harness/run/assay.h
  harness/target/exchange.h
  harness/target/model_server.h
  harness/target/request.h)

# How the linker is told what to export, from the list of names.
function(assay_write_exports file)
  file(STRINGS "${ASSAY_SYMBOLS}" names REGEX "^[A-Za-z_]")
  if(APPLE)
    list(TRANSFORM names PREPEND "_")
    list(JOIN names "\n" lines)
    file(CONFIGURE OUTPUT "${file}" CONTENT "${lines}\n" @ONLY)
  else()
    list(JOIN names ";\n    " lines)
    file(CONFIGURE OUTPUT "${file}" @ONLY
      CONTENT "ASSAY_${ASSAY_LIBRARY_ABI} {\n  global:\n    ${lines};\n  local:\n    *;\n};\n")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ASSAY_SYMBOLS}")
endfunction()

# All rooms as one object, and the same with what is hidden made local.
function(assay_join_rooms joined)
  get_property(rooms GLOBAL PROPERTY ASSAY_ROOMS)
  list(TRANSFORM rooms REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE archives)
  set(all "${ASSAY_LIBRARY_FOLDER}/joined.o")
  set(local "${ASSAY_LIBRARY_FOLDER}/assay.o")
  if(APPLE)
    list(TRANSFORM archives PREPEND "-Wl,-force_load,")
    add_custom_command(OUTPUT "${all}" DEPENDS ${rooms} VERBATIM COMMENT "Joining the rooms"
      COMMAND "${CMAKE_C_COMPILER}" -r -nostdlib -o "${all}" ${archives})
    # The linker of macOS makes hidden symbols local when it joins objects.
    add_custom_command(OUTPUT "${local}" DEPENDS "${all}" VERBATIM
      COMMAND "${CMAKE_COMMAND}" -E copy "${all}" "${local}")
  else()
    add_custom_command(OUTPUT "${all}" DEPENDS ${rooms} VERBATIM COMMENT "Joining the rooms"
      COMMAND "${CMAKE_C_COMPILER}" -r -nostdlib -o "${all}" -Wl,--whole-archive ${archives})
    add_custom_command(OUTPUT "${local}" DEPENDS "${all}" VERBATIM
      COMMAND "${CMAKE_OBJCOPY}" --localize-hidden "${all}" "${local}")
  endif()
  set_source_files_properties("${all}" "${local}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  set(${joined} "${all}" "${local}" PARENT_SCOPE)
endfunction()

# What a program has to link to beside libassay.a, as words for the linker.
function(assay_private_libraries words)
  set(found "")
  foreach(dependency IN LISTS ASSAY_DEPENDENCIES)
    list(TRANSFORM ${dependency}_LIBRARIES PREPEND "-l" OUTPUT_VARIABLE libraries)
    set(folders ${${dependency}_LIBRARY_DIRS})
    list(REMOVE_ITEM folders ${CMAKE_C_IMPLICIT_LINK_DIRECTORIES})
    list(TRANSFORM folders PREPEND "-L")
    list(APPEND found ${folders})
    list(APPEND found ${libraries})
  endforeach()
  list(APPEND found -lm ${CMAKE_THREAD_LIBS_INIT})
  if(CMAKE_DL_LIBS)
    list(APPEND found "-l${CMAKE_DL_LIBS}")
  endif()
  list(REMOVE_DUPLICATES found)
  set(${words} "${found}" PARENT_SCOPE)
endfunction()

function(assay_library)
  assay_join_rooms(objects)
  list(GET objects 0 joined)
  list(GET objects 1 local)
  set(exports "${ASSAY_LIBRARY_FOLDER}/exports")
  assay_write_exports("${exports}")

  add_library(assay_shared SHARED "${joined}")
  list(TRANSFORM ASSAY_DEPENDENCIES PREPEND "dep::" OUTPUT_VARIABLE dependencies)
  target_link_libraries(assay_shared PRIVATE ${dependencies} m Threads::Threads ${CMAKE_DL_LIBS})
  if(APPLE)
    target_link_options(assay_shared PRIVATE "-Wl,-exported_symbols_list,${exports}")
  else()
    target_link_options(assay_shared PRIVATE "-Wl,--version-script=${exports}" -Wl,--no-undefined
      -Wl,-Bsymbolic-functions)
  endif()
  set_target_properties(assay_shared PROPERTIES OUTPUT_NAME assay EXPORT_NAME assay LINKER_LANGUAGE C
    VERSION "${PROJECT_VERSION}" SOVERSION "${ASSAY_LIBRARY_ABI}" LINK_DEPENDS "${exports}"
    LIBRARY_OUTPUT_DIRECTORY "${ASSAY_LIBRARY_FOLDER}")

  add_library(assay_static STATIC "${local}")
  set_target_properties(assay_static PROPERTIES OUTPUT_NAME assay LINKER_LANGUAGE C
    ARCHIVE_OUTPUT_DIRECTORY "${ASSAY_LIBRARY_FOLDER}")
  assay_private_libraries(words)
  set_property(TARGET assay_static PROPERTY INTERFACE_LINK_LIBRARIES ${words})
  foreach(library assay_shared assay_static)
    target_include_directories(${library} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
      ${check_INCLUDE_DIRS})
  endforeach()
endfunction()
