# SPDX-License-Identifier: Apache-2.0
# What a program says of its own command line, written to files beside it as soon as it is linked, and installed where
# shells and man look: scripts of completion, and pages of the manual.
#   lanewise_help_files(lanewise COMPONENT runtime)
function(lanewise_help_files program)
  cmake_parse_arguments(HELP "" "COMPONENT" "" ${ARGN})
  set(completion ${CMAKE_BINARY_DIR}/completion)
  set(pages ${CMAKE_BINARY_DIR}/man/${program})
  file(MAKE_DIRECTORY ${completion} ${pages})
  add_custom_command(TARGET ${program} POST_BUILD
    COMMAND $<TARGET_FILE:${program}> completion bash > ${completion}/${program}
    COMMAND $<TARGET_FILE:${program}> completion zsh > ${completion}/_${program}
    COMMAND $<TARGET_FILE:${program}> completion fish > ${completion}/${program}.fish
    COMMAND $<TARGET_FILE:${program}> manual --out ${pages} --date ${LANEWISE_DATE} > ${pages}/written
    COMMAND sh -c "gzip --best --no-name --force ${pages}/*.1"
    VERBATIM)
  install(FILES ${completion}/${program} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          COMPONENT ${HELP_COMPONENT})
  install(FILES ${completion}/${program}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
          COMPONENT ${HELP_COMPONENT})
  install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${HELP_COMPONENT}
          FILES_MATCHING PATTERN "*.1.gz")
  # Debian's zsh looks into the first below /usr, and into the second everywhere else.
  install(CODE "
    set(folder site-functions)
    if(CMAKE_INSTALL_PREFIX MATCHES \"/usr/?\$\")
      set(folder vendor-completions)
    endif()
    file(INSTALL \"${completion}/_${program}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/zsh/\${folder}\")"
    COMPONENT ${HELP_COMPONENT})
endfunction()
