# SPDX-License-Identifier: Apache-2.0
# A module is one library target: the sources of its folder, the modules it may include, the third parties it keeps
# private. It is named by its path: core/mapping becomes the target lanewise_core_mapping.
#   lanewise_module(core/mapping [SOURCES file.cpp ...] MODULES core/base ... PRIVATE third_party ... [NOT_INSTALLED])
# SOURCES: where they are not simply the .cpp files of the folder (a main*.cpp is a program's, never a module's).
# NOT_INSTALLED: the module is no part of the CMake package; no other one may need it.
function(lanewise_module path)
  cmake_parse_arguments(MODULE "NOT_INSTALLED" "" "SOURCES;MODULES;PRIVATE" ${ARGN})
  if(NOT MODULE_SOURCES)
    file(GLOB MODULE_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER MODULE_SOURCES EXCLUDE REGEX "/main[^/]*\\.cpp$")
  endif()
  lanewise_targets(target ${path})
  lanewise_targets(modules ${MODULE_MODULES})
  add_library(${target} STATIC ${MODULE_SOURCES})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/lanewise>)
  target_compile_features(${target} INTERFACE cxx_std_17)
  target_link_libraries(${target} PUBLIC ${modules} PRIVATE $<BUILD_INTERFACE:project_warnings>)
  # Who links a static library needs the libraries that it keeps private, but not those that are headers only.
  foreach(third_party ${MODULE_PRIVATE})
    if(third_party IN_LIST LANEWISE_HEADER_ONLY)
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${third_party}>)
    else()
      target_link_libraries(${target} PRIVATE ${third_party})
    endif()
  endforeach()
  if(NOT MODULE_NOT_INSTALLED)
    string(REPLACE "/" "_" exported ${path})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${exported})
    set_property(GLOBAL APPEND PROPERTY LANEWISE_INSTALLED_MODULES ${path})
  endif()
endfunction()

# Compiles a target of the release build quickly instead of for speed: for what parses or prints, whose own code takes
# next to no time while it runs. LEVEL: of optimisation, 1 where it is not given; tests take 0, since of the time that
# they take compiling is by far the largest part.
function(lanewise_compile_quickly target)
  set(level 1)
  if(ARGC GREATER 1)
    set(level ${ARGV1})
  endif()
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O${level}>)
endfunction()

# Compiles several sources of a target in one go, five by five, where parsing what they all include takes most of the time.
# The release build alone does so: in the others a source that forgets an include is still found out, and a change
# compiles one source anew.
#   lanewise_compile_together(target [BY_LETTER])
# BY_LETTER: those whose names begin with the same letter instead, so that a new source changes no other group, and in
# whose company a source is compiled does not depend on how many there are.
function(lanewise_compile_together target)
  if(NOT CMAKE_BUILD_TYPE STREQUAL Release)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  if("BY_LETTER" IN_LIST ARGN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    foreach(source ${sources})
      get_filename_component(name ${source} NAME)
      string(SUBSTRING ${name} 0 1 letter)
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${letter})
    endforeach()
  endif()
endfunction()

# The targets of modules: lanewise_targets(VARIABLE core/base sim ...)
function(lanewise_targets variable)
  string(REPLACE "/" "_" names "${ARGN}")
  list(TRANSFORM names PREPEND lanewise_)
  set(${variable} ${names} PARENT_SCOPE)
endfunction()

# Every *_test.cpp of a folder becomes one executable and one ctest entry, so that SystemC's global kernel and every
# other process-wide state start fresh in each. It is named by its path: tests/core/base/units_test.cpp becomes
# core_base_units_test.
#   lanewise_tests(MODULES core/base ... [PRIVATE third_party ...] [PROGRAMS lanewise ...] [PRECOMPILED <header> ...])
# PROGRAMS: targets that the tests start, and that are built before them.
# PRECOMPILED: headers that most of the folder's tests include, beside GoogleTest's. Parsing those is most of what a test's
# compilation takes, so that the release build does it once a folder; in the others a test that forgets an include is
# still found out.
function(lanewise_tests)
  cmake_parse_arguments(TEST "" "" "MODULES;PRIVATE;PROGRAMS;PRECOMPILED" ${ARGN})
  set(first "")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  lanewise_targets(modules ${TEST_MODULES})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "_" folder ${folder})
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    set(name ${folder}_${stem})
    add_executable(${name} ${source})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE ${modules} ${TEST_PRIVATE} project_warnings GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE LANEWISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               LANEWISE_BINARY_DIR="${CMAKE_BINARY_DIR}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    lanewise_compile_quickly(${name} 0)
    if(CMAKE_BUILD_TYPE STREQUAL Release)
      # So that ccache sees which precompiled header it was.
      target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
      if(first)
        target_precompile_headers(${name} REUSE_FROM ${first})
      else()
        set(first ${name})
        target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <algorithm> <filesystem> <fstream> <map> <sstream>
                                                  <string> <vector> ${TEST_PRECOMPILED})
      endif()
    endif()
    if(TEST_PROGRAMS)
      add_dependencies(${name} ${TEST_PROGRAMS})
    endif()
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # A test that lacks data kept outside the repository says so and counts as skipped, not as passed.
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  endforeach()
endfunction()
