# SPDX-License-Identifier: Apache-2.0
# Files that become a part of the program, so that it needs none beside it.
#   lanewise_embed(page_assets page.css page.js NAME=path/to/other.js ...)
# in a module's folder gives a source file in ${page_assets_source}: C++ that defines the table of `core/base/embedded.hpp`
# lanewise::embedded_page_assets(), one entry per file, under the file's own name or NAME. The file's bytes are taken in by the assembler, which
# takes no time to speak of, whatever their number.
function(lanewise_embed name)
  set(declared "")
  set(rows "")
  set(files "")
  set(number 0)
  foreach(entry ${ARGN})
    if(entry MATCHES "^([^=]+)=(.*)$")
      set(title ${CMAKE_MATCH_1})
      set(path ${CMAKE_MATCH_2})
    else()
      get_filename_component(title ${entry} NAME)
      set(path ${entry})
    endif()
    get_filename_component(path ${path} ABSOLUTE)
    if(NOT EXISTS ${path})
      message(FATAL_ERROR "${path} is missing: scripts/install-packages fetches what pages are drawn with")
    endif()
    set(symbol lanewise_${name}_${number})
    string(APPEND declared
      "asm(\".pushsection .rodata\\n\"\n    \".globl ${symbol}_begin\\n.hidden ${symbol}_begin\\n"
      "${symbol}_begin:\\n.incbin \\\"${path}\\\"\\n\"\n"
      "    \".globl ${symbol}_end\\n.hidden ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.popsection\\n\");\n"
      "extern \"C\" const char ${symbol}_begin[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND rows
      "      {\"${title}\", {${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin)}},\n")
    list(APPEND files ${path})
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"// Made by cmake/embed.cmake.
#include \"core/base/embedded.hpp\"

${declared}
namespace lanewise {

const std::vector<EmbeddedFile>& embedded_${name}() {
  static const std::vector<EmbeddedFile> files = {
${rows}  };
  return files;
}

}  // namespace lanewise
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}" SKIP_UNITY_BUILD_INCLUSION ON)
  set(${name}_source ${source} PARENT_SCOPE)
endfunction()
