# Finds every library with pkg-config; a missing one stops with one line that names the packages to install.
find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "pkg-config is missing: apt install pkg-config, or brew install pkg-config")
endif()

function(assay_dependency target module debian homebrew)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "${module} is missing: apt install ${debian}, or brew install ${homebrew}")
  endif()
  add_library(dep::${target} ALIAS PkgConfig::${target})
  list(APPEND ASSAY_DEPENDENCIES ${target})
  set(ASSAY_DEPENDENCIES "${ASSAY_DEPENDENCIES}" PARENT_SCOPE)
endfunction()

set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)
assay_dependency(check "check >= 0.15.2" check check)
assay_dependency(curl "libcurl >= 7.84" libcurl4-openssl-dev curl)
assay_dependency(jsonc "json-c >= 0.15" libjson-c-dev json-c)
assay_dependency(xml2 "libxml-2.0 >= 2.9.10" libxml2-dev libxml2)
assay_dependency(event "libevent_core >= 2.1" libevent-dev libevent)
assay_dependency(yaml "yaml-0.1 >= 0.2" libyaml-dev libyaml)
assay_dependency(pcre2 "libpcre2-8 >= 10.30" libpcre2-dev pcre2)
assay_dependency(crypto "libcrypto >= 3.0" libssl-dev openssl@3)
assay_dependency(ssl "openssl >= 3.0" libssl-dev openssl@3)
assay_dependency(sqlite "sqlite3 >= 3.35" libsqlite3-dev sqlite)

# Optional: compressed files of samples.
pkg_check_modules(zstd QUIET IMPORTED_TARGET "libzstd >= 1.4")
if(zstd_FOUND)
  add_library(dep::zstd ALIAS PkgConfig::zstd)
  list(APPEND ASSAY_DEPENDENCIES zstd)
endif()

# Optional: files that are gzipped. libcurl and libxml2 bring the library itself wherever they are.
pkg_check_modules(zlib QUIET IMPORTED_TARGET "zlib >= 1.2.9")
if(zlib_FOUND)
  add_library(dep::zlib ALIAS PkgConfig::zlib)
  list(APPEND ASSAY_DEPENDENCIES zlib)
endif()

# Optional: timelines as PNG.
pkg_check_modules(cairo QUIET IMPORTED_TARGET "cairo >= 1.16")
if(cairo_FOUND)
  add_library(dep::cairo ALIAS PkgConfig::cairo)
  list(APPEND ASSAY_DEPENDENCIES cairo)
endif()

find_package(Threads REQUIRED)
