// SPDX-License-Identifier: Apache-2.0
// Draws the engines of a family that a campaign measures on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::study {

struct SampledEngine {
  engine::EngineConfig config;
  std::string hash;
  bool outside_ranges = false;  // has a value outside the ranges that the family declares
  bool drawn = false;           // a point of the ranges: neither the engine that was asked about nor a member
};

struct EngineSample {
  std::vector<SampledEngine> engines;  // distinct by hash
  std::int64_t refused = 0;            // combinations that no engine can have
};

// How the points cover the ranges.
enum class EngineSampling {
  kLatinHypercube,  // each value of a range occurs equally often (McKay, Beckman and Conover, 1979)
  kSobol,           // points of a scrambled Sobol sequence, which cover several keys jointly as well
};
const char* to_string(EngineSampling sampling);  // "latin_hypercube", "sobol"
// Throws Error naming the text and the known names.
EngineSampling parse_engine_sampling(const std::string& text);

// `base`, then the family's members, then points of the family's ranges around `base` and the members, until there are
// `count` engines. About `outside_share` of them get one to three values from outside the ranges. Points around `base`
// differ from it in the keys of `focus` only, or in any key where `focus` is empty. The same arguments give the same
// engines. Returns fewer than `count` where the ranges hold no more. Throws Interrupted where `progress` asks to stop.
EngineSample sample_engines(const engine::EngineConfig& base, const engine::Family& family, int count,
                            double outside_share, const std::vector<std::string>& focus, std::uint64_t seed,
                            EngineSampling sampling = EngineSampling::kLatinHypercube, const Progress& progress = {});

// The same without the members of the family: points of the ranges around `base` alone, none of which is a member or
// `base`, so that those stay unseen. `with_base`: `base` comes first nevertheless. Throws Error where the ranges hold
// no such point.
EngineSample sample_ranges(const engine::EngineConfig& base, const engine::Family& family, int count, bool with_base,
                           double outside_share, const std::vector<std::string>& focus, std::uint64_t seed,
                           EngineSampling sampling = EngineSampling::kLatinHypercube, const Progress& progress = {});

}  // namespace lanewise::study
