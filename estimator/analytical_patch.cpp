// SPDX-License-Identifier: Apache-2.0
#include "estimator/analytical_patch.hpp"

#include <algorithm>
#include <cmath>

#include "core/mapping/array_work.hpp"
#include "core/mapping/patch_cut.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::estimator {
namespace {

using mapping::AnalyticalTile;
using mapping::FusedOperand;
using mapping::TileFlow;

class PatchModel {
 public:
  PatchModel(const mapping::PatchCut& cut, const engine::EngineConfig& engine)
      : p_(cut.group, engine), s_(cut.group.shape), e_(engine), c_(cut.choice), groups_(as_double(cut.groups)) {
    c_.rows = std::max<std::int64_t>(1, c_.rows);  // subgraphs that fit in no way
    bandwidth_ = e_.dram_bandwidth().count();
    latency_ = as_double(e_.dram_latency());
    const double in_flight = as_double(e_.dram.outstanding_requests * e_.dram.burst.count());
    read_rate_ = latency_ > 0 ? std::min(bandwidth_, in_flight / latency_) : bandwidth_;
    t_.room = as_double(p_.activation_room);
    t_.weight_room = as_double(p_.weight_room);
  }

  AnalyticalTile run() {
    count_tiles();
    count_transfers();
    time_steps();
    return t_;
  }

 private:
  void count_tiles() {
    row_tiles_ = ceil_div(s_.out_height, c_.rows);
    column_tiles_ = ceil_div(s_.out_width, c_.columns);
    outputs_ = ceil_div(s_.out_channels, c_.outputs);
    reductions_ = p_.follows ? 1 : ceil_div(s_.in_channels, c_.reduction);
    t_.rows = as_double(c_.rows);
    t_.columns = as_double(c_.columns);
    t_.pixel_tiles = as_double(s_.batch * row_tiles_ * column_tiles_);
    t_.output_tiles = groups_ * as_double(outputs_);
    t_.reduction_tiles = as_double(reductions_);
    t_.conv_pixels = as_double(s_.batch * s_.conv_height() * s_.conv_width());
    t_.conv_tile_pixels = std::min(t_.conv_pixels, as_double(c_.rows * c_.columns));
    t_.peak_bytes = as_double(c_.peak_bytes);
  }

  // Bytes of a patch's pixels, of all parts of a reduction (or all groups of outputs) together.
  double all_parts(std::int64_t channels, std::int64_t part, Precision precision) const {
    const std::int64_t last = channels % part;
    return as_double(channels / part * p_.pixel_bytes(part, precision) +
                     (last > 0 ? p_.pixel_bytes(last, precision) : 0));
  }

  void count_transfers() {
    const double outputs = as_double(outputs_), reductions = as_double(reductions_), pixel_tiles = t_.pixel_tiles;
    const auto flow = [](TileFlow& f, std::int64_t all, double times, double transfers, double bytes, int buffers) {
      f.all_bytes = as_double(all);
      f.times = times;
      f.transfers = transfers;
      f.dram_bytes = bytes;
      f.tile_bytes = bytes / transfers;
      f.buffers = as_double(buffers);
    };
    const auto groups = static_cast<std::int64_t>(groups_);
    if (c_.input_slots > 0) {
      const double tiles = pixel_tiles * (p_.follows ? outputs : reductions);
      const double times = p_.follows || tiles <= as_double(c_.input_slots) ? 1 : outputs;
      const std::int64_t channels = p_.input_channels(c_.outputs, c_.reduction);
      const double pixels = as_double(p_.patch_input_pixels(c_.rows, c_.columns)) * pixel_tiles;
      flow(t_.input, s_.input_bytes().count() * groups, times, groups_ * times * tiles,
           groups_ * times * pixels * all_parts(s_.in_channels, channels, s_.input_precision), c_.input_slots);
      t_.input_stays = times <= 1;
      t_.input_overlap = pixels / as_double(s_.batch * s_.in_height * s_.in_width);
    }
    if (c_.weight_slots > 0) {
      const Bytes stored = mapping::stored_weight_bytes(s_, e_);
      const double times = reductions <= as_double(c_.weight_slots) ? 1 : pixel_tiles;
      const double transfers = groups_ * outputs * reductions * times;
      const double bytes = as_double(stored) / (outputs * reductions), burst = as_double(e_.dram.burst);
      flow(t_.weights, stored.count() * groups, times, transfers, transfers * std::ceil(bytes / burst) * burst,
           c_.weight_slots);
      t_.weights_stay = times <= 1;
    }
    // Pixels leave one after the other up to the last that is used.
    const double leave =
        as_double(s_.batch * (column_tiles_ * c_.columns * (s_.out_height - row_tiles_) + row_tiles_ * s_.out_width));
    const double stored = groups_ * leave * all_parts(s_.out_channels, c_.outputs, s_.output_precision);
    const double tiles = pixel_tiles * t_.output_tiles;
    if (c_.output_slots > 0) flow(t_.output, s_.output_bytes().count() * groups, 1, tiles, stored, c_.output_slots);
    if (c_.operand_slots > 0) {
      const bool tensor = s_.operand == FusedOperand::kTensor;
      const std::int64_t bytes = s_.operand_bytes().count() * groups;
      const std::int64_t rows = std::min(c_.rows, s_.out_height), columns = std::min(c_.columns, s_.out_width);
      const double bursts =
          tensor ? as_double(p_.burst_bytes(rows, columns, c_.outputs, s_.out_width, s_.output_precision)) /
                       as_double(packed_bytes(rows * columns * c_.outputs, s_.output_precision))
                 : 1;
      flow(t_.operand, bytes, 1, tensor ? tiles : groups_, bursts * as_double(bytes), c_.operand_slots);
    }
    t_.traffic_weights_outside = t_.traffic_pixels_outside = t_.dram_bytes();
    t_.dma_cycles = (t_.input.dram_bytes + t_.weights.dram_bytes + t_.operand.dram_bytes) / read_rate_ +
                    t_.output.dram_bytes / bandwidth_;
  }

  void time_steps() {
    const mapping::ArrayWork& work = p_.work;
    const auto pixels = static_cast<std::int64_t>(t_.conv_tile_pixels);
    const double tiles = t_.pixel_tiles * t_.output_tiles, steps = tiles * t_.reduction_tiles;
    // Of a group: full sets of outputs, and what is left of them.
    const std::int64_t full = s_.out_channels / c_.outputs, rest = s_.out_channels % c_.outputs;
    const auto all_outputs = [&](auto cycles) {
      return as_double(full) * static_cast<double>(cycles(c_.outputs)) +
             (rest > 0 ? static_cast<double>(cycles(rest)) : 0.0);
    };
    const double block = all_outputs([&](std::int64_t outputs) {
      return std::max(mapping::block_cycles(work, pixels, outputs), work.weight_load_cycles);
    });
    const double drain =
        all_outputs([&](std::int64_t outputs) { return mapping::drain_cycles(work, pixels, outputs); });
    t_.array_cycles = groups_ * t_.pixel_tiles * block * as_double(work.blocks);
    t_.post_cycles = groups_ * t_.pixel_tiles * drain;
    // Before a step's MACs; then around each drain.
    const double begin = t_.input.transfers / steps * as_double(e_.array.input_to_mac + work.preparation) +
                         t_.weights.transfers / steps * mapping::first_load_cycles(work);
    const double around = as_double(e_.memory.latency + e_.array.pipeline_latency + e_.post_processing.latency);
    const double transfer = as_double(e_.dma.setup) + latency_;
    const double loads = (t_.input.transfers + t_.weights.transfers) / steps * transfer +
                         (t_.input.dram_bytes + t_.weights.dram_bytes) / read_rate_ / steps;
    const double store =
        t_.output.transfers / tiles * as_double(e_.dma.setup) + t_.output.dram_bytes / bandwidth_ / tiles;
    t_.fill_cycles = as_double(e_.command.per_pass) + loads;
    t_.drain_cycles = around + t_.post_cycles / tiles + store;
    // An input that stays, without weights to load, leaves the port to the outputs.
    if (e_.dma.prefetch_input || t_.input.transfers + t_.weights.transfers <= groups_) {
      t_.compute_cycles = std::max(t_.array_cycles + steps * begin, t_.post_cycles);
      t_.latency_cycles = t_.fill_cycles + std::max(t_.compute_cycles, t_.dma_cycles - loads) + t_.drain_cycles;
      return;
    }
    // Loading, computing and storing take turns. A read's latency passes while the tile before it is stored.
    t_.compute_cycles = t_.array_cycles + steps * begin + tiles * around + t_.post_cycles;
    // Weights that are in the array make room for the next ones while it computes, unless a store comes before them.
    const double weights = t_.weights.transfers > 0 ? transfer + t_.weights.tile_bytes / read_rate_ : 0;
    const double hidden = (tiles - 1) * std::min(latency_, t_.drain_cycles) +
                          t_.weights.transfers * (1 - tiles / steps) * std::min(weights, t_.array_cycles / steps);
    t_.turn_cycles = t_.compute_cycles + steps * loads + tiles * store - hidden;
    t_.latency_cycles = as_double(e_.command.per_pass) + t_.turn_cycles;
  }

  const mapping::TileProblem p_;
  const mapping::SubgraphShape& s_;
  const engine::EngineConfig& e_;
  mapping::TileChoice c_;
  double groups_;  // that come in turn
  double bandwidth_ = 1, read_rate_ = 1, latency_ = 0;
  std::int64_t row_tiles_ = 1, column_tiles_ = 1, outputs_ = 1, reductions_ = 1;  // tiles of a group
  AnalyticalTile t_;
};

}  // namespace

AnalyticalTile analytical_patch(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  return PatchModel(mapping::patch_cut(subgraph, engine), engine).run();
}

}  // namespace lanewise::estimator
