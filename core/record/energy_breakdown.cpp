// SPDX-License-Identifier: Apache-2.0
#include "core/record/energy_breakdown.hpp"

namespace lanewise::record {

EnergyBreakdown& EnergyBreakdown::operator+=(const EnergyBreakdown& other) {
  for (std::size_t i = 0; i < kEnergyTermCount; ++i) terms_[i] += other.terms_[i];
  return *this;
}

Picojoules EnergyBreakdown::total() const {
  Picojoules sum{0};
  for (const Picojoules term : terms_) sum += term;
  return sum;
}

std::vector<EnergyPart> energy_by_action(const EnergyBreakdown& energy) {
  using Term = EnergyTerm;
  std::vector<EnergyPart> parts = {{"macs", energy[Term::kMacs]},
                                   {"sram_reads", energy[Term::kActivationReads] + energy[Term::kWeightReads]},
                                   {"sram_writes", energy[Term::kActivationWrites] + energy[Term::kWeightWrites]},
                                   {"accumulators", energy[Term::kAccumulators]},
                                   {"post_processing", energy[Term::kPostProcessing]},
                                   {"dram", energy[Term::kDram]},
                                   {"dram_interface", energy[Term::kDramInterface]},
                                   {"leakage", energy[Term::kLeakage]}};
  const auto add = [&](const char* name, Picojoules part) {
    if (part.count() > 0) parts.push_back({name, part});
  };
  add("weight_select", energy[Term::kWeightSelect]);
  add("weight_decode", energy[Term::kWeightDecode]);
  return parts;
}

std::vector<EnergyPart> energy_by_unit(const EnergyBreakdown& energy, const engine::EngineConfig& engine) {
  using Term = EnergyTerm;
  const engine::AreaBreakdown area = engine.area_breakdown();
  const double leaking = (area.total() - area.dram_interface).count();
  const auto leakage = [&](SquareMillimetres part) {
    return leaking > 0 ? energy[Term::kLeakage] * (part.count() / leaking) : Picojoules(0);
  };
  std::vector<EnergyPart> parts = {
      {"dot_product_array", energy[Term::kMacs] + leakage(area.array)},
      {"activation_memory",
       energy[Term::kActivationReads] + energy[Term::kActivationWrites] + leakage(area.activation_memory)},
      {"weight_memory", energy[Term::kWeightReads] + energy[Term::kWeightWrites] + leakage(area.weight_memory)},
      {"accumulators", energy[Term::kAccumulators] + leakage(area.accumulators)},
      {"post_processor", energy[Term::kPostProcessing] + leakage(area.post_processor)},
      {"dram", energy[Term::kDram] + energy[Term::kDramInterface]},
      {"fixed", leakage(area.fixed)}};
  if (engine.selects_weights()) {
    parts.push_back({"weight_select", energy[Term::kWeightSelect] + leakage(area.weight_select)});
  }
  if (engine.decodes_weights()) {
    parts.push_back({"weight_decoder", energy[Term::kWeightDecode] + leakage(area.weight_decoder)});
  }
  return parts;
}

}  // namespace lanewise::record
