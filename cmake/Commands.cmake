# The executable, twice: heed, which starts at once, and heed-torch, which it becomes for what needs
# LibTorch (apps/libtorch.h).
set(heed_libraries ${CMAKE_INSTALL_LIBDIR}/heed)  # in an installed tree
file(RELATIVE_PATH libraries_from_bin /${CMAKE_INSTALL_BINDIR} /${heed_libraries})

file(GLOB app_sources CONFIGURE_DEPENDS apps/*.cpp)
list(FILTER app_sources EXCLUDE REGEX "(with|without)_libtorch\\.cpp$")
add_library(heed_commands STATIC ${app_sources})
target_link_libraries(heed_commands PUBLIC heed_server CLI11::CLI11)
set_target_properties(heed_commands PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 7)

add_executable(heed-torch apps/with_libtorch.cpp)
target_link_libraries(heed-torch PRIVATE heed_commands heed_training heed_exchange)
add_executable(heed apps/without_libtorch.cpp)
target_link_libraries(heed PRIVATE heed_commands)
target_compile_definitions(heed PRIVATE HEED_LIBRARY_FOLDER="${libraries_from_bin}")
add_dependencies(heed heed-torch)
set_target_properties(heed heed-torch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
