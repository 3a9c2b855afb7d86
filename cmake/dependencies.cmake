# SPDX-License-Identifier: Apache-2.0
# Every third party the project links. A module names the targets it keeps private.
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost REQUIRED)  # headers only: Boost.Graph
find_package(Protobuf REQUIRED)
find_package(ONNX REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)

include(${CMAKE_CURRENT_LIST_DIR}/named_libraries.cmake)  # lanewise::systemc, lanewise::xgboost
if(lanewise_missing_library)
  message(FATAL_ERROR "The library ${lanewise_missing_library} or its header is not found")
endif()
set(LANEWISE_HEADER_ONLY Boost::headers Eigen3::Eigen nlohmann_json::nlohmann_json CLI11::CLI11)
