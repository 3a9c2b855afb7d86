# SPDX-License-Identifier: Apache-2.0
# A room is one library target: the sources of its folder, the rooms it may include, the third parties it keeps private.
#   lanewise_room(NAME ROOMS base ... PRIVATE third_party ...)
function(lanewise_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main[^/]*\\.cpp$")
  add_library(${name}_room STATIC ${sources})
  set_target_properties(${name}_room PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${name}_room PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ROOM_ROOMS APPEND _room)
  target_link_libraries(${name}_room PUBLIC ${ROOM_ROOMS} PRIVATE project_warnings ${ROOM_PRIVATE})
endfunction()

# Every *_test.cpp of a folder becomes one executable and one ctest entry, so that SystemC's global kernel and every
# other process-wide state start fresh in each.
#   lanewise_tests(ROOMS base ... [PRIVATE third_party ...])
function(lanewise_tests)
  cmake_parse_arguments(TEST "" "" "ROOMS;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  list(TRANSFORM TEST_ROOMS APPEND _room)
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    set(name ${folder}_${stem})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE ${TEST_ROOMS} ${TEST_PRIVATE} project_warnings GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE LANEWISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               LANEWISE_BINARY_DIR="${CMAKE_BINARY_DIR}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # A test that lacks data kept outside the repository says so and counts as skipped, not as passed.
    set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  endforeach()
endfunction()
