# SPDX-License-Identifier: Apache-2.0
# Warnings for our own code only; third-party headers come in as SYSTEM.
option(LANEWISE_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)
option(LANEWISE_SANITIZE_ADDRESS "Build with AddressSanitizer" OFF)
option(LANEWISE_SANITIZE_UNDEFINED "Build with UndefinedBehaviorSanitizer" OFF)

add_library(project_warnings INTERFACE)
target_compile_options(project_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wnull-dereference -Wconversion -Wno-sign-conversion
  $<$<BOOL:${LANEWISE_WARNINGS_AS_ERRORS}>:-Werror>)

if(LANEWISE_SANITIZE_ADDRESS)
  add_compile_options(-fsanitize=address -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address)
endif()
if(LANEWISE_SANITIZE_UNDEFINED)
  # SystemC and protobuf are built without type information for their hidden types, which -fsanitize=vptr needs.
  add_compile_options(-fsanitize=undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=undefined)
endif()
