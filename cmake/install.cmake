# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the programs, the data that they find at run time, and the CMake package with its
# libraries and headers. Included once every module is known.
include(CMakePackageConfigHelpers)

# Parts that a package may hold by itself: what is run, and what programs of others are built with.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME runtime)

install(TARGETS lanewise DESTINATION ${CMAKE_INSTALL_BINDIR})
if(LANEWISE_WITH_TORCH)
  install(TARGETS lanewise-fit DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT fit)
endif()
install(TARGETS lanewise-worker DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/lanewise)
install(DIRECTORY hwconfigs models spaces campaigns workloads DESTINATION ${CMAKE_INSTALL_DATADIR}/lanewise
        FILES_MATCHING PATTERN "*.yaml" PATTERN "*.onnx" PATTERN "*.tflite" PATTERN "*.md")
# What was measured on RTL, for validate and engine fit.
install(DIRECTORY benchmarks/validation DESTINATION ${CMAKE_INSTALL_DATADIR}/lanewise/benchmarks FILES_MATCHING PATTERN "*.csv" PATTERN "*.md")
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN "extending" EXCLUDE)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT dev)

# A program of the build tree finds the checkout in the same way as an installed one finds its data
# (core/base/installation.hpp).
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share)
file(CREATE_LINK ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR}/share/lanewise SYMBOLIC)

# The libraries, one target per module, and lanewise::lanewise for all of them.
get_property(modules GLOBAL PROPERTY LANEWISE_INSTALLED_MODULES)
lanewise_targets(targets ${modules})
add_library(lanewise_everything INTERFACE)
set_target_properties(lanewise_everything PROPERTIES EXPORT_NAME lanewise)
target_link_libraries(lanewise_everything INTERFACE ${targets})
install(TARGETS ${targets} lanewise_everything EXPORT lanewise
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/lanewise COMPONENT dev)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/lanewise)
install(EXPORT lanewise NAMESPACE lanewise:: FILE lanewise-targets.cmake DESTINATION ${package}
        COMPONENT dev)
configure_package_config_file(cmake/lanewise-config.cmake.in ${CMAKE_BINARY_DIR}/lanewise-config.cmake
                              INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lanewise-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/lanewise-config.cmake ${CMAKE_BINARY_DIR}/lanewise-config-version.cmake
              cmake/named_libraries.cmake
        DESTINATION ${package} COMPONENT dev)

# The public headers: all of the modules but those that show a third party's, as users need not have these, those in the
# folder of the SystemC units, and those that include such a header.
set(headers "")
foreach(module ${modules})
  file(GLOB_RECURSE found RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${module}/*.hpp)
  list(APPEND headers ${found})
endforeach()
list(REMOVE_DUPLICATES headers)
set(private "")
foreach(header ${headers})
  file(STRINGS ${header} lines REGEX "^#include ")
  if(header MATCHES "^sim/units/" OR
     lines MATCHES "<(CLI|Eigen|boost|fmt|google|nlohmann|onnx|sqlite3|systemc|tlm|xgboost|yaml-cpp|flatbuffers)")
    list(APPEND private ${header})
  endif()
  string(REGEX MATCHALL "\"[^\"]+\"" quoted "${lines}")
  string(REPLACE "\"" "" includes_${header} "${quoted}")
endforeach()
set(grown TRUE)
while(grown)
  set(grown FALSE)
  foreach(header ${headers})
    if(header IN_LIST private)
      continue()
    endif()
    foreach(included ${includes_${header}})
      if(included IN_LIST private)
        list(APPEND private ${header})
        set(grown TRUE)
        break()
      endif()
    endforeach()
  endforeach()
endwhile()
list(REMOVE_ITEM headers ${private})
foreach(header ${headers})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lanewise/${folder} COMPONENT dev)
endforeach()
