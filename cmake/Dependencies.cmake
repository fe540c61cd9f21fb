# What the system has by find_package or its files; else a pinned version, fetched and built here.
include(FetchContent)
set(FETCHCONTENT_QUIET ON)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)

# heed_dependency(PACKAGE TARGET NAME URL TAG): TARGET from find_package(PACKAGE), else fetched.
function(heed_dependency package target name repository tag)
  find_package(${package} QUIET)
  if(TARGET ${target})
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
    return()
  endif()
  message(STATUS "${package} not found on this system: fetching ${name} ${tag}")
  FetchContent_Declare(${name} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON)
  FetchContent_MakeAvailable(${name})
endfunction()

set(JSON_BuildTests OFF)
set(CLI11_BUILD_TESTS OFF)
set(CLI11_BUILD_EXAMPLES OFF)
heed_dependency(fmt fmt::fmt-header-only fmt https://github.com/fmtlib/fmt 10.2.1)
heed_dependency(nlohmann_json nlohmann_json::nlohmann_json json https://github.com/nlohmann/json v3.11.3)
heed_dependency(CLI11 CLI11::CLI11 cli11 https://github.com/CLIUtils/CLI11 v2.4.2)
if(HEED_TESTS)
  set(INSTALL_GTEST OFF)
  heed_dependency(GTest GTest::gmock googletest https://github.com/google/googletest v1.14.0)
  include(GoogleTest)
endif()

# xxHash and SentencePiece come without CMake files on Debian: take the header and the library.
find_path(XXHASH_INCLUDE_DIR xxhash.h)
if(NOT XXHASH_INCLUDE_DIR)
  FetchContent_Declare(xxhash GIT_REPOSITORY https://github.com/Cyan4973/xxHash GIT_TAG v0.8.2
    GIT_SHALLOW ON SOURCE_SUBDIR not-built)  # used as a header alone
  FetchContent_MakeAvailable(xxhash)
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
  message(STATUS "SentencePiece not found on this system: fetching v0.1.99")
  set(SPM_ENABLE_SHARED OFF)
  FetchContent_Declare(sentencepiece GIT_REPOSITORY https://github.com/google/sentencepiece
    GIT_TAG v0.1.99 GIT_SHALLOW ON)
  FetchContent_MakeAvailable(sentencepiece)
  target_include_directories(sentencepiece::sentencepiece INTERFACE ${sentencepiece_SOURCE_DIR}/src)
  target_link_libraries(sentencepiece::sentencepiece
    INTERFACE sentencepiece_train-static sentencepiece-static)
endif()

if(NOT HEED_TORCH)
  return()
endif()

# LibTorch, in this order: the CMake prefix; LIBTORCH; a Python that can import torch; .deps/.
find_package(Torch QUIET)
if(NOT Torch_FOUND)
  set(candidates $ENV{LIBTORCH} ${LIBTORCH})
  foreach(python python3 ${CMAKE_SOURCE_DIR}/.deps/venv/bin/python)
    execute_process(COMMAND ${python} -c "import torch; print(torch.__path__[0])"
      OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      list(APPEND candidates ${folder})
    endif()
  endforeach()
  find_package(Torch QUIET PATHS ${candidates} NO_DEFAULT_PATH)
endif()
if(NOT Torch_FOUND)
  message(FATAL_ERROR "LibTorch not found. Run scripts/setup.sh, or give its folder: "
    "cmake -DCMAKE_PREFIX_PATH=/path/to/libtorch ... (or the environment variable LIBTORCH)")
endif()
message(STATUS "LibTorch: ${TORCH_INSTALL_PREFIX}")
add_library(heed::torch INTERFACE IMPORTED GLOBAL)
# fmt first: LibTorch carries headers of another fmt.
target_link_libraries(heed::torch INTERFACE fmt::fmt-header-only ${TORCH_LIBRARIES})
separate_arguments(torch_flags NATIVE_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(heed::torch INTERFACE ${torch_flags})
