// SPDX-License-Identifier: Apache-2.0
// Every hwconfig that ships, and the figures behind it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::engine {
namespace {

const std::map<std::string, std::pair<int, int>>& shapes() {
  static const std::map<std::string, std::pair<int, int>> known{{"ne-64", {8, 8}},     {"ne-256", {16, 16}},
                                                                {"ne-512", {32, 16}},  {"ne-1024", {32, 32}},
                                                                {"ne-2048", {64, 32}}, {"ne-4096", {64, 64}}};
  return known;
}

TEST(ShippedHwconfigs, load_and_are_what_their_names_say) {
  const Family family = load_family("hwconfigs/ne-256.yaml");
  EXPECT_EQ(family.name, "ne");
  ASSERT_EQ(family.members.size(), shapes().size());
  EXPECT_TRUE(std::is_sorted(family.members.begin(), family.members.end()));
  for (const std::string& path : family.members) {
    const EngineConfig config = load_engine(path).config;
    EXPECT_EQ(path, "hwconfigs/" + config.name + ".yaml");
    EXPECT_EQ(config.family, "ne");
    ASSERT_TRUE(shapes().count(config.name)) << config.name;
    const auto [dot_products, lanes] = shapes().at(config.name);
    EXPECT_EQ(config.array.parallelism_factor, dot_products);
    EXPECT_EQ(config.array.dot_product_lanes, lanes);
    EXPECT_EQ("ne-" + std::to_string(config.macs_per_cycle()), config.name);
    EXPECT_LE(config.array.clock.count(), 1e9);
    // Half of the accumulators holds 128 pixels of a dot product each.
    EXPECT_EQ(config.accumulators.size.count() / 2 / (config.accumulators.bits / 8) / dot_products, 128);
  }
}

TEST(ShippedHwconfigs, are_held_to_their_descriptions) {
  for (const std::string& path : load_family("hwconfigs/ne-64.yaml").members) {
    const EngineConfig config = load_engine(path).config;
    const std::string shape = std::to_string(config.array.parallelism_factor) + " dot products of " +
                              std::to_string(config.array.dot_product_lanes) + " lanes, ";
    EXPECT_NE(config.description.find(shape), std::string::npos) << config.description;
    EXPECT_NE(config.description.find(value_text(config, "dram.bandwidth")), std::string::npos) << config.description;
  }
}

TEST(ShippedHwconfigs, bigger_members_are_bigger_in_every_way) {
  std::vector<EngineConfig> members;
  for (const std::string& path : load_family("hwconfigs/ne-64.yaml").members)
    members.push_back(load_engine(path).config);
  std::sort(members.begin(), members.end(),
            [](const EngineConfig& a, const EngineConfig& b) { return a.macs_per_cycle() < b.macs_per_cycle(); });
  for (std::size_t i = 1; i < members.size(); ++i) {
    EXPECT_GT(members[i].onchip_capacity(), members[i - 1].onchip_capacity());
    EXPECT_GT(members[i].dram.bandwidth, members[i - 1].dram.bandwidth);
    EXPECT_GT(members[i].total_area(), members[i - 1].total_area());
  }
}

// Bytes in flight cover bandwidth x latency (Little's law), over the whole range that the family declares.
TEST(ShippedHwconfigs, can_keep_dram_busy) {
  const Family family = load_family("hwconfigs/ne-64.yaml");
  for (const std::string& path : family.members) {
    const EngineConfig config = load_engine(path).config;
    const double in_flight = static_cast<double>(config.dma.load_channels * config.dram.outstanding_requests) *
                             static_cast<double>(config.dram.burst.count());
    EXPECT_GE(in_flight, config.dram.bandwidth.count() * config.dram.latency.count()) << path;
  }
}

struct DesignPoint {
  int dot_products, lanes, kibibytes, width;
  double square_millimetres;
};

// NVDLA's published design points at 16 nm, with this family's accumulators and a post-processor that grows with the
// array.
TEST(ShippedHwconfigs, area_follows_nvdla) {
  for (const DesignPoint& point :
       {DesignPoint{32, 64, 512, 16, 3.3}, DesignPoint{32, 32, 256, 16, 1.8}, DesignPoint{32, 16, 256, 8, 1.4},
        DesignPoint{16, 16, 256, 4, 1.0}, DesignPoint{16, 8, 256, 2, 0.84}, DesignPoint{8, 8, 128, 1, 0.55},
        DesignPoint{8, 4, 128, 1, 0.51}}) {
    const EngineConfig config =
        load_engine("hwconfigs/ne-256.yaml", {{"engine.parallelism_factor", std::to_string(point.dot_products)},
                                              {"engine.dot_product_lanes", std::to_string(point.lanes)},
                                              {"memory.bank_size", std::to_string(point.kibibytes / 32) + " KiB"},
                                              {"accumulators.size", std::to_string(point.dot_products) + " KiB"},
                                              {"post_processing.width", std::to_string(point.width)}})
            .config;
    // The published figures leave the interface to DRAM out.
    const SquareMillimetres area = config.total_area() - config.area_breakdown().dram_interface;
    EXPECT_NEAR(area.count() / point.square_millimetres, 1.0, 0.1) << config.macs_per_cycle();
  }
}

// Two published PHYs of 16 bits, scaled by the feature size, and CACTI-IO's idle LPDDR interface of 6.4 GB/s.
TEST(ShippedHwconfigs, bandwidth_costs_what_published_interfaces_do) {
  const double ddr3 = 1.3 * 16 / 40 / (2.133 * 2), lpddr4 = 0.57 * 16 / 10 / (4.4 * 2);
  const double idle = (5 + 3 + 2 + 5 * 1.2 + 1.2 / 0.48) / 6.4;
  for (const char* member : {"hwconfigs/ne-64.yaml", "hwconfigs/nvdla-small.yaml"}) {
    for (const std::string& path : load_family(member).members) {
      const EngineConfig config = load_engine(path).config;
      EXPECT_NEAR(config.area.dram_interface.count(), (ddr3 + lpddr4) / 2, 5e-4) << path;
      EXPECT_NEAR(config.energy.dram_interface.count(), idle, 0.05) << path;
    }
  }
}

TEST(ShippedHwconfigs, an_engine_whose_memory_lies_on_the_chip_has_no_interface) {
  for (const std::string& path : load_family("hwconfigs/neureka.yaml").members) {
    const EngineConfig config = load_engine(path).config;
    EXPECT_EQ(config.area_breakdown().dram_interface.count(), 0) << path;
    EXPECT_EQ(config.dram_interface_power().count(), 0) << path;
  }
}

// Reading a bank costs the square root of its size: Horowitz's 8 KB, 32 KB and 1 MB lie on that line.
TEST(ShippedHwconfigs, sram_energy_follows_the_bank_size) {
  for (const std::string& path : load_family("hwconfigs/ne-64.yaml").members) {
    const EngineConfig config = load_engine(path).config;
    const double scale = 16.0 / 45 * (0.8 / 0.9) * (0.8 / 0.9);
    EXPECT_EQ(config.energy.sram_reference_bank, config.memory.bank_size) << path;
    EXPECT_EQ(config.sram_read_energy().count(), config.energy.sram_read.count()) << path << ": exact at its own size";
    for (const int kibibytes : {1, 2, 4, 8, 16, 32, 64, 1024}) {
      const EngineConfig resized = with_overrides(config, {{"memory.bank_size", std::to_string(kibibytes) + " KiB"}});
      const double expected = scale * 20.0 / 8 * std::sqrt(kibibytes / 32.0);
      EXPECT_NEAR(resized.sram_read_energy().count() / expected, 1.0, 0.003) << path << " " << kibibytes;
      EXPECT_NEAR(resized.sram_write_energy().count() / expected, 1.0, 0.003) << path << " " << kibibytes;
    }
    EXPECT_NEAR(config.energy.mac[static_cast<std::size_t>(Precision::kInt8)].count(), scale * 0.3, 0.0001) << path;
  }
}

TEST(ShippedHwconfigs, sram_energy_without_a_reference_is_what_it_says) {
  const std::vector<Override> overrides{{"energy.sram_reference_bank", "0 B"}, {"memory.bank_size", "64 KiB"}};
  const EngineConfig config = load_engine("hwconfigs/ne-256.yaml", overrides).config;
  EXPECT_EQ(config.sram_read_energy().count(), config.energy.sram_read.count());
  EXPECT_EQ(config.sram_write_energy().count(), config.energy.sram_write.count());
}

std::vector<Override> draw(const Family& family, Random& random, bool outside) {
  std::vector<Override> overrides;
  for (const FamilyRange& range : family.ranges) {
    std::vector<std::string> values = range.values;
    if (outside) values.insert(values.end(), range.outside_values.begin(), range.outside_values.end());
    overrides.push_back({range.key, random.pick(values)});
  }
  return overrides;
}

TEST(FamilyNe, every_combination_inside_the_ranges_is_valid) {
  const Family family = load_family("hwconfigs/ne-256.yaml");
  for (const std::string& path : family.members) {
    const EngineConfig member = load_engine(path).config;
    Random random(3);
    for (int i = 0; i < 1000; ++i) EXPECT_NO_THROW(with_overrides(member, draw(family, random, false)));
    for (const FamilyRange& range : family.ranges) {
      for (const std::string& value : range.values) EXPECT_NO_THROW(with_overrides(member, {{range.key, value}}));
    }
  }
}

// What the family's file says a campaign must skip is exactly what is refused.
TEST(FamilyNe, outside_the_ranges_only_fast_dram_on_few_banks_is_refused) {
  const Family family = load_family("hwconfigs/ne-256.yaml");
  const EngineConfig member = load_engine("hwconfigs/ne-1024.yaml").config;
  Random random(4);
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::vector<Override> overrides = draw(family, random, true);
    std::map<std::string, std::string> values;
    for (const Override& change : overrides) values[change.key] = change.value;
    const int banks = std::min(std::stoi(values["memory.activation_banks"]), std::stoi(values["memory.weight_banks"]));
    const std::string& dram = values["dram.bandwidth"];
    const std::string& clock = values["engine.clock"];
    const bool skipped = (dram == "51.2 GB/s" && (banks == 4 || (banks <= 12 && clock == "500 MHz"))) ||
                         ((dram == "25.6 GB/s" || dram == "19.2 GB/s") && banks == 4 && clock == "500 MHz");
    refused += skipped ? 1 : 0;
    if (skipped) {
      EXPECT_ANY_THROW(with_overrides(member, overrides));
    } else {
      EXPECT_NO_THROW(with_overrides(member, overrides));
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(FamilyNe, members_lie_inside_the_ranges) {
  const Family family = load_family("hwconfigs/ne-256.yaml");
  for (const std::string& path : family.members) {
    const EngineConfig member = load_engine(path).config;
    for (const FamilyRange& range : family.ranges) {
      const auto& values = range.values;
      EXPECT_TRUE(std::find(values.begin(), values.end(), value_text(member, range.key)) != values.end())
          << path << " " << range.key << " " << value_text(member, range.key);
    }
  }
}

TEST(FamilyNe, outside_values_are_beyond_the_inside_ones) {
  const EngineConfig base = load_engine("hwconfigs/ne-4096.yaml").config;
  for (const FamilyRange& range : load_family("hwconfigs/ne-4096.yaml").ranges) {
    std::vector<double> inside;
    const auto number = [&](const std::string& value) {
      return numeric_value(with_overrides(base, {{"dram.bandwidth", "1.6 GB/s"}, {range.key, value}}), range.key);
    };
    for (const std::string& value : range.values) inside.push_back(number(value));
    const auto [low, high] = std::minmax_element(inside.begin(), inside.end());
    for (const std::string& value : range.outside_values) {
      EXPECT_TRUE(number(value) < *low || number(value) > *high) << range.key << " " << value;
    }
  }
}

}  // namespace
}  // namespace lanewise::engine
