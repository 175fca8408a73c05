# uPlot, the chart library of the timeline's page: one file of script and one of style, fetched once per build folder
# with npm and whatever registry npm is set to, and checked against the digest below. Without npm or without a network
# the page draws its charts with a script of our own (reports/timeline_chart.js), which knows less and does the same.
#
#   assay_uplot(files)      -> the names of the files below ${ASSAY_UPLOT_FOLDER}, or nothing
option(ASSAY_UPLOT "Charts in the pages of `assay timeline`: fetch uPlot with npm" ON)

set(ASSAY_UPLOT_VERSION 1.6.32)
set(ASSAY_UPLOT_SHA256 4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d)
set(ASSAY_UPLOT_FOLDER "${CMAKE_BINARY_DIR}/npm/package")

function(assay_uplot_fetch archive)
  find_program(ASSAY_NPM npm)
  if(NOT ASSAY_NPM)
    message(STATUS "uPlot: there is no npm, so timelines draw their own charts")
    return()
  endif()
  cmake_path(GET archive PARENT_PATH folder)
  file(MAKE_DIRECTORY "${folder}")
  execute_process(
    COMMAND "${ASSAY_NPM}" pack "uplot@${ASSAY_UPLOT_VERSION}" --pack-destination "${folder}" --ignore-scripts --silent
      --prefer-offline --fetch-retries=1 --fetch-timeout=15000
    WORKING_DIRECTORY "${folder}" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET TIMEOUT 60)
  if(NOT result EQUAL 0 OR NOT EXISTS "${archive}")
    message(STATUS "uPlot: npm cannot fetch it (${result}), so timelines draw their own charts; configure to retry")
  endif()
endfunction()

function(assay_uplot files)
  set(${files} "" PARENT_SCOPE)
  set(archive "${CMAKE_BINARY_DIR}/npm/uplot-${ASSAY_UPLOT_VERSION}.tgz")
  if(NOT ASSAY_UPLOT)
    message(STATUS "uPlot: switched off, so timelines draw their own charts")
    return()
  endif()
  if(NOT EXISTS "${archive}")
    assay_uplot_fetch("${archive}")
  endif()
  if(NOT EXISTS "${archive}")
    return()
  endif()
  file(SHA256 "${archive}" digest)
  if(NOT digest STREQUAL ASSAY_UPLOT_SHA256)
    file(REMOVE "${archive}")
    message(WARNING "uPlot: npm gave something else (sha256 ${digest}), so timelines draw their own charts")
    return()
  endif()
  if(NOT EXISTS "${ASSAY_UPLOT_FOLDER}/dist/uPlot.iife.min.js")
    file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${CMAKE_BINARY_DIR}/npm"
      PATTERNS package/LICENSE package/dist/uPlot.iife.min.js package/dist/uPlot.min.css)
  endif()
  set(${files} LICENSE dist/uPlot.iife.min.js dist/uPlot.min.css PARENT_SCOPE)
endfunction()
