// SPDX-License-Identifier: Apache-2.0
// What networks drawn from a space cost on an engine.
#pragma once

#include <string>

#include "study/evaluation/space_prices.hpp"

namespace lanewise::report {

struct SpacePricesView {
  std::string space, engine, by;  // by: who answered, "estimate" or "simulate"
  const study::SpacePrices* prices = nullptr;
};

// {"space", "engine", "by", "refused", "networks": [{"encoding", "latency_ms", "energy_uj", "macs", "parameters"}]}
std::string to_json(const SpacePricesView& view);
// One row per network: what lanewise-fit takes as --prices.
std::string to_csv(const SpacePricesView& view);
std::string to_text(const SpacePricesView& view);

}  // namespace lanewise::report
