// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tile_search.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace lanewise::mapping {
namespace {

// Sizes of the pixel tiles that one (rows, columns) choice cuts the output into.
struct PixelTiling : PixelCounts {
  std::int64_t rows = 0, columns = 0;  // of outputs, full tile
  double input_pixels = 0;             // all tiles, halos counted as often as they are read
  double all_conv_pixels = 0;          // likewise
};

struct AxisTiling {
  std::int64_t tiles = 0, in_most = 0, conv_most = 0;
  double in_sum = 0, conv_sum = 0;
};

AxisTiling tile_axis(const SubgraphShape& shape, int axis, std::int64_t size) {
  const std::int64_t outputs = axis == 0 ? shape.out_height : shape.out_width;
  AxisTiling t;
  for (std::int64_t begin = 0; begin < outputs; begin += size) {
    const std::int64_t end = std::min(outputs, begin + size);
    const std::int64_t in = shape.input_range(axis, begin, end).size();
    const std::int64_t conv = shape.conv_range(axis, begin, end).size();
    ++t.tiles;
    t.in_most = std::max(t.in_most, in);
    t.conv_most = std::max(t.conv_most, conv);
    t.in_sum += static_cast<double>(in);
    t.conv_sum += static_cast<double>(conv);
  }
  return t;
}

// n, n/2, n/3, n/4, n/6, n/8 … 1, rounded up, without repeats, largest first.
std::vector<std::int64_t> shares(std::int64_t n) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t base = 1; base <= 2 * n; base *= 2) {
    for (const std::int64_t parts : {2 * base, 3 * base}) {
      const std::int64_t size = ceil_div(n, base == 1 && parts == 2 ? 1 : parts / 2);
      if (sizes.empty() || size < sizes.back()) sizes.push_back(size);
    }
  }
  return sizes;
}

// Whole rows, parts of single rows and, of maps so wide that few of their rows fit, rectangles: a tile of several rows
// reads less beside what it computes than one of a single row. Which there are follows from the map alone, so that more
// memory never takes one away.
std::vector<PixelTiling> pixel_tilings(const TileProblem& problem) {
  constexpr std::int64_t kWideMap = 64, kTallest = 16, kMostParts = 8;
  const SubgraphShape& shape = problem.shape;
  std::vector<PixelTiling> tilings;
  const auto add = [&](const AxisTiling& rows, std::int64_t row_size, const AxisTiling& columns,
                       std::int64_t column_size) {
    PixelTiling t;
    t.rows = row_size;
    t.columns = column_size;
    t.tiles = shape.batch * rows.tiles * columns.tiles;
    t.in_rows = rows.in_most;
    t.in_columns = columns.in_most;
    t.conv_pixels = rows.conv_most * columns.conv_most;
    t.input_pixels = static_cast<double>(shape.batch) * rows.in_sum * columns.in_sum;
    t.all_conv_pixels = static_cast<double>(shape.batch) * rows.conv_sum * columns.conv_sum;
    tilings.push_back(t);
  };
  const AxisTiling all_columns = tile_axis(shape, 1, shape.out_width);
  const std::vector<std::int64_t> widths = shares(shape.out_width);
  std::vector<AxisTiling> columns;
  for (const std::int64_t width : widths) columns.push_back(tile_axis(shape, 1, width));
  for (const std::int64_t height : shares(shape.out_height)) {
    const AxisTiling rows = tile_axis(shape, 0, height);
    add(rows, height, all_columns, shape.out_width);
    if (height == 1) {
      for (std::size_t i = 1; i < widths.size(); ++i) add(rows, height, columns[i], widths[i]);
    } else if (shape.in_width >= kWideMap && height <= kTallest) {
      for (std::size_t i = 1; i < widths.size() && columns[i].tiles <= kMostParts; ++i) {
        add(rows, height, columns[i], widths[i]);
      }
    }
  }
  return tilings;
}

// Whether a set that is in use leaves no buffer for the tiles that come next: loading and computing take turns.
bool takes_turns(TileCycle cycle, int slots) {
  if (slots >= cycle.tiles) return false;
  return cycle.set > slots ? slots == 1 : slots == cycle.set;
}

// Share by which each tile makes a plan less welcome.
constexpr double kTileCost = 5e-5;

class TileSearch {
 public:
  TileSearch(const TileProblem& problem, std::size_t most, double margin)
      : p_(problem), tilings_(pixel_tilings(problem)), most_(most), margin_(margin) {
    const engine::EngineConfig& e = problem.engine;
    const double latency = static_cast<double>(e.dram_latency().count());
    bandwidth_ = e.dram_bandwidth().count();
    read_rate_ = read_rate(e);
    setup_ = static_cast<double>(e.dma.setup.count());
    in_flight_ = static_cast<double>(e.dma.transfers_in_flight);
    overhead_ = setup_ + latency;
    if (!problem.shape.uses_array()) return;
    stored_weights_ = stored_weight_bytes(problem.shape, e).count();
    if (problem.loads_weights && !problem.work.storage.on_chip) {
      decode_cycles_ = problem.work.storage.decoded * static_cast<double>(kernel_elements(problem.shape)) /
                       static_cast<double>(e.compression.weights_per_cycle);
    }
    // Of all groups, for a pixel.
    activation_bytes_ =
        static_cast<double>(
            packed_bytes(problem.shape.in_channels * problem.taps(), problem.shape.input_precision).count()) *
        (problem.follows ? 1.0 : static_cast<double>(problem.work.groups));
  }

  std::vector<TileChoice> run() {
    for (const std::int64_t units : shares(p_.units())) {
      consider_with_reductions(std::min(units * p_.channel_unit, p_.shape.out_channels));
    }
    // Where not even one group's weights fit, fewer dot products than there are have to do.
    for (std::int64_t outputs = p_.channel_unit / 2; best_.empty() && !p_.follows && outputs > 0; outputs /= 2) {
      consider_with_reductions(outputs);
    }
    return best_;
  }

 private:
  // The whole reduction at once, or parts of it: of one group of outputs in the accumulators, of more in the banks.
  void consider_with_reductions(std::int64_t outputs) {
    consider_outputs(outputs, p_.shape.in_channels, tilings_);
    if (!p_.shape.uses_array() || p_.follows) return;
    // Parts of a block that takes sparse weights in are parts all the same: where memory binds, halves of it fit
    // better.
    const std::int64_t lanes = p_.engine.array.dot_product_lanes;
    if (outputs <= p_.channel_unit) {
      for (const std::int64_t blocks : shares(ceil_div(p_.shape.in_channels, lanes))) {
        if (blocks * lanes < p_.shape.in_channels) consider_outputs(outputs, blocks * lanes, tilings_);
      }
      return;
    }
    if (p_.shape.pooled) return;
    std::vector<PixelTiling> with_room;
    for (const PixelTiling& pixels : tilings_) {
      if (p_.sums_bytes(pixels.conv_pixels, outputs) < p_.activation_room) with_room.push_back(pixels);
    }
    for (std::int64_t blocks = 1; blocks * lanes < p_.shape.in_channels; blocks *= 2) {
      consider_outputs(outputs, blocks * lanes, with_room);
    }
  }

  void consider_outputs(std::int64_t outputs, std::int64_t reduction, const std::vector<PixelTiling>& tilings) {
    if (p_.weight_tile_bytes(outputs, reduction) > p_.weight_room) return;
    for (const PixelTiling& pixels : tilings) {
      consider(outputs, reduction, pixels, LoopOrder::kWeightsOutside);
      // With one tile of pixels or of output channels the orders are the same.
      if (pixels.tiles == 1 || outputs >= p_.shape.out_channels) continue;
      consider(outputs, reduction, pixels, LoopOrder::kPixelsOutside);
    }
  }

  void consider(std::int64_t outputs, std::int64_t reduction, const PixelTiling& pixels, LoopOrder order) {
    TileChoice choice;
    choice.order = order;
    choice.rows = pixels.rows;
    choice.columns = pixels.columns;
    choice.outputs = outputs;
    choice.reduction = reduction;
    if (!claim_buffers(p_, pixels, choice)) return;
    estimate(choice, pixels, tile_cycles(p_, choice, pixels.tiles));
    choice.cost = plan_cost(p_, choice, choice.estimate);
    keep(choice);
  }

  void estimate(TileChoice& c, const PixelTiling& pixels, const TileCycles& cycle) const {
    const SubgraphShape& s = p_.shape;
    const std::int64_t output_tiles = cycle.outputs;
    const std::int64_t reduction_tiles = cycle.reductions;
    // How often all of the input, and all of the weights, are loaded.
    const double input_times = p_.follows || cycle.input.set <= c.input_slots ? 1.0 : static_cast<double>(output_tiles);
    const double weight_times = cycle.weights.set <= c.weight_slots ? 1.0 : static_cast<double>(pixels.tiles);

    const double steps = static_cast<double>(pixels.tiles * output_tiles * reduction_tiles);
    const double tiles = steps / static_cast<double>(reduction_tiles);
    const BurstCost bursts = burst_cost(c, pixels);
    Loads input, weights, operand;
    if (c.input_slots > 0) {
      input.transfers = input_times * static_cast<double>(pixels.tiles * (p_.follows ? output_tiles : reduction_tiles));
      input.bytes = bursts.input * input_times * pixels.input_pixels * static_cast<double>(s.in_channels * s.inputs) *
                    bits(s.input_precision) / 8.0;
    }
    if (p_.loads_weights) {
      weights.transfers = weight_times * static_cast<double>(output_tiles * reduction_tiles);
      weights.bytes = weight_times * static_cast<double>(stored_weights_);
    }
    if (c.operand_slots > 0) {
      operand.transfers = s.operand == FusedOperand::kTensor ? tiles : 1.0;
      operand.bytes = bursts.operand * static_cast<double>(s.operand_bytes().count());
    }
    const double stored = c.output_slots > 0 ? bursts.output * static_cast<double>(s.output_bytes().count()) : 0.0;
    c.dram_bytes = input.bytes + weights.bytes + operand.bytes + stored;
    const double dram = dram_cycles({input, weights, operand}, stored);

    double array = 0.0, post = 0.0;
    if (s.uses_array()) {
      const double share = pixels.all_conv_pixels / static_cast<double>(pixels.tiles * pixels.conv_pixels);
      const std::int64_t blocks =
          p_.follows ? p_.work.blocks : p_.work.tap_blocks * ceil_div(c.reduction, p_.work.block_channels);
      array = group_cycles(p_.work, pixels.conv_pixels, blocks) * share *
              static_cast<double>(p_.work.groups * reduction_tiles * pixels.tiles);
      post = pixels.all_conv_pixels * static_cast<double>(p_.work.groups * p_.work.atom_cycles) *
             static_cast<double>(c.partial_sums ? reduction_tiles : 1);
      // The array has half of the activation banks' ports, the post-processor the other half.
      const double half = p_.engine.activation_bandwidth().count() / 2;
      const double sums = c.partial_sums ? static_cast<double>(p_.sums_bytes(pixels.conv_pixels, s.out_channels)) *
                                               share * static_cast<double>(2 * (reduction_tiles - 1) * pixels.tiles)
                                         : 0.0;
      post = std::max(post, (sums + static_cast<double>((s.output_bytes() + s.operand_bytes()).count())) / half);
      array = std::max(array, pixels.all_conv_pixels * activation_bytes_ / half);
    } else {
      post = post_cycles(s, p_.engine, s.post_elements());
    }
    const double command = steps * static_cast<double>(p_.engine.command.per_tile.count());
    const double compute = std::max({array, post, command, weight_times * decode_cycles_});
    // What cannot be loaded or stored while the array computes.
    const bool one_output = c.output_slots == 1 && tiles > 1.0;
    const double in_turn =
        (c.input_slots > 0 && takes_turns(cycle.input, c.input_slots) ? input.bytes : 0.0) / read_rate_ +
        (s.uses_array() && takes_turns(cycle.weights, c.weight_slots) ? weights.bytes : 0.0) / read_rate_ +
        (one_output ? stored : 0.0) / bandwidth_;
    // A buffer goes from set-up over latency and transfer to use before it is free again.
    double turnaround = 0.0;
    const auto turn = [&](const Loads& loads, TileCycle tiles_of, int slots) {
      if (slots == 0 || slots >= tiles_of.tiles) return;
      turnaround = std::max(turnaround, (loads.transfers * overhead_ + loads.bytes / read_rate_ + compute) / slots);
    };
    turn(input, cycle.input, c.input_slots);
    turn(weights, cycle.weights, c.weight_slots);
    // One tile's loads before the first sum, one tile's drain and store after the last.
    const double loads =
        (input.bytes / std::max(1.0, input.transfers) + weights.bytes / std::max(1.0, weights.transfers) +
         operand.bytes / std::max(1.0, operand.transfers)) /
        read_rate_;
    const double drain = post / (c.partial_sums ? steps : tiles), store = stored / tiles / bandwidth_;
    // What stays on chip for the whole subgraph has to come in during the first sweep over it.
    const bool weights_outside = c.order == LoopOrder::kWeightsOutside;
    const double sweeps = static_cast<double>(weights_outside ? output_tiles : pixels.tiles);
    const bool reused = sweeps > 1.0 && (weights_outside ? !p_.follows && input_times <= 1.0 : weight_times <= 1.0);
    const double kept = reused ? (weights_outside ? input.bytes : weights.bytes) / read_rate_ : 0.0;
    const double others = std::max(0.0, dram - kept);
    const double sweep = std::max(compute / sweeps + loads, kept + others / sweeps);
    const double in_sweeps = reused ? sweep + std::max(compute, others) * (1.0 - 1.0 / sweeps) : 0.0;
    // The array cannot begin before the first tile is there, and DRAM not before it is asked.
    const double begin = static_cast<double>(p_.engine.command.per_pass.count()) +
                         (input.transfers + weights.transfers + operand.transfers > 0 ? overhead_ : 0);
    const double first_tile = (s.uses_array() ? input.bytes / std::max(1.0, input.transfers) +
                                                    weights.bytes / std::max(1.0, weights.transfers)
                                              : 0.0) /
                              read_rate_;
    c.bound = begin + std::max(compute + first_tile, dram);
    // Of plans that take about as long, the one with fewer tiles: every tile has to be controlled.
    c.estimate = std::max({compute + in_turn + loads + drain + store, dram + drain, turnaround + loads + drain + store,
                           in_sweeps + drain + store}) *
                 (1.0 + kTileCost * steps);
  }

  // DRAM bytes over stored bytes of a full tile: what partly used bursts add.
  struct BurstCost {
    double input = 1, operand = 1, output = 1;
  };
  BurstCost burst_cost(const TileChoice& c, const PixelTiling& pixels) const {
    const SubgraphShape& s = p_.shape;
    const auto cost = [&](std::int64_t rows, std::int64_t columns, std::int64_t channels, std::int64_t width,
                          Precision precision) {
      return static_cast<double>(p_.burst_bytes(rows, columns, channels, width, precision)) /
             static_cast<double>(packed_bytes(rows * columns * channels, precision).count());
    };
    BurstCost bursts;
    bursts.output = cost(c.rows, c.columns, c.outputs, s.out_width, s.output_precision);
    if (s.operand == FusedOperand::kTensor) bursts.operand = bursts.output;
    bursts.input = cost(pixels.in_rows, pixels.in_columns, p_.input_channels(c.outputs, c.reduction), s.in_width,
                        s.input_precision);
    return bursts;
  }

  struct Loads {
    double transfers = 0, bytes = 0;
  };
  // Time of the DRAM, or of the busiest load channel: transfers on a channel overlap.
  double dram_cycles(const std::array<Loads, 3>& loads, double stored) const {
    std::array<Loads, 3> channels{};
    double all = stored / bandwidth_;
    for (std::size_t i = 0; i < loads.size(); ++i) {
      Loads& channel = channels[static_cast<std::int64_t>(i) < p_.engine.dma.load_channels ? i : 0];
      channel.transfers += loads[i].transfers;
      channel.bytes += loads[i].bytes;
      all += loads[i].bytes / read_rate_;
    }
    double longest = all;
    for (const Loads& channel : channels) {
      const double moving = channel.bytes / read_rate_;
      longest = std::max(
          {longest, channel.transfers * setup_ + moving, (channel.transfers * overhead_ + moving) / in_flight_});
    }
    return longest;
  }

  void keep(const TileChoice& choice) {
    if (!best_.empty() && choice.cost > margin_ * best_.front().cost) return;
    if (best_.size() == most_ && !better(choice, best_.back())) return;
    best_.insert(std::upper_bound(best_.begin(), best_.end(), choice, better), choice);
    if (best_.size() > most_) best_.pop_back();
    while (best_.back().cost > margin_ * best_.front().cost) best_.pop_back();
  }

  static bool better(const TileChoice& a, const TileChoice& b) {
    if (a.cost != b.cost) return a.cost < b.cost;
    if (a.dram_bytes != b.dram_bytes) return a.dram_bytes < b.dram_bytes;
    return a.peak_bytes < b.peak_bytes;
  }

  const TileProblem& p_;
  std::int64_t stored_weights_ = 0;  // bytes
  double decode_cycles_ = 0;         // of all weights once
  std::vector<PixelTiling> tilings_;
  double bandwidth_ = 1, read_rate_ = 1;  // bytes a cycle
  double setup_ = 0, overhead_ = 0;       // cycles a transfer: set-up; set-up and latency
  double in_flight_ = 1;                  // transfers of a channel
  double activation_bytes_ = 0;           // on-chip bytes that the array reads for a pixel
  std::size_t most_;
  double margin_;
  std::vector<TileChoice> best_;
};

}  // namespace

std::vector<TileChoice> choose_tiles(const TileProblem& problem, std::size_t most, double margin) {
  return TileSearch(problem, most, margin).run();
}

}  // namespace lanewise::mapping
