// SPDX-License-Identifier: Apache-2.0
#include "core/network/import.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/network/formats.hpp"

namespace lanewise::network {

Graph import_network(const std::string& path, const ImportOptions& options) {
  constexpr std::int64_t kLargestBatch = 1 << 20;
  if (options.batch && (*options.batch < 1 || *options.batch > kLargestBatch)) {
    throw Error(fmt::format("{}: a batch of {} was asked for; it must be between 1 and {}", path, *options.batch,
                            kLargestBatch));
  }
  return format_of(path).import(path, options);
}

}  // namespace lanewise::network
