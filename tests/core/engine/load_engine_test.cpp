// SPDX-License-Identifier: Apache-2.0
// A file becomes an engine, or one line says what is wrong with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

const char* const kShipped = "hwconfigs/ne-256.yaml";

class BadHwconfig : public ::testing::Test {
 protected:
  // The message about a shipped hwconfig changed in one place, without the folder.
  std::string changed(const std::string& from, const std::string& to) {
    return message(replaced(text_of_file(kShipped), from, to));
  }
  std::string message(const std::string& text) {
    const std::string path = scratch_.write("a.yaml", text);
    std::string what = error_of([&] { load_engine(path); });
    for (std::size_t at = what.find(path); at != std::string::npos; at = what.find(path))
      what.replace(at, path.size(), "a.yaml");
    return what;
  }
  ScratchFolder scratch_;
};

TEST(LoadEngine, reads_values_in_their_units) {
  const EngineConfig config = load_engine(kShipped).config;
  EXPECT_EQ(config.name, "ne-256");
  EXPECT_EQ(config.array.parallelism_factor, 16);
  EXPECT_EQ(config.array.clock.count(), 800e6);
  EXPECT_EQ(config.array.depthwise, DepthwiseMapping::kDenseGroups);
  EXPECT_EQ(config.array.precision_rate[static_cast<std::size_t>(Precision::kInt16)], 0.25);
  EXPECT_EQ(config.array.precision_rate[static_cast<std::size_t>(Precision::kFp32)], 0.0);
  EXPECT_EQ(config.memory.bank_size.count(), 8192);
  EXPECT_EQ(config.dram.bandwidth.count(), 3.2e9);
  EXPECT_EQ(config.dram.latency.count(), 100e-9);
  EXPECT_TRUE(config.post_processing.fused_pooling);
  EXPECT_EQ(config.energy.dram.count(), 162.5);
  EXPECT_EQ(config.area.mac.count(), 1013e-6);
}

TEST(LoadEngine, derives_what_follows) {
  const EngineConfig config = load_engine(kShipped).config;
  EXPECT_EQ(config.macs_per_cycle(), 256);
  EXPECT_EQ(config.activation_capacity().count(), 16 * 8192);
  EXPECT_EQ(config.weight_capacity().count(), 16 * 8192);
  EXPECT_EQ(config.onchip_capacity().count(), 262144);
  EXPECT_EQ(config.activation_bandwidth().count(), 128.0);
  EXPECT_EQ(config.weight_bandwidth().count(), 128.0);
  EXPECT_EQ(config.dram_bandwidth().count(), 4.0);
  EXPECT_EQ(config.dram_latency().count(), 80);
  EXPECT_DOUBLE_EQ(config.seconds(Cycles(1600)).count(), 2e-6);
  const double area = 256 * 1013e-6 + 256 * 1880e-6 + 16 * 3759e-6 + 8 * 953e-6 + 0.24;
  EXPECT_DOUBLE_EQ(config.total_area().count(), area + 3.2 * 0.113);
  EXPECT_DOUBLE_EQ(config.leakage_power().count(), 27.8 * area);  // that of the interface has a key of its own
  EXPECT_DOUBLE_EQ(config.dram_interface_power().count(), 3.2 * 2.9);
  EXPECT_DOUBLE_EQ(config.static_power().count(), 27.8 * area + 3.2 * 2.9);
}

TEST(LoadEngine, rounds_dram_latency_up_to_whole_cycles) {
  const EngineConfig config = load_engine(kShipped).config;
  EXPECT_EQ(with_overrides(config, {{"dram.latency", "101 ns"}}).dram_latency().count(), 81);
  EXPECT_EQ(with_overrides(config, {{"dram.latency", "0 ns"}}).dram_latency().count(), 0);
  for (int ns = 1; ns <= 1000; ++ns) {  // 1 ns is exactly one cycle at 1 GHz, however the doubles round
    const EngineConfig fast =
        with_overrides(config, {{"engine.clock", "1 GHz"}, {"dram.latency", std::to_string(ns) + " ns"}});
    ASSERT_EQ(fast.dram_latency().count(), ns);
  }
}

TEST(LoadEngine, names_the_origin_of_each_leaf) {
  const LoadedEngine loaded = load_engine(kShipped, {{"engine.clock", "1000 MHz"}});
  ASSERT_EQ(loaded.leaves.size(), parameter_keys().size());
  std::map<std::string, Leaf> by_key;
  for (std::size_t i = 0; i < loaded.leaves.size(); ++i) {
    EXPECT_EQ(loaded.leaves[i].key, parameter_keys()[i]);
    by_key[loaded.leaves[i].key] = loaded.leaves[i];
  }
  EXPECT_EQ(by_key["name"].origin, "hwconfigs/ne-256.yaml:5");
  EXPECT_EQ(by_key["name"].value, "ne-256");
  EXPECT_EQ(by_key["engine.clock"].origin, "--set");
  EXPECT_EQ(by_key["engine.clock"].value, "1 GHz");
  EXPECT_EQ(by_key["engine.precision_rate.fp32"].origin, "default");
  EXPECT_EQ(by_key["engine.precision_rate.fp32"].value, "0");
  EXPECT_EQ(by_key["dram.bandwidth"].value, "3.2 GB/s");
  // The line named is the line that holds the key.
  const std::string text = text_of_file(kShipped);
  std::istringstream lines(text);
  std::string line;
  int number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.find("bank_size:") != std::string::npos) {
      EXPECT_EQ(by_key["memory.bank_size"].origin, "hwconfigs/ne-256.yaml:" + std::to_string(number));
    }
  }
}

TEST_F(BadHwconfig, unknown_keys_suggest_the_nearest) {
  EXPECT_EQ(changed("  parallelism_factor: 16", "  paralelism_factor: 16"),
            "a.yaml:10: key 'engine.paralelism_factor': unknown key (did you mean 'engine.parallelism_factor'?)");
  EXPECT_EQ(changed("dram:\n", "darm:\n"),
            "a.yaml:44: key 'darm.bandwidth': unknown key (did you mean 'dram.bandwidth'?)");
  EXPECT_EQ(changed("name: ne-256", "name: ne-256\nburst: 64 B"),
            "a.yaml:6: key 'burst': unknown key (did you mean 'dram.burst'?)");
  EXPECT_EQ(changed("name: ne-256", "name: ne-256\nzzzzzzzzz: 1"), "a.yaml:6: key 'zzzzzzzzz': unknown key");
}

TEST_F(BadHwconfig, values_are_held_to_units_and_ranges) {
  EXPECT_EQ(changed("clock: 800 MHz", "clock: 800"),
            "a.yaml:15: key 'engine.clock': '800' has no unit: must be a number and a unit, one of Hz, kHz, MHz, GHz");
  EXPECT_EQ(
      changed("clock: 800 MHz", "clock: 800 MB/s"),
      "a.yaml:15: key 'engine.clock': '800 MB/s' has an unknown unit 'MB/s': must be a number and a unit, one of Hz, "
      "kHz, MHz, GHz");
  EXPECT_EQ(changed("clock: 800 MHz", "clock: 20 GHz"),
            "a.yaml:15: key 'engine.clock': '20 GHz' is out of range: must be 1 MHz to 10 GHz");
  EXPECT_EQ(changed("parallelism_factor: 16\n", "parallelism_factor: 4097\n"),
            "a.yaml:10: key 'engine.parallelism_factor': '4097' is out of range: must be 1 to 4096");
  EXPECT_EQ(changed("dot_product_lanes: 16\n", "dot_product_lanes: 0\n"),
            "a.yaml:11: key 'engine.dot_product_lanes': '0' is out of range: must be 1 to 4096");
  EXPECT_EQ(changed("parallelism_factor: 16\n", "parallelism_factor: 16.0\n"),
            "a.yaml:10: key 'engine.parallelism_factor': '16.0' is not a whole number");
  EXPECT_EQ(changed("parallelism_factor: 16\n", "parallelism_factor: 99999999999999999999\n"),
            "a.yaml:10: key 'engine.parallelism_factor': '99999999999999999999' is too large a number");
  EXPECT_EQ(changed("int8: 1\n", "int8: 2\n"),
            "a.yaml:17: key 'engine.precision_rate.int8': '2' is out of range: must be 1");
  EXPECT_EQ(changed("int16: 0.25\n", "int16: -0.25\n"),
            "a.yaml:18: key 'engine.precision_rate.int16': '-0.25' is negative: must be a number, 0 or above");
  EXPECT_EQ(changed("depthwise: dense_groups", "depthwise: dense"),
            "a.yaml:12: key 'engine.depthwise': 'dense' is unknown: must be dense_groups or native");
  EXPECT_EQ(changed("fused_pooling: true", "fused_pooling: yes"),
            "a.yaml:35: key 'post_processing.fused_pooling': 'yes' is neither true nor false");
  EXPECT_EQ(changed("load_channels: 2", "load_channels: 0"),
            "a.yaml:39: key 'dma.load_channels': '0' is out of range: must be 1 to 3");
  EXPECT_EQ(changed("store_channels: 1", "store_channels: 0"),
            "a.yaml:40: key 'dma.store_channels': '0' is out of range: must be 1 to 2");
  EXPECT_EQ(changed("family: ne", "family: ../ne"),
            "a.yaml:6: key 'family': '../ne' is not a name: must be 1 to 64 letters, digits, '-', '_' or '.', the "
            "first a letter, "
            "a digit or '_'");
}

TEST_F(BadHwconfig, missing_double_and_misplaced_keys_are_named) {
  EXPECT_EQ(changed("  clock: 800 MHz\n", ""), "a.yaml: key 'engine.clock': missing");
  EXPECT_EQ(changed("name: ne-256\n", ""), "a.yaml: key 'name': missing");
  EXPECT_EQ(changed("  clock: 800 MHz\n", "  clock: 800 MHz\n  clock: 1 GHz\n"),
            "a.yaml:16: key 'engine.clock': given twice, first on line 15");
  EXPECT_EQ(changed("  burst: 32 B\n", "  burst: 32 B\ndram:\n  latency: 1 ns\n"),
            "a.yaml:47: key 'dram': given twice, first on line 43");
  EXPECT_EQ(changed("clock: 800 MHz", "clock:"), "a.yaml:15: key 'engine.clock': has no value");
  EXPECT_EQ(changed("clock: 800 MHz", "clock: [800 MHz]"),
            "a.yaml:15: key 'engine.clock': must be a single value, not a list");
  EXPECT_EQ(message("format: 1\nenergy: 1 pJ\n"), "a.yaml:2: key 'energy': is a section of keys, not a value");
  EXPECT_EQ(message("format: 1\nenergy: {mac: 1 pJ}\n"),
            "a.yaml:2: key 'energy.mac': is a section of keys, not a value");
  EXPECT_EQ(changed("name: ne-256\n", "name: \"ne\\n256\"\n"),
            "a.yaml:5: key 'name': must be one line of at most 1000 bytes");
  EXPECT_EQ(changed("name: ne-256\n", "name: ne-256\n[1, 2]: 3\n"),
            "a.yaml:6: a key must be letters, digits, '_', '.' and '-', at most 100 of them");
}

TEST_F(BadHwconfig, files_that_are_no_hwconfig_are_refused) {
  EXPECT_EQ(message("# only a comment\n"), "a.yaml: is empty");
  EXPECT_EQ(message("just text"), "a.yaml: is not a configuration: must be YAML keys and values");
  EXPECT_EQ(message("format: 1\nname: [ne\n").rfind("a.yaml:3: is not YAML: ", 0), 0U)
      << message("format: 1\nname: [ne\n");
  EXPECT_EQ(message("a: &a {b: *a}\n").rfind("a.yaml", 0), 0U);
  EXPECT_EQ(message(std::string(100000, '[')).rfind("a.yaml", 0), 0U);
  const std::string absent = scratch_.path("absent.yaml");
  EXPECT_EQ(error_of([&] { load_engine(absent); }), absent + ": no such file");
  EXPECT_EQ(error_of([] { load_engine("hwconfigs"); }), "hwconfigs: is a folder, not a file");
}

TEST_F(BadHwconfig, rules_between_keys_name_file_line_and_key) {
  EXPECT_EQ(changed("bandwidth: 3.2 GB/s", "bandwidth: 128 GB/s"),
            "a.yaml:44: key 'dram.bandwidth': DRAM brings 160 B/cycle at 800 MHz but the activation banks "
            "(memory.activation_banks x memory.bank_bandwidth) take only 128 B/cycle: must be at least as much");
  EXPECT_EQ(changed("weight_banks: 16\n  bank_size: 8 KiB\n  bank_bandwidth: 8 B/cycle",
                    "weight_banks: 1\n  bank_size: 8 KiB\n  bank_bandwidth: 3 B/cycle"),
            "a.yaml:44: key 'dram.bandwidth': DRAM brings 4 B/cycle at 800 MHz but the weight banks "
            "(memory.weight_banks x memory.bank_bandwidth) take only 3 B/cycle: must be at least as much");
  EXPECT_EQ(changed("size: 16 KiB", "size: 64 B"),
            "a.yaml:28: key 'accumulators.size': 64 B hold 16 sums of 32 bits: must hold at least 2 x "
            "engine.parallelism_factor = 32");
  EXPECT_EQ(
      changed("    int16: 253 fJ\n", ""),
      "a.yaml:18: key 'engine.precision_rate.int16': the engine supports int16, so its energy must be above 0 pJ");
}

// Whatever is cut off or damaged, loading ends with an engine or with one Error of one line that names the file.
TEST_F(BadHwconfig, no_truncation_or_damage_does_more) {
  const std::string whole = text_of_file(kShipped);
  const std::string path = scratch_.path("a.yaml");
  const auto check = [&](const std::string& text) {
    scratch_.write("a.yaml", text);
    try {
      load_engine(path);
    } catch (const Error& error) {
      const std::string what = error.what();
      EXPECT_EQ(what.rfind(path, 0), 0U) << what;
      EXPECT_TRUE(std::none_of(what.begin(), what.end(), [](unsigned char c) { return c < 0x20; })) << what;
    }
  };
  for (std::size_t length = 0; length < whole.size(); length += 7) check(whole.substr(0, length));
  Random random(5);
  for (int i = 0; i < 600; ++i) {
    std::string text = whole;
    for (int damage = 0; damage < 3; ++damage) {
      text[static_cast<std::size_t>(random.below(text.size()))] = static_cast<char>(random.below(256));
    }
    check(text);
  }
}

}  // namespace
}  // namespace lanewise::engine
