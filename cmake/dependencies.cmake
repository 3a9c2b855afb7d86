# SPDX-License-Identifier: Apache-2.0
# Every third party the project links. A module names the targets it keeps private.
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost REQUIRED)  # headers only: Boost.Graph
find_package(Protobuf REQUIRED)
find_package(ONNX REQUIRED)
find_program(FLATC flatc REQUIRED)                               # the compiler of FlatBuffers' descriptions
find_path(FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)  # headers only
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)

include(${CMAKE_CURRENT_LIST_DIR}/named_libraries.cmake)  # lanewise::systemc, lanewise::xgboost
if(lanewise_missing_library)
  message(FATAL_ERROR "The library ${lanewise_missing_library} or its header is not found")
endif()

# Debian's is compiled with OpenSSL, zlib and Brotli, which change what its classes hold: they are named here as its
# pkg-config file names them. Nothing here encrypts or compresses.
find_path(HTTPLIB_INCLUDE_DIR httplib.h REQUIRED)
find_library(HTTPLIB_LIBRARY cpp-httplib REQUIRED)
add_library(lanewise_httplib INTERFACE)
add_library(lanewise::httplib ALIAS lanewise_httplib)
target_include_directories(lanewise_httplib SYSTEM INTERFACE ${HTTPLIB_INCLUDE_DIR})
target_compile_definitions(lanewise_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT CPPHTTPLIB_ZLIB_SUPPORT
                           CPPHTTPLIB_BROTLI_SUPPORT)
target_link_libraries(lanewise_httplib INTERFACE ${HTTPLIB_LIBRARY} Threads::Threads)

if(LANEWISE_WITH_TORCH)
  find_package(PNG REQUIRED)
  find_package(JPEG REQUIRED)
  find_package(ZLIB REQUIRED)
  # Another libtorch than Debian's, such as one for GPUs, is named by -DTorch_DIR. Debian's config looks for libraries
  # that Debian links into libtorch itself, and warns of each.
  set(CMAKE_MESSAGE_LOG_LEVEL ERROR)
  find_package(Torch REQUIRED)
  unset(CMAKE_MESSAGE_LOG_LEVEL)
  add_library(lanewise_torch INTERFACE)
  add_library(lanewise::torch ALIAS lanewise_torch)
  target_link_libraries(lanewise_torch INTERFACE ${TORCH_LIBRARIES})
  target_include_directories(lanewise_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
endif()
set(LANEWISE_HEADER_ONLY Boost::headers Eigen3::Eigen nlohmann_json::nlohmann_json CLI11::CLI11)
