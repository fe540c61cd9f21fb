# What `cmake --install` and `cpack` give: a tree that works wherever it is put, a Debian package, and
# the library for find_package(heed).
option(HEED_BUNDLE_LIBTORCH "Install LibTorch's libraries beside heed, so that the tree can be moved" ON)

# Relative to heed-torch, which alone loads LibTorch, so that the tree may lie anywhere.
if(HEED_BUNDLE_LIBTORCH)
  set_target_properties(heed-torch PROPERTIES INSTALL_RPATH "$ORIGIN")
  file(GLOB libtorch_files ${TORCH_INSTALL_PREFIX}/lib/libtorch.so ${TORCH_INSTALL_PREFIX}/lib/libtorch_c*.so
    ${TORCH_INSTALL_PREFIX}/lib/libc10*.so ${TORCH_INSTALL_PREFIX}/lib/libgomp*.so*
    ${TORCH_INSTALL_PREFIX}/../torch.libs/*.so*)
  install(FILES ${libtorch_files} DESTINATION ${heed_libraries})
else()
  set_target_properties(heed-torch PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
endif()
install(TARGETS heed RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS heed-torch RUNTIME DESTINATION ${heed_libraries})
install(FILES configs/reference.ini configs/quickstart.ini DESTINATION ${CMAKE_INSTALL_DATADIR}/heed)

# The manual page and the shells' completions come from the executable itself.
add_custom_command(TARGET heed POST_BUILD
  COMMAND heed manual > ${CMAKE_BINARY_DIR}/heed.1
  COMMAND heed completion bash > ${CMAKE_BINARY_DIR}/heed.bash
  COMMAND heed completion zsh > ${CMAKE_BINARY_DIR}/_heed
  BYPRODUCTS ${CMAKE_BINARY_DIR}/heed.1 ${CMAKE_BINARY_DIR}/heed.bash ${CMAKE_BINARY_DIR}/_heed VERBATIM)
install(FILES ${CMAKE_BINARY_DIR}/heed.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/heed.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME heed)
install(FILES ${CMAKE_BINARY_DIR}/_heed DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# find_package(heed): the layers as static libraries, their headers, and the search for what they need.
set(heed_cmake ${CMAKE_INSTALL_LIBDIR}/cmake/heed)
foreach(layer ${HEED_LAYERS})
  install(TARGETS heed_${layer} EXPORT heed ARCHIVE DESTINATION ${heed_libraries})
endforeach()
install(DIRECTORY src/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${CMAKE_BINARY_DIR}/generated/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed FILES_MATCHING PATTERN "*.h")
install(EXPORT heed NAMESPACE heed:: DESTINATION ${heed_cmake} FILE heedTargets.cmake)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(cmake/heedConfig.cmake.in heedConfig.cmake @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/heedConfig.cmake ${CMAKE_BINARY_DIR}/heedConfigVersion.cmake
  cmake/Dependencies.cmake DESTINATION ${heed_cmake})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Neural machine translation with attention you can see")
set(CPACK_PACKAGE_CONTACT "the heed maintainers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${TORCH_INSTALL_PREFIX}/lib)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
include(CPack)
