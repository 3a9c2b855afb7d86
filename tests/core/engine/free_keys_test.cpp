// SPDX-License-Identifier: Apache-2.0
#include "core/engine/free_keys.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::engine {
namespace {

using Keys = std::vector<std::string>;

EngineConfig shipped() { return load_engine("hwconfigs/ne-256.yaml").config; }

TEST(FreeKeys, are_those_that_no_figure_of_area_or_energy_rests_on) {
  EXPECT_EQ(free_keys(shipped(), {"engine.clock", "engine.parallelism_factor", "dram.latency", "memory.bank_bandwidth",
                                  "memory.bank_size", "dram.bandwidth", "accumulators.size", "accumulators.bits",
                                  "post_processing.width", "engine.weight_load_kernels_per_cycle"}),
            (Keys{"engine.clock", "dram.latency", "memory.bank_bandwidth", "engine.weight_load_kernels_per_cycle"}));
}

// Nothing is listed by name: bandwidth is free on an engine whose interface is given no cost.
TEST(FreeKeys, follow_the_figures_of_the_engine) {
  EXPECT_EQ(free_keys(shipped(), {"dram.bandwidth"}), Keys{});
  const EngineConfig area_alone = with_overrides(shipped(), {{"energy.dram_interface_per_gb_s", "0 mW"}});
  EXPECT_EQ(free_keys(area_alone, {"dram.bandwidth"}), Keys{});
  const EngineConfig none = with_overrides(area_alone, {{"area.dram_interface_per_gb_s", "0 mm2"}});
  EXPECT_EQ(free_keys(none, {"dram.bandwidth"}), Keys{"dram.bandwidth"});
  const EngineConfig no_lanes = with_overrides(shipped(), {{"area.post_processing_lane", "0 mm2"}});
  EXPECT_EQ(free_keys(no_lanes, {"post_processing.width"}), Keys{"post_processing.width"});
}

// A value at the end of its range is doubled all the same, and choices of the compiler are not hardware.
TEST(FreeKeys, need_no_valid_engine_and_leave_software_out) {
  const EngineConfig full = with_overrides(shipped(), {{"engine.clock", "10 GHz"}, {"memory.activation_banks", "256"}});
  EXPECT_EQ(free_keys(full, {"engine.clock", "memory.activation_banks"}), Keys{"engine.clock"});
  EXPECT_EQ(free_keys(shipped(), {"mapping.cascade", "mapping.effort", "mapping.plan_for"}), Keys{});
  EXPECT_EQ(free_keys(shipped(), {"engine.depthwise"}), Keys{"engine.depthwise"});
}

TEST(FreeKeys, every_key_of_the_format_can_be_asked_for) {
  const EngineConfig config = shipped();
  const Keys all = free_keys(config, parameter_keys());
  for (const std::string& key : all) {
    EXPECT_NE(key.rfind("area.", 0), 0U) << key;
    EXPECT_NE(key.rfind("energy.dram", 0), 0U) << key;
  }
  EXPECT_GT(all.size(), 40U);
  EXPECT_THROW(free_keys(config, {"engine.cloc"}), Error);
}

}  // namespace
}  // namespace lanewise::engine
