// SPDX-License-Identifier: Apache-2.0
// What is refused is exactly what no planner could plan: held against the planners, and against all small tiles there
// are.
#include "core/mapping/refusal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/mapping/nominal_cost.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {
namespace {

// A layer small enough that its plans are short, but wide or deep enough that it may not fit a small bank.
Subgraph small_layer(Random& random) {
  Subgraph s;
  SubgraphShape& shape = s.shape;
  s.name = "layer";
  shape.family = random.pick<SubgraphFamily>(
      {SubgraphFamily::kConvolution, SubgraphFamily::kConvolution, SubgraphFamily::kGrouped, SubgraphFamily::kDepthwise,
       SubgraphFamily::kFullyConnected, SubgraphFamily::kMatMul, SubgraphFamily::kPooling, SubgraphFamily::kReduction,
       SubgraphFamily::kElementwise, SubgraphFamily::kNormalization});
  shape.batch = random.pick<std::int64_t>({1, 1, 2});
  shape.in_channels = random.pick<std::int64_t>({1, 3, 16, 40, 200, 1000, 3000});
  shape.out_channels = random.pick<std::int64_t>({1, 8, 24, 96});
  shape.in_height = random.pick<std::int64_t>({1, 3, 5, 9});
  shape.in_width = random.pick<std::int64_t>({1, 4, 9, 60});
  shape.input_precision = shape.weight_precision = shape.output_precision = random.pick<Precision>(
      {Precision::kInt4, Precision::kInt8, Precision::kInt8, Precision::kInt16, Precision::kFp16});
  shape.bias = random.chance(0.5);
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t in = axis == 0 ? shape.in_height : shape.in_width;
    std::int64_t& out = axis == 0 ? shape.out_height : shape.out_width;
    network::Window& w = shape.window;
    w.kernel[axis] = random.pick<std::int64_t>({1, 1, 3, 7, 15});
    w.stride[axis] = random.pick<std::int64_t>({1, 1, 2});
    w.dilation[axis] = random.pick<std::int64_t>({1, 1, 1, 3});
    const std::int64_t reach = (w.kernel[axis] - 1) * w.dilation[axis];
    w.pad_begin[axis] = random.between(0, reach);
    w.pad_end[axis] = std::max(reach - w.pad_begin[axis], reach + 1 - in - w.pad_begin[axis]);
    w.pad_end[axis] = std::max<std::int64_t>(0, w.pad_end[axis]);
    out = std::max<std::int64_t>(1, (in + w.pad_begin[axis] + w.pad_end[axis] - reach - 1) / w.stride[axis] + 1);
  }
  const auto same_size = [&] {
    shape.window = {};
    shape.out_height = shape.in_height;
    shape.out_width = shape.in_width;
  };
  switch (shape.family) {
    case SubgraphFamily::kGrouped:
      shape.groups = random.pick<std::int64_t>({2, 4});
      shape.in_channels *= shape.groups;
      shape.out_channels *= shape.groups;
      break;
    case SubgraphFamily::kDepthwise:
      shape.groups = shape.out_channels = shape.in_channels;
      break;
    case SubgraphFamily::kFullyConnected:
      shape.in_height = shape.in_width = 1;
      same_size();
      break;
    case SubgraphFamily::kMatMul:
      shape.bias = false;
      shape.in_height = 1;
      shape.groups = random.pick<std::int64_t>({1, 2});
      shape.in_channels *= shape.groups;
      shape.out_channels *= shape.groups;
      same_size();
      break;
    case SubgraphFamily::kPooling:
      shape.out_channels = shape.in_channels;
      break;
    case SubgraphFamily::kReduction:
      shape.in_width = random.pick<std::int64_t>({4, 60, 3000, 50000});
      shape.out_channels = shape.in_channels;
      shape.out_height = shape.out_width = 1;
      shape.window = {};
      shape.window.kernel[0] = shape.in_height;
      shape.window.kernel[1] = shape.in_width;
      break;
    case SubgraphFamily::kElementwise:
      shape.inputs = random.between(1, 2);
      [[fallthrough]];
    case SubgraphFamily::kNormalization:
      shape.out_channels = shape.in_channels;
      same_size();
      break;
    default:
      break;
  }
  if (!shape.uses_array()) shape.bias = false;
  const bool windowed = shape.family == SubgraphFamily::kConvolution || shape.family == SubgraphFamily::kDepthwise;
  if (windowed && random.chance(0.3)) {
    shape.pooled = true;
    shape.pool = {};
    for (int axis = 0; axis < 2; ++axis) {
      std::int64_t& out = axis == 0 ? shape.out_height : shape.out_width;
      shape.pool.kernel[axis] = std::min<std::int64_t>(out, random.between(1, 9));
      shape.pool.stride[axis] = random.between(1, 2);
      out = (out - shape.pool.kernel[axis]) / shape.pool.stride[axis] + 1;
    }
  }
  if (!shape.pooled && random.chance(0.3))
    shape.operand = random.pick<FusedOperand>({FusedOperand::kTensor, FusedOperand::kPerChannel});
  return s;
}

engine::EngineConfig small_engine(const std::string& base, Random& random) {
  std::vector<engine::Override> changes = {{"memory.bank_size", random.pick<std::string>({"1 KiB", "2 KiB", "4 KiB"})},
                                           {"memory.activation_banks", std::to_string(random.pick<int>({1, 1, 2, 4}))},
                                           {"memory.weight_banks", std::to_string(random.pick<int>({1, 1, 2, 4}))},
                                           {"mapping.effort", "0"}};
  const engine::EngineConfig config = engine::load_engine("hwconfigs/" + base + ".yaml").config;
  changes.push_back({"accumulators.size", random.pick<std::string>({"1 KiB", "8 KiB"})});
  try {
    return engine::with_overrides(config, changes);
  } catch (const Error&) {
    changes.pop_back();  // accumulators must hold at least one sum of every dot product
    return engine::with_overrides(config, changes);
  }
}

void put_on_chip(Subgraph& s, const engine::EngineConfig& engine, Random& random) {
  if (engine.streams() || random.chance(0.6)) return;
  s.context.resident_banks = random.between(0, engine.memory.activation_banks);
  s.context.input_on_chip = random.chance(0.3);
  s.context.output_on_chip = random.chance(0.3);
  s.context.operand_on_chip = s.shape.operand != FusedOperand::kNone && random.chance(0.3);
}

std::string planner_says(const Subgraph& s, const engine::EngineConfig& engine) {
  try {
    EXPECT_FALSE(plan_tiles(s, engine).steps.empty());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

const char* const kEngines[] = {"ne-64", "ne-256", "nvdla-small", "nvdla-large", "neureka"};

// An InternalError, where the planner finds nothing for what is not refused, fails the test.
TEST(Refusal, what_is_not_refused_is_planned_and_what_is_refused_is_refused_in_the_same_words) {
  int refused = 0, planned = 0;
  for (const char* const base : kEngines) {
    Random random(17);
    for (int i = 0; i < 150; ++i) {
      const engine::EngineConfig engine = small_engine(base, random);
      Subgraph s = small_layer(random);
      put_on_chip(s, engine, random);
      const std::string refusal = refusal_of(s, engine);
      ASSERT_EQ(planner_says(s, engine), refusal) << base << " " << i << ": " << subgraph_key(s);
      ++(refusal.empty() ? planned : refused);
    }
  }
  EXPECT_GT(refused, 80);
  EXPECT_GT(planned, 80);
}

// The most that a tile of so many rows and columns reads and computes, tile by tile.
PixelCounts counted(const SubgraphShape& s, std::int64_t rows, std::int64_t columns) {
  PixelCounts pixels;
  pixels.tiles = s.batch * ceil_div(s.out_height, rows) * ceil_div(s.out_width, columns);
  std::int64_t computed[2] = {0, 0}, read[2] = {0, 0};
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t outputs = axis == 0 ? s.out_height : s.out_width, size = axis == 0 ? rows : columns;
    for (std::int64_t at = 0; at < outputs; at += size) {
      read[axis] = std::max(read[axis], s.input_range(axis, at, std::min(outputs, at + size)).size());
      computed[axis] = std::max(computed[axis], s.conv_range(axis, at, std::min(outputs, at + size)).size());
    }
  }
  pixels.in_rows = read[0];
  pixels.in_columns = read[1];
  pixels.conv_pixels = computed[0] * computed[1];
  return pixels;
}

// Whether any tile at all has room, of whatever size.
bool any_tile_has_room(const TileProblem& p) {
  const SubgraphShape& s = p.shape;
  const auto sizes = [](std::int64_t n) {
    std::vector<std::int64_t> out;
    for (std::int64_t size = 1; size <= n; size = size < 12 ? size + 1 : size * 2) out.push_back(size);
    out.push_back(n);
    return out;
  };
  for (const std::int64_t rows : sizes(s.out_height)) {
    for (const std::int64_t columns : sizes(s.out_width)) {
      const PixelCounts pixels = counted(s, rows, columns);
      for (const std::int64_t outputs : sizes(s.out_channels)) {
        std::vector<std::int64_t> reductions = {s.in_channels};
        for (std::int64_t lanes = p.engine.array.dot_product_lanes; !p.follows && lanes < s.in_channels;
             lanes += p.engine.array.dot_product_lanes) {
          reductions.push_back(lanes);
        }
        for (const std::int64_t reduction : reductions) {
          TileChoice choice;
          choice.rows = rows;
          choice.columns = columns;
          choice.outputs = outputs;
          choice.reduction = reduction;
          if (claim_buffers(p, pixels, choice)) return true;
        }
      }
    }
  }
  return false;
}

TEST(Refusal, of_engines_with_tiles_nothing_is_refused_that_has_room_in_tiles_of_any_size) {
  int refused = 0;
  for (const char* const base : {"ne-64", "ne-256"}) {
    Random random(29);
    for (int i = 0; i < 150; ++i) {
      const engine::EngineConfig engine = small_engine(base, random);
      Subgraph s = small_layer(random);
      put_on_chip(s, engine, random);
      const std::string refusal = refusal_of(s, engine);
      if (refusal.find("does not fit") == std::string::npos && !refusal.empty()) continue;  // no rate
      bool room = any_tile_has_room(TileProblem(s, engine));
      if (groups_stand_alone(s.shape, engine)) room = room || any_tile_has_room(TileProblem::of_one_group(s, engine));
      ASSERT_EQ(room, refusal.empty()) << base << " " << i << ": " << subgraph_key(s) << "\n" << refusal;
      refused += refusal.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 25);
}

TEST(Refusal, the_closed_form_stays_finite_for_what_is_refused) {
  Random random(31);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const engine::EngineConfig engine = small_engine("ne-256", random);
    Subgraph s = small_layer(random);
    put_on_chip(s, engine, random);
    if (refusal_of(s, engine).find("does not fit") == std::string::npos) continue;
    const NominalCost cost = nominal_cost(s, engine);
    ASSERT_TRUE(std::isfinite(cost.cycles) && std::isfinite(cost.energy_pj) && std::isfinite(cost.dram_bytes))
        << subgraph_key(s);
    ASSERT_LT(cost.cycles, 1e15) << subgraph_key(s);
    ++refused;
  }
  EXPECT_GT(refused, 300);
}

TEST(Refusal, names_engine_subgraph_and_rule) {
  Subgraph pool;
  pool.name = "gap";
  pool.shape.family = SubgraphFamily::kReduction;
  pool.shape.in_channels = pool.shape.out_channels = 2;
  pool.shape.in_width = pool.shape.window.kernel[1] = 262144;
  const engine::EngineConfig engine = engine::load_engine("hwconfigs/ne-256.yaml").config;
  EXPECT_EQ(refusal_of(pool, engine),
            "engine ne-256: subgraph 'gap' (reduction) does not fit: not even its smallest tile has room in 131072 B "
            "for activations and 131072 B for weights");
  // What workers read from a key has no name.
  const std::string nameless = refusal_of(parse_subgraph_key(subgraph_key(pool)), engine);
  EXPECT_EQ(nameless.find("''"), std::string::npos) << nameless;
  EXPECT_NE(nameless.find("the reduction from 262144x1x2 to 1x1x2"), std::string::npos) << nameless;
}

TEST(Refusal, an_engine_without_a_rate_for_the_precision_refuses_it) {
  Subgraph layer;
  layer.name = "layer";
  layer.shape.in_channels = layer.shape.out_channels = 8;
  layer.shape.input_precision = layer.shape.weight_precision = Precision::kFp32;
  const engine::EngineConfig engine =
      engine::load_engine("hwconfigs/ne-256.yaml", {{"engine.precision_rate.fp32", "0"}}).config;
  EXPECT_NE(refusal_of(layer, engine).find("precision_rate.fp32"), std::string::npos) << refusal_of(layer, engine);
}

}  // namespace
}  // namespace lanewise::mapping
