// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/given_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bus_requests.hpp"
#include "core/mapping/dram_rows.hpp"
#include "core/mapping/plan_size.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {
namespace {

// Bursts that all tiles of a plan may move: their requests are counted one by one.
constexpr double kMostBursts = 2e9;

std::size_t index(TileAxis axis) { return static_cast<std::size_t>(axis); }

// The layer's size along each axis.
std::array<std::int64_t, kTileAxisCount> sizes_of(const SubgraphShape& s) {
  return {s.out_height, s.out_width, s.out_channels, s.window.kernel[0], s.window.kernel[1], s.in_channels};
}

// What a tile of the largest size takes.
struct TileRoom {
  std::int64_t inputs = 0, weights = 0, outputs = 0;  // bytes
  std::int64_t sums = 0;                              // atoms of the accumulators
};

// In bytes of data, or, `in_rows`, as it lies in rows of a scratchpad: channels padded to what the array takes at once,
// and whole strides of input.
TileRoom room_of(const SubgraphShape& s, const engine::EngineConfig& engine, const GivenTiles& t, bool in_rows) {
  const std::int64_t lanes = in_rows ? engine.array.dot_product_lanes : 1;
  const std::int64_t dots = in_rows ? engine.array.parallelism_factor : 1;
  const auto inputs = [&](int axis, std::int64_t outputs, std::int64_t taps) {
    const network::Window& w = s.window;
    return (in_rows ? outputs * w.stride[axis] : (outputs - 1) * w.stride[axis] + 1) + (taps - 1) * w.dilation[axis];
  };
  const std::int64_t pixels = t.of(TileAxis::kRows) * t.of(TileAxis::kColumns);
  const std::int64_t input_pixels = inputs(0, t.of(TileAxis::kRows), t.of(TileAxis::kKernelRows)) *
                                    inputs(1, t.of(TileAxis::kColumns), t.of(TileAxis::kKernelColumns));
  const std::int64_t taps = t.of(TileAxis::kKernelRows) * t.of(TileAxis::kKernelColumns);
  const std::int64_t channels = t.of(TileAxis::kInChannels), outputs = t.of(TileAxis::kOutChannels);
  TileRoom room;
  room.inputs = packed_bytes(input_pixels * round_up(channels, lanes), s.input_precision).count();
  room.weights = packed_bytes(taps * channels * round_up(outputs, dots), s.weight_precision).count();
  room.outputs = packed_bytes(pixels * outputs, s.output_precision).count();
  if (s.operand != FusedOperand::kNone) room.outputs += room.outputs;
  room.sums = pixels * ceil_div(outputs, engine.array.parallelism_factor);
  return room;
}

std::int64_t tiles_along(const SubgraphShape& s, const GivenTiles& tiles, TileAxis axis) {
  return ceil_div(sizes_of(s)[index(axis)], tiles.of(axis));
}

bool splits_reduction(const SubgraphShape& s, const GivenTiles& tiles) {
  for (const TileAxis axis : {TileAxis::kKernelRows, TileAxis::kKernelColumns, TileAxis::kInChannels}) {
    if (tiles_along(s, tiles, axis) > 1) return true;
  }
  return false;
}

// The input rows (axis 0) or columns that outputs [begin, end) need under the taps [first, last), within the map.
TileRange inputs_under(const SubgraphShape& s, int axis, TileRange outputs, TileRange taps) {
  const std::int64_t limit = axis == 0 ? s.in_height : s.in_width;
  const network::Window& w = s.window;
  const std::int64_t begin = outputs.begin * w.stride[axis] + taps.begin * w.dilation[axis] - w.pad_begin[axis];
  const std::int64_t end =
      (outputs.end - 1) * w.stride[axis] + (taps.end - 1) * w.dilation[axis] - w.pad_begin[axis] + 1;
  const std::int64_t first = std::clamp<std::int64_t>(begin, 0, limit);
  return {first, std::clamp<std::int64_t>(end, first, limit)};
}

// Calls `visit` with each tile, in the order of the loops.
template <class Visit>
void for_each_tile(const SubgraphShape& s, const GivenTiles& tiles, Visit visit) {
  const auto sizes = sizes_of(s);
  std::array<std::int64_t, kTileAxisCount> at{};
  const auto range = [&](TileAxis axis) {
    const std::int64_t begin = at[index(axis)];
    return TileRange{begin, std::min(sizes[index(axis)], begin + tiles.of(axis))};
  };
  for (std::int64_t image = 0; image < s.batch; ++image) {
    at.fill(0);
    for (bool more = true; more;) {
      TileRanges tile;
      tile.image = image;
      tile.rows = range(TileAxis::kRows);
      tile.columns = range(TileAxis::kColumns);
      tile.outputs = range(TileAxis::kOutChannels);
      tile.kernel_rows = range(TileAxis::kKernelRows);
      tile.kernel_columns = range(TileAxis::kKernelColumns);
      tile.channels = range(TileAxis::kInChannels);
      tile.in_rows = inputs_under(s, 0, tile.rows, tile.kernel_rows);
      tile.in_columns = inputs_under(s, 1, tile.columns, tile.kernel_columns);
      visit(tile);
      more = false;
      for (auto axis = tiles.order.rbegin(); axis != tiles.order.rend() && !more; ++axis) {
        at[index(*axis)] += tiles.of(*axis);
        more = at[index(*axis)] < sizes[index(*axis)];
        if (!more) at[index(*axis)] = 0;
      }
    }
  }
}

class GivenPlan {
 public:
  GivenPlan(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles)
      : subgraph_(subgraph), s_(subgraph.shape), e_(engine), tiles_(tiles), problem_(subgraph, engine) {
    lanes_ = e_.array.dot_product_lanes;
    const bool alone = broken_capacity(subgraph, engine, tiles, 2).empty();
    slots_ = e_.memory.unified || alone ? 2 : 1;
  }

  TilePlan write() {
    // What an earlier run of the layer left in the cache.
    if (e_.cache.warm && e_.cache.size.count() > 0) go();
    go();
    TilePlan plan;
    plan.tile_rows = tiles_.of(TileAxis::kRows);
    plan.tile_columns = tiles_.of(TileAxis::kColumns);
    plan.tile_out_channels = tiles_.of(TileAxis::kOutChannels);
    plan.tile_in_channels = tiles_.of(TileAxis::kInChannels);
    plan.order = pixels_outside() ? LoopOrder::kPixelsOutside : LoopOrder::kWeightsOutside;
    plan.input_slots = subgraph_.context.input_on_chip ? 0 : slots_;
    plan.weight_slots = loads_weights(subgraph_, e_) ? slots_ : 0;
    plan.output_slots = subgraph_.context.output_on_chip ? 0 : 2;
    plan.operand_slots = loads_operand() ? 2 : 0;
    plan.stripe_pixels = problem_.work.stripe_pixels;
    plan.second_stripe = problem_.work.second_stripe;
    const TileRoom room = room_of(s_, e_, tiles_, false);
    const std::int64_t outputs = e_.accumulators.hold_outputs ? 0 : 2 * room.outputs;
    const Bytes peak(std::min(slots_ * (room.inputs + room.weights) + outputs, e_.onchip_capacity().count()));
    plan.peak_sram = peak + resident_bytes(subgraph_.context, e_);
    for (const TileStep& step : steps_) {
      plan.dram_read += Bytes(step.input_load.dram_bytes + step.weight_load.dram_bytes + step.operand_load.dram_bytes);
      plan.dram_write += Bytes(step.store.dram_bytes);
    }
    plan.steps = std::move(steps_);
    plan.dma = std::move(program_);
    return plan;
  }

 private:
  bool pixels_outside() const {
    for (const TileAxis axis : tiles_.order) {
      if (tiles_along(s_, tiles_, axis) == 1) continue;
      return axis == TileAxis::kRows || axis == TileAxis::kColumns;
    }
    return false;
  }
  bool loads_operand() const { return s_.operand != FusedOperand::kNone && !subgraph_.context.operand_on_chip; }

  void go() {
    steps_.clear();
    program_.clear();
    if (!requests_) requests_.emplace(s_, e_);
    for_each_tile(s_, tiles_, [&](const TileRanges& tile) { add(tile); });
    if (!steps_.empty()) add_store(steps_.size() - 1);
    const auto steps = static_cast<std::int64_t>(steps_.size());
    // A buffer is free after a step only where another tile comes.
    for (std::int64_t i = 0; i + slots_ < steps; ++i) {
      TileStep& step = steps_[static_cast<std::size_t>(i)];
      step.input_last = !subgraph_.context.input_on_chip;
      step.weight_last = loads_weights(subgraph_, e_);
    }
  }

  void add(const TileRanges& tile) {
    const auto number = static_cast<std::int32_t>(steps_.size());
    TileStep step;
    if (loads_operand() && last(tile)) {
      step.operand_load =
          whole(tile.rows.size(), tile.columns.size(), tile.outputs.size(), s_.out_width, s_.output_precision);
      program_.push_back({number, TransferKind::kOperand});
    }
    if (!subgraph_.context.input_on_chip) {
      step.input_load = with_request(input_of(tile));
      program_.push_back({number, TransferKind::kInput});
    }
    if (loads_weights(subgraph_, e_)) {
      step.weight_load = with_request(weights_of(tile));
      program_.push_back({number, TransferKind::kWeights});
    }
    compute(tile, step);
    // The tile before is stored once this one is asked for: it is computed meanwhile.
    if (number > 0) add_store(static_cast<std::size_t>(number) - 1);
    if (last(tile)) {
      step.post_write_bytes =
          packed_bytes(tile.rows.size() * tile.columns.size() * tile.outputs.size(), s_.output_precision).count();
      if (s_.operand != FusedOperand::kNone) step.post_read_bytes = step.post_write_bytes;
      if (!subgraph_.context.output_on_chip) step.store.bytes = step.post_write_bytes;
      stored_ = tile;
    }
    steps_.push_back(step);
  }

  // The cache sees a store when it goes out, behind the loads of the tile after.
  void add_store(std::size_t number) {
    TileStep& step = steps_[number];
    if (step.store.bytes == 0) return;
    step.store = with_request(store_of(stored_));
    program_.push_back({static_cast<std::int32_t>(number), TransferKind::kStore});
  }

  bool last(const TileRanges& tile) const {
    return tile.kernel_rows.end == s_.window.kernel[0] && tile.kernel_columns.end == s_.window.kernel[1] &&
           tile.channels.end == s_.in_channels;
  }

  void compute(const TileRanges& tile, TileStep& step) const {
    const std::int64_t taps = tile.kernel_rows.size() * tile.kernel_columns.size();
    step.pixels = tile.rows.size() * tile.columns.size();
    step.columns = is_matrix(s_) ? 0 : tile.columns.size();
    step.outputs = tile.outputs.size();
    step.outputs_per_group = problem_.work.outputs_per_group;
    step.groups = ceil_div(step.outputs, step.outputs_per_group);
    step.blocks = ceil_div(taps, e_.array.taps_at_once) * ceil_div(tile.channels.size(), lanes_);
    step.activation_bytes = packed_bytes(tile.channels.size() * taps, s_.input_precision).count();
    step.weight_bytes = packed_bytes(tile.channels.size() * taps * step.outputs, s_.weight_precision).count();
    step.macs = step.pixels * step.outputs * tile.channels.size() * taps;
    step.last_reduction = last(tile);
  }

  // A tile of padding alone still takes a buffer.
  static Transfer with_request(Transfer transfer) {
    transfer.bytes = std::max<std::int64_t>(1, transfer.bytes);
    return transfer;
  }

  // Without requests, contiguous runs take whole bursts and open rows, as in other plans.
  Transfer whole(std::int64_t rows, std::int64_t columns, std::int64_t channels, std::int64_t map_width,
                 Precision precision) const {
    Transfer transfer;
    transfer.bytes = packed_bytes(rows * columns * channels, precision).count();
    transfer.dram_bytes = problem_.burst_bytes(rows, columns, channels, map_width, precision);
    if (e_.dram.row_size.count() > 0) {
      transfer.row_miss_cycles =
          row_miss_cycles(tile_runs(rows, columns, channels, rows, map_width, lanes_, precision), e_);
    }
    return transfer;
  }
  Transfer input_of(const TileRanges& t) {
    if (e_.dma.load_request.count() > 0 || e_.cache.size.count() > 0) return requests_->input(t);
    return whole(t.in_rows.size(), t.in_columns.size(), t.channels.size(), s_.in_width, s_.input_precision);
  }
  // Weights lie in the order of use where no requests are modelled: one run.
  Transfer weights_of(const TileRanges& t) {
    if (e_.dma.load_request.count() > 0 || e_.cache.size.count() > 0) return requests_->weights(t);
    const std::int64_t taps = t.kernel_rows.size() * t.kernel_columns.size();
    Transfer transfer;
    transfer.bytes = packed_bytes(taps * t.channels.size() * t.outputs.size(), s_.weight_precision).count();
    transfer.dram_bytes = round_up(transfer.bytes, e_.dram.burst.count());
    if (e_.dram.row_size.count() > 0) transfer.row_miss_cycles = row_miss_cycles({{1, 0, 1, 0, transfer.bytes}}, e_);
    return transfer;
  }
  Transfer store_of(const TileRanges& t) {
    if (e_.dma.store_request.count() > 0 || e_.cache.size.count() > 0) return requests_->store(t);
    return whole(t.rows.size(), t.columns.size(), t.outputs.size(), s_.out_width, s_.output_precision);
  }

  const Subgraph& subgraph_;
  const SubgraphShape& s_;
  const engine::EngineConfig& e_;
  const GivenTiles& tiles_;
  TileProblem problem_;
  std::int64_t lanes_ = 1;
  int slots_ = 2;
  std::optional<BusRequests> requests_;
  std::vector<TileStep> steps_;
  std::vector<DmaEntry> program_;
  TileRanges stored_;  // the tile of the last step that stores
};

}  // namespace

const char* to_string(TileAxis axis) {
  constexpr const char* kNames[] = {"rows", "columns", "out_channels", "kernel_rows", "kernel_columns", "in_channels"};
  return kNames[index(axis)];
}

bool is_matrix(const SubgraphShape& s) {
  const network::Window& w = s.window;
  return s.out_width == 1 && s.in_width == 1 && s.in_height == s.out_height && w.kernel[0] == 1 && w.kernel[1] == 1 &&
         w.stride[0] == 1 && w.pad_begin[0] == 0;
}

std::string not_for_given_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const SubgraphShape& s = subgraph.shape;
  if (engine.streams()) return "tiles can be given to engines of dma.kind tiles only";
  if (engine.patch_pixels() > 0) return "engines that compute patches of pixels choose no tiles";
  if (!s.uses_array() || s.groups > 1) {
    return fmt::format("tiles can be given for dense convolutions and matrix products, not for a {} pass",
                       to_string(s.family));
  }
  if (s.pooled) return "tiles cannot be given where a pooling is fused";
  if (s.operand == FusedOperand::kPerChannel) return "tiles cannot be given where an operand a channel is fused";
  if (engine.decodes_weights()) return "tiles cannot be given where weights are stored compressed";
  if (subgraph.context.resident_weight_banks > 0) return "tiles cannot be given to a stripe of a cascade";
  return "";
}

GivenTiles whole_sizes(const SubgraphShape& shape, const GivenTiles& tiles) {
  GivenTiles whole = tiles;
  const auto sizes = sizes_of(shape);
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    std::int64_t& size = whole.size[axis];
    if (size <= 0 || size > sizes[axis]) size = sizes[axis];
  }
  return whole;
}

std::string broken_capacity(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles,
                            std::int64_t parts) {
  const SubgraphShape& s = subgraph.shape;
  const GivenTiles whole = whole_sizes(s, tiles);
  const TileRoom room = room_of(s, engine, whole, parts > 1);
  const bool holds = engine.accumulators.hold_outputs;
  const std::int64_t outputs = holds ? 0 : room.outputs;
  const auto over = [&](const char* what, std::int64_t need, const char* where, std::int64_t have) {
    return fmt::format("{} take {} B, {} has {} B", what, need, where, have / parts);
  };
  const std::int64_t banks = engine.onchip_capacity().count() - resident_bytes(subgraph.context, engine).count();
  if (engine.memory.unified) {
    const std::int64_t need = room.inputs + room.weights + outputs;
    if (need * parts > banks) return over("input and weights of a tile", need, "the memory (memory.unified)", banks);
  } else {
    const std::int64_t activations =
        engine.activation_capacity().count() - engine.memory.bank_size.count() * subgraph.context.resident_banks;
    const std::int64_t need =
        (subgraph.context.input_on_chip ? 0 : room.inputs) + (subgraph.context.output_on_chip ? 0 : outputs);
    if (need * parts > activations) {
      return over("input and output of a tile", need, "memory.activation_banks", activations);
    }
    const std::int64_t weights = engine.weight_capacity().count();
    if (room.weights * parts > weights)
      return over("the weights of a tile", room.weights, "memory.weight_banks", weights);
  }
  if (holds || splits_reduction(s, whole)) {
    const std::int64_t atom = engine.array.parallelism_factor * engine.accumulators.bits / 8;
    const std::int64_t need = room.sums * atom, have = engine.accumulators.size.count();
    if (need * parts > have) return over("the sums of a tile", need, "accumulators.size", have);
  }
  return "";
}

std::string refusal_of_given(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles) {
  if (std::string why = not_for_given_tiles(subgraph, engine); !why.empty()) return why;
  const GivenTiles whole = whole_sizes(subgraph.shape, tiles);
  if (std::string why = broken_capacity(subgraph, engine, whole); !why.empty()) return why;
  double steps = static_cast<double>(subgraph.shape.batch);
  for (int axis = 0; axis < kTileAxisCount; ++axis) {
    steps *= static_cast<double>(tiles_along(subgraph.shape, whole, static_cast<TileAxis>(axis)));
  }
  if (steps > static_cast<double>(kMostSteps)) {
    return fmt::format("they are {:.0f} tiles, at most {} are planned", steps, kMostSteps);
  }
  const TileRoom room = room_of(subgraph.shape, engine, whole, false);
  const double bytes = static_cast<double>(room.inputs + room.weights + room.outputs) * steps;
  if (bytes / static_cast<double>(engine.dram.burst.count()) > kMostBursts) {
    return fmt::format("they move {:.3g} B, more than is planned", bytes);
  }
  return "";
}

TilePlan plan_given_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles) {
  if (const std::string why = refusal_of_given(subgraph, engine, tiles); !why.empty()) {
    throw Error(fmt::format("engine {}: the tiles given for '{}' cannot be used: {}", engine.name, subgraph.name, why));
  }
  const GivenTiles whole = whole_sizes(subgraph.shape, tiles);
  return GivenPlan(subgraph, engine, whole).write();
}

}  // namespace lanewise::mapping
