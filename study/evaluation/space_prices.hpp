// SPDX-License-Identifier: Apache-2.0
// What networks drawn from a space cost on an engine: a table that programs without an engine predict others from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "nas/space/network_space.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

struct SpacePriceOptions {
  std::int64_t networks = 400;
  std::int64_t most_macs = 0, most_parameters = 0;  // of a network; 0: no bound
  std::uint64_t seed = 1;
};

struct SpacePrice {
  std::string encoding;
  double latency_ms = 0, energy_uj = 0;
  std::int64_t macs = 0, parameters = 0;
};

struct SpacePrices {
  std::vector<SpacePrice> networks;  // in the order in which they were drawn, each once
  std::int64_t refused = 0;          // drawn, but the engine cannot run them
  std::string first_refusal;         // why, of the first of them; "" where there is none
};

// Genes are drawn each alike, and again where a network was drawn before or is beyond a bound; fewer networks come back
// where a hundred draws for each that is asked for do not yield them. Throws Error where none is left.
SpacePrices price_space(const nas::NetworkSpace& space, const engine::EngineConfig& engine, MeasurementSource& source,
                        const SpacePriceOptions& options, const Progress& progress = {});

}  // namespace lanewise::study
