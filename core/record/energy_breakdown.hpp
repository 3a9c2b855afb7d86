// SPDX-License-Identifier: Apache-2.0
// The energy of a measurement by what was done and by the unit that did it. docs/engine/energy_area.md says what is
// counted.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "core/base/units.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::record {

// The terms that the energy of a simulated subgraph is the sum of.
enum class EnergyTerm {
  kMacs,
  kActivationReads,
  kActivationWrites,
  kWeightReads,
  kWeightWrites,
  kAccumulators,
  kPostProcessing,
  kDram,
  kDramInterface,  // what the interface to DRAM draws all the time
  kLeakage,        // of everything else
  kWeightSelect,   // choosing the activations of weights, where zeros are skipped
  kWeightDecode,
};
inline constexpr std::size_t kEnergyTermCount = 12;

class EnergyBreakdown {
 public:
  Picojoules& operator[](EnergyTerm term) { return terms_[static_cast<std::size_t>(term)]; }
  Picojoules operator[](EnergyTerm term) const { return terms_[static_cast<std::size_t>(term)]; }
  EnergyBreakdown& operator+=(const EnergyBreakdown& other);
  // The sum of the terms, in their order.
  Picojoules total() const;

 private:
  std::array<Picojoules, kEnergyTermCount> terms_{};
};

// One part of an energy, under the name that JSON and tables show for it.
struct EnergyPart {
  const char* name;
  Picojoules energy{0};
};

// The whole energy by action: multiply-accumulates, reads and writes of the banks, accumulators, post-processing, DRAM,
// DRAM interface, leakage; choosing activations and decoding weights where there was any.
std::vector<EnergyPart> energy_by_action(const EnergyBreakdown& energy);
// The whole energy by unit, each with the leakage of its area; "dram" is the traffic and the interface, "fixed" the
// leakage of `area.fixed`. Last what chooses activations and what decodes weights, where the engine has them. `engine`
// is the one that was measured.
std::vector<EnergyPart> energy_by_unit(const EnergyBreakdown& energy, const engine::EngineConfig& engine);

}  // namespace lanewise::record
