// SPDX-License-Identifier: Apache-2.0
#include "core/record/energy_breakdown.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace lanewise::record {
namespace {

EnergyBreakdown powers_of_two() {
  EnergyBreakdown energy;
  for (std::size_t i = 0; i < kEnergyTermCount; ++i) {
    energy[static_cast<EnergyTerm>(i)] = Picojoules(static_cast<double>(1 << i));
  }
  return energy;
}

std::map<std::string, double> by_name(const std::vector<EnergyPart>& parts) {
  std::map<std::string, double> out;
  for (const EnergyPart& part : parts) EXPECT_TRUE(out.emplace(part.name, part.energy.count()).second) << part.name;
  return out;
}

double sum_of(const std::vector<EnergyPart>& parts) {
  double sum = 0;
  for (const EnergyPart& part : parts) sum += part.energy.count();
  return sum;
}

engine::EngineConfig engine_with_areas() {
  engine::EngineConfig e = engine::load_engine("hwconfigs/ne-256.yaml").config;
  e.sparsity.structured = {2, 4};
  e.compression.zeros = engine::ZeroCoding::kBitmask;
  // 256 MACs, 128 KiB each of activation and weight banks, 16 KiB of accumulators, 8 lanes, 3.2 GB/s.
  e.area.mac = SquareMillimetres(1.0 / 256);
  e.area.sram_per_kib = SquareMillimetres(2.0 / 128);
  e.area.accumulator_per_kib = SquareMillimetres(1.0 / 16);
  e.area.post_processing_lane = SquareMillimetres(1.0 / 8);
  e.area.fixed = SquareMillimetres(1);
  e.area.dram_interface = SquareMillimetres(100);
  return e;
}

TEST(EnergyBreakdown, adds_up_by_action_and_by_unit) {
  const EnergyBreakdown energy = powers_of_two();
  EXPECT_EQ(energy.total().count(), 4095);
  EXPECT_EQ(sum_of(energy_by_action(energy)), 4095);
  EXPECT_DOUBLE_EQ(sum_of(energy_by_unit(energy, engine_with_areas())), 4095);
  EnergyBreakdown twice = energy;
  twice += energy;
  EXPECT_EQ(twice.total().count(), 8190);
}

TEST(EnergyBreakdown, by_action_joins_the_banks) {
  const std::map<std::string, double> actions = by_name(energy_by_action(powers_of_two()));
  EXPECT_EQ(actions, (std::map<std::string, double>{{"macs", 1},
                                                    {"sram_reads", 2 + 8},
                                                    {"sram_writes", 4 + 16},
                                                    {"accumulators", 32},
                                                    {"post_processing", 64},
                                                    {"dram", 128},
                                                    {"dram_interface", 256},
                                                    {"leakage", 512},
                                                    {"weight_select", 1024},
                                                    {"weight_decode", 2048}}));
}

// 8 mm2 leak, of which each bank region has 2; the interface, large as it is, has its power in a term of its own.
TEST(EnergyBreakdown, by_unit_has_the_leakage_of_its_area) {
  const double leak = 512.0 / 8;
  const std::map<std::string, double> units = by_name(energy_by_unit(powers_of_two(), engine_with_areas()));
  const std::map<std::string, double> expected = {{"dot_product_array", 1 + leak},
                                                  {"activation_memory", 2 + 4 + 2 * leak},
                                                  {"weight_memory", 8 + 16 + 2 * leak},
                                                  {"accumulators", 32 + leak},
                                                  {"post_processor", 64 + leak},
                                                  {"dram", 128 + 256},
                                                  {"weight_select", 1024},
                                                  {"weight_decoder", 2048},
                                                  {"fixed", leak}};
  ASSERT_EQ(units.size(), expected.size());
  for (const auto& [name, energy] : expected) EXPECT_DOUBLE_EQ(units.at(name), energy) << name;
}

TEST(EnergyBreakdown, an_engine_without_area_leaks_nothing) {
  engine::EngineConfig e = engine_with_areas();
  e.area = {};
  EnergyBreakdown energy = powers_of_two();
  energy[EnergyTerm::kLeakage] = Picojoules(0);
  EXPECT_DOUBLE_EQ(sum_of(energy_by_unit(energy, e)), energy.total().count());
}

}  // namespace
}  // namespace lanewise::record
