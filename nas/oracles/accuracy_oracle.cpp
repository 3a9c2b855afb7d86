// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_oracle.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "nas/oracles/capacity.hpp"

namespace lanewise::nas {

const std::vector<AccuracyOracleKind>& accuracy_oracles() {
  static const std::vector<AccuracyOracleKind> all = {
      {"capacity", {{"parameters", true, 0, 1}, {"macs", true, 0, 1}}, make_capacity_constraint},
  };
  return all;
}

double AccuracySettings::number(const std::string& key) const {
  const auto found = numbers.find(key);
  return found == numbers.end() ? 0 : found->second;
}

std::unique_ptr<AccuracyOracle> make_accuracy_oracle(const AccuracySettings& settings, const NetworkFacts& baseline) {
  std::vector<std::string> known;
  for (const AccuracyOracleKind& kind : accuracy_oracles()) {
    if (settings.oracle == kind.name) return kind.make(settings, baseline);
    known.emplace_back(kind.name);
  }
  throw Error(fmt::format("accuracy oracle '{}' is unknown; known are {}", settings.oracle, fmt::join(known, ", ")));
}

}  // namespace lanewise::nas
