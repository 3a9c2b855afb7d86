# SPDX-License-Identifier: Apache-2.0
# Debian ships no CMake files for SystemC, and XGBoost's name a file that is not packaged: both are found by name, here
# and, as this file is installed beside the package's configuration, on the machine of whoever links against it.
# The name of one that is not there is left in lanewise_missing_library.
set(lanewise_missing_library "")

function(lanewise_named_library name header)
  string(TOUPPER ${name} prefix)
  find_path(${prefix}_INCLUDE_DIR ${header})
  find_library(${prefix}_LIBRARY ${name})
  mark_as_advanced(${prefix}_INCLUDE_DIR ${prefix}_LIBRARY)
  if(NOT ${prefix}_INCLUDE_DIR OR NOT ${prefix}_LIBRARY)
    set(lanewise_missing_library ${name} PARENT_SCOPE)
    return()
  endif()
  if(NOT TARGET lanewise::${name})
    add_library(lanewise::${name} INTERFACE IMPORTED GLOBAL)
    set_target_properties(lanewise::${name} PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES ${${prefix}_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES ${${prefix}_LIBRARY})
  endif()
endfunction()

lanewise_named_library(systemc systemc)
lanewise_named_library(xgboost xgboost/c_api.h)
