// SPDX-License-Identifier: Apache-2.0
#include "core/record/file.hpp"

#include "core/base/input_file.hpp"

namespace lanewise::record {

std::string read_file(const std::string& path) {
  constexpr Bytes kLargest{std::int64_t{1} << 30};
  return read_input(path, kLargest, "a file");
}

}  // namespace lanewise::record
