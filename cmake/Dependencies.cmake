# What the system has by find_package or its files; else a pinned version, fetched and built here.
include(FetchContent)
set(FETCHCONTENT_QUIET ON)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)

# heed_fetch(NAME REPOSITORY TAG [option...]): a pinned version, built here.
function(heed_fetch name repository tag)
  message(STATUS "${name} not found on this system: fetching ${tag}")
  # Some of these versions ask for a CMake so old that a new one refuses, or ignores our settings.
  set(CMAKE_POLICY_VERSION_MINIMUM 3.5)
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  # Their warnings are not ours, least of all as errors.
  get_directory_property(options COMPILE_OPTIONS)
  set_directory_properties(PROPERTIES COMPILE_OPTIONS -w)
  FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON ${ARGN})
  FetchContent_MakeAvailable(${name})
  set_directory_properties(PROPERTIES COMPILE_OPTIONS "${options}")
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()

# heed_dependency(PACKAGE TARGET NAME URL TAG): TARGET from find_package(PACKAGE), else fetched.
function(heed_dependency package target name repository tag)
  find_package(${package} QUIET)
  if(TARGET ${target})
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
  else()
    heed_fetch(${name} ${repository} ${tag})
  endif()
endfunction()

set(JSON_BuildTests OFF)
set(CLI11_BUILD_TESTS OFF)
set(CLI11_BUILD_EXAMPLES OFF)
heed_dependency(fmt fmt::fmt fmt https://github.com/fmtlib/fmt 10.2.1)
# Compiled once in its library: in every file of ours it would cost more than all else in it.
# LibTorch carries headers of another fmt, so those that fit the library come first.
get_target_property(fmt_includes fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
find_path(FMT_HEADERS fmt/core.h PATHS ${fmt_includes} ${fmt_SOURCE_DIR}/include NO_DEFAULT_PATH)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fmt_first)
file(CREATE_LINK ${FMT_HEADERS}/fmt ${CMAKE_BINARY_DIR}/fmt_first/fmt SYMBOLIC)
include_directories(BEFORE SYSTEM ${CMAKE_BINARY_DIR}/fmt_first)
heed_dependency(nlohmann_json nlohmann_json::nlohmann_json json https://github.com/nlohmann/json v3.11.3)
heed_dependency(CLI11 CLI11::CLI11 cli11 https://github.com/CLIUtils/CLI11 v2.4.2)
if(HEED_TESTS)
  set(INSTALL_GTEST OFF)
  heed_dependency(GTest GTest::gmock googletest https://github.com/google/googletest v1.14.0)
  include(GoogleTest)
endif()

# cpp-httplib: Debian's is compiled, and its header fits the library only with what that has on.
find_package(OpenSSL REQUIRED)
find_path(HTTPLIB_INCLUDE_DIR httplib.h)
find_library(HTTPLIB_LIBRARY cpp-httplib)
set(HTTPLIB_VERSION 0)
if(HTTPLIB_INCLUDE_DIR)
  file(STRINGS ${HTTPLIB_INCLUDE_DIR}/httplib.h HTTPLIB_VERSION REGEX "define CPPHTTPLIB_VERSION ")
  string(REGEX REPLACE "[^0-9.]" "" HTTPLIB_VERSION "${HTTPLIB_VERSION}")
endif()
# src/server/http_server.cpp takes the place of what a server does with a connection, which later versions have changed.
if(HTTPLIB_LIBRARY AND HTTPLIB_VERSION VERSION_GREATER_EQUAL 0.10 AND HTTPLIB_VERSION VERSION_LESS 0.12)
  add_library(httplib::httplib INTERFACE IMPORTED GLOBAL)
  target_include_directories(httplib::httplib INTERFACE ${HTTPLIB_INCLUDE_DIR})
  target_link_libraries(httplib::httplib INTERFACE ${HTTPLIB_LIBRARY})
  target_compile_definitions(httplib::httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
else()
  set(HTTPLIB_USE_BROTLI_IF_AVAILABLE OFF)
  set(HTTPLIB_REQUIRE_OPENSSL ON)
  heed_fetch(httplib https://github.com/yhirose/cpp-httplib v0.11.4)
endif()
# heed_optional(NAME HEADER LIBRARY DEFINITION WHAT): heed::NAME, which is empty where it is not here.
function(heed_optional name header library definition what)
  string(TOUPPER ${name} upper)
  find_path(${upper}_HEADERS ${header})
  find_library(${upper}_LIBRARY ${library})
  add_library(heed::${name} INTERFACE IMPORTED GLOBAL)
  if(${upper}_HEADERS AND ${upper}_LIBRARY)
    target_include_directories(heed::${name} INTERFACE ${${upper}_HEADERS})
    target_link_libraries(heed::${name} INTERFACE ${${upper}_LIBRARY})
    set(HEED_OPTIONAL_DEFINITIONS ${HEED_OPTIONAL_DEFINITIONS} ${definition} PARENT_SCOPE)
  else()
    message(STATUS "${name} not found: heed will not read ${what} (Debian and Ubuntu: lib${library}-dev)")
  endif()
endfunction()
heed_optional(zstd zstd.h zstd HEED_ZSTD ".zst files")
heed_optional(xz lzma.h lzma HEED_XZ ".xz files")

# xxHash and SentencePiece come without CMake files on Debian: take the header and the library.
find_path(XXHASH_INCLUDE_DIR xxhash.h)
if(NOT XXHASH_INCLUDE_DIR)
  # A folder that is not there: nothing is built, the header is enough.
  heed_fetch(xxhash https://github.com/Cyan4973/xxHash v0.8.2 SOURCE_SUBDIR not-built)
  set(XXHASH_INCLUDE_DIR ${xxhash_SOURCE_DIR})
endif()
add_library(xxhash::xxhash INTERFACE IMPORTED GLOBAL)
target_include_directories(xxhash::xxhash INTERFACE ${XXHASH_INCLUDE_DIR})

find_path(SENTENCEPIECE_INCLUDE_DIR sentencepiece_processor.h)
find_library(SENTENCEPIECE_LIBRARY sentencepiece)
find_library(SENTENCEPIECE_TRAIN_LIBRARY sentencepiece_train)
add_library(sentencepiece::sentencepiece INTERFACE IMPORTED GLOBAL)
if(SENTENCEPIECE_INCLUDE_DIR AND SENTENCEPIECE_LIBRARY AND SENTENCEPIECE_TRAIN_LIBRARY)
  target_include_directories(sentencepiece::sentencepiece INTERFACE ${SENTENCEPIECE_INCLUDE_DIR})
  target_link_libraries(sentencepiece::sentencepiece
    INTERFACE ${SENTENCEPIECE_TRAIN_LIBRARY} ${SENTENCEPIECE_LIBRARY})
else()
  set(SPM_ENABLE_SHARED OFF)
  heed_fetch(sentencepiece https://github.com/google/sentencepiece v0.2.1)
  target_include_directories(sentencepiece::sentencepiece INTERFACE ${sentencepiece_SOURCE_DIR}/src)
  target_link_libraries(sentencepiece::sentencepiece
    INTERFACE sentencepiece_train-static sentencepiece-static)
endif()

if(NOT HEED_TORCH)
  return()
endif()

# LibTorch's folder, in this order: the CMake prefix; LIBTORCH; a Python that has torch; .deps/.
# scripts/lib.sh looks in the same places.
function(heed_find_libtorch result)
  string(REPLACE ":" ";" prefixes "$ENV{CMAKE_PREFIX_PATH}")
  set(places ${CMAKE_PREFIX_PATH} ${prefixes} ${LIBTORCH} $ENV{LIBTORCH})
  foreach(python python3 ${CMAKE_SOURCE_DIR}/.deps/venv/bin/python)
    execute_process(COMMAND ${python} -c "from importlib.util import find_spec as f
print(f('torch').submodule_search_locations[0])"
      OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      list(APPEND places ${folder})
    endif()
  endforeach()
  foreach(place ${places})
    # torch.utils.cmake_prefix_path, which many give as the prefix, ends in share/cmake.
    string(REGEX REPLACE "/share/cmake/?$" "" place "${place}")
    set(files ${place}/share/cmake/Torch)
    if(EXISTS ${files}/TorchConfigVersion.cmake AND EXISTS ${place}/include/ATen)
      include(${files}/TorchConfigVersion.cmake)
      file(STRINGS ${files}/TorchConfig.cmake old_abi REGEX "CXX11_ABI=0")
      if(PACKAGE_VERSION VERSION_GREATER_EQUAL 2.6 AND NOT old_abi)
        message(STATUS "LibTorch ${PACKAGE_VERSION}: ${place}")
        set(${result} ${place} PARENT_SCOPE)
        return()
      endif()
      message(STATUS "Passed over: LibTorch ${PACKAGE_VERSION} in ${place} (too old, or the old C++ ABI)")
    endif()
  endforeach()
  message(FATAL_ERROR "LibTorch 2.6 or later not found. Run scripts/setup.sh, or give its folder: "
    "cmake -DCMAKE_PREFIX_PATH=/path/to/libtorch ... (or the environment variable LIBTORCH)")
endfunction()
heed_find_libtorch(TORCH_INSTALL_PREFIX)

# Linked by name and not through its TorchConfig.cmake: for a CUDA build, which is what pip gives,
# that file demands nvcc and a whole CUDA toolkit, and heed compiles no CUDA.
set(torch_lib ${TORCH_INSTALL_PREFIX}/lib/${CMAKE_SHARED_LIBRARY_PREFIX})
set(torch_suffix ${CMAKE_SHARED_LIBRARY_SUFFIX})
add_library(heed::torch INTERFACE IMPORTED GLOBAL)
target_compile_definitions(heed::torch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO USE_RPC USE_TENSORPIPE)
target_include_directories(heed::torch INTERFACE
  ${TORCH_INSTALL_PREFIX}/include ${TORCH_INSTALL_PREFIX}/include/torch/csrc/api/include)
# libtorch itself has no symbols of use; it brings in the CUDA library where there is one, and must
# not be dropped as unneeded.
target_link_libraries(heed::torch INTERFACE fmt::fmt
  "-Wl,--push-state,--no-as-needed,\"${torch_lib}torch${torch_suffix}\",--pop-state"
  ${torch_lib}torch_cpu${torch_suffix} ${torch_lib}c10${torch_suffix})
# The libraries that a wheel brings for its own (on ARM, those of OpenBLAS): GNU's linker wants to see
# them, and looks where it is told.
if(EXISTS ${TORCH_INSTALL_PREFIX}/../torch.libs)
  target_link_options(heed::torch INTERFACE -Wl,-rpath-link,${TORCH_INSTALL_PREFIX}/../torch.libs)
endif()

# Processes that train together: LibTorch brings Gloo, but of its headers only its own.
find_path(GLOO_INCLUDE_DIR gloo/rendezvous/store.h)
if(GLOO_INCLUDE_DIR AND EXISTS ${TORCH_INSTALL_PREFIX}/include/torch/csrc/distributed/c10d/ProcessGroupGloo.hpp)
  set(HEED_GLOO ON)
else()
  message(STATUS "Without gloo/rendezvous/store.h (libgloo-dev): heed train works in one process alone")
endif()

# at::parallel_for is a header's template: without OpenMP it would run on one thread, in silence.
find_package(OpenMP REQUIRED COMPONENTS CXX)
target_link_libraries(heed::torch INTERFACE OpenMP::OpenMP_CXX)
