// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tile_steps.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/mapping/dram_rows.hpp"
#include "core/mapping/list_scheduler.hpp"

namespace lanewise::mapping {
namespace {

// Buffers for the tiles loaded last. A new tile replaces the oldest one. The latest use of each buffer is remembered,
// so that the step after which a tile is no longer needed can be marked.
class Buffers {
 public:
  explicit Buffers(int slots)
      : tile_(static_cast<std::size_t>(slots), -1), last_use_(static_cast<std::size_t>(slots), -1) {}

  struct Use {
    bool load = false;
    std::int64_t freed_after = -1;  // the last step that used the tile which is replaced
  };
  Use use(std::int64_t tile, std::int64_t step) {
    Use use;
    for (std::size_t slot = 0; slot < tile_.size(); ++slot) {
      if (tile_[slot] != tile) continue;
      last_use_[slot] = step;
      return use;
    }
    use.load = true;
    use.freed_after = last_use_[next_];
    tile_[next_] = tile;
    last_use_[next_] = step;
    next_ = (next_ + 1) % tile_.size();
    return use;
  }

 private:
  std::vector<std::int64_t> tile_;
  std::vector<std::int64_t> last_use_;
  std::size_t next_ = 0;
};

class StepWriter {
 public:
  StepWriter(const TileProblem& problem, const TileChoice& choice, TilePlan& plan, std::int64_t groups)
      : p_(problem),
        c_(choice),
        plan_(plan),
        groups_(groups),
        inputs_(choice.input_slots),
        weights_(choice.weight_slots) {
    row_tiles_ = ceil_div(p_.shape.out_height, c_.rows);
    column_tiles_ = ceil_div(p_.shape.out_width, c_.columns);
    pixel_tiles_ = p_.shape.batch * row_tiles_ * column_tiles_;
    output_tiles_ = ceil_div(p_.shape.out_channels, c_.outputs);
    reduction_tiles_ = p_.follows ? 1 : ceil_div(p_.shape.in_channels, c_.reduction);
  }

  void write() {
    plan_.steps.reserve(static_cast<std::size_t>(groups_ * pixel_tiles_ * output_tiles_ * reduction_tiles_));
    for (group_ = 0; group_ < groups_; ++group_) write_group();
  }

 private:
  void write_group() {
    operand_fetched_ = false;
    if (c_.order == LoopOrder::kWeightsOutside) {
      for (std::int64_t o = 0; o < output_tiles_; ++o) {
        for (std::int64_t p = 0; p < pixel_tiles_; ++p) write_reduction(o, p);
      }
    } else {
      for (std::int64_t p = 0; p < pixel_tiles_; ++p) {
        for (std::int64_t o = 0; o < output_tiles_; ++o) write_reduction(o, p);
      }
    }
  }

  struct Tile {
    SubgraphShape::Range rows, columns;  // of outputs
    std::int64_t outputs = 0;
    SubgraphShape::Range in_rows, in_columns;
  };

  void write_reduction(std::int64_t output_tile, std::int64_t pixel_tile) {
    const SubgraphShape& s = p_.shape;
    Tile tile;
    const std::int64_t row = pixel_tile / column_tiles_ % row_tiles_ * c_.rows;
    const std::int64_t column = pixel_tile % column_tiles_ * c_.columns;
    tile.rows = {row, std::min(s.out_height, row + c_.rows)};
    tile.columns = {column, std::min(s.out_width, column + c_.columns)};
    tile.outputs = std::min(c_.outputs, s.out_channels - output_tile * c_.outputs);
    tile.in_rows = s.input_range(0, tile.rows.begin, tile.rows.end);
    tile.in_columns = s.input_range(1, tile.columns.begin, tile.columns.end);
    for (std::int64_t r = 0; r < reduction_tiles_; ++r) {
      TileStep step;
      step.last_reduction = r + 1 == reduction_tiles_;
      const std::int64_t reduction =
          p_.follows ? s.in_channels : std::min(c_.reduction, s.in_channels - r * c_.reduction);
      const std::int64_t channels = p_.input_channels(tile.outputs, reduction);
      const std::int64_t input_tiles = pixel_tiles_ * (p_.follows ? output_tiles_ : reduction_tiles_);
      const std::int64_t input_tile =
          p_.follows ? pixel_tile * output_tiles_ + output_tile : pixel_tile * reduction_tiles_ + r;
      fetch_input(step, tile, group_ * input_tiles + input_tile, channels);
      if (s.uses_array()) {
        fetch_weights(step, (group_ * output_tiles_ + output_tile) * reduction_tiles_ + r, tile.outputs, reduction);
        compute(step, tile, reduction);
      }
      if (step.last_reduction) finish(step, tile, channels);
      plan_.steps.push_back(step);
    }
  }

  void fetch_input(TileStep& step, const Tile& tile, std::int64_t index, std::int64_t channels) {
    if (c_.input_slots == 0) return;
    const Buffers::Use use = inputs_.use(index, static_cast<std::int64_t>(plan_.steps.size()));
    if (!use.load) return;
    if (use.freed_after >= 0) plan_.steps[static_cast<std::size_t>(use.freed_after)].input_last = true;
    if (p_.patches()) {
      const std::int64_t bytes =
          p_.patch_input_pixels(c_.rows, c_.columns) * p_.pixel_bytes(channels, p_.shape.input_precision);
      step.input_load = {bytes, bytes};
      return;
    }
    const std::int64_t rows = tile.in_rows.size();
    const std::int64_t columns = tile.in_columns.size();
    const SubgraphShape& s = p_.shape;
    step.input_load = {p_.input_tile_bytes(rows, columns, channels),
                       s.inputs * p_.burst_bytes(rows, columns, channels, s.in_width, s.input_precision),
                       static_cast<double>(s.inputs) *
                           tile_misses(rows, columns, channels, s.in_height, s.in_width, s.input_precision)};
  }

  void fetch_weights(TileStep& step, std::int64_t index, std::int64_t outputs, std::int64_t reduction) {
    if (!loads_weights(p_.shape, p_.engine)) return;
    const Buffers::Use use = weights_.use(index, static_cast<std::int64_t>(plan_.steps.size()));
    if (!use.load) return;
    if (use.freed_after >= 0) plan_.steps[static_cast<std::size_t>(use.freed_after)].weight_last = true;
    const std::int64_t bytes = p_.weight_tile_bytes(outputs, reduction);
    // Stored in the order of use: one run.
    step.weight_load = {bytes, round_up(bytes, p_.engine.dram.burst.count()), run_misses(bytes)};
  }

  void compute(TileStep& step, const Tile& tile, std::int64_t reduction) {
    const SubgraphShape& s = p_.shape;
    step.pixels = s.conv_range(0, tile.rows.begin, tile.rows.end).size() *
                  s.conv_range(1, tile.columns.begin, tile.columns.end).size();
    const std::int64_t share = p_.follows ? s.in_channels / s.groups : reduction;
    step.groups = p_.groups_per_unit > 1 ? ceil_div(tile.outputs, p_.channel_unit) * p_.groups_per_unit
                                         : ceil_div(tile.outputs, p_.work.outputs_per_group);
    step.blocks = p_.follows ? p_.work.blocks : p_.work.tap_blocks * ceil_div(reduction, p_.work.block_channels);
    step.outputs = tile.outputs;
    step.outputs_per_group = p_.groups_per_unit > 1 ? ceil_div(tile.outputs, step.groups) : p_.work.outputs_per_group;
    step.macs = step.pixels * tile.outputs * share * p_.taps();
    // Channels that one group's dot products read together.
    const std::int64_t together = p_.follows && p_.groups_per_unit == 1
                                      ? ceil_div(p_.work.outputs_per_group * s.in_channels, s.out_channels)
                                      : share;
    step.activation_bytes = packed_bytes(std::min(together, s.in_channels) * p_.taps(), s.input_precision).count();
    step.weight_bytes = p_.weight_tile_bytes(tile.outputs, reduction);
    // All pixels of a patch see its input at once, so that each byte is read once a block.
    if (p_.patches()) {
      const std::int64_t read = p_.patch_input_pixels(c_.rows, c_.columns) *
                                packed_bytes(std::min(together, s.in_channels), s.input_precision).count();
      step.activation_bytes = ceil_div(read, c_.rows * c_.columns);
    }
  }

  void finish(TileStep& step, const Tile& tile, std::int64_t channels) {
    const SubgraphShape& s = p_.shape;
    const std::int64_t rows = tile.rows.size();
    const std::int64_t columns = tile.columns.size();
    const std::int64_t operand_bytes = p_.operand_tile_bytes(rows, columns, tile.outputs);
    const std::int64_t output_bytes = p_.output_tile_bytes(rows, columns, tile.outputs);
    step.post_write_bytes = output_bytes;
    step.post_read_bytes =
        s.operand == FusedOperand::kPerChannel ? packed_bytes(tile.outputs, s.output_precision).count() : operand_bytes;
    if (!s.uses_array()) {
      step.post_read_bytes += p_.input_tile_bytes(tile.in_rows.size(), tile.in_columns.size(), channels);
      const std::int64_t in = tile.in_rows.size() * tile.in_columns.size() * channels;
      const std::int64_t out = rows * columns * tile.outputs;
      step.post_elements = s.family == SubgraphFamily::kElementwise     ? out * std::max<std::int64_t>(1, s.inputs - 1)
                           : s.family == SubgraphFamily::kNormalization ? s.sweeps() * in
                                                                        : std::max(in, out);
    }
    if (c_.operand_slots > 0) fetch_operand(step, tile, operand_bytes);
    if (c_.output_slots > 0) {
      if (p_.patches()) {
        const std::int64_t leave = (rows - 1) * c_.columns + columns;
        step.store = {output_bytes, leave * p_.pixel_bytes(tile.outputs, s.output_precision)};
        return;
      }
      step.store = {output_bytes, p_.burst_bytes(rows, columns, tile.outputs, s.out_width, s.output_precision),
                    tile_misses(rows, columns, tile.outputs, s.out_height, s.out_width, s.output_precision)};
    }
  }

  double run_misses(std::int64_t bytes) const {
    return p_.engine.dram.row_size.count() == 0 ? 0 : row_miss_cycles({{1, 0, 1, 0, bytes}}, p_.engine);
  }
  double tile_misses(std::int64_t rows, std::int64_t columns, std::int64_t channels, std::int64_t map_height,
                     std::int64_t map_width, Precision precision) const {
    if (p_.engine.dram.row_size.count() == 0) return 0;
    return row_miss_cycles(
        tile_runs(rows, columns, channels, map_height, map_width, p_.engine.array.dot_product_lanes, precision),
        p_.engine);
  }

  void fetch_operand(TileStep& step, const Tile& tile, std::int64_t bytes) {
    const SubgraphShape& s = p_.shape;
    if (s.operand == FusedOperand::kTensor) {
      const std::int64_t rows = tile.rows.size(), columns = tile.columns.size();
      step.operand_load = {bytes, p_.burst_bytes(rows, columns, tile.outputs, s.out_width, s.output_precision),
                           tile_misses(rows, columns, tile.outputs, s.out_height, s.out_width, s.output_precision)};
    } else if (!operand_fetched_) {  // one value per channel: stays for the whole subgraph
      step.operand_load = {bytes, round_up(bytes, p_.engine.dram.burst.count()), run_misses(bytes)};
      operand_fetched_ = true;
    }
  }

  const TileProblem& p_;
  const TileChoice& c_;
  TilePlan& plan_;
  const std::int64_t groups_;  // equal ones, one after the other
  std::int64_t group_ = 0;
  Buffers inputs_, weights_;
  bool operand_fetched_ = false;
  std::int64_t row_tiles_ = 0, column_tiles_ = 0, pixel_tiles_ = 0, output_tiles_ = 0, reduction_tiles_ = 0;
};

}  // namespace

TilePlan written_plan(const TileProblem& problem, const TileChoice& choice, const Subgraph& subgraph,
                      std::int64_t groups) {
  TilePlan plan;
  plan.order = choice.order;
  plan.tile_rows = choice.rows;
  plan.tile_columns = choice.columns;
  plan.tile_out_channels = choice.outputs;
  plan.tile_in_channels = choice.reduction;
  plan.input_slots = choice.input_slots;
  plan.weight_slots = choice.weight_slots;
  plan.operand_slots = choice.operand_slots;
  plan.output_slots = choice.output_slots;
  plan.uses_array = subgraph.shape.uses_array();
  plan.patches = problem.patches();
  plan.stripe_pixels = plan.uses_array ? problem.work.stripe_pixels : 0;
  plan.second_stripe = plan.uses_array ? problem.work.second_stripe : 0;
  plan.peak_sram = Bytes(choice.peak_bytes) + problem.engine.memory.bank_size * subgraph.context.resident_banks;
  StepWriter(problem, choice, plan, groups).write();
  DmaProgram program = order_transfers(plan, problem);
  plan.dma = std::move(program.entries);
  plan.planned_cycles = program.cycles;
  for (const TileStep& step : plan.steps) {
    plan.dram_read += Bytes(step.input_load.dram_bytes + step.weight_load.dram_bytes + step.operand_load.dram_bytes);
    plan.dram_write += Bytes(step.store.dram_bytes);
  }
  return plan;
}

}  // namespace lanewise::mapping
