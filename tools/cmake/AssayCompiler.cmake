# Language level, warnings and instrumentation, the same for every target of the project.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

add_compile_definitions(_GNU_SOURCE)
if(APPLE)
  add_compile_definitions(_DARWIN_C_SOURCE _REENTRANT) # the second declares lgamma_r
  add_compile_options(-include "${PROJECT_SOURCE_DIR}/harness/base/macos_libc.h")
endif()
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wno-missing-field-initializers # tables leave out what is zero
  -fno-omit-frame-pointer
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=") # what is installed does not name the tree that it comes from
if(ASSAY_WERROR)
  add_compile_options(-Werror)
endif()
if(ASSAY_SANITIZE)
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
endif()
if(ASSAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(ASSAY_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
  add_compile_definitions(ASSAY_COVERAGE)
endif()
