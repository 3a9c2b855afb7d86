// SPDX-License-Identifier: Apache-2.0
// --set KEY=VALUE: the same engine as a file that says so, and errors that name the override.
#include <gtest/gtest.h>

#include <set>

#include "core/engine/engine_config.hpp"
#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

const char* const kShipped = "hwconfigs/ne-256.yaml";

std::vector<std::string> texts(const EngineConfig& config) {
  std::vector<std::string> all;
  for (const std::string& key : parameter_keys()) all.push_back(value_text(config, key));
  return all;
}

std::string override_error(const std::vector<Override>& overrides) {
  const EngineConfig base = load_engine(kShipped).config;
  const std::string changed = error_of([&] { with_overrides(base, overrides); });
  EXPECT_EQ(error_of([&] { load_engine(kShipped, overrides); }), changed);
  return changed;
}

TEST(ParseOverride, splits_at_the_first_equals_sign) {
  const Override change = parse_override("description=a=b");
  EXPECT_EQ(change.key, "description");
  EXPECT_EQ(change.value, "a=b");
  EXPECT_EQ(parse_override("engine.clock=").value, "");
  EXPECT_EQ(error_of([] { parse_override("engine.clock"); }), "--set engine.clock: must be KEY=VALUE");
  EXPECT_EQ(error_of([] { parse_override("=1"); }), "--set =1: must be KEY=VALUE");
  EXPECT_EQ(error_of([] { parse_override("a\nb"); }), "--set a?b: must be KEY=VALUE");
}

// Every value of every engine goes through --set and comes back as it was, bit for bit.
TEST(Override, value_text_is_what_set_takes) {
  std::vector<std::string> paths = load_family(kShipped).members;
  for (const std::string& path : load_family("hwconfigs/nvdla-small.yaml").members) paths.push_back(path);
  ASSERT_EQ(paths.size(), 10U);
  for (const std::string& path : paths) {
    const EngineConfig config = load_engine(path).config;
    for (const std::string& key : parameter_keys()) {
      const std::string text = value_text(config, key);
      const EngineConfig same = with_overrides(config, {{key, text}});
      EXPECT_EQ(value_text(same, key), text) << key;
      EXPECT_EQ(engine_hash(same), engine_hash(config)) << key;
    }
  }
}

TEST(Override, answers_numbers_in_the_units_of_the_struct) {
  const EngineConfig config = load_engine(kShipped).config;
  EXPECT_EQ(numeric_value(config, "engine.parallelism_factor"), 16.0);
  EXPECT_EQ(numeric_value(config, "engine.depthwise"), 0.0);
  EXPECT_EQ(numeric_value(with_overrides(config, {{"engine.depthwise", "native"}}), "engine.depthwise"), 1.0);
  EXPECT_EQ(numeric_value(config, "dma.kind"), 0.0);
  EXPECT_EQ(numeric_value(with_overrides(config, {{"dma.kind", "streams"}}), "dma.kind"), 1.0);
  EXPECT_EQ(numeric_value(config, "unpacking.second_pair_cycles"), 0.0);
  EXPECT_EQ(numeric_value(config, "engine.clock"), 8e8);
  EXPECT_EQ(numeric_value(config, "engine.precision_rate.int16"), 0.25);
  EXPECT_EQ(numeric_value(config, "memory.bank_size"), 8192.0);
  EXPECT_EQ(numeric_value(config, "memory.latency_cycles"), 2.0);
  EXPECT_EQ(numeric_value(config, "post_processing.fused_pooling"), 1.0);
  EXPECT_EQ(numeric_value(config, "dram.latency"), 100e-9);
  EXPECT_EQ(numeric_value(config, "energy.mac.int8"), 0.0843);
  EXPECT_EQ(numeric_value(config, "area.fixed"), 0.24);
  EXPECT_EQ(error_of([&] { numeric_value(config, "name"); }), "key 'name' is a text and has no number");
  EXPECT_EQ(error_of([&] { numeric_value(config, "engine.clok"); }),
            "key 'engine.clok': unknown key (did you mean 'engine.clock'?)");
  EXPECT_EQ(error_of([&] { value_text(config, "bank_size"); }),
            "key 'bank_size': unknown key (did you mean 'memory.bank_size'?)");
}

TEST(Override, is_the_same_before_and_after_loading) {
  const std::vector<Override> overrides{{"name", "mine"},
                                        {"engine.parallelism_factor", "32"},
                                        {"accumulators.size", "32 KiB"},
                                        {"dram.bandwidth", "12.8 GB/s"},
                                        {"engine.depthwise", "native"},
                                        {"post_processing.fused_pooling", "false"}};
  const EngineConfig loaded = load_engine(kShipped, overrides).config;
  const EngineConfig changed = with_overrides(load_engine(kShipped).config, overrides);
  EXPECT_EQ(texts(loaded), texts(changed));
  EXPECT_EQ(engine_hash(loaded), engine_hash(changed));
  EXPECT_EQ(changed.name, "mine");
  EXPECT_EQ(changed.macs_per_cycle(), 512);
  EXPECT_FALSE(changed.post_processing.fused_pooling);
}

TEST(Override, the_last_one_of_a_key_counts) {
  const EngineConfig config = load_engine(kShipped, {{"engine.clock", "1 GHz"}, {"engine.clock", "600 MHz"}}).config;
  EXPECT_EQ(config.array.clock.count(), 6e8);
}

TEST(Override, may_fill_what_the_file_lacks) {
  const ScratchFolder scratch;
  const std::string path = scratch.write("a.yaml", replaced(text_of_file(kShipped), "  clock: 800 MHz\n", ""));
  EXPECT_EQ(load_engine(path, {{"engine.clock", "1 GHz"}}).config.array.clock.count(), 1e9);
}

TEST(Override, rules_hold_for_all_overrides_together) {
  const EngineConfig config = load_engine(kShipped).config;
  // Each breaks a rule alone; together with the second they do not.
  EXPECT_ANY_THROW(with_overrides(config, {{"accumulators.size", "64 B"}}));
  EXPECT_NO_THROW(with_overrides(config, {{"accumulators.size", "64 B"}, {"engine.parallelism_factor", "8"}}));
  EXPECT_ANY_THROW(with_overrides(config, {{"engine.precision_rate.fp16", "1"}}));
  EXPECT_NO_THROW(with_overrides(config, {{"engine.precision_rate.fp16", "1"}, {"energy.mac.fp16", "0.4 pJ"}}));
}

TEST(Override, errors_name_the_override) {
  EXPECT_EQ(override_error({{"engine.clock", "1"}}),
            "--set engine.clock=1: '1' has no unit: must be a number and a unit, one of Hz, kHz, MHz, GHz");
  EXPECT_EQ(override_error({{"engine.parallelism_factor", "5000"}}),
            "--set engine.parallelism_factor=5000: '5000' is out of range: must be 1 to 4096");
  EXPECT_EQ(
      override_error({{"engine.parallelism", "8"}}),
      "--set engine.parallelism=8: key 'engine.parallelism': unknown key (did you mean 'engine.parallelism_factor'?)");
  EXPECT_EQ(override_error({{"clock", "1 GHz"}}),
            "--set clock=1 GHz: key 'clock': unknown key (did you mean 'engine.clock'?)");
  EXPECT_EQ(override_error({{"format", "1"}}), "--set format=1: key 'format': unknown key");
  EXPECT_EQ(override_error({{"engine.clock", ""}}),
            "--set engine.clock=: '' is empty: must be a number and a unit, one of Hz, kHz, MHz, GHz");
  EXPECT_EQ(override_error({{"description", "two\nlines"}}), "--set description=two?lines: must be one short line");
  EXPECT_EQ(override_error({{"dram.bandwidth", "200 GB/s"}}),
            "--set dram.bandwidth=200 GB/s: DRAM brings 250 B/cycle at 800 MHz but the activation banks "
            "(memory.activation_banks x memory.bank_bandwidth) take only 128 B/cycle: must be at least as much");
  EXPECT_EQ(override_error({{"dram.bandwidth", "40 GB/s"}, {"memory.weight_banks", "2"}}),
            "--set dram.bandwidth=40 GB/s --set memory.weight_banks=2: DRAM brings 50 B/cycle at 800 MHz but the "
            "weight banks "
            "(memory.weight_banks x memory.bank_bandwidth) take only 16 B/cycle: must be at least as much");
}

// A different value of each key, valid on its own.
std::string other_value(const EngineConfig& config, const std::string& key) {
  const std::string text = value_text(config, key);
  const std::vector<std::string> candidates{"true",    "false",   "native", "streams",    "2",      "3",
                                            "0.5",     "64 KiB",  "64 B",   "32 B/cycle", "1 GB/s", "1 GHz",
                                            "900 MHz", "24",      "16 B",   "60 ns",      "0.5 pJ", "3 pJ/B",
                                            "3 mW",    "0.5 mm2", "energy", "2:4",        "bitmask"};
  for (const std::string& candidate : candidates) {
    if (candidate == text) continue;
    try {
      with_overrides(config, {{key, candidate}});
      return candidate;
    } catch (const Error&) {
      continue;
    }
  }
  return "";
}

TEST(EngineHash, changes_with_every_key_that_can_change_a_measurement) {
  const EngineConfig config = load_engine("hwconfigs/ne-1024.yaml", {{"engine.precision_rate.fp32", "0.125"},
                                                                     {"energy.mac.fp32", "1.3 pJ"},
                                                                     {"energy.mac.int2", "0.03 pJ"},
                                                                     {"energy.mac.int6", "0.06 pJ"}})
                                  .config;
  // Some keys can only change where the engine computes patches, or runs sparse and compressed weights.
  const EngineConfig patches = with_overrides(config, {{"engine.patch_rows", "2"}, {"engine.patch_columns", "2"}});
  const EngineConfig sparse =
      with_overrides(config, {{"sparsity.structured", "2:4"}, {"compression.zeros", "indices"}});
  std::set<std::string> hashes{engine_hash(config)};
  std::set<std::vector<double>> numbers{numeric_values(config)};
  std::size_t changes = 0;
  for (const std::string& key : parameter_keys()) {
    if (key == "name" || key == "family" || key == "description" || key == "engine.precision_rate.int8") continue;
    const auto can_change = [&key](const EngineConfig& base) { return !other_value(base, key).empty(); };
    const EngineConfig& base = can_change(config) ? config : can_change(patches) ? patches : sparse;
    const std::string value = other_value(base, key);
    ASSERT_FALSE(value.empty()) << key;
    hashes.insert(engine_hash(with_overrides(base, {{key, value}})));
    numbers.insert(numeric_values(with_overrides(base, {{key, value}})));
    EXPECT_EQ(hashes.size(), ++changes + 1) << key << " " << value;
    EXPECT_EQ(numbers.size(), changes + 1) << key << " " << value;
  }
}

TEST(EngineHash, does_not_change_with_names) {
  const EngineConfig config = load_engine(kShipped).config;
  const std::string hash = engine_hash(config);
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
  const EngineConfig renamed = with_overrides(config, {{"name", "x"}, {"family", "y"}, {"description", "z"}});
  EXPECT_EQ(engine_hash(renamed), hash);
  EXPECT_EQ(numeric_values(renamed), numeric_values(config));
  EXPECT_EQ(engine_hash(with_overrides(config, {{"engine.clock", "0.8 GHz"}})), hash);
}

}  // namespace
}  // namespace lanewise::engine
