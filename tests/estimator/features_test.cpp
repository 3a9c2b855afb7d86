// SPDX-License-Identifier: Apache-2.0
#include "estimator/features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/mapping/analytical_tile.hpp"
#include "core/record/file.hpp"
#include "tests/estimator/toy_world.hpp"

namespace fs = std::filesystem;
using namespace lanewise;
using namespace lanewise::estimator;

namespace {

double feature(const std::string& name, const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const std::vector<std::string>& names = feature_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::out_of_range(name);
  return feature_vector(subgraph, engine)[static_cast<std::size_t>(found - names.begin())];
}

TEST(Features, have_one_name_each) {
  const std::vector<std::string>& names = feature_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  const auto engine = toy::make_engine(16, 16, 32, 6.4);
  EXPECT_EQ(feature_vector(toy::make_convolution(24, 40, 14, 3), engine).size(), names.size());
}

// The toy engine with streams instead of tiles.
engine::EngineConfig make_streams() {
  engine::EngineConfig e = toy::make_engine(16, 16, 32, 6.4);
  e.dma.kind = engine::DmaKind::kStreams;
  e.memory.keep_activations = false;
  e.dma.weight_alignment = Bytes(128);
  e.dram.word = Bytes(8);
  e.unpacking.first_pair = 1;
  e.unpacking.second_pair = 1.5;
  e.unpacking.column = 1.5;
  return e;
}

// Nobody asks an estimator about what does not fit, but who does gets numbers.
TEST(Features, are_finite_for_what_has_no_room) {
  engine::EngineConfig patches = toy::make_engine(16, 16, 32, 6.4);
  patches.array.patch_rows = patches.array.patch_columns = 2;
  for (engine::EngineConfig engine : {toy::make_engine(16, 16, 32, 6.4), make_streams(), patches}) {
    for (const std::int64_t bank : {1, 2, 64}) {
      engine.memory.bank_size = Bytes(bank);
      engine.memory.activation_banks = engine.memory.weight_banks = 1;
      for (int family = 0; family < mapping::kSubgraphFamilyCount; ++family) {
        mapping::Subgraph subgraph = toy::make_convolution(32, 32, 14, 3);
        subgraph.shape.family = static_cast<mapping::SubgraphFamily>(family);
        if (subgraph.shape.family == mapping::SubgraphFamily::kDepthwise) subgraph.shape.groups = 32;
        if (subgraph.shape.family == mapping::SubgraphFamily::kGrouped) subgraph.shape.groups = 4;
        for (const float value : feature_vector(subgraph, engine))
          ASSERT_TRUE(std::isfinite(value)) << bank << " " << mapping::subgraph_key(subgraph);
      }
    }
  }
}

TEST(Features, are_finite_for_every_family_of_subgraphs) {
  for (const engine::EngineConfig& engine : {toy::make_engine(16, 16, 32, 6.4), make_streams()}) {
    for (int family = 0; family < mapping::kSubgraphFamilyCount; ++family) {
      for (const bool on_chip : {false, true}) {
        mapping::Subgraph subgraph = toy::make_convolution(32, 32, 14, 3, on_chip);
        subgraph.shape.family = static_cast<mapping::SubgraphFamily>(family);
        if (subgraph.shape.family == mapping::SubgraphFamily::kDepthwise) subgraph.shape.groups = 32;
        if (subgraph.shape.family == mapping::SubgraphFamily::kGrouped) subgraph.shape.groups = 4;
        subgraph.context.output_on_chip = on_chip;
        const std::vector<float> row = feature_vector(subgraph, engine);
        for (std::size_t i = 0; i < row.size(); ++i) {
          EXPECT_TRUE(std::isfinite(row[i]))
              << feature_names()[i] << " of " << mapping::to_string(subgraph.shape.family);
        }
      }
    }
  }
}

TEST(Features, show_where_rounding_up_costs) {
  const auto engine = toy::make_engine(16, 32, 32, 6.4);
  // 40 output channels on 16 dot products: the third group is half full; 48 input channels on 32 lanes likewise.
  const auto subgraph = toy::make_convolution(48, 40, 14, 3);
  EXPECT_FLOAT_EQ(static_cast<float>(feature("last_group_use", subgraph, engine)), 0.5F);
  EXPECT_FLOAT_EQ(static_cast<float>(feature("last_lanes_use", subgraph, engine)), 0.5F);
  EXPECT_EQ(feature("groups_of_outputs", subgraph, engine), 3);
  EXPECT_EQ(feature("blocks", subgraph, engine), 9 * 2);
  // 48 x 40 real channel pairs of 64 x 48 that the array passes through.
  EXPECT_NEAR(feature("array_use", subgraph, engine), 48.0 * 40 / (64 * 48), 1e-6);
  // Accumulators: 32 KiB of 4 B sums, half of them, over 16 dot products: 256 pixels; 196 pixels are one stripe.
  EXPECT_EQ(feature("stripe_pixels", subgraph, engine), 256);
  EXPECT_EQ(feature("stripes", subgraph, engine), 1);
}

TEST(Features, see_the_context) {
  const auto engine = toy::make_engine(16, 16, 32, 6.4);
  const auto from_dram = toy::make_convolution(24, 40, 14, 3, false);
  const auto on_chip = toy::make_convolution(24, 40, 14, 3, true);
  EXPECT_EQ(feature("input_on_chip", on_chip, engine), 1);
  EXPECT_EQ(feature("resident_share", on_chip, engine), 0.25);
  EXPECT_LT(feature("dram_share", on_chip, engine), feature("dram_share", from_dram, engine));
  EXPECT_EQ(feature("input_over_free", on_chip, engine), 0);
  auto striped = from_dram;
  striped.context.resident_weight_banks = engine.memory.weight_banks / 2;
  striped.context.weights_on_chip = true;
  EXPECT_EQ(feature("weights_on_chip", striped, engine), 1);
  EXPECT_EQ(feature("weights_over_capacity", striped, engine), 0);
  EXPECT_LT(feature("dram_share", striped, engine), feature("dram_share", from_dram, engine));
}

TEST(Features, the_analytical_tile_follows_what_fits) {
  // 24 x 40 channels, 14 x 14 pixels: 4.7 kB in, 7.8 kB out, 8.7 kB of weights; 8 banks of 32 KiB hold it twice over.
  const auto roomy = toy::make_engine(16, 16, 32, 6.4);
  const auto subgraph = toy::make_convolution(24, 40, 14, 3);
  EXPECT_EQ(feature("input_times", subgraph, roomy), 1);
  EXPECT_EQ(feature("weight_times", subgraph, roomy), 1);
  EXPECT_EQ(feature("reload_weights_outside", subgraph, roomy), 1);
  EXPECT_EQ(feature("reload_pixels_outside", subgraph, roomy), 1);
  // 512 x 512 x 9 weights (2.4 MB) in 8 KiB: either they or the input come more than once.
  const auto tight = toy::make_engine(16, 16, 1, 6.4);
  const auto large = toy::make_convolution(512, 512, 28, 3);
  EXPECT_GT(feature("input_times", large, tight) * feature("weight_times", large, tight), 1);
  EXPECT_GT(feature("steps", large, tight), feature("steps", large, toy::make_engine(16, 16, 512, 6.4)));
}

TEST(Features, of_streams_count_whole_inputs) {
  const engine::EngineConfig engine = make_streams();
  // 24 channels of 14 x 14 pixels are three surfaces of 8 B words: all of it in 256 KiB.
  const auto small = toy::make_convolution(24, 40, 14, 3);
  EXPECT_EQ(feature("pixel_tiles", small, engine), 1);
  EXPECT_EQ(feature("output_tiles", small, engine), 3);
  EXPECT_EQ(feature("weight_times", small, engine), 1);
  // 64 x 128 x 128 B are 1 MiB: 32 rows at a time fit, 30 rows of outputs, so five cubes, each with all weights.
  const auto large = toy::make_convolution(64, 40, 128, 3);
  EXPECT_EQ(feature("tile_rows", large, engine), 30);
  EXPECT_EQ(feature("pixel_tiles", large, engine), 5);
  EXPECT_EQ(feature("weight_times", large, engine), 5);
  EXPECT_NEAR(feature("input_overlap", large, engine), (128 + 4 * 2) / 128.0, 1e-6);
}

TEST(Features, wait_for_what_the_array_hands_over) {
  engine::EngineConfig engine = toy::make_engine(16, 16, 32, 6.4);
  const auto subgraph = toy::make_convolution(24, 40, 14, 3);  // 3 groups of 18 blocks, one stripe of 196 pixels
  const mapping::ArrayWork work = mapping::array_work(subgraph.shape, engine);
  ASSERT_EQ(work.atom_cycles, 1);
  // An array that is slower ends with its last block's sums, one a cycle beside its own: nothing more to wait for.
  EXPECT_EQ(mapping::handover_cycles(work, 196, 3 * 18 * 196, 3 * 196), 0);
  // A post-processor that is slower has its first sums only when the first stripe's last block runs.
  EXPECT_EQ(mapping::handover_cycles(work, 196, 3 * 18 * 196, 20000), 17 * 196);
  // Sums that leave at half the pace: the last stripe's take twice its last block.
  engine.post_processing.width = 8;
  const mapping::ArrayWork slower = mapping::array_work(subgraph.shape, engine);
  EXPECT_EQ(mapping::handover_cycles(slower, 196, 3 * 18 * 196, 3 * 196 * 2), 196);
  EXPECT_EQ(mapping::first_load_cycles(work), 16);
}

TEST(Features, count_the_accumulators_credits) {
  engine::EngineConfig engine = toy::make_engine(8, 16, 32, 6.4);
  engine.array.pipeline_latency = Cycles(11);  // with the banks' 4: 15
  engine.accumulators.credit_return = Cycles(23);
  engine.array.longest_stripe = 16;
  engine.post_processing.width = 1;
  const mapping::SubgraphShape shape = toy::make_convolution(8, 8, 56, 1).shape;
  const auto cycles = [&](std::int64_t atoms) {
    engine.accumulators.size = Bytes(atoms * 8 * 4);
    return mapping::atom_cycles(mapping::array_work(shape, engine), engine, 56 * 56);
  };
  // Room for one stripe alone: the next waits until all of it is drained (16 x 8) and its credits are back.
  EXPECT_DOUBLE_EQ(cycles(16), (16 * 8 + 15 + 23) / 16.0);
  // Room for half a stripe more: half a stripe less to wait for, which the post-processor's own pace hides.
  EXPECT_DOUBLE_EQ(cycles(24), 8);
  EXPECT_DOUBLE_EQ(cycles(32), 8);
  engine.accumulators.credit_return = Cycles(230);
  EXPECT_DOUBLE_EQ(cycles(32), (16 * 8 + 15 + 230) / 2.0 / 16);
}

TEST(Features, take_the_order_with_less_traffic) {
  const auto tight = toy::make_engine(16, 16, 1, 6.4);
  for (const std::int64_t size : {7, 14, 56, 112}) {
    const auto subgraph = toy::make_convolution(256, 256, size, 1);
    const double weights_outside = feature("reload_weights_outside", subgraph, tight);
    const double pixels_outside = feature("reload_pixels_outside", subgraph, tight);
    EXPECT_GE(std::min(weights_outside, pixels_outside), 1) << size;
    if (weights_outside == pixels_outside) continue;
    EXPECT_EQ(feature("weights_outside", subgraph, tight), weights_outside < pixels_outside ? 1 : 0) << size;
  }
}

TEST(Features, the_analytical_latency_is_never_below_the_roofline) {
  const toy::World world = toy::make_world(4, 100, 5);
  for (const Sample& sample : world.samples) {
    EXPECT_LE(feature("roofline_share", sample.subgraph, *sample.engine), 1 + 1e-6);
  }
}

// Weights that an engine runs and stores like dense ones leave no trace, and neither do keys that a subgraph has no use
// for: there the estimates of sparse networks are those of dense ones.
TEST(Features, of_forms_are_of_what_the_engine_makes_of_them) {
  const engine::EngineConfig plain = toy::make_engine(16, 16, 32, 6.4);
  engine::EngineConfig keyed = plain;
  keyed.sparsity.structured = {2, 4};
  keyed.compression.zeros = engine::ZeroCoding::kIndices;
  keyed.compression.weights_per_cycle = 256;
  const mapping::Subgraph dense = toy::make_convolution(64, 64, 14, 3);
  mapping::Subgraph sparse = dense;
  sparse.shape.weight_form.kept = 2;
  sparse.shape.weight_form.of = 4;
  sparse.shape.weight_form.density = 0.5;
  EXPECT_EQ(feature_vector(sparse, plain), feature_vector(dense, plain));
  EXPECT_EQ(feature_vector(dense, keyed), feature_vector(dense, plain));

  EXPECT_EQ(feature("weight_mode", sparse, keyed), 1);
  EXPECT_EQ(feature("weight_mac_share", sparse, keyed), 0.5);
  // Half of them, each with two bits that say which of the four it is.
  EXPECT_FLOAT_EQ(static_cast<float>(feature("stored_weight_share", sparse, keyed)), 0.5F * (8 + 2) / 8);
  EXPECT_EQ(feature("decoded_weights_per_cycle", sparse, keyed), 256);
  // 64 channels are two blocks of 32, both full; 48 leave the second half empty.
  EXPECT_EQ(feature("last_lanes_use", sparse, keyed), 1);
  sparse.shape.in_channels = 48;
  EXPECT_EQ(feature("last_lanes_use", sparse, keyed), 0.5);
  EXPECT_LT(feature("log_reference_cycles", sparse, keyed), feature("log_reference_cycles", sparse, plain));
}

// Columns of the measured section of the data dictionary.
std::set<std::string> measured_columns() {
  std::set<std::string> columns;
  std::istringstream lines(record::read_file(std::string(LANEWISE_SOURCE_DIR) + "/docs/measurements.md"));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("### ", 0) == 0) inside = line == "### What was found" || line == "### Units";
    if (inside && line.rfind("| `", 0) == 0) columns.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return columns;
}

TEST(Features, no_measured_column_is_a_feature) {
  const std::set<std::string> measured = measured_columns();
  ASSERT_GE(measured.size(), 10U);
  ASSERT_EQ(measured.count("latency_cycles"), 1U);
  for (const std::string& name : feature_names()) {
    EXPECT_EQ(measured.count(name), 0U) << name;
    EXPECT_EQ(name.find("_busy_"), std::string::npos) << name;
    EXPECT_EQ(name.find("_stalled_"), std::string::npos) << name;
  }
}

TEST(Features, the_module_reads_neither_tile_plans_nor_the_simulator) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(std::string(LANEWISE_SOURCE_DIR) + "/estimator")) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
    ++files;
    const std::string source = record::read_file(entry.path().string());
    for (const char* forbidden : {"tile_plan", "tile_search", "plan_tiles", "choose_tiles", "sim/", "simulate("}) {
      EXPECT_EQ(source.find(forbidden), std::string::npos) << forbidden << " in " << entry.path();
    }
    // What is known of a subgraph before it is measured must not read what was measured.
    const std::string stem = entry.path().stem().string();
    if (stem == "features" || stem == "feature_row" || stem.rfind("analytical_", 0) == 0) {
      EXPECT_EQ(source.find("record/"), std::string::npos) << entry.path();
      EXPECT_EQ(source.find("estimator/estimator.hpp"), std::string::npos) << entry.path();
    }
  }
  EXPECT_GE(files, 8);
}

}  // namespace
