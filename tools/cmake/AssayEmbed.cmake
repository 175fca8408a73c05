# Files that go into the program, so that it needs none beside itself: a room's C file with one table of them, made when
# one of the files changes. HEADER declares the table; its struct has the members name (the file's name without
# PREFIX and SUFFIX),
# text (the bytes, and a NUL that len does not count) and len, and with JSON_ID also id (the "$id" of the file). The
# files are below FOLDER, else below the current one; without FILES the table is empty.
#
#   assay_embed(schemas.c HEADER schemas.h TABLE "struct schema_file schema_files" SUFFIX .schema.json JSON_ID
#     FILES record.schema.json run.schema.json)                    -> ${CMAKE_CURRENT_BINARY_DIR}/schemas.c
set(ASSAY_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed_files.cmake")

function(assay_embed output)
  cmake_parse_arguments(EMBED "JSON_ID" "HEADER;TABLE;PREFIX;SUFFIX;FOLDER" "FILES" ${ARGN})
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${output}")
  if(NOT EMBED_FOLDER)
    set(EMBED_FOLDER "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  list(JOIN EMBED_FILES "\n" lines)
  file(CONFIGURE OUTPUT "${source}.list" CONTENT "${lines}\n" @ONLY)
  list(TRANSFORM EMBED_FILES PREPEND "${EMBED_FOLDER}/" OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${EMBED_FOLDER}" "-DLIST=${source}.list" "-DHEADER=${EMBED_HEADER}"
      "-DTABLE=${EMBED_TABLE}" "-DPREFIX=${EMBED_PREFIX}" "-DSUFFIX=${EMBED_SUFFIX}"
      "-DJSON_ID=${EMBED_JSON_ID}" "-DOUTPUT=${source}"
      -P "${ASSAY_EMBED_SCRIPT}"
    DEPENDS "${ASSAY_EMBED_SCRIPT}" "${source}.list" ${paths}
    COMMENT "Embedding files as ${output}" VERBATIM)
endfunction()
