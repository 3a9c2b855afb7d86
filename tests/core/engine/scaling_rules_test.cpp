// SPDX-License-Identifier: Apache-2.0
#include "core/engine/scaling_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/engine/followers.hpp"

namespace lanewise::engine {
namespace {

EngineConfig changed(const std::string& name, const std::vector<Override>& changes) {
  return with_overrides(load_engine("hwconfigs/" + name + ".yaml").config, changes);
}

// The warning whose first key is `key`; nothing where there is none.
const ScalingWarning* about(const std::vector<ScalingWarning>& warnings, const std::string& key) {
  const auto found =
      std::find_if(warnings.begin(), warnings.end(), [&](const ScalingWarning& w) { return w.keys.front() == key; });
  return found == warnings.end() ? nullptr : &*found;
}

TEST(ScalingRules, no_shipped_engine_breaks_one) {
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    for (const ScalingWarning& warning : scaling_warnings(load_engine(entry.path().string()).config)) {
      ADD_FAILURE() << entry.path() << ": " << warning.message;
    }
  }
}

// Each line: an engine made lopsided in one way, the key that the warning names first, and by how much it falls short.
struct Case {
  const char* engine;
  std::vector<Override> changes;
  const char* key;
  double ratio;
};

TEST(ScalingRules, each_way_of_being_lopsided_is_named_with_its_ratio) {
  const std::vector<Case> cases = {
      // 128 cycles to load, 16 KiB / 4 B / 128 / 2 = 16 pixels in a stripe.
      {"ne-256",
       {{"engine.parallelism_factor", "128"}, {"post_processing.width", "64"}},
       "engine.weight_load_kernels_per_cycle",
       8},
      {"nvdla-large",
       {{"engine.parallelism_factor", "128"}, {"post_processing.width", "64"}},
       "engine.weight_load_kernels_per_cycle",
       8},
      {"nvdla-small", {{"accumulators.size", "128 B"}}, "engine.weight_load_kernels_per_cycle", 2},
      // 16 banks of 8 B/cycle, half of the slots: 64 B/cycle.
      {"ne-256", {{"engine.dot_product_lanes", "256"}, {"memory.weight_banks", "64"}}, "memory.bank_bandwidth", 4},
      {"ne-256", {{"engine.weight_load_kernels_per_cycle", "16"}}, "memory.bank_bandwidth", 2},
      {"ne-256", {{"post_processing.width", "1"}}, "post_processing.width", 16.0 / 9},
      // 3.2 GB/s x 100 ns = 320 B; 2 channels x 1 x 32 B.
      {"ne-256", {{"dram.outstanding_requests", "1"}}, "dram.outstanding_requests", 5},
      {"nvdla-small", {{"dram.outstanding_beats", "7"}}, "dram.outstanding_beats", 5},
      {"nvdla-small", {{"dram.read_interval_cycles", "4"}}, "dram.word", 4},
      {"ne-256",
       {{"memory.bank_size", "1 KiB"}, {"engine.parallelism_factor", "64"}, {"accumulators.size", "64 KiB"}},
       "memory.bank_size",
       2 * 64 * 16 * 9 / (16 * 1024.0)},
  };
  for (const Case& one : cases) {
    const std::vector<ScalingWarning> warnings = scaling_warnings(changed(one.engine, one.changes));
    const ScalingWarning* warning = about(warnings, one.key);
    ASSERT_NE(warning, nullptr) << one.engine << ": " << one.key;
    EXPECT_NEAR(warning->ratio, one.ratio, 1e-6) << warning->message;
    EXPECT_EQ(warning->message.find('\n'), std::string::npos);
    EXPECT_NE(warning->message.find("; set "), std::string::npos) << warning->message;
  }
}

TEST(ScalingRules, doing_what_a_warning_says_silences_it) {
  const std::vector<Override> wide{{"engine.parallelism_factor", "128"}, {"post_processing.width", "64"}};
  EXPECT_FALSE(scaling_warnings(changed("ne-256", wide)).empty());
  std::vector<Override> faster = wide;
  faster.push_back({"engine.weight_load_kernels_per_cycle", "8"});
  EXPECT_TRUE(scaling_warnings(changed("ne-256", faster)).empty());
  std::vector<Override> larger = wide;
  larger.push_back({"accumulators.size", "128 KiB"});
  EXPECT_TRUE(scaling_warnings(changed("ne-256", larger)).empty());
}

TEST(ScalingRules, engines_whose_followers_follow_break_none) {
  for (const char* name : {"ne-64", "ne-256", "ne-1024", "nvdla-small", "nvdla-large"}) {
    const std::string path = std::string("hwconfigs/") + name + ".yaml";
    const EngineConfig engine = load_engine(path).config;
    const Scaling scaling{load_follow_rules(path, engine.family), {}};
    for (const char* leader : {"engine.parallelism_factor", "engine.dot_product_lanes"}) {
      for (const int factor : {2, 4, 8}) {
        std::vector<Override> changes{
            {leader, std::to_string(static_cast<int>(numeric_value(engine, leader)) * factor)}};
        const std::vector<Override> followers = followers_of(engine, changes, scaling);
        changes.insert(changes.end(), followers.begin(), followers.end());
        for (const ScalingWarning& warning : scaling_warnings(with_overrides(engine, changes))) {
          ADD_FAILURE() << name << " " << leader << " x" << factor << ": " << warning.message;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lanewise::engine
