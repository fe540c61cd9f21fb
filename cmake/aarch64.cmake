# Builds for 64-bit ARM on another machine, by Debian's compiler for it, and runs what is built under
# QEMU's emulation of a user's programs: scripts/test_arm.sh. On an ARM machine nobody needs this.
#
#   cmake --toolchain cmake/aarch64.cmake -DHEED_SYSROOT=/folder/of/arm64/packages ...
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(HEED_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../.deps/aarch64/root CACHE PATH
  "Where Debian's arm64 packages are unpacked")
# The small projects by which CMake tries the compiler read this file too.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HEED_SYSROOT)
get_filename_component(CMAKE_SYSROOT ${HEED_SYSROOT} ABSOLUTE)

# Tools are this machine's; headers, libraries and packages the other one's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(HEED_QEMU NAMES qemu-aarch64 qemu-aarch64-static)
if(HEED_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${HEED_QEMU} -L ${CMAKE_SYSROOT})
endif()
