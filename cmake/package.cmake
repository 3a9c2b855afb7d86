# SPDX-License-Identifier: Apache-2.0
# Debian packages by CPack: lanewise, lanewise-dev with the libraries and headers, and lanewise-fit where it is built.
#   cpack --config build/release/CPackConfig.cmake -B build/package
# Included last, once everything that is installed is known.
set(LANEWISE_MAINTAINER "Lanewise maintainers <maintainers@lanewise.invalid>" CACHE STRING
    "Who answers for the Debian package, as in NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lanewise)
set(CPACK_PACKAGE_VENDOR Lanewise)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL runtime dev)
if(LANEWISE_WITH_TORCH)
  list(APPEND CPACK_COMPONENTS_ALL fit)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${LANEWISE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME lanewise)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
"performance of neural networks on engines that do not exist yet
Lanewise simulates how fast, how power-hungry and how big a neural network is
on a neural engine, cycle by cycle in SystemC; learns estimators from its own
measurements; and searches for networks and engines that suit each other.

It comes with engines, networks, search spaces and campaigns.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME lanewise-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "lanewise (= ${PROJECT_VERSION}), libsystemc-dev (>= 2.3.4), libxgboost-dev, \
libonnx-dev, libprotobuf-dev, libsqlite3-dev, libyaml-cpp-dev, libfmt-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
"libraries and headers of Lanewise
Static libraries, headers, a CMake package and examples for programs that
simulate, estimate and search with Lanewise themselves.")

set(CPACK_DEBIAN_FIT_PACKAGE_NAME lanewise-fit)
set(CPACK_DEBIAN_FIT_PACKAGE_SECTION science)
set(CPACK_DEBIAN_FIT_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FIT_PACKAGE_DEPENDS "lanewise (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_FIT_DESCRIPTION
"trains the networks that Lanewise searches, and scores them
Trains neural networks of search spaces on labelled images by libtorch, rounds
and prunes them, and says how good they are, trained or untrained.")

# The files that a package of Debian's has beside those that are installed anyway.
set(documents ${CMAKE_BINARY_DIR}/packaging)
set(LANEWISE_EMBEDDED "")
file(GLOB licenses ${PROJECT_SOURCE_DIR}/page/node_modules/*/LICENSE* ${PROJECT_SOURCE_DIR}/page/node_modules/@*/*/LICENSE*)
foreach(license IN LISTS licenses)
  get_filename_component(library ${license} DIRECTORY)
  file(RELATIVE_PATH library ${PROJECT_SOURCE_DIR}/page/node_modules ${library})
  file(READ ${license} text)
  string(STRIP "${text}" text)
  string(APPEND LANEWISE_EMBEDDED "\n\n${library}:\n\n${text}")
endforeach()
# An indented paragraph, in which a point stands for an empty line.
string(REGEX REPLACE "\n" "\n " LANEWISE_EMBEDDED "${LANEWISE_EMBEDDED}")
string(REGEX REPLACE "\n[ \t\r]*\n" "\n .\n" LANEWISE_EMBEDDED "${LANEWISE_EMBEDDED}")
string(STRIP "${LANEWISE_EMBEDDED}" LANEWISE_EMBEDDED)
string(PREPEND LANEWISE_EMBEDDED " ")
execute_process(COMMAND date --utc --rfc-email --date=${LANEWISE_DATE} OUTPUT_VARIABLE LANEWISE_CHANGELOG_DATE
                OUTPUT_STRIP_TRAILING_WHITESPACE)
configure_file(packaging/copyright.in ${documents}/copyright @ONLY)
configure_file(packaging/changelog.in ${documents}/changelog @ONLY)
execute_process(COMMAND gzip --best --no-name --force --keep ${documents}/changelog)
foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} upper)
  install(FILES ${documents}/copyright ${documents}/changelog.gz
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} COMPONENT ${component})
endforeach()

include(CPack)
