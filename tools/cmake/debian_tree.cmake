# Called by cpack on the tree that becomes a .deb: what Debian keeps elsewhere or in another form than `cmake --install`
# does. Nothing compressed has a time in it: with SOURCE_DATE_EPOCH, equal builds give packages equal byte for byte.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()

# The changelog is the release alone: what changed stands in the history of the sources.
function(write_changelog folder package)
  file(READ "${CPACK_ASSAY_PAGES_DATE}" date)
  string(STRIP "${date}" date)
  execute_process(COMMAND date --utc --rfc-email "--date=${date}" OUTPUT_VARIABLE moment
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE "${folder}/changelog" "${package} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n"
    "  * Version ${CPACK_PACKAGE_VERSION}.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${moment}\n")
  execute_process(COMMAND gzip -9 -n "${folder}/changelog" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(write_doc tree package)
  set(folder "${tree}/usr/share/doc/${package}")
  file(MAKE_DIRECTORY "${folder}")
  file(COPY_FILE "${CPACK_RESOURCE_FILE_LICENSE}" "${folder}/copyright")
  file(REMOVE "${folder}/LICENSE")
  write_changelog("${folder}" "${package}")
endfunction()

function(adapt tree package)
  file(GLOB manuals "${tree}/usr/share/man/man*/*.[1-9]")
  foreach(page IN LISTS manuals)
    execute_process(COMMAND gzip -9 -n "${page}" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  if(EXISTS "${tree}/usr/share/zsh/site-functions") # Debian's zsh looks elsewhere
    file(RENAME "${tree}/usr/share/zsh/site-functions" "${tree}/usr/share/zsh/vendor-completions")
  endif()
  write_doc("${tree}" "${package}")
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER "${component}" name)
  adapt("${CPACK_TEMPORARY_DIRECTORY}/${component}" "${CPACK_DEBIAN_${name}_PACKAGE_NAME}")
endforeach()
