# heed_embed(HEADER NAME FILE...): the header HEADER, with the text of the files, one after the other, as the string
# NAME in namespace heed. Made anew when a file changes.
function(heed_embed header name)
  set(text "// Made by CMake from ${ARGN}.\n#pragma once\n\n#include <string_view>\n\nnamespace heed {\n\n"
    "inline constexpr std::string_view ${name} =")
  string(CONCAT text ${text})
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} content)
    string(APPEND text "\n    R\"heed(${content})heed\"")
  endforeach()
  string(APPEND text ";\n\n}  // namespace heed\n")
  heed_write_embedded(${header} "${text}")
endfunction()

function(heed_write_embedded header text)
  set(path ${CMAKE_BINARY_DIR}/generated/${header})
  if(EXISTS ${path})
    file(READ ${path} before)
  endif()
  if(NOT text STREQUAL "${before}")  # else what includes it would be compiled for nothing
    file(WRITE ${path} "${text}")
  endif()
endfunction()

# heed_embed_files(HEADER NAME FILE...): the header HEADER, with the array NAME of the files' names (without their
# folders) and texts, in namespace heed.
function(heed_embed_files header name)
  list(LENGTH ARGN count)
  string(CONCAT text "// Made by CMake from ${ARGN}.\n#pragma once\n\n#include <array>\n#include <string_view>\n"
    "#include <utility>\n\nnamespace heed {\n\n"
    "inline constexpr std::array<std::pair<std::string_view, std::string_view>, ${count}> ${name} = {{")
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} content)
    get_filename_component(base ${file} NAME)
    string(APPEND text "\n    {\"${base}\", R\"heed(${content})heed\"},")
  endforeach()
  string(APPEND text "\n}};\n\n}  // namespace heed\n")
  heed_write_embedded(${header} "${text}")
endfunction()
