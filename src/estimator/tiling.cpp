// SPDX-License-Identifier: Apache-2.0
#include "estimator/tiling.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace lanewise::estimator {
namespace {

using mapping::FusedOperand;
using mapping::PassFamily;
using mapping::PassShape;

double number(std::int64_t value) { return static_cast<double>(value); }
double bytes_of(double elements, Precision precision) { return elements * bits(precision) / 8.0; }

// One axis of the output cut evenly: full tiles and a last one.
struct Cut {
  double size = 1, tiles = 1;
  double in_most = 1, in_all = 1;      // input rows of a full tile, of all tiles: halos counted as often as read
  double conv_most = 1, conv_all = 1;  // rows of the convolution likewise
};

Cut cut_axis(const PassShape& s, int axis, std::int64_t size) {
  const std::int64_t outputs = axis == 0 ? s.out_height : s.out_width;
  const std::int64_t tiles = ceil_div(outputs, size);
  Cut cut;
  cut.size = number(size);
  cut.tiles = number(tiles);
  const auto first_in = s.input_range(axis, 0, size).size(), first_conv = s.conv_range(axis, 0, size).size();
  if (tiles == 1) {
    cut.in_most = cut.in_all = number(first_in);
    cut.conv_most = cut.conv_all = number(first_conv);
    return cut;
  }
  const std::int64_t middle = tiles / 2 * size, last = (tiles - 1) * size;
  const auto in = s.input_range(axis, middle, std::min(outputs, middle + size)).size();
  const auto conv = s.conv_range(axis, middle, std::min(outputs, middle + size)).size();
  const double between = number(tiles - 2);
  cut.in_all = number(first_in + s.input_range(axis, last, outputs).size()) + between * number(in);
  cut.conv_all = number(first_conv + s.conv_range(axis, last, outputs).size()) + between * number(conv);
  cut.in_most = number(tiles > 2 ? std::max(in, first_in) : first_in);
  cut.conv_most = number(tiles > 2 ? std::max(conv, first_conv) : first_conv);
  return cut;
}

// n halved until it is 1.
std::vector<std::int64_t> halves(std::int64_t n) {
  std::vector<std::int64_t> sizes{n};
  for (std::int64_t parts = 2; sizes.back() > 1; parts *= 2) sizes.push_back(ceil_div(n, parts));
  return sizes;
}

class Weighing {
 public:
  Weighing(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const mapping::ArrayWork& work)
      : s_(subgraph.shape), context_(subgraph.context), e_(engine), work_(work), on_array_(s_.uses_array()) {
    room_ = number(std::max<std::int64_t>(0, e_.memory.activation_banks - context_.resident_banks) *
                   e_.memory.bank_size.count());
    weight_room_ = number(e_.weight_capacity().count());
    follows_ = !on_array_ || work_.input_follows_output;
    const std::int64_t group =
        on_array_ ? work_.outputs_per_group : std::min(e_.array.dot_product_lanes, s_.out_channels);
    unit_ = on_array_ && follows_ ? std::max(group, s_.out_channels / s_.groups) : group;
    if (s_.family == PassFamily::kNormalization) unit_ = s_.out_channels;
    if (s_.family == PassFamily::kReduction) unit_ = 1;
    bandwidth_ = e_.dram_bandwidth().count();
    const double latency = number(e_.dram_latency().count());
    const double in_flight = number(e_.dram.outstanding_requests * e_.dram.burst.count());
    read_rate_ = latency > 0 ? std::min(bandwidth_, in_flight / latency) : bandwidth_;
    post_factor_ = mapping::post_cycles(s_, e_, e_.post_processing.width);
    activation_slot_ = e_.activation_bandwidth().count() / (on_array_ ? 2.0 : 1.0);
    lanes_ = number(e_.array.dot_product_lanes);
    taps_ = number(s_.window.kernel[0] * s_.window.kernel[1]);
  }

  Tiling run() {
    const Cut all_columns = cut_axis(s_, 1, s_.out_width);
    const std::int64_t units = ceil_div(s_.out_channels, unit_);
    const auto consider_pixels = [&](const Cut& rows, const Cut& columns) {
      for (const std::int64_t u : halves(units)) {
        const double outputs = std::min(number(u * unit_), number(s_.out_channels));
        consider(rows, columns, outputs, number(s_.in_channels));
        if (follows_ || u > 1) continue;
        if (rows.conv_most * columns.conv_most > number(work_.stripe_pixels)) continue;
        // Partial sums wait in the accumulators while the rest of the input channels comes.
        const std::int64_t blocks = ceil_div(s_.in_channels, e_.array.dot_product_lanes);
        for (const std::int64_t b : halves(blocks)) {
          if (b < blocks) consider(rows, columns, outputs, number(b * e_.array.dot_product_lanes));
        }
      }
    };
    for (const std::int64_t rows : halves(s_.out_height)) consider_pixels(cut_axis(s_, 0, rows), all_columns);
    const bool skips = s_.window.stride[1] > s_.window.kernel[1];
    if (!best_ || skips || best_->rows <= 1) {
      const Cut one_row = cut_axis(s_, 0, 1);
      for (const std::int64_t columns : halves(s_.out_width)) {
        if (columns < s_.out_width) consider_pixels(one_row, cut_axis(s_, 1, columns));
      }
    }
    if (!best_) return *smallest_;
    time(*best_, best_->conv_most);
    return *best_;
  }

 private:
  double input_channels(double outputs, double reduction) const {
    return follows_ ? std::ceil(outputs * number(s_.in_channels) / number(s_.out_channels)) : reduction;
  }

  // DRAM bytes over bytes: whole bursts for each run of a surface of channels.
  double burst_factor(double pixels_in_run, double channels, Precision precision) const {
    const double burst = number(e_.dram.burst.count());
    const double surface = std::min(channels, lanes_);
    const double run = bytes_of(pixels_in_run * surface, precision);
    if (run <= 0) return 1;
    const double full = std::ceil(run / burst) * burst;
    const double rest = channels - std::floor(channels / lanes_) * lanes_;
    if (rest <= 0 || channels < lanes_) return full / run;
    const double rest_run = bytes_of(pixels_in_run * rest, precision);
    const double surfaces = std::floor(channels / lanes_);
    return (surfaces * full + std::ceil(rest_run / burst) * burst) / (surfaces * run + rest_run);
  }
  double run_pixels(double rows, double columns, std::int64_t width) const {
    return columns >= number(width) ? rows * columns : columns;
  }

  void consider(const Cut& rows, const Cut& columns, double outputs, double reduction) {
    Tiling t;
    t.rows = rows.size;
    t.columns = columns.size;
    t.outputs = outputs;
    t.reduction = reduction;
    t.pixel_tiles = number(s_.batch) * rows.tiles * columns.tiles;
    t.output_tiles = std::ceil(number(s_.out_channels) / outputs);
    t.reduction_tiles = follows_ ? 1 : std::ceil(number(s_.in_channels) / reduction);
    t.conv_pixels = number(s_.batch) * rows.conv_all * columns.conv_all;
    if (s_.family == PassFamily::kPooling) {
      t.input_overlap = std::max(1.0, rows.in_all * columns.in_all / number(s_.in_height * s_.in_width));
    }
    const double channels = input_channels(outputs, reduction);
    const double out = rows.size * columns.size * outputs;
    if (!context_.input_on_chip) {
      t.input.tile_bytes = bytes_of(rows.in_most * columns.in_most * channels, s_.input_precision) * number(s_.inputs);
    }
    if (!context_.output_on_chip) t.output.tile_bytes = bytes_of(out, s_.output_precision);
    if (!context_.operand_on_chip && s_.operand != FusedOperand::kNone) {
      // One value a channel: all of them come once and stay.
      t.operand.tile_bytes =
          s_.operand == FusedOperand::kTensor ? bytes_of(out, s_.output_precision) : number(s_.operand_bytes().count());
    }
    if (on_array_) {
      const double share = follows_ ? number(s_.in_channels / s_.groups) : reduction;
      t.weights.tile_bytes = bytes_of(outputs * (share * taps_ + (s_.bias ? 1 : 0)), s_.weight_precision);
    }
    const double input_all =
        bytes_of(number(s_.batch * s_.in_channels * s_.inputs) * rows.in_all * columns.in_all, s_.input_precision);
    const double in_factor =
        burst_factor(run_pixels(rows.in_most, columns.in_most, s_.in_width), channels, s_.input_precision);
    const double out_factor =
        burst_factor(run_pixels(rows.size, columns.size, s_.out_width), outputs, s_.output_precision);
    const bool fits = t.weights.tile_bytes <= weight_room_ &&
                      t.input.tile_bytes + t.output.tile_bytes + t.operand.tile_bytes <= room_;
    if (!fits) {
      smallest_ = t;
      smallest_->peak_bytes =
          std::min(room_, t.input.tile_bytes + t.output.tile_bytes) + std::min(weight_room_, t.weights.tile_bytes);
      smallest_->latency_cycles = 1;
      return;
    }
    for (const bool weights_outside : {true, false}) {
      Tiling c = t;
      c.weights_outside = weights_outside;
      if (!weights_outside && c.output_tiles * c.reduction_tiles == 1) continue;  // the same as the other
      give_buffers(c);
      count_traffic(c, input_all * in_factor, out_factor);
      c.conv_most = rows.conv_most * columns.conv_most;
      const double cost = nominal_cycles(c) * (1 + kTileCost * c.steps());
      if (!best_ || cost < best_cost_) {
        best_ = c;
        best_cost_ = cost;
      }
    }
  }

  // Two buffers each where there is room, else one; what is used again and again keeps all its tiles if they fit.
  void give_buffers(Tiling& t) const {
    const double tiles = t.pixel_tiles * t.output_tiles;
    const double once = t.input.tile_bytes + t.output.tile_bytes + t.operand.tile_bytes;
    const double slots = tiles > 1 && 2 * once <= room_ ? 2 : 1;
    double room = room_;
    for (TileFlow* flow : {&t.output, &t.operand}) {
      if (flow->tile_bytes <= 0) continue;
      flow->slots = flow == &t.operand && s_.operand == FusedOperand::kPerChannel ? 1 : slots;
      room -= flow->slots * flow->tile_bytes;
    }
    const double input_tiles = t.pixel_tiles * (follows_ ? t.output_tiles : t.reduction_tiles);
    const double input_set = follows_ ? 1 : t.weights_outside && t.output_tiles > 1 ? input_tiles : t.reduction_tiles;
    const double weight_tiles = t.output_tiles * t.reduction_tiles;
    const double weight_set = t.weights_outside ? t.reduction_tiles : weight_tiles;
    if (t.input.tile_bytes > 0) {
      t.input.slots = buffers(input_tiles, input_set, std::floor(room / t.input.tile_bytes));
      room -= t.input.slots * t.input.tile_bytes;
      t.input_times = input_set <= t.input.slots ? 1 : t.output_tiles;
    }
    if (on_array_) {
      t.weights.slots = buffers(weight_tiles, weight_set, std::floor(weight_room_ / t.weights.tile_bytes));
      t.weight_times = weight_set <= t.weights.slots ? 1 : t.pixel_tiles;
    }
    t.input_waits = t.input.slots > 0 && waits(input_tiles, input_set, t.input.slots);
    t.weights_wait = on_array_ && waits(weight_tiles, weight_set, t.weights.slots);
    t.input_tiles = input_tiles;
    t.weight_tiles = weight_tiles;
    t.peak_bytes = room_ - room + t.weights.slots * t.weights.tile_bytes;
  }
  static double buffers(double tiles, double set, double fit) {
    if (fit >= tiles) return tiles;
    if (set < tiles && fit > set) return std::min(fit, 2 * set);
    return std::min(fit, 2.0);
  }

  // Whether the tiles in use leave no buffer for the next ones.
  static bool waits(double tiles, double set, double slots) {
    if (slots >= tiles) return false;
    return set > slots ? slots <= 1 : slots <= set;
  }

  void count_traffic(Tiling& t, double input_dram, double out_factor) const {
    const double tiles = t.pixel_tiles * t.output_tiles;
    if (t.input.slots > 0) {
      t.input.transfers = t.input_times * t.pixel_tiles * (follows_ ? t.output_tiles : t.reduction_tiles);
      t.input.dram_bytes = t.input_times * input_dram;
    }
    if (on_array_) {
      const double burst = number(e_.dram.burst.count());
      t.weights.transfers = t.weight_times * t.output_tiles * t.reduction_tiles;
      t.weights.dram_bytes = t.weight_times * number(s_.weight_bytes().count()) *
                             (std::ceil(t.weights.tile_bytes / burst) * burst / t.weights.tile_bytes);
    }
    if (t.operand.slots > 0) {
      t.operand.transfers = s_.operand == FusedOperand::kTensor ? tiles : 1;
      t.operand.dram_bytes = s_.operand == FusedOperand::kTensor ? number(s_.operand_bytes().count()) * out_factor
                                                                 : round_up_to_burst(t.operand.tile_bytes);
    }
    if (t.output.slots > 0) {
      t.output.transfers = tiles;
      t.output.dram_bytes = number(s_.output_bytes().count()) * out_factor;
    }
  }
  double round_up_to_burst(double bytes) const {
    const double burst = number(e_.dram.burst.count());
    return std::ceil(bytes / burst) * burst;
  }

  // Time at nominal rates, as planners reckon: whatever is slowest, transfers without a second buffer in turn with
  // computing, and one tile's way in and out. Waits that only running it shows are left to time().
  double nominal_cycles(const Tiling& t) const {
    const double tiles = t.pixel_tiles * t.output_tiles;
    double array = 0, post = mapping::post_cycles(s_, e_, s_.post_elements());
    if (on_array_) {
      const double blocks = follows_ ? number(work_.blocks) : taps_ * std::ceil(t.reduction / lanes_);
      array = mapping::group_cycles(work_, static_cast<std::int64_t>(t.conv_most), static_cast<std::int64_t>(blocks)) *
              number(work_.groups) * t.reduction_tiles * t.conv_pixels / t.conv_most;
      post *= t.conv_pixels / number(s_.batch * s_.conv_height() * s_.conv_width());
    }
    const double compute = std::max({array, post, t.steps() * number(e_.command.per_tile.count())});
    const double moved = t.input.dram_bytes + t.weights.dram_bytes + t.operand.dram_bytes + t.output.dram_bytes;
    const double one_output = t.output.slots == 1 && tiles > 1 ? t.output.dram_bytes : 0;
    const double in_turn =
        ((t.input_waits ? t.input.dram_bytes : 0) + (t.weights_wait ? t.weights.dram_bytes : 0) + one_output) /
        bandwidth_;
    const double dma = std::max(moved / bandwidth_, channel_cycles(t, bandwidth_));
    const auto tile_of = [](const TileFlow& f) { return f.transfers > 0 ? f.dram_bytes / f.transfers : 0.0; };
    const double ends =
        (tile_of(t.input) + tile_of(t.weights) + tile_of(t.operand) + tile_of(t.output)) / bandwidth_ + post / tiles;
    const double sweeps = t.weights_outside ? t.output_tiles : t.pixel_tiles;
    double phases = 0;
    if (sweeps > 1 && (t.weights_outside ? !follows_ && t.input_times <= 1 : on_array_ && t.weight_times <= 1)) {
      const double kept = (t.weights_outside ? t.input.dram_bytes : t.weights.dram_bytes) / bandwidth_;
      phases = std::max(compute / sweeps, kept) + std::max(compute * (1 - 1 / sweeps), moved / bandwidth_ - kept);
    }
    return std::max({compute + in_turn, dma, phases}) + ends;
  }

  // A stripe of one group in the array and in the post-processor, each held up by its slots of the banks.
  struct Stripe {
    double array = 0, post = 0;
  };
  Stripe stripe(const Tiling& t, double pixels, double outputs, double post_bytes) const {
    const double share = follows_ ? number(s_.in_channels / s_.groups) : t.reduction;
    const double blocks = follows_ ? number(work_.blocks) : taps_ * std::ceil(t.reduction / lanes_);
    const double read_channels =
        follows_
            ? std::min(number(s_.in_channels),
                       std::max(share,
                                std::ceil(number(work_.outputs_per_group * s_.in_channels) / number(s_.out_channels))))
            : share;
    const double pace = std::max(pixels * work_.cycles_per_block, number(work_.weight_load_cycles)) * blocks;
    const double activations = pixels * bytes_of(read_channels * taps_, s_.input_precision) / activation_slot_;
    const double weights = bytes_of(outputs * share * taps_, s_.weight_precision) / e_.weight_bandwidth().count();
    Stripe result;
    result.array = std::max({pace, activations, weights}) * t.reduction_tiles;
    result.post = std::max(std::ceil(pixels * outputs / number(e_.post_processing.width)) * post_factor_,
                           pixels * outputs * post_bytes / activation_slot_);
    return result;
  }

  void time_array(Tiling& t, double tile_pixels) {
    const double conv_per_out = t.conv_pixels / number(s_.batch * s_.out_height * s_.out_width);
    const double post_bytes = bytes_of(s_.operand == FusedOperand::kTensor ? 2 : 1, s_.output_precision) / conv_per_out;
    const double stripe_pixels = number(work_.stripe_pixels);
    const double groups = number(work_.groups);
    const double all = number(s_.out_channels);
    const double per_group = std::min(number(work_.outputs_per_group), all);
    // The outputs that the last group lacks spread over all groups, but for the array.
    const double full = std::floor(tile_pixels / stripe_pixels), rest = tile_pixels - full * stripe_pixels;
    const double outputs = all / groups;
    const Stripe whole = stripe(t, std::min(tile_pixels, stripe_pixels), per_group, post_bytes);
    Stripe last = whole;
    if (full > 0 && rest > 0) last = stripe(t, rest, per_group, post_bytes);
    const double whole_count = full > 0 ? full : 1, last_count = full > 0 && rest > 0 ? 1 : 0;
    const double fill_share = outputs / per_group;
    const double times = groups * t.conv_pixels / tile_pixels;
    t.array_cycles = times * (whole_count * whole.array + last_count * last.array);
    t.post_cycles = times * fill_share * (whole_count * whole.post + last_count * last.post);
    const double both = whole_count * std::max(whole.array, whole.post * fill_share) +
                        last_count * std::max(last.array, last.post * fill_share);
    last_stripe_ = last;
    t.compute_cycles = times * both;
  }

  void time(Tiling& t, double tile_pixels) {
    const double tiles = t.pixel_tiles * t.output_tiles;
    const double setup = number(e_.dma.setup.count()), latency = number(e_.dram_latency().count());
    if (on_array_) {
      time_array(t, tile_pixels);
    } else {
      const double moved = number((s_.input_bytes() + s_.operand_bytes() + s_.output_bytes()).count());
      t.post_cycles =
          t.input_overlap * std::max(mapping::post_cycles(s_, e_, s_.post_elements()), moved / activation_slot_);
      t.compute_cycles = t.post_cycles;
      last_stripe_ = {t.post_cycles / tiles, t.post_cycles / tiles};
    }
    t.compute_cycles = std::max(t.compute_cycles, t.steps() * number(e_.command.per_tile.count()));

    const double loads = t.input.dram_bytes + t.weights.dram_bytes + t.operand.dram_bytes;
    const double store_cycles = t.output.dram_bytes / bandwidth_;
    t.dma_cycles = std::max(loads / read_rate_ + store_cycles, channel_cycles(t, read_rate_));

    const auto tile_of = [](const TileFlow& f) { return f.transfers > 0 ? f.dram_bytes / f.transfers : 0.0; };
    const double first = (tile_of(t.input) + tile_of(t.weights) + (on_array_ ? 0 : tile_of(t.operand))) / read_rate_;
    // The first tile's command is read while its loads are under way.
    const double begin = number(e_.command.per_pass.count()) +
                         (loads > 0 ? setup + latency : number(e_.command.per_tile.count())) +
                         (on_array_ ? number(work_.weight_load_cycles) : 0);
    t.fill_cycles = begin + first;
    const double pipeline = number((e_.memory.latency + e_.post_processing.latency).count()) +
                            (on_array_ ? number(e_.array.pipeline_latency.count()) : 0);
    const double last_store = tile_of(t.output) / bandwidth_;
    const double end = pipeline + (t.output.slots > 0 ? setup : 0);
    const double last_post = on_array_ ? std::min(last_stripe_.array, last_stripe_.post) : 0;
    t.drain_cycles = end + last_post + last_store;

    t.step_cycles = t.compute_cycles / t.steps();
    t.turn_cycles = turn_cycles(t);
    t.blocked_cycles = blocked_cycles(t);
    // What stays for the whole pass comes during the first sweep over it.
    const double sweeps = t.weights_outside ? t.output_tiles : t.pixel_tiles;
    const bool reused =
        sweeps > 1 && (t.weights_outside ? !follows_ && t.input_times <= 1 : on_array_ && t.weight_times <= 1);
    const double kept = reused ? (t.weights_outside ? t.input.dram_bytes : t.weights.dram_bytes) / read_rate_ : 0;
    const double others = t.dma_cycles - kept;
    const double steady =
        std::max({t.compute_cycles + t.blocked_cycles, t.dma_cycles - first - last_store, t.turn_cycles - first});
    double two_phases = steady;
    if (reused) {
      two_phases = std::max(t.compute_cycles / sweeps, kept + others / sweeps - first) +
                   std::max(t.compute_cycles, others) * (1 - 1 / sweeps);
    }
    t.first_sweep_cycles = std::max(0.0, two_phases - steady);
    // Behind the last load there is still one tile to compute and to store.
    const double dram_path = begin + t.dma_cycles + std::max(0.0, t.step_cycles - last_store) + end + last_post;
    t.latency_cycles = std::max(t.fill_cycles + steady + t.first_sweep_cycles + t.drain_cycles, dram_path);
  }

  // How long one transfer of a flow takes by itself.
  double transfer_cycles(const TileFlow& flow, bool store) const {
    if (flow.transfers <= 0) return 0;
    const double moving = flow.dram_bytes / flow.transfers / (store ? bandwidth_ : read_rate_);
    const double wait = store ? number(e_.post_processing.latency.count()) : number(e_.dram_latency().count());
    return number(e_.dma.setup.count()) + wait + moving;
  }

  // A buffer is filled, used and filled again: so many transfers cannot take less than that over the buffers.
  double turn_cycles(const Tiling& t) const {
    const auto turn = [&](const TileFlow& flow, double all, double held, bool store) {
      if (flow.slots <= 0 || flow.slots >= all) return 0.0;
      return ((flow.transfers - flow.slots) * transfer_cycles(flow, store) + held * t.compute_cycles) / flow.slots;
    };
    const double tiles = t.pixel_tiles * t.output_tiles;
    // Buffers taken together by what is gone through again before the next has its turn.
    const auto together = [&](double slots, double sweeps) {
      return sweeps > 1 && t.reduction_tiles <= slots ? t.reduction_tiles : 1.0;
    };
    const double weight_held = t.weights_outside ? together(t.weights.slots, t.pixel_tiles) : 1;
    const double input_held = t.weights_outside || follows_ ? 1 : together(t.input.slots, t.output_tiles);
    return std::max(
        {turn(t.input, t.input_tiles, input_held, false), turn(t.weights, t.weight_tiles, weight_held, false),
         turn(t.operand, s_.operand == FusedOperand::kTensor ? tiles : 1, 1, false), turn(t.output, tiles, 1, true)});
  }

  // A long transfer keeps the DRAM from the others for longer than their buffers last.
  double blocked_cycles(const Tiling& t) const {
    const TileFlow* flows[4] = {&t.input, &t.weights, &t.operand, &t.output};
    const double all[4] = {t.input_tiles, t.weight_tiles,
                           s_.operand == FusedOperand::kTensor ? t.pixel_tiles * t.output_tiles : 1,
                           t.pixel_tiles * t.output_tiles};
    double most = 0;
    for (int i = 0; i < 4; ++i) {
      // What is loaded once and stays holds nobody up later.
      if (flows[i]->slots <= 0 || flows[i]->slots >= all[i]) continue;
      const double takes = transfer_cycles(*flows[i], i == 3);
      for (int j = 0; j < 4; ++j) {
        if (j == i || flows[j]->slots <= 0 || flows[j]->slots >= all[j]) continue;
        const double lasts = flows[j]->slots * t.compute_cycles / flows[j]->transfers;
        most = std::max(most, flows[i]->transfers * std::max(0.0, takes - lasts));
      }
    }
    return most;
  }

  // Transfers of a channel overlap by two: each waits for its set-up, and two share one wait for the first byte.
  double channel_cycles(const Tiling& t, double rate) const {
    const double setup = number(e_.dma.setup.count()), latency = number(e_.dram_latency().count());
    double transfers[3] = {0, 0, 0}, bytes[3] = {0, 0, 0};
    const TileFlow* flows[3] = {&t.input, &t.weights, &t.operand};
    for (std::int64_t i = 0; i < 3; ++i) {
      const std::int64_t channel = i < e_.dma.load_channels ? i : 0;
      transfers[channel] += flows[i]->transfers;
      bytes[channel] += flows[i]->dram_bytes;
    }
    double longest = 0;
    for (int i = 0; i < 3; ++i) {
      longest = std::max(longest, (std::max(0.0, transfers[i] - 2) * (setup + latency) + bytes[i] / rate) / 2);
    }
    return longest;
  }

  static constexpr double kTileCost = 5e-5;
  const PassShape& s_;
  const mapping::PassContext& context_;
  const engine::EngineConfig& e_;
  const mapping::ArrayWork& work_;
  bool on_array_ = true, follows_ = false;
  std::int64_t unit_ = 1;
  double room_ = 0, weight_room_ = 0, bandwidth_ = 1, read_rate_ = 1, post_factor_ = 1, activation_slot_ = 1;
  double lanes_ = 1, taps_ = 1;
  Stripe last_stripe_;
  std::optional<Tiling> best_, smallest_;
  double best_cost_ = 0;
};

}  // namespace

Tiling cheapest_tiling(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                       const mapping::ArrayWork& work) {
  return Weighing(subgraph, engine, work).run();
}

}  // namespace lanewise::estimator
