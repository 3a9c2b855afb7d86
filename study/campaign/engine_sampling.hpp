// SPDX-License-Identifier: Apache-2.0
// Engines of a family to measure on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

struct SampledEngine {
  engine::EngineConfig config;
  std::string hash;
  bool outside_ranges = false;  // has a value that the family declares beyond its ranges
};

struct EngineSample {
  std::vector<SampledEngine> engines;  // distinct by hash
  std::int64_t refused = 0;            // combinations that no engine can have
};

// How the ranges are covered.
enum class EngineSampling {
  kLatinHypercube,  // each value of a range stands equally often (McKay, Beckman and Conover, 1979)
  kSobol,           // points of a scrambled Sobol sequence: several keys together are covered evenly, too
};
const char* to_string(EngineSampling sampling);  // "latin_hypercube", "sobol"
// Throws Error naming the text and what there is.
EngineSampling parse_engine_sampling(const std::string& text);

// `base`, the family's members, then points of the family's ranges around `base` and the members, until there are
// `count`. About `outside_share` of them get one to three values from beyond the ranges. Those around `base` change
// only the keys of `focus`, all of the ranges when it is empty. The same arguments give the same engines. Fewer than
// `count` where the ranges hold no more.
EngineSample sample_engines(const engine::EngineConfig& base, const engine::Family& family, int count,
                            double outside_share, const std::vector<std::string>& focus, std::uint64_t seed,
                            EngineSampling sampling = EngineSampling::kLatinHypercube);

}  // namespace lanewise::study
