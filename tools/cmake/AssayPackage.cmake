# Packages, made of what is installed:
#
#   cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr && cmake --build --preset release
#   (cd build/release && cpack)                        -> assay_0.1.0_amd64.deb, libassay0_..., libassay-dev_...
#
# On Debian and its relatives a .deb for each component, whose dependencies dpkg-shlibdeps finds; elsewhere a .tar.gz.
# Programs are stripped, and the tree made as Debian's policy asks (debian_tree.cmake). Included behind what installs:
# it looks at what components there are.
set(ASSAY_PACKAGE_CONTACT "The assay developers <assay@localhost>" CACHE STRING "Maintainer that packages name")
set(ASSAY_PACKAGE_ABOUT "assay measures servers of language models (llama.cpp, Ollama, LM Studio,
MLX, vLLM and whatever speaks OpenAI's protocol): how long they take to the
first token, how fast they go on, what they bear at once, what they answer.
Each benchmark is a test in a process of its own. Whatever happens to it
there is a record, one line of JSON that is checked against a schema, of
when it ran, how it came out, and whether the machine was fit to measure.
Reports (Markdown, JUnit, timelines) are made of the records.
.
A simulated server is part of it, so that it can be tried without any.")

set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_CONTACT "${ASSAY_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_VENDOR "The assay developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "benchmark suite for AI model servers")
set(CPACK_PACKAGE_DESCRIPTION "${ASSAY_PACKAGE_ABOUT}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_RESOURCE_FILE_README "${PROJECT_SOURCE_DIR}/README.md")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_GENERATOR TGZ)
if(EXISTS /etc/debian_version)
  set(CPACK_GENERATOR DEB)
endif()
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/tools/cmake/debian_tree.cmake")
set(CPACK_ASSAY_PAGES_DATE "${CMAKE_BINARY_DIR}/pages/written") # for debian_tree.cmake
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_COMPONENTS_ALL runtime)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${ASSAY_PACKAGE_ABOUT}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME assay)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "espeak-ng, jq")

get_cmake_property(components COMPONENTS)
if("library" IN_LIST components)
  list(APPEND CPACK_COMPONENTS_ALL library)
  set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
"The machinery of assay as a shared library, for programs that bring benchmark
cases of their own.")
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME "libassay${ASSAY_LIBRARY_ABI}")
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
  # What others are told to depend on, and that the loader's cache is to be made anew.
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/package/shlibs"
    CONTENT "libassay ${ASSAY_LIBRARY_ABI} libassay${ASSAY_LIBRARY_ABI} (>= ${PROJECT_VERSION})\n")
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/package/triggers" CONTENT "activate-noawait ldconfig\n")
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
    "${CMAKE_BINARY_DIR}/package/shlibs" "${CMAKE_BINARY_DIR}/package/triggers")
endif()
if("development" IN_LIST components)
  list(APPEND CPACK_COMPONENTS_ALL development)
  set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"The machinery of assay for suites of benchmarks of one's own: headers, the
library, and what CMake and pkg-config need to find them.")
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libassay-dev)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libassay${ASSAY_LIBRARY_ABI} (= ${PROJECT_VERSION}), check (>= 0.15.2)")
  # Of libassay.a, which keeps nothing of them to itself.
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libcurl4-openssl-dev, libevent-dev, libjson-c-dev, libpcre2-dev, \
libsqlite3-dev, libssl-dev, libxml2-dev, libyaml-dev")
endif()
include(CPack)
