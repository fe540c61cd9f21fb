if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(HEED_CCACHE ccache)
if(HEED_CCACHE)
  # The sloppiness lets ccache keep objects that were compiled with the precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${HEED_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  else()
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
endif()

# Tried and not looked for: a compiler may not know the name, or take only its own linkers, as those
# for other machines do.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=mold HEED_LINKS_WITH_MOLD)
if(HEED_LINKS_WITH_MOLD)
  add_link_options(-fuse-ld=mold)
else()
  check_linker_flag(CXX -fuse-ld=lld HEED_LINKS_WITH_LLD)
  if(HEED_LINKS_WITH_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fno-math-errno)  # kernels/simd.h tells GCC so by an attribute
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12's stable_sort calls what C++17 deprecates; a sanitizer keeps loops from being vectorised.
  add_compile_options(-Wno-deprecated-declarations -Wno-pass-failed)
endif()
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra>)
if(HEED_WERROR)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
