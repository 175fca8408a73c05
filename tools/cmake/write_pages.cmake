# Has the program ASSAY (by EMULATOR, where there is one) write its pages and completions into OUTPUT, a folder that is
# made anew.
set(date "$ENV{SOURCE_DATE_EPOCH}")
if(date MATCHES "^[0-9]+$")
  string(TIMESTAMP date "%Y-%m-%d" UTC) # of SOURCE_DATE_EPOCH
else()
  execute_process(COMMAND git -C "${SOURCE}" log -1 --format=%cs
    OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT date MATCHES "^[0-9]+-[0-9]+-[0-9]+$")
  file(TIMESTAMP "${SOURCE}/CMakeLists.txt" date "%Y-%m-%d" UTC)
endif()

file(REMOVE_RECURSE "${OUTPUT}")
execute_process(COMMAND ${EMULATOR} "${ASSAY}" manual --out "${OUTPUT}" --date "${date}" COMMAND_ERROR_IS_FATAL ANY)
foreach(shell IN ITEMS bash zsh fish)
  execute_process(COMMAND ${EMULATOR} "${ASSAY}" completion ${shell} OUTPUT_FILE "${OUTPUT}/completion.${shell}"
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(WRITE "${OUTPUT}/written" "${date}\n")
