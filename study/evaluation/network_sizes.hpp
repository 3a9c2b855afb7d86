// SPDX-License-Identifier: Apache-2.0
// The sizes that a person set for a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lanewise::study {

struct NetworkSizes {
  std::optional<std::int64_t> batch;                       // unset: as the file says
  std::vector<std::pair<std::string, std::int64_t>> dims;  // by the names that the person used, in the order given
};

}  // namespace lanewise::study
