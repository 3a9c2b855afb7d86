// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/nominal_tile.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::mapping {
namespace {

// The largest whole size up to `most` that cuts `all` evenly.
double even_share(double all, double most) { return std::ceil(all / std::ceil(all / std::max(1.0, std::floor(most)))); }

class Nominal {
 public:
  Nominal(const TileProblem& problem, const SubgraphContext& context, const Bounds& bounds)
      : p_(problem),
        s_(problem.shape),
        e_(problem.engine),
        work_(problem.work),
        array_(s_.uses_array()),
        bounds_(bounds) {
    follows_ = problem.follows;
    room_ = as_double(problem.activation_room);
    weight_room_ = as_double(problem.weight_room);
    bandwidth_ = e_.dram_bandwidth().count();
    read_rate_ = read_rate(e_);
    setup_ = as_double(e_.dma.setup);
    overhead_ = setup_ + as_double(e_.dram_latency());
    lanes_ = as_double(e_.array.dot_product_lanes);
    block_channels_ = e_.array.dot_product_lanes;
    channels_ = as_double(s_.out_channels);
    unit_ = as_double(problem.channel_unit);
    if (!context.input_on_chip) input_bytes_ = as_double(s_.input_bytes());
    if (!context.operand_on_chip) operand_bytes_ = as_double(s_.operand_bytes());
    if (!context.output_on_chip) output_bytes_ = as_double(s_.output_bytes());
    // Below so many, a block's pixels take less time than loading the next block's weights.
    if (array_) least_rows_ = work_.weight_load_cycles / work_.cycles_per_block / as_double(s_.conv_width());
    // Rows that no window touches need not come, as long as tiles are single rows.
    const double rows_used = as_double((s_.window.kernel[0] - 1) * s_.window.dilation[0] + 1);
    skips_ = least_rows_ <= 1 && !s_.pooled && as_double(s_.window.stride[0]) > rows_used && input_bytes_ > 0;
    input_ = input_bytes_ * (skips_ ? rows_used / as_double(s_.window.stride[0]) : 1);
    compute_ = std::max({bounds_.array_cycles, bounds_.post_cycles, bounds_.activation_cycles, bounds_.weight_cycles,
                         bounds_.decode_cycles});
    in_row_ = input_bytes_ / as_double(s_.batch * s_.in_height);
    rows_step_ = as_double(s_.window.stride[0] * (s_.pooled ? s_.pool.stride[0] : 1));
    overlap_ = std::clamp(rows_used - as_double(s_.window.stride[0]), 0.0, as_double(s_.in_height));
    if (!array_) return;
    weight_bytes_ = p_.loads_weights ? as_double(stored_weight_bytes(s_, e_)) : 0.0;
    // Room is counted in bytes as they come, of which the banks hold fewer where they are unpacked on the way.
    const WeightStorage& storage = work_.storage;
    weight_bits_ = storage.bits;
    if (storage.compressed && !storage.on_chip) weight_room_ *= storage.bits / storage.plain_bits;
    if (follows_) return;
    // Where not even one block's weights of a group fit, fewer dot products than there are have to do.
    const double taps = as_double(s_.window.kernel[0] * s_.window.kernel[1]);
    const double least = weights_of(taps * as_double(std::min(block_channels_, s_.in_channels)));
    while (unit_ > 1 && unit_ * least > weight_room_) unit_ = std::floor(unit_ / 2);
  }

  NominalTile run() {
    choose_order();
    choose_sizes();
    n_.choice = whole_sizes();
    n_.in_parts = with_partial_sums();
    return n_;
  }

 private:
  double weights_of(double elements) const { return elements * weight_bits_ / 8.0; }
  double per_row(double bytes) const { return bytes / as_double(s_.batch * s_.out_height); }
  double rows_all() const { return as_double(s_.out_height); }
  double tensor_operand() const { return s_.operand == FusedOperand::kTensor ? per_row(operand_bytes_) : 0; }

  // Output rows of a tile that leave room for a second one, when a tile has 1/cuts of the output channels.
  double rows_that_fit(double output_cuts, double input_cuts, double kept) const {
    const double input = kept > 0 ? 0 : 1 / input_cuts, out = (per_row(output_bytes_) + tensor_operand()) / output_cuts;
    const double row = input_ / as_double(s_.batch * s_.out_height) * input + out,
                 half = (room_ - kept) / pixel_buffers_;
    const double by_window = (half - in_row_ * overlap_ * input) / std::max(1e-9, row);
    // No tile reads more than the whole map.
    const double by_map = (half - in_row_ * as_double(s_.in_height) * input) / std::max(1e-9, out);
    return std::clamp(std::max(by_window, by_map), 0.0, rows_all());
  }
  double pixel_tiles_of(double rows) const {
    if (rows < 1) return as_double(s_.batch * s_.out_height) * std::ceil(std::min(1 / rows, as_double(s_.out_width)));
    return as_double(s_.batch) * std::ceil(as_double(s_.out_height) / std::floor(rows));
  }

  // Turns in which a group's input channels are taken, whole lanes each: as many as leave room for one turn's weights
  // beside the group's, or for two turns' where not even the group's fit. 1 where lanes cannot be cut so finely.
  double weight_cuts(double unit_weights) const {
    if (n_.weights_stay || unit_weights <= weight_room_ / 2) return 1;
    const double lanes = std::ceil(as_double(s_.in_channels) / as_double(block_channels_)), room = weight_room_;
    if (unit_weights > room) return std::min(lanes, std::ceil(2 * unit_weights / room));
    const double cuts = std::ceil(unit_weights / std::max(1.0, room - unit_weights));
    return cuts <= lanes && std::ceil(lanes / cuts) / lanes * (cuts + 1) * unit_weights <= room ? cuts : 1;
  }

  // What must come again when neither weights nor pixels all fit, for both loop orders.
  void choose_order() {
    const double weights = weight_bytes_, input = input_;
    units_ = std::ceil(channels_ / unit_);
    const double unit_weights = weights / units_;
    n_.weights_stay = weights <= weight_room_;
    units_fit_ = n_.weights_stay ? units_ : std::clamp(std::floor(weight_room_ / 2 / unit_weights), 1.0, units_);
    const double cuts = std::ceil(units_ / units_fit_);
    const double finest = n_.weights_stay ? units_ : cuts;
    const double out = (per_row(output_bytes_) + tensor_operand()) / finest;
    const double rows_needed = std::clamp(least_rows_, 1.0, rows_all());
    n_.input_stays = follows_ || input + 2 * out * rows_needed <= room_;
    // Sums of a tile that takes its input channels in turns wait in half the accumulators.
    double rows = rows_that_fit(finest, 1, 0), input_cuts = 1;
    const bool unit_fits = unit_weights <= weight_room_;
    if (!follows_) {
      const double stripe_rows = std::min(rows_all(), as_double(work_.stripe_pixels) / as_double(s_.conv_width()));
      const bool short_of_rows = rows * rows_step_ < overlap_ || rows < std::min(rows_all(), least_rows_);
      if (!n_.input_stays && short_of_rows && rows < stripe_rows) {
        const double wanted =
            std::min(as_double(s_.in_height), std::ceil(stripe_rows) * rows_step_ + overlap_) * in_row_;
        input_cuts = std::ceil(wanted / std::max(1.0, room_ / 2 - out * stripe_rows));
        input_cuts = std::clamp(input_cuts, 1.0, std::ceil(as_double(s_.in_channels) / lanes_));
      }
      reduction_tiles_ = std::max(input_cuts, weight_cuts(unit_weights));
      if (reduction_tiles_ > 1) rows = std::min(rows_that_fit(finest, reduction_tiles_, 0), stripe_rows);
    }
    const double once = weights + operand_bytes_ + output_bytes_ + input;
    // Not even the weights of the output channels at work stay: each pixel tile needs them all again.
    const auto weights_outside = [&](double units_at_once) {
      const double again = n_.input_stays ? 0 : (std::ceil(units_ / units_at_once) - 1) * input;
      return once + again + (unit_fits ? 0 : (pixel_tiles_of(rows) - 1) * weights);
    };
    const auto pixels_outside = [&](double rows_at_once) {
      return once + (n_.weights_stay ? 0 : (pixel_tiles_of(rows_at_once) - 1) * weights) +
             (input_cuts > 1 ? (cuts - 1) * input : 0);
    };
    n_.traffic_weights_outside = weights_outside(units_fit_);
    n_.traffic_pixels_outside = pixels_outside(rows);
    const bool first_sweep_short = input > weights && compute_ < 2 * input / read_rate_;
    weights_outside_ = n_.traffic_weights_outside != n_.traffic_pixels_outside
                           ? n_.traffic_weights_outside < n_.traffic_pixels_outside
                           : n_.input_stays && !(first_sweep_short && n_.weights_stay);
    // One buffer holds twice as much as each of two: less comes again, but loading and computing take turns.
    if (!follows_ && !n_.weights_stay && unit_fits && reduction_tiles_ == 1) {
      const double most = std::clamp(std::floor(weight_room_ / unit_weights), 1.0, units_);
      pixel_buffers_ = 1;
      const double more_rows = rows_that_fit(cuts, 1, 0);
      pixel_buffers_ = 2;
      const auto cycles = [&](double turn, double traffic) {
        return std::max(compute_ + turn / read_rate_, traffic / read_rate_);
      };
      const double two = cycles(0, std::min(n_.traffic_weights_outside, n_.traffic_pixels_outside));
      const double weights_one = cycles(weights, weights_outside(most));
      const double pixels_one = cycles(input + output_bytes_, pixels_outside(more_rows));
      const bool too_large = unit_weights > weight_room_ / 2;  // for two buffers, and lanes cannot be cut
      if (weights_one < std::min(two, pixels_one)) {
        weights_outside_ = true;
        n_.traffic_weights_outside = weights_outside(most);
      } else if (pixels_one < two) {
        weights_outside_ = false;
        pixel_buffers_ = 1;
        n_.traffic_pixels_outside = pixels_outside(more_rows);
      }
      if (too_large || weights_one < std::min(two, pixels_one)) units_fit_ = most;
    }
    n_.input_stays = n_.input_stays && weights_outside_;
    input_again_ = !follows_ && (weights_outside_ ? !n_.input_stays : input_cuts > 1);
    weights_again_ = weights_outside_ ? !unit_fits : !n_.weights_stay;
  }

  // As many tiles as room asks for; more while that shortens filling and draining by more than transfers cost.
  void choose_sizes() {
    const double in = input_ / read_rate_, weights = weight_bytes_ / read_rate_;
    const double out = output_bytes_ / bandwidth_, operand = operand_bytes_ / read_rate_;
    const double post = bounds_.post_cycles;
    const double dma = in + weights + out + operand, longer = std::max({compute_, dma, 1.0});
    const double pool_overlap = s_.pooled ? std::max(0.0, as_double(s_.pool.kernel[0] - s_.pool.stride[0])) : 0;
    const double halo = std::max(dma == longer ? overlap_ / as_double(s_.in_height) * in : 0,
                                 pool_overlap / as_double(s_.conv_height()) * compute_);
    // Half a burst for each surface of a tile, and its command where that takes longer than the rest.
    const double surfaces = (input_bytes_ > 0 ? std::ceil(as_double(s_.in_channels) / lanes_) : 0) +
                            (output_bytes_ > 0 ? std::ceil(channels_ / lanes_) : 0);
    const double partial = dma == longer ? surfaces * as_double(e_.dram.burst) / 2 / bandwidth_ : 0;
    const double exposed =
        (in + weights + operand > 0 ? overhead_ / 2 : setup_ / 2) * std::min(compute_, dma) / longer +
        kTileCost * longer + halo + partial;
    const double commands = longer / std::max(1.0, as_double(e_.command.per_tile));
    const double useful = std::max(1.0, std::min(commands, std::sqrt((dma + post) / std::max(1.0, exposed))));
    // While what stays comes in, one sweep's work is all there is to do.
    const double kept = weights_outside_ ? in : weights;
    const double sweeps = follows_ || kept <= 0 ? useful : std::clamp(compute_ / kept, 1.0, useful);
    double output_cuts = std::ceil(units_ / units_fit_);
    if (follows_) output_cuts = std::clamp(std::ceil(rows_all() / std::max(1e-9, rows_that_fit(1, 1, 0))), 1.0, units_);
    const double wanted = input_again_ ? 1 : follows_ ? useful : weights_outside_ ? sweeps : useful / sweeps;
    output_cuts = std::max(output_cuts, std::min(units_, std::floor(wanted)));
    output_tiles_ = std::ceil(units_ / std::floor(units_ / output_cuts));
    const double kept_bytes = n_.input_stays && !follows_ && output_tiles_ > 1 ? input_ : 0;
    const double fit = rows_that_fit(output_tiles_, follows_ ? output_tiles_ : reduction_tiles_, kept_bytes);
    const double inner = weights_again_     ? 1
                         : weights_outside_ ? useful / output_tiles_
                         : follows_         ? useful / output_tiles_
                                            : sweeps;
    double rows = std::max(as_double(s_.batch) * rows_all() / std::max(1.0, inner), std::min(least_rows_, rows_all()));
    if (array_) rows = std::max(rows, 1.0);
    rows = std::min(rows, fit);
    const double stripe_rows = array_ ? as_double(work_.stripe_pixels) / as_double(s_.conv_width()) : rows_all();
    if (reduction_tiles_ > 1) rows = std::min(rows, stripe_rows);
    if (skips_) rows = std::min(rows, 1.0);
    if (array_ && rows >= 1) rows = height_for_array(rows, std::min(stripe_rows, fit), fit, dma, exposed);
    // Where nothing else can be cut, input channels in turns let computing begin on the first of them.
    if (array_ && !follows_ && rows == rows_all() && rows <= stripe_rows && output_tiles_ == units_ && s_.batch == 1) {
      const double turns = std::min(std::ceil(as_double(s_.in_channels) / lanes_), std::floor(useful / units_));
      reduction_tiles_ = std::max(reduction_tiles_, turns);
    }
    columns_ = even_share(as_double(s_.out_width), std::min(1.0, rows) * as_double(s_.out_width));
    rows_ = even_share(rows_all(), rows);
  }

  // Of three heights, the one that balance asks for, a stripe's and all that fit, the one that takes least: a stripe
  // that is not full may take as long as a full one.
  double height_for_array(double balanced, double stripe, double fit, double dma, double exposed) const {
    const auto cycles = [&](double rows) {
      const double height = even_share(rows_all(), rows), tiles = as_double(s_.batch) * std::ceil(rows_all() / height);
      const AxisCuts y = cut_axis(s_, 0, static_cast<std::int64_t>(height));
      const double pixels = y.conv_tile * as_double(s_.conv_width());
      const double array = y.conv_all / y.conv_tile * as_double(s_.batch) *
                           (follows_ ? as_double(work_.groups) : units_) *
                           group_cycles(work_, static_cast<std::int64_t>(pixels), work_.blocks);
      const double all = tiles * output_tiles_;
      return std::max({array, dma, bounds_.post_cycles}) + exposed * all + (dma + bounds_.post_cycles) / all;
    };
    double best = balanced, least = cycles(balanced);
    for (const double rows : {stripe, reduction_tiles_ > 1 || skips_ || weights_again_ ? balanced : fit}) {
      if (rows < 1 || (rows < balanced && weights_again_)) continue;
      const double taken = cycles(rows);
      if (taken >= least) continue;
      best = rows;
      least = taken;
    }
    return best;
  }

  // The sizes in whole units, lanes, rows and columns, made smaller until their buffers fit.
  TileChoice whole_sizes() const {
    const auto size = [](double value) { return static_cast<std::int64_t>(value); };
    TileChoice c;
    c.order = weights_outside_ ? LoopOrder::kWeightsOutside : LoopOrder::kPixelsOutside;
    c.rows = size(rows_);
    c.columns = size(columns_);
    c.outputs =
        std::min(s_.out_channels, ceil_div(ceil_div(s_.out_channels, size(unit_)), size(output_tiles_)) * size(unit_));
    const std::int64_t lane_blocks = ceil_div(s_.in_channels, block_channels_);
    c.reduction = follows_ || reduction_tiles_ <= 1
                      ? s_.in_channels
                      : std::min(s_.in_channels, ceil_div(lane_blocks, size(reduction_tiles_)) * block_channels_);
    while (!claim_buffers(p_, pixels_of(c.rows, c.columns), c)) {
      if (c.rows > 1) {
        c.rows = ceil_div(c.rows, 2);
      } else if (c.columns > 1) {
        c.columns = ceil_div(c.columns, 2);
      } else if (!follows_ && c.reduction > block_channels_) {
        c.reduction = ceil_div(ceil_div(c.reduction, block_channels_), 2) * block_channels_;
      } else if (c.outputs > 1) {
        c.outputs = ceil_div(c.outputs, 2);
      } else {
        c.rows = 0;
        break;
      }
    }
    return c;
  }

  // Tiles whose sums wait in the activation banks need the fewest bytes where they have as many output channels as
  // pixels: input and weights then come equally often. Where one of the two is smaller than that, all of it is taken.
  TileChoice with_partial_sums() const {
    const double taps = as_double(p_.taps());
    const auto weights_of_unit = [&](std::int64_t channels) { return weights_of(unit_ * as_double(channels) * taps); };
    std::int64_t reduction = 2 * block_channels_;
    if (2 * weights_of_unit(reduction) > weight_room_) reduction /= 2;
    if (!array_ || follows_ || s_.pooled || reduction >= s_.in_channels || input_ <= 0 || weight_bytes_ <= 0) return {};
    constexpr double kShareOfSums = 0.8;  // of the room for activations; inputs on their way take the rest
    const double width = as_double(s_.out_width);
    const double beside = (per_row(output_bytes_) + tensor_operand()) / width / channels_;
    const double sums = kShareOfSums * room_ / (as_double(e_.accumulators.bits) / 8 + beside);
    const double most_pixels = std::min(rows_all() * width, std::sqrt(sums));
    const double units_of_weights = std::floor(weight_room_ / 2 / weights_of_unit(reduction));
    const double units = std::clamp(std::min(std::floor(sums / most_pixels / unit_), units_of_weights), 1.0, units_);
    TileChoice c;
    c.order = LoopOrder::kWeightsOutside;
    c.outputs = std::min(s_.out_channels, static_cast<std::int64_t>(even_share(units_, units) * unit_));
    c.reduction = reduction;
    const double pixels = sums / as_double(c.outputs);
    c.rows = static_cast<std::int64_t>(even_share(rows_all(), std::min(rows_all(), pixels / width)));
    c.columns = static_cast<std::int64_t>(even_share(width, std::min(width, pixels / as_double(c.rows))));
    return claim_buffers(p_, pixels_of(c.rows, c.columns), c) ? c : TileChoice{};
  }

  PixelCounts pixels_of(std::int64_t rows, std::int64_t columns) const {
    const AxisCuts y = cut_axis(s_, 0, rows), x = cut_axis(s_, 1, columns);
    PixelCounts pixels;
    pixels.tiles = s_.batch * static_cast<std::int64_t>(y.tiles * x.tiles);
    pixels.in_rows = static_cast<std::int64_t>(std::max(y.in_tile, y.in_first));
    pixels.in_columns = static_cast<std::int64_t>(std::max(x.in_tile, x.in_first));
    pixels.conv_pixels = static_cast<std::int64_t>(y.conv_tile * x.conv_tile);
    return pixels;
  }

  static constexpr double kTileCost = 5e-5;  // of the subgraph, for controlling a tile
  const TileProblem& p_;
  const SubgraphShape& s_;
  const engine::EngineConfig& e_;
  const ArrayWork& work_;
  bool array_, follows_ = false;
  const Bounds& bounds_;
  double room_ = 0, weight_room_ = 0;                                                 // bytes for buffers
  double input_bytes_ = 0, weight_bytes_ = 0, operand_bytes_ = 0, output_bytes_ = 0;  // that come from and go to DRAM
  double compute_ = 0;  // of the subgraph, if nothing ever waits for DRAM
  double bandwidth_ = 1, read_rate_ = 1, setup_ = 0, overhead_ = 0, lanes_ = 1, channels_ = 1;
  double weight_bits_ = 8;  // as they come
  std::int64_t block_channels_ = 1;
  double unit_ = 1, units_ = 1, units_fit_ = 1;  // output channels are cut in multiples of a unit
  bool skips_ = false;
  double input_ = 0, in_row_ = 0, rows_step_ = 1, overlap_ = 0, least_rows_ = 0;
  bool input_again_ = false, weights_again_ = false, weights_outside_ = true;
  double pixel_buffers_ = 2;
  double rows_ = 1, columns_ = 1, output_tiles_ = 1, reduction_tiles_ = 1;
  NominalTile n_;
};

}  // namespace

AxisCuts cut_axis(const SubgraphShape& s, int axis, std::int64_t step) {
  const std::int64_t outputs = axis == 0 ? s.out_height : s.out_width, tiles = ceil_div(outputs, step);
  const std::int64_t middle = (tiles - 1) / 2 * step, end = std::min(outputs, middle + step), last = (tiles - 1) * step;
  const auto in = [&](std::int64_t a, std::int64_t b) { return as_double(s.input_range(axis, a, b).size()); };
  const auto conv = [&](std::int64_t a, std::int64_t b) { return as_double(s.conv_range(axis, a, b).size()); };
  const double first = in(0, std::min(outputs, step));
  AxisCuts cuts{as_double(tiles), in(middle, end), first, first, conv(middle, end), conv(0, std::min(outputs, step))};
  if (tiles > 1) {
    cuts.in_all += in(last, outputs) + as_double(tiles - 2) * cuts.in_tile;
    cuts.conv_all += conv(last, outputs) + as_double(tiles - 2) * cuts.conv_tile;
  }
  return cuts;
}

namespace {

// Half of the formula is rounding, for which the baseline of x86-64 has no instruction. The results are the same.
#if defined(__x86_64__)
[[gnu::target("sse4.1"), gnu::flatten]] NominalTile by_rounding(const TileProblem& problem, const Bounds& bounds) {
  return Nominal(problem, problem.context, bounds).run();
}
bool has_rounding() { return __builtin_cpu_supports("sse4.1"); }
#else
NominalTile by_rounding(const TileProblem& problem, const Bounds& bounds) {
  return Nominal(problem, problem.context, bounds).run();
}
bool has_rounding() { return false; }
#endif

}  // namespace

NominalTile nominal_tile(const TileProblem& problem, const Bounds& bounds) {
  if (has_rounding()) return by_rounding(problem, bounds);
  return Nominal(problem, problem.context, bounds).run();
}

}  // namespace lanewise::mapping
