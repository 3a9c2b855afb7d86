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
  // Tiles have the numbers [0, tiles).
  Buffers(int slots, std::int64_t tiles)
      : load_of_(slots > 0 ? static_cast<std::size_t>(tiles) : 0, -1), last_use_(static_cast<std::size_t>(slots), -1) {}

  struct Use {
    bool load = false;
    std::int64_t freed_after = -1;  // the last step that used the tile which is replaced
  };
  Use use(std::int64_t tile, std::int64_t step) {
    const auto slots = static_cast<std::int64_t>(last_use_.size());
    std::int64_t& load = load_of_[static_cast<std::size_t>(tile)];
    Use use;
    use.load = load < 0 || loads_ - load > slots;
    if (use.load) load = loads_++;
    std::int64_t& last = last_use_[static_cast<std::size_t>(load % slots)];
    if (use.load) use.freed_after = last;
    last = step;
    return use;
  }

 private:
  std::vector<std::int64_t> load_of_;  // by tile: the number of its latest load
  std::vector<std::int64_t> last_use_;
  std::int64_t loads_ = 0;
};

// How tiles cut an axis of the map: the sizes that each reads and computes, each size once.
class AxisTiles {
 public:
  struct Size {
    std::int64_t outputs = 0, inputs = 0, computed = 0;
    bool operator==(const Size& o) const {
      return outputs == o.outputs && inputs == o.inputs && computed == o.computed;
    }
  };

  AxisTiles(const SubgraphShape& shape, int axis, std::int64_t step) {
    const std::int64_t outputs = axis == 0 ? shape.out_height : shape.out_width;
    of_.reserve(static_cast<std::size_t>(ceil_div(outputs, step)));
    for (std::int64_t begin = 0; begin < outputs; begin += step) {
      const std::int64_t end = std::min(outputs, begin + step);
      const Size size{end - begin, shape.input_range(axis, begin, end).size(),
                      shape.conv_range(axis, begin, end).size()};
      // Most tiles are as the one before.
      std::size_t kind = of_.empty() ? 0 : of_.back();
      if (kind >= sizes_.size() || !(sizes_[kind] == size)) {
        kind = static_cast<std::size_t>(std::find(sizes_.begin(), sizes_.end(), size) - sizes_.begin());
        if (kind == sizes_.size()) sizes_.push_back(size);
      }
      of_.push_back(static_cast<std::uint32_t>(kind));
    }
  }
  std::int64_t tiles() const { return static_cast<std::int64_t>(of_.size()); }
  std::uint32_t kind(std::int64_t tile) const { return of_[static_cast<std::size_t>(tile)]; }
  const Size& size(std::uint64_t kind) const { return sizes_[kind]; }
  std::uint64_t kinds() const { return sizes_.size(); }

 private:
  std::vector<std::uint32_t> of_;
  std::vector<Size> sizes_;
};

class StepWriter {
 public:
  StepWriter(const TileProblem& problem, const TileChoice& choice)
      : p_(problem), c_(choice), rows_(problem.shape, 0, choice.rows), columns_(problem.shape, 1, choice.columns) {
    pixel_tiles_ = p_.shape.batch * rows_.tiles() * columns_.tiles();
    output_tiles_ = ceil_div(p_.shape.out_channels, c_.outputs);
    reduction_tiles_ = p_.follows ? 1 : ceil_div(p_.shape.in_channels, c_.reduction);
    input_tiles_ = pixel_tiles_ * (p_.follows ? output_tiles_ : reduction_tiles_);
    weight_tiles_ = output_tiles_ * reduction_tiles_;
  }

  StepSequence write() {
    const auto steps = static_cast<std::size_t>(p_.repeats * pixel_tiles_ * output_tiles_ * reduction_tiles_);
    codes_.reserve(steps);
    Buffers inputs(c_.input_slots, p_.repeats * input_tiles_), weights(c_.weight_slots, p_.repeats * weight_tiles_);
    for (std::int64_t repeat = 0; repeat < p_.repeats; ++repeat) {
      for (std::int64_t outer = 0; outer < outer_tiles(); ++outer) {
        for (std::int64_t inner = 0; inner < inner_tiles(); ++inner) {
          const bool weights_outside = c_.order == LoopOrder::kWeightsOutside;
          note_reduction(repeat, weights_outside ? outer : inner, weights_outside ? inner : outer, inputs, weights);
        }
      }
    }
    StepSequence sequence;
    number_kinds(sequence);
    note_periods(sequence);
    return sequence;
  }

 private:
  // A step in a number: the kinds of its rows and columns, which output channels and which part of the reduction it
  // takes, what it loads, and what is free behind it.
  static constexpr int kAxisBits = 24;
  static constexpr std::uint64_t kLastOutputs = 1;
  static constexpr std::uint64_t kFirstReduction = 2;
  static constexpr std::uint64_t kLastReduction = 4;
  static constexpr std::uint64_t kLoadsInput = 8;
  static constexpr std::uint64_t kLoadsWeights = 16;
  static constexpr std::uint64_t kLoadsOperand = 32;
  static constexpr std::uint64_t kFreesInput = 64;
  static constexpr std::uint64_t kFreesWeights = 128;
  static constexpr int kFlagBits = 8;

  struct Tile {
    AxisTiles::Size rows, columns;
    std::int64_t outputs = 0;
  };

  std::int64_t outer_tiles() const { return c_.order == LoopOrder::kWeightsOutside ? output_tiles_ : pixel_tiles_; }
  std::int64_t inner_tiles() const { return c_.order == LoopOrder::kWeightsOutside ? pixel_tiles_ : output_tiles_; }

  void note_reduction(std::int64_t repeat, std::int64_t output_tile, std::int64_t pixel_tile, Buffers& inputs,
                      Buffers& weights) {
    const std::uint64_t row = rows_.kind(pixel_tile / columns_.tiles() % rows_.tiles());
    const std::uint64_t column = columns_.kind(pixel_tile % columns_.tiles());
    const std::uint64_t place =
        ((row << kAxisBits | column) << kFlagBits) | (output_tile + 1 == output_tiles_ ? kLastOutputs : 0);
    for (std::int64_t r = 0; r < reduction_tiles_; ++r) {
      const auto step = static_cast<std::int64_t>(codes_.size());
      std::uint64_t code = place | (r == 0 ? kFirstReduction : 0) | (r + 1 == reduction_tiles_ ? kLastReduction : 0);
      if (c_.input_slots > 0) {
        const std::int64_t tile =
            p_.follows ? pixel_tile * output_tiles_ + output_tile : pixel_tile * reduction_tiles_ + r;
        const Buffers::Use use = inputs.use(repeat * input_tiles_ + tile, step);
        if (use.load) code |= kLoadsInput;
        if (use.freed_after >= 0) codes_[static_cast<std::size_t>(use.freed_after)] |= kFreesInput;
      }
      if (c_.weight_slots > 0 && p_.loads_weights) {
        const Buffers::Use use = weights.use(repeat * weight_tiles_ + output_tile * reduction_tiles_ + r, step);
        if (use.load) code |= kLoadsWeights;
        if (use.freed_after >= 0) codes_[static_cast<std::size_t>(use.freed_after)] |= kFreesWeights;
      }
      if (c_.operand_slots > 0 && r + 1 == reduction_tiles_) {
        // One value per channel stays for all tiles of the channels at work.
        const bool first = output_tile == 0 && pixel_tile == 0;
        if (p_.shape.operand == FusedOperand::kTensor || first) code |= kLoadsOperand;
      }
      codes_.push_back(code);
    }
  }

  void number_kinds(StepSequence& sequence) const {
    // Kinds are few and come again at once; a small table finds most of them.
    struct Known {
      std::uint64_t code = 0;
      std::uint32_t kind = 0;
      bool taken = false;
    };
    constexpr std::size_t kTable = 64;
    std::vector<Known> table(kTable);
    std::vector<std::uint64_t> known;
    sequence.steps.reserve(codes_.size());
    for (const std::uint64_t code : codes_) {
      Known& entry = table[(code ^ code >> kFlagBits ^ code >> (kFlagBits + kAxisBits)) % kTable];
      if (!entry.taken || entry.code != code) {
        const auto kind = static_cast<std::size_t>(std::find(known.begin(), known.end(), code) - known.begin());
        if (kind == known.size()) {
          known.push_back(code);
          sequence.kinds.push_back(step_of(code));
        }
        entry = {code, static_cast<std::uint32_t>(kind), true};
      }
      sequence.steps.push_back(entry.kind);
    }
  }

  void note_periods(StepSequence& sequence) const {
    const auto add = [&](std::int64_t period) {
      const auto steps = static_cast<std::size_t>(period);
      if (2 * steps >= sequence.steps.size()) return;
      if (sequence.periods.empty() || sequence.periods.back() < steps) sequence.periods.push_back(steps);
    };
    const bool weights_outside = c_.order == LoopOrder::kWeightsOutside;
    const std::int64_t inside = weights_outside ? reduction_tiles_ : reduction_tiles_ * output_tiles_;
    add(reduction_tiles_);
    add(inside);
    add(inside * columns_.tiles());
    add(inside * columns_.tiles() * rows_.tiles());
    add(reduction_tiles_ * output_tiles_ * pixel_tiles_ / (weights_outside ? output_tiles_ : 1));
    add(reduction_tiles_ * output_tiles_ * pixel_tiles_);
  }

  TileStep step_of(std::uint64_t code) const {
    const SubgraphShape& s = p_.shape;
    constexpr std::uint64_t kAxisMask = (std::uint64_t{1} << kAxisBits) - 1;
    Tile tile;
    tile.rows = rows_.size(code >> (kAxisBits + kFlagBits));
    tile.columns = columns_.size(code >> kFlagBits & kAxisMask);
    tile.outputs = (code & kLastOutputs) != 0 ? s.out_channels - (output_tiles_ - 1) * c_.outputs : c_.outputs;
    const bool last = (code & kLastReduction) != 0, first = (code & kFirstReduction) != 0;
    const std::int64_t reduction = p_.follows ? s.in_channels
                                   : last     ? s.in_channels - (reduction_tiles_ - 1) * c_.reduction
                                              : c_.reduction;
    const std::int64_t channels = p_.input_channels(tile.outputs, reduction);
    TileStep step;
    step.last_reduction = last;
    step.input_last = (code & kFreesInput) != 0;
    step.weight_last = (code & kFreesWeights) != 0;
    if ((code & kLoadsInput) != 0) fetch_input(step, tile, channels);
    if ((code & kLoadsWeights) != 0) fetch_weights(step, tile.outputs, reduction);
    if (s.uses_array()) compute(step, tile, reduction);
    if (last) finish(step, tile, channels);
    if ((code & kLoadsOperand) != 0) fetch_operand(step, tile);
    if (c_.partial_sums && reduction_tiles_ > 1) keep_sums(step, tile, first, last);
    return step;
  }

  // Sums of a part of the reduction leave the accumulators for the activation banks, where the next part's are added.
  void keep_sums(TileStep& step, const Tile& tile, bool first, bool last) const {
    const std::int64_t bytes = p_.sums_bytes(tile.rows.computed * tile.columns.computed, tile.outputs);
    step.last_reduction = true;
    step.partial_sums = !last;
    if (!first) step.post_read_bytes += bytes;
    if (!last) step.post_write_bytes = bytes;
  }

  void fetch_input(TileStep& step, const Tile& tile, std::int64_t channels) const {
    if (p_.patches()) {
      const std::int64_t bytes =
          p_.patch_input_pixels(c_.rows, c_.columns) * p_.pixel_bytes(channels, p_.shape.input_precision);
      step.input_load = {bytes, bytes};
      return;
    }
    const std::int64_t rows = tile.rows.inputs, columns = tile.columns.inputs;
    const SubgraphShape& s = p_.shape;
    step.input_load = {p_.input_tile_bytes(rows, columns, channels),
                       s.inputs * p_.burst_bytes(rows, columns, channels, s.in_width, s.input_precision),
                       static_cast<double>(s.inputs) *
                           tile_misses(rows, columns, channels, s.in_height, s.in_width, s.input_precision)};
  }

  void fetch_weights(TileStep& step, std::int64_t outputs, std::int64_t reduction) const {
    const std::int64_t stored = p_.stored_tile_bytes(outputs, reduction);
    // Stored in the order of use: one run.
    step.weight_load = {p_.weight_tile_bytes(outputs, reduction), round_up(stored, p_.engine.dram.burst.count()),
                        run_misses(stored)};
  }

  void compute(TileStep& step, const Tile& tile, std::int64_t reduction) const {
    const SubgraphShape& s = p_.shape;
    step.pixels = tile.rows.computed * tile.columns.computed;
    if (p_.work.run_pixels > 0) step.columns = tile.columns.computed;
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
    step.decoded_weights = p_.work.storage.decoded * static_cast<double>(p_.tile_weights(tile.outputs, reduction));
    // All pixels of a patch see its input at once, so that each byte is read once a block.
    if (p_.patches()) {
      const std::int64_t read = p_.patch_input_pixels(c_.rows, c_.columns) *
                                packed_bytes(std::min(together, s.in_channels), s.input_precision).count();
      step.activation_bytes = ceil_div(read, c_.rows * c_.columns);
    }
  }

  void finish(TileStep& step, const Tile& tile, std::int64_t channels) const {
    const SubgraphShape& s = p_.shape;
    const std::int64_t rows = tile.rows.outputs, columns = tile.columns.outputs;
    const std::int64_t operand_bytes = p_.operand_tile_bytes(rows, columns, tile.outputs);
    const std::int64_t output_bytes = p_.output_tile_bytes(rows, columns, tile.outputs);
    step.post_write_bytes = output_bytes;
    step.post_read_bytes =
        s.operand == FusedOperand::kPerChannel ? packed_bytes(tile.outputs, s.output_precision).count() : operand_bytes;
    if (!s.uses_array()) {
      step.post_read_bytes += p_.input_tile_bytes(tile.rows.inputs, tile.columns.inputs, channels);
      const std::int64_t in = tile.rows.inputs * tile.columns.inputs * channels;
      const std::int64_t out = rows * columns * tile.outputs;
      step.post_elements = s.family == SubgraphFamily::kElementwise     ? out * std::max<std::int64_t>(1, s.inputs - 1)
                           : s.family == SubgraphFamily::kNormalization ? s.sweeps() * in
                                                                        : std::max(in, out);
    }
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

  void fetch_operand(TileStep& step, const Tile& tile) const {
    const SubgraphShape& s = p_.shape;
    const std::int64_t rows = tile.rows.outputs, columns = tile.columns.outputs;
    const std::int64_t bytes = p_.operand_tile_bytes(rows, columns, tile.outputs);
    if (s.operand == FusedOperand::kTensor) {
      step.operand_load = {bytes, p_.burst_bytes(rows, columns, tile.outputs, s.out_width, s.output_precision),
                           tile_misses(rows, columns, tile.outputs, s.out_height, s.out_width, s.output_precision)};
    } else {
      step.operand_load = {bytes, round_up(bytes, p_.engine.dram.burst.count()), run_misses(bytes)};
    }
  }

  const TileProblem& p_;
  const TileChoice& c_;
  AxisTiles rows_, columns_;
  std::int64_t pixel_tiles_ = 0, output_tiles_ = 0, reduction_tiles_ = 0, input_tiles_ = 0, weight_tiles_ = 0;
  std::vector<std::uint64_t> codes_;
};

}  // namespace

StepSequence steps_of(const TileProblem& problem, const TileChoice& choice) {
  return StepWriter(problem, choice).write();
}

TilePlan written_plan(const TileProblem& problem, const TileChoice& choice, const Subgraph& subgraph) {
  const StepSequence sequence = steps_of(problem, choice);
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
  plan.peak_sram = Bytes(choice.peak_bytes) + resident_bytes(subgraph.context, problem.engine);
  plan.steps.reserve(sequence.steps.size());
  for (const std::uint32_t kind : sequence.steps) plan.steps.push_back(sequence.kinds[kind]);
  DmaProgram program = order_transfers(sequence, choice, problem);
  plan.dma = std::move(program.entries);
  plan.planned_cycles = program.cycles;
  for (const TileStep& step : plan.steps) {
    plan.dram_read += Bytes(step.input_load.dram_bytes + step.weight_load.dram_bytes + step.operand_load.dram_bytes);
    plan.dram_write += Bytes(step.store.dram_bytes);
  }
  return plan;
}

}  // namespace lanewise::mapping
