# SPDX-License-Identifier: Apache-2.0
# Every third party the project links. A room names the targets it keeps private.
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

# Debian ships no CMake files for SystemC, and XGBoost's name a file that is not packaged: link both by name.
find_path(SYSTEMC_INCLUDE_DIR systemc REQUIRED)
find_library(SYSTEMC_LIBRARY systemc REQUIRED)
add_library(lanewise_systemc INTERFACE)
target_include_directories(lanewise_systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIR})
target_link_libraries(lanewise_systemc INTERFACE ${SYSTEMC_LIBRARY} Threads::Threads)

find_path(XGBOOST_INCLUDE_DIR xgboost/c_api.h REQUIRED)
find_library(XGBOOST_LIBRARY xgboost REQUIRED)
add_library(lanewise_xgboost INTERFACE)
target_include_directories(lanewise_xgboost SYSTEM INTERFACE ${XGBOOST_INCLUDE_DIR})
target_link_libraries(lanewise_xgboost INTERFACE ${XGBOOST_LIBRARY})
