// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/plan_tiles.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"

namespace lanewise::mapping {
namespace {

engine::EngineConfig engine_of(const std::string& name, const std::vector<engine::Override>& overrides = {}) {
  return engine::load_engine("hwconfigs/" + name + ".yaml", overrides).config;
}

Subgraph subgraph_of(const std::string& shape, const std::string& places = "dram/dram/dram") {
  return parse_subgraph_key(shape + " pool=- n=1 prec=int8/int8/int8 at=" + places + " resident=0");
}

const char* const kPointwise =
    "family=convolution b=1 in=96x56x56 out=24x56x56 w=1x1/1x1/1x1/0,0,0,0 g=1 bias=0 act=none operand=none";
const char* const kDepthwise =
    "family=depthwise b=1 in=96x56x56 out=96x56x56 w=3x3/1x1/1x1/1,1,1,1 g=96 bias=0 act=none operand=none";

TEST(ArrayWork, lanes_and_dot_products_are_rounded_up_to_whole_ones) {
  const ArrayWork work = array_work(subgraph_of(kPointwise).shape, engine_of("ne-256"));  // 16 x 16
  EXPECT_EQ(work.groups, 2);                                                              // 24 outputs
  EXPECT_EQ(work.blocks, 6);                                                              // 96 inputs
  EXPECT_EQ(work.weight_load_cycles, 16);
  EXPECT_EQ(work.stripe_pixels, 128);
}

TEST(ArrayWork, depthwise_uses_one_lane_or_the_taps) {
  const SubgraphShape shape = subgraph_of(kDepthwise).shape;
  const ArrayWork dense = array_work(shape, engine_of("ne-256"));
  EXPECT_EQ(dense.groups, 6);  // 16 channels at once
  EXPECT_EQ(dense.blocks, 9);  // a block a tap
  const ArrayWork native = array_work(shape, engine_of("ne-256", {{"engine.depthwise", "native"}}));
  EXPECT_EQ(native.groups, 6);
  EXPECT_EQ(native.blocks, 1);  // nine taps in sixteen lanes
  // Fewer lanes than dot products: all see the same eight channels.
  const ArrayWork narrow = array_work(shape, engine_of("ne-256", {{"engine.dot_product_lanes", "8"}}));
  EXPECT_EQ(narrow.groups, 12);
}

TEST(ArrayWork, small_groups_share_the_lanes) {
  const Subgraph s =
      subgraph_of("family=grouped b=1 in=64x8x8 out=64x8x8 w=3x3/1x1/1x1/1,1,1,1 g=8 bias=0 act=none operand=none");
  EXPECT_EQ(array_work(s.shape, engine_of("ne-256")).groups, 4);  // two groups of 8 channels in 16 lanes
  EXPECT_EQ(array_work(s.shape, engine_of("ne-1024")).groups, 2);
  EXPECT_EQ(array_work(s.shape, engine_of("ne-64")).groups, 8);
}

TEST(ArrayWork, a_precision_without_a_rate_is_refused_by_name) {
  Subgraph s = subgraph_of(kPointwise);
  s.shape.weight_precision = Precision::kFp16;
  try {
    array_work(s.shape, engine_of("ne-256"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("engine.precision_rate.fp16"), std::string::npos) << error.what();
  }
}

TEST(Bounds, are_what_the_formulas_say) {
  const engine::EngineConfig e = engine_of("ne-256");  // 800 MHz, 3.2 GB/s: 4 B/cycle; post-processor 8 wide
  const Bounds b = bounds(subgraph_of(kPointwise), e);
  EXPECT_DOUBLE_EQ(b.mac_cycles, 96.0 * 24 * 3136 / 256);
  EXPECT_DOUBLE_EQ(b.array_cycles, 2.0 * 6 * 3136);
  EXPECT_DOUBLE_EQ(b.post_cycles, 2.0 * 3136 * 16 / 8);  // an atom of a partly filled group takes as long
  EXPECT_DOUBLE_EQ(b.dram_bytes, 96.0 * 3136 + 24 * 3136 + 96 * 24);
  EXPECT_DOUBLE_EQ(b.dram_cycles, b.dram_bytes / 4);
  EXPECT_DOUBLE_EQ(b.roofline_cycles, b.dram_cycles);
  EXPECT_DOUBLE_EQ(bounds(subgraph_of(kPointwise, "chip/dram/chip"), e).dram_bytes, 96.0 * 24);
}

// Checks that a plan does all of its subgraph, keeps to its buffers and can be carried out in its DMA order.
class PlanChecker {
 public:
  PlanChecker(const Subgraph& s, const TilePlan& plan, const engine::EngineConfig& e) : s_(s), plan_(plan), e_(e) {}

  void check() {
    covers_the_subgraph();
    program_is_complete();
    program_can_run();
    EXPECT_LE(plan_.peak_sram.count(), e_.onchip_capacity().count()) << subgraph_key(s_);
  }

 private:
  void covers_the_subgraph() {
    std::int64_t macs = 0, outputs = 0, stored = 0;
    for (const TileStep& step : plan_.steps) {
      macs += step.macs;
      if (!step.partial_sums) outputs += step.post_write_bytes;
      stored += step.store.bytes;
      EXPECT_LE(step.store.bytes, step.store.dram_bytes);
      EXPECT_LE(step.input_load.bytes, step.input_load.dram_bytes);
    }
    if (s_.shape.pooled) {
      EXPECT_GE(macs, s_.shape.macs()) << subgraph_key(s_);  // rows between tiles are computed twice
    } else {
      EXPECT_EQ(macs, s_.shape.macs()) << subgraph_key(s_);
    }
    EXPECT_EQ(outputs, s_.shape.output_bytes().count()) << subgraph_key(s_);
    EXPECT_EQ(stored, s_.context.output_on_chip ? 0 : s_.shape.output_bytes().count()) << subgraph_key(s_);
  }

  void program_is_complete() {
    std::map<std::pair<int, TransferKind>, int> count;
    for (const DmaEntry& entry : plan_.dma) {
      ++count[{entry.step, entry.kind}];
      EXPECT_GT(plan_.transfer(entry).bytes, 0);
    }
    std::size_t transfers = 0;
    for (const TileStep& step : plan_.steps) {
      for (const Transfer& t : {step.input_load, step.weight_load, step.operand_load, step.store}) {
        transfers += t.bytes > 0 ? 1 : 0;
      }
    }
    EXPECT_EQ(plan_.dma.size(), transfers);
    EXPECT_EQ(count.size(), transfers) << "each transfer once";
  }

  // Plays the program with units that take no time: a load needs a free buffer, a step its loads, a store its step.
  void program_can_run() {
    int free_input = plan_.input_slots, free_weights = plan_.weight_slots, free_operands = plan_.operand_slots;
    int free_outputs = plan_.output_slots;
    std::size_t next_step = 0;
    std::map<std::pair<int, TransferKind>, bool> done;
    const auto here = [&](std::size_t step, TransferKind kind, const Transfer& t) {
      return t.bytes == 0 || done.count({static_cast<int>(step), kind}) == 1;
    };
    const auto advance = [&] {
      while (next_step < plan_.steps.size()) {
        const TileStep& step = plan_.steps[next_step];
        if (!here(next_step, TransferKind::kInput, step.input_load) ||
            !here(next_step, TransferKind::kWeights, step.weight_load) ||
            !here(next_step, TransferKind::kOperand, step.operand_load)) {
          return;
        }
        if (step.store.bytes > 0) {
          if (free_outputs == 0) return;
          --free_outputs;
        }
        free_input += step.input_last ? 1 : 0;
        free_weights += step.weight_last ? 1 : 0;
        free_operands += step.operand_load.bytes > 0 ? 1 : 0;
        ++next_step;
      }
    };
    for (const DmaEntry& entry : plan_.dma) {
      advance();
      int* buffers = entry.kind == TransferKind::kInput     ? &free_input
                     : entry.kind == TransferKind::kWeights ? &free_weights
                                                            : &free_operands;
      if (entry.kind == TransferKind::kStore) {
        ASSERT_LT(static_cast<std::size_t>(entry.step), next_step) << "a store before its step: " << subgraph_key(s_);
        ++free_outputs;
      } else {
        ASSERT_GT(*buffers, 0) << "a load without a buffer: " << subgraph_key(s_);
        --*buffers;
      }
      done[{entry.step, entry.kind}] = true;
    }
    advance();
    EXPECT_EQ(next_step, plan_.steps.size()) << subgraph_key(s_);
  }

  const Subgraph& s_;
  const TilePlan& plan_;
  const engine::EngineConfig& e_;
};

TEST(TilePlan, is_complete_and_can_be_carried_out_for_every_model) {
  for (const auto& model : std::filesystem::directory_iterator("models")) {
    if (model.path().extension() != ".onnx") continue;
    const network::Graph graph = network::import_network(model.path().string());
    for (const char* name : {"ne-64", "ne-512", "ne-4096"}) {
      const engine::EngineConfig e = engine_of(name);
      for (const Subgraph& s : partition(graph, e)) PlanChecker(s, plan_tiles(s, e), e).check();
      if (HasFailure()) return;
    }
  }
}

TEST(TilePlan, what_fits_on_chip_is_fetched_once) {
  const engine::EngineConfig e = engine_of("ne-4096");
  const Subgraph s = subgraph_of(kPointwise);
  const TilePlan plan = plan_tiles(s, e);
  EXPECT_EQ(plan.dram_read.count(), s.shape.input_bytes().count() + s.shape.weight_bytes().count());
  EXPECT_EQ(plan.dram_write.count(), s.shape.output_bytes().count());
}

TEST(TilePlan, less_memory_means_no_less_traffic) {
  const Subgraph s = subgraph_of(
      "family=convolution b=1 in=256x28x28 out=256x28x28 w=3x3/1x1/1x1/1,1,1,1 g=1 bias=1 act=relu operand=none");
  std::int64_t before = 0;
  for (const char* bank : {"64 KiB", "16 KiB", "4 KiB", "2 KiB"}) {
    const std::int64_t traffic = plan_tiles(s, engine_of("ne-1024", {{"memory.bank_size", bank}})).dram_read.count();
    EXPECT_GE(traffic, before) << bank;
    before = traffic;
  }
  EXPECT_GT(before, 3 * (s.shape.input_bytes() + s.shape.weight_bytes()).count() / 2) << "2 KiB banks cannot hold it";
}

TEST(TilePlan, where_a_groups_weights_do_not_fit_fewer_dot_products_work) {
  const engine::EngineConfig e = engine_of("ne-4096", {{"memory.weight_banks", "8"}, {"memory.bank_size", "8 KiB"}});
  const Subgraph s = subgraph_of(
      "family=convolution b=1 in=56x14x14 out=336x14x14 w=5x5/1x1/1x1/2,2,2,2 g=1 bias=1 act=none operand=none");
  const TilePlan plan = plan_tiles(s, e);
  EXPECT_LT(plan.tile_out_channels, 64) << "64 x 56 x 25 bytes of weights are more than 64 KiB";
  PlanChecker(s, plan, e).check();
}

TEST(TilePlan, a_subgraph_that_cannot_fit_is_refused_by_name) {
  Subgraph s = subgraph_of(
      "family=convolution b=1 in=64x16x16 out=64x16x16 w=31x31/1x1/1x1/15,15,15,15 g=1 bias=0 act=none operand=none");
  s.name = "huge";
  try {
    plan_tiles(
        s, engine_of("ne-64",
                     {{"memory.bank_size", "1 KiB"}, {"memory.activation_banks", "4"}, {"memory.weight_banks", "4"}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("subgraph 'huge' (convolution) does not fit"), std::string::npos);
  }
}

TEST(TilePlan, is_the_same_every_time) {
  const engine::EngineConfig e = engine_of("ne-256");
  const Subgraph s = subgraph_of(kDepthwise);
  const TilePlan a = plan_tiles(s, e);
  plan_tiles(subgraph_of(kPointwise), e);
  const TilePlan b = plan_tiles(s, e);
  EXPECT_EQ(a.steps.size(), b.steps.size());
  EXPECT_EQ(a.dma.size(), b.dma.size());
  EXPECT_EQ(a.tile_rows, b.tile_rows);
  EXPECT_EQ(a.order, b.order);
}

}  // namespace
}  // namespace lanewise::mapping
