// SPDX-License-Identifier: Apache-2.0
#include "estimator/canonical_tile.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::estimator {
namespace {

using mapping::FusedOperand;
using mapping::PassFamily;
using mapping::PassShape;

double number(std::int64_t value) { return static_cast<double>(value); }
double number(Bytes value) { return number(value.count()); }
double number(Cycles value) { return number(value.count()); }
double bytes_of(double elements, Precision precision) { return elements * bits(precision) / 8.0; }

// Rows (axis 0) or columns that tiles of `size` outputs read and compute: a full tile, all tiles together.
struct Extent {
  double tiles = 1, in_tile = 1, in_all = 1, conv_tile = 1, conv_all = 1;
};
Extent extent(const PassShape& s, int axis, double size) {
  const std::int64_t outputs = axis == 0 ? s.out_height : s.out_width;
  const std::int64_t step = static_cast<std::int64_t>(size), tiles = ceil_div(outputs, step);
  const std::int64_t middle = (tiles - 1) / 2 * step, end = std::min(outputs, middle + step), last = (tiles - 1) * step;
  const auto in = [&](std::int64_t a, std::int64_t b) { return number(s.input_range(axis, a, b).size()); };
  const auto conv = [&](std::int64_t a, std::int64_t b) { return number(s.conv_range(axis, a, b).size()); };
  Extent e{number(tiles), in(middle, end), in(0, step), conv(middle, end), conv(0, step)};
  if (tiles > 1) {
    e.in_all += in(last, outputs) + number(tiles - 2) * e.in_tile;
    e.conv_all += conv(last, outputs) + number(tiles - 2) * e.conv_tile;
  }
  return e;
}

// The largest whole size up to `most` that cuts `all` evenly.
double even_share(double all, double most) { return std::ceil(all / std::ceil(all / std::max(1.0, std::floor(most)))); }

class Canonical {
 public:
  Canonical(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const mapping::ArrayWork& work,
            const mapping::Bounds& bounds)
      : s_(subgraph.shape), e_(engine), work_(work), array_(s_.uses_array()), bounds_(bounds) {
    follows_ = !array_ || work.input_follows_output;
    t_.room = number(e_.memory.bank_size) *
              number(std::max<std::int64_t>(0, e_.memory.activation_banks - subgraph.context.resident_banks));
    t_.weight_room = number(e_.weight_capacity());
    const double latency = number(e_.dram_latency());
    const double in_flight = number(e_.dram.outstanding_requests * e_.dram.burst.count());
    bandwidth_ = e_.dram_bandwidth().count();
    read_rate_ = latency > 0 ? std::min(bandwidth_, in_flight / latency) : bandwidth_;
    setup_ = number(e_.dma.setup);
    overhead_ = setup_ + latency;
    lanes_ = number(e_.array.dot_product_lanes);
    channels_ = number(s_.out_channels);
    const double group = array_ ? number(work.outputs_per_group) : std::min(lanes_, channels_);
    unit_ = array_ && follows_ ? std::max(group, number(s_.out_channels / s_.groups)) : group;
    if (s_.family == PassFamily::kNormalization) unit_ = channels_;
    if (s_.family == PassFamily::kReduction) unit_ = 1;
    if (!subgraph.context.input_on_chip) t_.input.all_bytes = number(s_.input_bytes());
    if (!subgraph.context.operand_on_chip) t_.operand.all_bytes = number(s_.operand_bytes());
    if (!subgraph.context.output_on_chip) t_.output.all_bytes = number(s_.output_bytes());
    // Below so many, a block's pixels take less time than loading the next block's weights.
    if (array_) least_rows_ = number(work.weight_load_cycles) / work.cycles_per_block / number(s_.conv_width());
    // Rows that no window touches need not come, as long as tiles are single rows.
    const double rows_used = number((s_.window.kernel[0] - 1) * s_.window.dilation[0] + 1);
    skips_ = least_rows_ <= 1 && !s_.pooled && number(s_.window.stride[0]) > rows_used && t_.input.all_bytes > 0;
    input_ = t_.input.all_bytes * (skips_ ? rows_used / number(s_.window.stride[0]) : 1);
    compute_ = std::max({bounds.array_cycles, bounds.post_cycles, bounds.activation_cycles, bounds.weight_cycles});
    in_row_ = t_.input.all_bytes / number(s_.batch * s_.in_height);
    rows_step_ = number(s_.window.stride[0] * (s_.pooled ? s_.pool.stride[0] : 1));
    overlap_ = std::clamp(rows_used - number(s_.window.stride[0]), 0.0, number(s_.in_height));
    if (!array_) return;
    t_.weights.all_bytes = mapping::loads_weights(s_, e_) ? number(s_.weight_bytes()) : 0.0;
    if (follows_) return;
    // Where not even one block's weights of a group fit, fewer dot products than there are have to do.
    const double taps = number(s_.window.kernel[0] * s_.window.kernel[1]);
    const double least = bytes_of(taps * std::min(lanes_, number(s_.in_channels)), s_.weight_precision);
    while (unit_ > 1 && unit_ * least > t_.weight_room) unit_ = std::floor(unit_ / 2);
  }

  CanonicalTile run() {
    choose_order();
    choose_sizes();
    count_transfers();
    time_compute();
    time_whole();
    return t_;
  }

 private:
  double per_row(const TileFlow& flow) const { return flow.all_bytes / number(s_.batch * s_.out_height); }
  double rows_all() const { return number(s_.out_height); }
  double tensor_operand() const { return s_.operand == FusedOperand::kTensor ? per_row(t_.operand) : 0; }

  // Output rows of a tile that leave room for a second one, when a tile has 1/cuts of the output channels.
  double rows_that_fit(double output_cuts, double input_cuts, double kept) const {
    const double input = kept > 0 ? 0 : 1 / input_cuts, out = (per_row(t_.output) + tensor_operand()) / output_cuts;
    const double row = input_ / number(s_.batch * s_.out_height) * input + out,
                 half = (t_.room - kept) / pixel_buffers_;
    const double by_window = (half - in_row_ * overlap_ * input) / std::max(1e-9, row);
    // No tile reads more than the whole map.
    const double by_map = (half - in_row_ * number(s_.in_height) * input) / std::max(1e-9, out);
    return std::clamp(std::max(by_window, by_map), 0.0, rows_all());
  }
  double pixel_tiles_of(double rows) const {
    if (rows < 1) return number(s_.batch * s_.out_height) * std::ceil(std::min(1 / rows, number(s_.out_width)));
    return number(s_.batch) * std::ceil(number(s_.out_height) / std::floor(rows));
  }

  // Turns in which a group's input channels are taken, whole lanes each: as many as leave room for one turn's weights
  // beside the group's, or for two turns' where not even the group's fit. 1 where lanes cannot be cut so finely.
  double weight_cuts(double unit_weights) const {
    if (t_.weights_stay || unit_weights <= t_.weight_room / 2) return 1;
    const double lanes = std::ceil(number(s_.in_channels) / lanes_), room = t_.weight_room;
    if (unit_weights > room) return std::min(lanes, std::ceil(2 * unit_weights / room));
    const double cuts = std::ceil(unit_weights / std::max(1.0, room - unit_weights));
    return cuts <= lanes && std::ceil(lanes / cuts) / lanes * (cuts + 1) * unit_weights <= room ? cuts : 1;
  }

  // What must come again when neither weights nor pixels all fit, for both loop orders.
  void choose_order() {
    const double weights = t_.weights.all_bytes, input = input_;
    units_ = std::ceil(channels_ / unit_);
    const double unit_weights = weights / units_;
    t_.weights_stay = weights <= t_.weight_room;
    units_fit_ = t_.weights_stay ? units_ : std::clamp(std::floor(t_.weight_room / 2 / unit_weights), 1.0, units_);
    const double cuts = std::ceil(units_ / units_fit_);
    const double finest = t_.weights_stay ? units_ : cuts;
    const double out = (per_row(t_.output) + tensor_operand()) / finest;
    const double rows_needed = std::clamp(least_rows_, 1.0, rows_all());
    t_.input_stays = follows_ || input + 2 * out * rows_needed <= t_.room;
    // Sums of a tile that takes its input channels in turns wait in half the accumulators.
    double rows = rows_that_fit(finest, 1, 0), input_cuts = 1;
    const bool unit_fits = unit_weights <= t_.weight_room;
    if (!follows_) {
      const double stripe_rows = std::min(rows_all(), number(work_.stripe_pixels) / number(s_.conv_width()));
      const bool short_of_rows = rows * rows_step_ < overlap_ || rows < std::min(rows_all(), least_rows_);
      if (!t_.input_stays && short_of_rows && rows < stripe_rows) {
        const double wanted = std::min(number(s_.in_height), std::ceil(stripe_rows) * rows_step_ + overlap_) * in_row_;
        input_cuts = std::ceil(wanted / std::max(1.0, t_.room / 2 - out * stripe_rows));
        input_cuts = std::clamp(input_cuts, 1.0, std::ceil(number(s_.in_channels) / lanes_));
      }
      t_.reduction_tiles = std::max(input_cuts, weight_cuts(unit_weights));
      if (t_.reduction_tiles > 1) rows = std::min(rows_that_fit(finest, t_.reduction_tiles, 0), stripe_rows);
    }
    const double once = weights + t_.operand.all_bytes + t_.output.all_bytes + input;
    // Not even the weights of the output channels at work stay: each pixel tile needs them all again.
    const auto weights_outside = [&](double units_at_once) {
      const double again = t_.input_stays ? 0 : (std::ceil(units_ / units_at_once) - 1) * input;
      return once + again + (unit_fits ? 0 : (pixel_tiles_of(rows) - 1) * weights);
    };
    const auto pixels_outside = [&](double rows_at_once) {
      return once + (t_.weights_stay ? 0 : (pixel_tiles_of(rows_at_once) - 1) * weights) +
             (input_cuts > 1 ? (cuts - 1) * input : 0);
    };
    t_.traffic_weights_outside = weights_outside(units_fit_);
    t_.traffic_pixels_outside = pixels_outside(rows);
    const bool first_sweep_short = input > weights && compute_ < 2 * input / read_rate_;
    t_.weights_outside = t_.traffic_weights_outside != t_.traffic_pixels_outside
                             ? t_.traffic_weights_outside < t_.traffic_pixels_outside
                             : t_.input_stays && !(first_sweep_short && t_.weights_stay);
    // One buffer holds twice as much as each of two: less comes again, but loading and computing take turns.
    if (!follows_ && !t_.weights_stay && unit_fits && t_.reduction_tiles == 1) {
      const double most = std::clamp(std::floor(t_.weight_room / unit_weights), 1.0, units_);
      pixel_buffers_ = 1;
      const double more_rows = rows_that_fit(cuts, 1, 0);
      pixel_buffers_ = 2;
      const auto cycles = [&](double turn, double traffic) {
        return std::max(compute_ + turn / read_rate_, traffic / read_rate_);
      };
      const double two = cycles(0, std::min(t_.traffic_weights_outside, t_.traffic_pixels_outside));
      const double weights_one = cycles(weights, weights_outside(most));
      const double pixels_one = cycles(input + t_.output.all_bytes, pixels_outside(more_rows));
      const bool too_large = unit_weights > t_.weight_room / 2;  // for two buffers, and lanes cannot be cut
      if (weights_one < std::min(two, pixels_one)) {
        t_.weights_outside = true;
        t_.traffic_weights_outside = weights_outside(most);
      } else if (pixels_one < two) {
        t_.weights_outside = false;
        pixel_buffers_ = 1;
        t_.traffic_pixels_outside = pixels_outside(more_rows);
      }
      if (too_large || weights_one < std::min(two, pixels_one)) {
        units_fit_ = most;
        weight_buffers_ = 1;
      }
    }
    t_.input_stays = t_.input_stays && t_.weights_outside;
    input_again_ = !follows_ && (t_.weights_outside ? !t_.input_stays : input_cuts > 1);
    weights_again_ = t_.weights_outside ? !unit_fits : !t_.weights_stay;
  }

  // As many tiles as room asks for; more while that shortens filling and draining by more than transfers cost.
  void choose_sizes() {
    const double in = input_ / read_rate_, weights = t_.weights.all_bytes / read_rate_;
    const double out = t_.output.all_bytes / bandwidth_, operand = t_.operand.all_bytes / read_rate_;
    const double post = bounds_.post_cycles;
    const double dma = in + weights + out + operand, longer = std::max({compute_, dma, 1.0});
    const double pool_overlap = s_.pooled ? std::max(0.0, number(s_.pool.kernel[0] - s_.pool.stride[0])) : 0;
    const double halo = std::max(dma == longer ? overlap_ / number(s_.in_height) * in : 0,
                                 pool_overlap / number(s_.conv_height()) * compute_);
    // Half a burst for each surface of a tile, and its command where that takes longer than the rest.
    const double surfaces = (t_.input.all_bytes > 0 ? std::ceil(number(s_.in_channels) / lanes_) : 0) +
                            (t_.output.all_bytes > 0 ? std::ceil(channels_ / lanes_) : 0);
    const double partial = dma == longer ? surfaces * number(e_.dram.burst) / 2 / bandwidth_ : 0;
    const double exposed =
        (in + weights + operand > 0 ? overhead_ / 2 : setup_ / 2) * std::min(compute_, dma) / longer +
        kTileCost * longer + halo + partial;
    const double commands = longer / std::max(1.0, number(e_.command.per_tile));
    const double useful = std::max(1.0, std::min(commands, std::sqrt((dma + post) / std::max(1.0, exposed))));
    // While what stays comes in, one sweep's work is all there is to do.
    const double kept = t_.weights_outside ? in : weights;
    const double sweeps = follows_ || kept <= 0 ? useful : std::clamp(compute_ / kept, 1.0, useful);
    double output_cuts = std::ceil(units_ / units_fit_);
    if (follows_) output_cuts = std::clamp(std::ceil(rows_all() / std::max(1e-9, rows_that_fit(1, 1, 0))), 1.0, units_);
    const double wanted = input_again_ ? 1 : follows_ ? useful : t_.weights_outside ? sweeps : useful / sweeps;
    output_cuts = std::max(output_cuts, std::min(units_, std::floor(wanted)));
    t_.output_tiles = std::ceil(units_ / std::floor(units_ / output_cuts));
    const double kept_bytes = t_.input_stays && !follows_ && t_.output_tiles > 1 ? input_ : 0;
    const double fit = rows_that_fit(t_.output_tiles, follows_ ? t_.output_tiles : t_.reduction_tiles, kept_bytes);
    const double inner = weights_again_       ? 1
                         : t_.weights_outside ? useful / t_.output_tiles
                         : follows_           ? useful / t_.output_tiles
                                              : sweeps;
    double rows = std::max(number(s_.batch) * rows_all() / std::max(1.0, inner), std::min(least_rows_, rows_all()));
    if (array_) rows = std::max(rows, 1.0);
    rows = std::min(rows, fit);
    const double stripe_rows = array_ ? number(work_.stripe_pixels) / number(s_.conv_width()) : rows_all();
    if (t_.reduction_tiles > 1) rows = std::min(rows, stripe_rows);
    if (skips_) rows = std::min(rows, 1.0);
    if (array_ && rows >= 1) rows = height_for_array(rows, std::min(stripe_rows, fit), fit, dma, exposed);
    // Where nothing else can be cut, input channels in turns let computing begin on the first of them.
    if (array_ && !follows_ && rows == rows_all() && rows <= stripe_rows && t_.output_tiles == units_ &&
        s_.batch == 1) {
      const double turns = std::min(std::ceil(number(s_.in_channels) / lanes_), std::floor(useful / units_));
      t_.reduction_tiles = std::max(t_.reduction_tiles, turns);
    }
    t_.columns = even_share(number(s_.out_width), std::min(1.0, rows) * number(s_.out_width));
    t_.rows = even_share(rows_all(), rows);
  }

  // Of three heights, the one that balance asks for, a stripe's and all that fit, the one that takes least: a stripe
  // that is not full may take as long as a full one.
  double height_for_array(double balanced, double stripe, double fit, double dma, double exposed) const {
    const auto cycles = [&](double rows) {
      const double height = even_share(rows_all(), rows), tiles = number(s_.batch) * std::ceil(rows_all() / height);
      const Extent y = extent(s_, 0, height);
      const double pixels = y.conv_tile * number(s_.conv_width());
      const double array = y.conv_all / y.conv_tile * number(s_.batch) * (follows_ ? number(work_.groups) : units_) *
                           mapping::group_cycles(work_, static_cast<std::int64_t>(pixels), work_.blocks);
      const double all = tiles * t_.output_tiles;
      return std::max({array, dma, bounds_.post_cycles}) + exposed * all + (dma + bounds_.post_cycles) / all;
    };
    double best = balanced, least = cycles(balanced);
    for (const double rows : {stripe, t_.reduction_tiles > 1 || skips_ || weights_again_ ? balanced : fit}) {
      if (rows < 1 || (rows < balanced && weights_again_)) continue;
      const double taken = cycles(rows);
      if (taken >= least) continue;
      best = rows;
      least = taken;
    }
    return best;
  }

  // DRAM bytes over bytes: whole bursts for each run of a surface of channels.
  double burst_factor(double pixels, double channels, Precision precision) const {
    const double burst = number(e_.dram.burst);
    const double run = bytes_of(pixels * std::min(channels, lanes_), precision);
    return run > 0 ? std::ceil(run / burst) * burst / run : 1;
  }

  void count_transfers() {
    const Extent y = extent(s_, 0, t_.rows), x = extent(s_, 1, t_.columns);
    t_.pixel_tiles = number(s_.batch) * y.tiles * x.tiles;
    t_.conv_tile_pixels = y.conv_tile * x.conv_tile;
    t_.conv_pixels = number(s_.batch) * y.conv_all * x.conv_all;
    t_.input_overlap = y.in_all * x.in_all / number(s_.in_height * s_.in_width);
    const double outputs = channels_ / t_.output_tiles, tiles = t_.pixel_tiles * t_.output_tiles;
    const double inputs = number(s_.in_channels) / (follows_ ? t_.output_tiles : t_.reduction_tiles);
    const bool rows_whole = x.tiles <= 1;
    const double in_run = x.in_tile * (rows_whole ? y.in_tile : 1), out_run = t_.columns * (rows_whole ? t_.rows : 1);
    const double output_factor = burst_factor(out_run, outputs, s_.output_precision);
    const double input_tiles = t_.pixel_tiles * (follows_ ? t_.output_tiles : t_.reduction_tiles);
    const double weight_tiles = t_.output_tiles * t_.reduction_tiles;
    if (input_again_) t_.input.times = t_.output_tiles;
    if (weights_again_) t_.weights.times = t_.pixel_tiles;
    const auto flow = [](TileFlow& f, double transfers, double factor, double buffers) {
      if (f.all_bytes <= 0) return;
      f.transfers = f.times * transfers;
      f.dram_bytes = f.times * f.all_bytes * factor;
      f.tile_bytes = f.dram_bytes / f.transfers;
      f.buffers = std::min(buffers, transfers);
    };
    const bool input_kept = t_.input_stays && !follows_ && t_.output_tiles > 1;
    flow(t_.input, input_tiles, t_.input_overlap * burst_factor(in_run, inputs, s_.input_precision),
         input_kept ? input_tiles : pixel_buffers_);
    flow(t_.weights, weight_tiles, 1, t_.weights_stay && !t_.weights_outside ? weight_tiles : weight_buffers_);
    flow(t_.output, tiles, output_factor, pixel_buffers_);
    if (s_.operand == FusedOperand::kTensor) flow(t_.operand, tiles, output_factor, pixel_buffers_);
    if (s_.operand == FusedOperand::kPerChannel) flow(t_.operand, 1, 1, 1);
    const auto held = [](const TileFlow& f) { return f.buffers * f.tile_bytes; };
    t_.peak_bytes = std::min(t_.room, held(t_.input) + held(t_.operand) + held(t_.output)) +
                    std::min(t_.weight_room, held(t_.weights));
  }

  void time_compute() {
    if (array_) {
      const double tiles = t_.conv_pixels / t_.conv_tile_pixels;
      const auto pixels = static_cast<std::int64_t>(t_.conv_tile_pixels);
      // The array has half of the activation banks' ports, its results and what is fused with them the other half.
      const double groups = follows_ ? number(work_.groups) : units_;
      t_.array_cycles = std::max({tiles * groups * mapping::group_cycles(work_, pixels, work_.blocks),
                                  2 * bounds_.activation_cycles, bounds_.weight_cycles});
      t_.post_cycles = t_.conv_pixels * groups * atom_cycles(work_, e_, pixels);
      t_.handover_cycles = handover_cycles(work_, pixels, t_.array_cycles, t_.post_cycles);
    } else {
      const double overlap = s_.family == PassFamily::kPooling ? std::max(1.0, t_.input_overlap) : 1;
      t_.post_cycles = overlap * std::max(bounds_.post_cycles, bounds_.activation_cycles);
    }
    t_.compute_cycles = std::max({t_.array_cycles, t_.post_cycles, t_.steps() * number(e_.command.per_tile)});
  }

  // So many transfers of a channel overlap; inputs, weights and operands have a channel each where there are three.
  double channel_cycles() const {
    double transfers[3] = {0, 0, 0}, moving[3] = {0, 0, 0}, longest = 0;
    const TileFlow* flows[3] = {&t_.input, &t_.weights, &t_.operand};
    for (std::int64_t i = 0; i < 3; ++i) {
      const std::int64_t channel = i < e_.dma.load_channels ? i : 0;
      transfers[channel] += flows[i]->transfers;
      moving[channel] += flows[i]->dram_bytes / read_rate_;
    }
    for (int i = 0; i < 3; ++i) {
      longest = std::max({longest, transfers[i] * setup_ + moving[i],
                          (transfers[i] * overhead_ + moving[i]) / number(e_.dma.transfers_in_flight)});
    }
    return longest;
  }

  // A buffer is filled, used and filled again.
  double turn_cycles(const TileFlow& flow) const {
    if (flow.transfers <= flow.buffers) return 0;
    return ((flow.transfers - flow.buffers) * transfer_cycles(flow) + t_.compute_cycles) / flow.buffers;
  }
  // How long one transfer takes by itself.
  double transfer_cycles(const TileFlow& flow) const {
    if (&flow != &t_.output) return overhead_ + flow.tile_bytes / read_rate_;
    return setup_ + number(e_.post_processing.latency) + flow.tile_bytes / bandwidth_;
  }

  void time_whole() {
    const double loads = t_.input.dram_bytes + t_.weights.dram_bytes + t_.operand.dram_bytes;
    const double last_store = t_.output.tile_bytes / bandwidth_;
    t_.dma_cycles = std::max(loads / read_rate_ + t_.output.dram_bytes / bandwidth_, channel_cycles());
    const double first =
        (t_.input.tile_bytes + t_.weights.tile_bytes + (array_ ? 0 : t_.operand.tile_bytes)) / read_rate_;
    t_.fill_cycles = number(e_.command.per_pass) + (loads > 0 ? overhead_ : number(e_.command.per_tile)) +
                     (array_ ? first_load_cycles(work_) : 0) + first;
    t_.drain_cycles = number(e_.memory.latency + e_.post_processing.latency) +
                      (array_ ? number(e_.array.pipeline_latency) + t_.handover_cycles : 0) +
                      (t_.output.transfers > 0 ? setup_ : 0) + last_store;
    t_.turn_cycles =
        std::max({turn_cycles(t_.input), turn_cycles(t_.weights), turn_cycles(t_.operand), turn_cycles(t_.output)});
    if (pixel_buffers_ == 1) {
      t_.turn_cycles = std::max(t_.turn_cycles, t_.compute_cycles + t_.input.transfers * transfer_cycles(t_.input) +
                                                    t_.output.transfers * transfer_cycles(t_.output));
    }
    const double steady = std::max({t_.compute_cycles, t_.dma_cycles - first - last_store, t_.turn_cycles - first});
    // What stays has to come during the first sweep.
    const double sweeps = t_.weights_outside ? t_.output_tiles : t_.pixel_tiles;
    const bool reused = !follows_ && sweeps > 1 && (t_.weights_outside ? t_.input_stays : t_.weights_stay);
    if (reused) {
      const double kept = (t_.weights_outside ? t_.input : t_.weights).dram_bytes / read_rate_;
      const double others = t_.dma_cycles - kept;
      const double phases = std::max(t_.compute_cycles / sweeps, kept + others / sweeps - first) +
                            std::max(t_.compute_cycles, others) * (1 - 1 / sweeps);
      t_.first_sweep_cycles = std::max(0.0, phases - steady);
    }
    // Behind the last load there is still one tile to compute and to store.
    const double after_last = t_.fill_cycles - first + t_.dma_cycles + t_.drain_cycles - last_store +
                              std::max(0.0, t_.compute_cycles / t_.steps() - last_store);
    t_.latency_cycles = std::max(t_.fill_cycles + steady + t_.first_sweep_cycles + t_.drain_cycles, after_last);
  }

  static constexpr double kTileCost = 5e-5;  // of the pass, for controlling a tile
  const PassShape& s_;
  const engine::EngineConfig& e_;
  const mapping::ArrayWork& work_;
  bool array_, follows_ = false;
  const mapping::Bounds& bounds_;
  double compute_ = 0;  // of the pass, if nothing ever waits for DRAM
  double bandwidth_ = 1, read_rate_ = 1, setup_ = 0, overhead_ = 0, lanes_ = 1, channels_ = 1;
  double unit_ = 1, units_ = 1, units_fit_ = 1;  // output channels are cut in multiples of a unit
  bool skips_ = false;
  double input_ = 0, in_row_ = 0, rows_step_ = 1, overlap_ = 0, least_rows_ = 0;
  bool input_again_ = false, weights_again_ = false;
  double weight_buffers_ = 2, pixel_buffers_ = 2;
  CanonicalTile t_;
};

}  // namespace

double first_load_cycles(const mapping::ArrayWork& work) {
  return std::ceil(number(work.outputs_per_group) * work.cycles_per_kernel);
}

double atom_cycles(const mapping::ArrayWork& work, const engine::EngineConfig& engine, std::int64_t pixels) {
  const double atom = number(work.atom_cycles), stripe = number(std::min(pixels, work.stripe_pixels));
  const double around =
      number(engine.array.pipeline_latency + engine.memory.latency + engine.accumulators.credit_return);
  const double stripes = std::floor(number(work.credits) / stripe);  // that the accumulators hold
  // Of two stripes, what finds no room beside the second has to be drained before its last block.
  const double loop =
      stripes < 2 ? (2 * stripe - number(work.credits)) * atom + around : (stripe * atom + around) / stripes;
  return std::max(atom, loop / stripe);
}

double handover_cycles(const mapping::ArrayWork& work, std::int64_t pixels, double array, double post) {
  const double load = number(work.weight_load_cycles), pixel = work.cycles_per_block, atom = number(work.atom_cycles);
  const std::int64_t first = mapping::stripe_length(work, pixels);
  std::int64_t last = pixels;
  if (last >= 2 * work.stripe_pixels) last = last % work.stripe_pixels + work.stripe_pixels;
  if (last > work.stripe_pixels) last -= ceil_div(last - work.stripe_pixels, work.second_stripe) * work.second_stripe;
  const double lead = number(work.blocks - 1) * std::max(number(first) * pixel, load);
  const double tail = number(last) * std::max(atom, pixel) - std::max(number(last) * pixel, load);
  return std::max(array + tail, lead + post) - std::max(array, post);
}

CanonicalTile canonical_tile(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                             const mapping::ArrayWork& work, const mapping::Bounds& bounds) {
  return Canonical(subgraph, engine, work, bounds).run();
}

}  // namespace lanewise::estimator
