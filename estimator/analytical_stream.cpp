// SPDX-License-Identifier: Apache-2.0
#include "estimator/analytical_stream.hpp"

#include <algorithm>
#include <cmath>

#include "core/mapping/cube_cut.hpp"

namespace lanewise::estimator {
namespace {

using mapping::AnalyticalTile;
using mapping::FusedOperand;
using mapping::SubgraphFamily;
using mapping::SubgraphShape;
using mapping::TileFlow;

class StreamModel {
 public:
  StreamModel(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const mapping::ArrayWork& work)
      : s_(subgraph.shape), e_(engine), work_(work), word_(engine.dram.word.count()) {
    latency_ = as_double(e_.dram_latency());
    // A beat takes as long as the slowest of the port, the memory and the limit on what is under way (Little's law).
    beat_ = std::max(as_double(word_) / e_.dram_bandwidth().count(),
                     (latency_ + as_double(e_.dram.outstanding_return)) / as_double(e_.dram.outstanding_beats));
    request_beats_ = std::max(1.0, as_double(e_.dram.burst) / as_double(word_));
    write_beat_ = std::max(as_double(word_) / e_.dram_write_bandwidth().count(),
                           as_double(e_.dram.write_request_interval) / request_beats_);
    begin_ = as_double(e_.command.per_pass + e_.dma.start);
    t_.room = as_double(e_.activation_capacity());
    t_.weight_room = as_double(e_.weight_capacity());
    t_.input.all_bytes = as_double(s_.input_bytes());
    t_.operand.all_bytes = as_double(s_.operand_bytes());
    t_.output.all_bytes = as_double(s_.output_bytes());
    if (s_.uses_array()) t_.weights.all_bytes = as_double(mapping::stored_weight_bytes(s_, e_));
  }

  AnalyticalTile run() {
    if (s_.uses_array()) {
      const mapping::CubeCut cut = mapping::cube_cut(s_, work_, e_);
      in_width_ = as_double(s_.in_width);
      blocks_ = work_.blocks;
      if (cut.rows_alone) {
        cut_groups();
        cut_cubes();
      } else {
        take_cut(cut);
      }
      count_beats();
      time_input();
      time_groups();
      time_whole();
    } else {
      run_alone();
    }
    return t_;
  }

 private:
  double words(std::int64_t channels, Precision precision) const {
    return as_double(ceil_div(packed_bytes(channels, precision).count(), word_));
  }
  double partial_words(std::int64_t outputs) const {
    return as_double(ceil_div(ceil_div(outputs * e_.accumulators.bits, 8), word_));
  }
  double pixels_out() const { return as_double(s_.batch * s_.out_height * s_.out_width); }

  // Groups of output channels, and what the weights of one take: zeros between small groups are stored like weights.
  void cut_groups() {
    const std::int64_t taps = s_.window.kernel[0] * s_.window.kernel[1];
    const std::int64_t out_share = s_.out_channels / s_.groups, in_share = s_.in_channels / s_.groups;
    outputs_ = work_.outputs_per_group;
    const std::int64_t together = s_.groups > 1 && out_share <= outputs_ ? outputs_ / out_share * in_share : in_share;
    const std::int64_t kernel =
        std::max<std::int64_t>(1, work_.storage.onchip_bytes(together * taps, 0, s_.weight_precision));
    outputs_ = std::clamp<std::int64_t>(e_.weight_capacity().count() / kernel, 1, outputs_);
    group_beats_ = as_double(outputs_ * kernel) / as_double(word_);
    groups_ = work_.input_follows_output && out_share > outputs_ ? as_double(s_.groups * ceil_div(out_share, outputs_))
                                                                 : as_double(ceil_div(s_.out_channels, outputs_));
    bytes_all_ = as_double(s_.out_channels * kernel);
  }

  // What of the input comes at once: channels where the groups read only their own, then rows.
  void cut_cubes() {
    const double capacity = t_.room, row_words = as_double(s_.in_width * word_);
    std::int64_t channels = s_.in_channels;
    const double room_rows = std::floor(capacity / row_words);  // of one surface
    if (work_.input_follows_output && s_.out_channels / s_.groups <= outputs_ &&
        as_double(s_.in_height) * words(channels, s_.input_precision) > room_rows) {
      const std::int64_t own = outputs_ * s_.in_channels / s_.out_channels;
      const double at_once = std::floor(room_rows / as_double(s_.in_height) / words(own, s_.input_precision));
      channels = std::min(channels, own * std::max<std::int64_t>(1, static_cast<std::int64_t>(at_once)));
    }
    ranges_ = std::ceil(as_double(s_.in_channels) / as_double(channels));
    channels_ = as_double(channels);
    surfaces_ = words(channels, s_.input_precision);
    const double fit = std::floor(capacity / (row_words * surfaces_));
    const double height = as_double(s_.in_height), all_rows = as_double(s_.out_height);
    rows_ = all_rows;
    if (touched(all_rows) > fit) {
      const double by_taps = std::floor(fit / taps_inside());
      const double by_range = std::floor((fit - tap_extent()) / as_double(s_.window.stride[0])) + 1;
      rows_ = std::clamp(std::max(by_taps, by_range), 1.0, all_rows);
    }
    in_rows_ = rows_ == all_rows && height <= fit ? height : touched(rows_);
    const double cuts = std::ceil(as_double(s_.out_height) / rows_);
    t_.rows = rows_;
    t_.columns = as_double(s_.out_width);
    t_.pixel_tiles = as_double(s_.batch) * ranges_ * cuts;
    t_.output_tiles = std::max(1.0, groups_ / ranges_);
    t_.weights_stay = bytes_all_ / ranges_ <= t_.weight_room;
    t_.input_stays = t_.pixel_tiles == 1;
    t_.conv_pixels = pixels_out();
    t_.conv_tile_pixels = rows_ * t_.columns;
    // Of interior cubes rows under two windows come twice; windows reach beyond the first and the last row.
    const double padding = cuts > 1 ? as_double(s_.window.pad_begin[0] + s_.window.pad_end[0]) : 0;
    const double read = (cuts - 1) * in_rows_ + (cuts > 1 ? touched(all_rows - (cuts - 1) * rows_) : in_rows_);
    t_.input_overlap = std::max(in_rows_, read - std::min(padding, tap_extent() - 1)) / height;
  }

  // Columns, groups or the reduction are cut as well.
  void take_cut(const mapping::CubeCut& cut) {
    const mapping::CubeGeometry g(s_, work_, e_);
    const mapping::ReductionPart part = g.part(cut, 0);
    const mapping::CubeGeometry::Axis rows = g.cut(0, cut.rows, part.taps[0]),
                                      columns = g.cut(1, cut.columns, part.taps[1]);
    parts_ = as_double(g.parts(cut));
    outputs_ = std::max<std::int64_t>(1, cut.outputs);  // subgraphs that fit in no way
    group_beats_ = as_double(outputs_ * g.kernel_bytes(part)) / as_double(word_);
    groups_ = as_double(g.kernel_groups(s_.out_channels, outputs_));
    bytes_all_ = as_double(s_.out_channels * g.kernel_bytes(part));
    blocks_ = g.blocks(part);
    ranges_ = as_double(ceil_div(s_.out_channels, cut.outputs_at_once));
    const std::int64_t channels = g.channels_of(cut, cut.outputs_at_once, part);
    channels_ = as_double(channels);
    surfaces_ = words(channels, s_.input_precision);
    rows_ = as_double(cut.rows);
    in_rows_ = as_double(rows.most);
    in_width_ = as_double(columns.most);
    t_.rows = rows_;
    t_.columns = as_double(cut.columns);
    t_.pixel_tiles = as_double(s_.batch * rows.pieces * columns.pieces) * ranges_;
    t_.output_tiles = std::max(1.0, groups_ / ranges_);
    t_.reduction_tiles = parts_;
    t_.weights_stay = bytes_all_ / ranges_ <= t_.weight_room;
    t_.input_stays = false;
    t_.conv_pixels = pixels_out();
    t_.conv_tile_pixels = std::ceil(pixels_out() / as_double(s_.batch * rows.pieces * columns.pieces));
    t_.input_overlap = as_double(rows.all * columns.all) / as_double(s_.in_height * s_.in_width);
  }

  // Input rows that come for so many output rows: all under and between their windows, but not those between the taps
  // of dilated kernels.
  double touched(double rows) const {
    const double range = std::min(as_double(s_.in_height), (rows - 1) * as_double(s_.window.stride[0]) + tap_extent());
    return s_.window.dilation[0] == 1 ? range : std::min(range, rows * taps_inside());
  }
  // Taps of a column that lie on the map at once, and the rows from the first to the last of them.
  double taps_inside() const {
    return as_double(std::min(s_.window.kernel[0], ceil_div(s_.in_height, s_.window.dilation[0])));
  }
  double tap_extent() const { return (taps_inside() - 1) * as_double(s_.window.dilation[0]) + 1; }

  void count_beats() {
    const double word = as_double(word_), tiles = t_.pixel_tiles;
    const double input =
        t_.input_overlap * as_double(s_.batch * s_.in_height * s_.in_width) * ranges_ * surfaces_ * parts_;
    const double weights = bytes_all_ + (s_.bias ? as_double(packed_bytes(s_.out_channels, s_.weight_precision)) : 0);
    const double alignment = as_double(e_.dma.weight_alignment);
    cube_weights_ = std::ceil(weights / ranges_ / alignment) * alignment / word;
    const double group_words = words(outputs_, s_.output_precision);
    // All parts of a reduction but the first add up the partial sums of the part before.
    const double added = (parts_ - 1) * pixels_out() * groups_ * partial_words(outputs_);
    const double operand = added + (s_.operand == FusedOperand::kTensor       ? pixels_out() * groups_ * group_words
                                    : s_.operand == FusedOperand::kPerChannel ? tiles * t_.operand.all_bytes / word
                                                                              : 0);
    const auto flow = [&](TileFlow& f, double times, double transfers, double beats) {
      if (beats <= 0) return;
      f.times = times;
      f.transfers = transfers;
      f.dram_bytes = beats * word;
      f.tile_bytes = f.dram_bytes / transfers;
      f.buffers = 1;
    };
    atom_beats_ = words(e_.array.parallelism_factor, s_.output_precision);
    partial_atom_beats_ = partial_words(e_.array.parallelism_factor);
    const double cubes = tiles * parts_;
    flow(t_.input, 1, cubes, input);
    flow(t_.weights, tiles / ranges_, cubes * t_.output_tiles, cubes * cube_weights_);
    flow(t_.operand, 1, cubes * t_.output_tiles, operand);
    flow(t_.output, 1, cubes * t_.output_tiles,
         pixels_out() * groups_ * (atom_beats_ + (parts_ - 1) * partial_atom_beats_));
    t_.dma_cycles = beat_ * (t_.input.dram_bytes + t_.weights.dram_bytes + t_.operand.dram_bytes) / word;
    t_.peak_bytes =
        std::min(t_.room, in_rows_ * in_width_ * surfaces_ * word) + std::min(t_.weight_room, cube_weights_ * word);
  }

  // Words of one row of all surfaces into the banks' layout: rounds of four surfaces, two fast and two slow ones.
  double unpack_row() const {
    const engine::EngineConfig::Unpacking& u = e_.unpacking;
    if (in_width_ == 1) return surfaces_ * u.column;
    const double whole = std::floor(surfaces_ / 4), rest = surfaces_ - 4 * whole;
    const double fast = 2 * whole + std::min(2.0, rest), slow = surfaces_ - fast;
    return fast * (u.first_pair * in_width_ + as_double(u.row)) + slow * u.second_pair * in_width_;
  }

  // From the first request until the array may start on it, with weights and operands taking turns on the port.
  void time_input() {
    const double width = in_width_ * as_double(std::min<std::int64_t>(e_.dma.fetch_grain, s_.in_height));
    // Requests are cut at their own size and at rows.
    const double row_requests =
        std::fmod(width, request_beats_) == 0 ? width / request_beats_ : 1 + (width - 1) / request_beats_;
    const double request = width / row_requests;
    const double beats = in_rows_ * in_width_ * surfaces_;
    const double weights = std::min(cube_weights_, t_.weight_room / as_double(word_));
    const double lead = std::min(as_double(e_.dma.request_lead) * request_beats_, weights);
    double others = std::min(weights - lead, beats * request_beats_ / request);
    if (s_.operand == FusedOperand::kTensor || parts_ > 1) {
      others += std::min(2 * t_.operand.tile_bytes / as_double(word_), beats / request);
    }
    const double asked = beat_ * (lead + beats + others);
    t_.unpack_cycles = in_rows_ * unpack_row();
    const double fetches = std::ceil(in_rows_ / as_double(e_.dma.fetch_grain));
    const double generated =
        fetches * (as_double(e_.dma.fetch_cycles) +
                   as_double(e_.dma.request_cycles) * surfaces_ *
                       std::ceil(width / std::max(1.0, as_double(e_.dma.fetch_request) / as_double(word_))));
    const double on_chip =
        latency_ + std::max({std::max(beat_ * lead + t_.unpack_cycles, asked) + as_double(e_.unpacking.loaded),
                             asked + as_double(e_.dma.loaded), generated + as_double(e_.dma.loaded)});
    const double first_weights =
        latency_ + beat_ * (group_beats_ + std::min(beats, group_beats_ * request / request_beats_)) + weights_wait();
    load_cycles_ =
        std::max(on_chip + as_double(e_.array.input_to_mac), first_weights) + mapping::first_load_cycles(work_);
  }
  double weights_wait() const { return as_double(e_.dma.loaded + e_.array.weights_to_mac); }

  void time_groups() {
    const auto pixels = static_cast<std::int64_t>(t_.conv_tile_pixels);
    const double group = mapping::group_cycles(work_, pixels, blocks_);
    const double drain = mapping::atom_cycles(work_, e_, pixels);
    const double atom = std::max(drain, atom_beats_ * write_beat_);
    const double partial_atom = std::max(drain, partial_atom_beats_ * write_beat_);
    t_.array_cycles = t_.conv_pixels / t_.conv_tile_pixels * groups_ * parts_ * group;
    t_.post_cycles = t_.conv_pixels * groups_ * (atom + (parts_ - 1) * partial_atom);
    t_.handover_cycles = mapping::handover_cycles(work_, pixels, t_.array_cycles, t_.post_cycles);
    t_.compute_cycles = std::max(t_.array_cycles, t_.post_cycles);
    if (t_.weights_stay) return;
    // A group's weights come in the room that those before it leave, and that only once they are used.
    const double step = t_.compute_cycles / t_.steps();
    const double moving = beat_ * (group_beats_ + t_.operand.tile_bytes / as_double(word_));
    const double over = latency_ + weights_wait() + mapping::first_load_cycles(work_);
    const double fits = t_.weight_room / as_double(word_) / group_beats_;
    const double turn = fits < 2 ? std::max(step, (fits - 1) * moving) + over + (2 - fits) * moving
                                 : std::max({step, moving, (step + over + moving) / std::floor(fits)});
    t_.turn_cycles = turn * t_.steps();
  }

  // Where the array computes on what has come, it begins with the first piece of a cube and ends no sooner than a
  // piece's share of its first group after the last one.
  void overlap_loading() {
    if (!e_.dma.overlap) return;
    const auto pixels = static_cast<std::int64_t>(t_.conv_tile_pixels);
    const std::int64_t reach = (s_.window.kernel[0] - 1) * s_.window.dilation[0] + 1;
    const std::vector<mapping::InputPiece> pieces =
        mapping::input_pieces(static_cast<std::int64_t>(in_rows_), pixels, work_.stripe_pixels, reach);
    const double whole = load_cycles_ - latency_, first = whole * as_double(pieces.front().rows) / in_rows_;
    const double group = t_.compute_cycles / t_.steps();
    const double behind =
        std::max(0.0, whole - first - group * (1 - 1 / as_double(static_cast<std::int64_t>(pieces.size()))));
    load_cycles_ = latency_ + first + behind;
  }

  // The next cube comes into what room this one leaves; the rest of it waits until the array is done with this one.
  double wait_between_cubes() const {
    if (parts_ > 1 || t_.columns < as_double(s_.out_width)) return wait_between_even_cubes();
    const double all = t_.pixel_tiles, cuts = std::ceil(as_double(s_.out_height) / rows_);
    if (all <= 1) return 0;
    // Rows, else channels, are cut into so many; the last piece is what is left.
    const double pieces = cuts > 1 ? cuts : ranges_, ranges = all / pieces;
    const double channels = as_double(s_.in_channels), last_rows = as_double(s_.out_height) - (cuts - 1) * rows_;
    const double last_load = cuts > 1 ? touched(last_rows) / in_rows_ : channels / channels_ - (ranges_ - 1);
    const double last_compute = cuts > 1 ? last_rows / rows_ : last_load;
    const double bytes = in_rows_ * as_double(s_.in_width) * surfaces_ * as_double(word_);
    const double compute = t_.compute_cycles / (ranges * (pieces - 1 + last_compute));
    // Shares of a full cube: what is loaded and computed before, and what is loaded next.
    const auto wait = [&](double loaded, double computed, double next) {
      const double load = load_cycles_ * next;
      const double ahead = std::clamp((t_.room / bytes - loaded) / next, 0.0, 1.0);
      const double rest = ahead < 1 ? as_double(e_.dma.input_release) + load * (1 - ahead) : 0;
      return std::max(as_double(e_.array.pass_gap), rest + std::max(0.0, load * ahead - computed * compute));
    };
    const double inside = pieces > 1 ? (pieces - 2) * wait(1, 1, 1) + wait(1, 1, last_load) : 0;
    return ranges * inside + (ranges - 1) * wait(last_load, last_compute, 1);
  }

  // The same for cubes that are all taken to be as large as the largest. Whole rows come ahead, behind the last weights
  // of the cube at work; a part of a reduction that is a single cube waits until the part before it is written.
  double wait_between_even_cubes() const {
    const double cubes = t_.pixel_tiles * parts_, row_bytes = in_width_ * surfaces_ * as_double(word_);
    const bool in_turn = parts_ > 1 && t_.pixel_tiles == as_double(s_.batch);
    const double beside = std::floor(t_.room / row_bytes) - in_rows_;
    const double ahead = in_turn ? 0 : std::clamp(beside / in_rows_, 0.0, 1.0);
    const double computing =
        t_.compute_cycles / cubes * std::min(1.0, t_.weight_room / (cube_weights_ * as_double(word_)));
    const double rest = ahead < 1 ? as_double(e_.dma.input_release) + load_cycles_ * (1 - ahead) : 0;
    // What of the weights comes neither beside the input nor while the array computes.
    const double reading = beat_ * (cube_weights_ + in_rows_ * in_width_ * surfaces_);
    const double weights = t_.weights_stay ? std::max(0.0, reading - load_cycles_ - t_.compute_cycles / cubes) : 0;
    const double written = in_turn ? begin_ + weights + t_.drain_cycles : 0;
    return (cubes - 1) *
           std::max(as_double(e_.array.pass_gap), rest + written + std::max(0.0, load_cycles_ * ahead - computing));
  }

  void time_whole() {
    overlap_loading();
    t_.fill_cycles = begin_ + load_cycles_;
    t_.drain_cycles = as_double(e_.array.pipeline_latency + e_.memory.latency + e_.post_processing.latency) +
                      t_.handover_cycles + as_double(e_.dram.write_response);
    t_.first_sweep_cycles = wait_between_cubes();
    // What is written takes its turns at a memory that serves one direction at a time.
    if (e_.dram.half_duplex) t_.dma_cycles += beat_ * t_.output.dram_bytes / as_double(word_);
    const double steady = std::max(t_.compute_cycles, t_.turn_cycles);
    const double last_group = t_.compute_cycles / t_.steps();
    const double after_last = begin_ + latency_ + t_.dma_cycles + weights_wait() + mapping::first_load_cycles(work_) +
                              last_group + t_.drain_cycles;
    t_.latency_cycles = std::max(t_.fill_cycles + steady + t_.first_sweep_cycles + t_.drain_cycles, after_last);
  }

  // Off the array nothing lies in the banks: words through the post-processor and back.
  void run_alone() {
    const std::int64_t in_word = std::max<std::int64_t>(1, word_ * 8 / bits(s_.input_precision));
    const std::int64_t in = s_.batch * s_.in_height * s_.in_width * round_up(s_.in_channels, in_word);
    const std::int64_t out = s_.batch * s_.out_height * s_.out_width * round_up(s_.out_channels, in_word);
    const std::int64_t elements = s_.family == SubgraphFamily::kElementwise
                                      ? out * std::max<std::int64_t>(1, s_.inputs - 1)
                                  : s_.family == SubgraphFamily::kNormalization ? s_.sweeps() * in
                                                                                : std::max(in, out);
    const double word = as_double(word_), out_words = pixels_out() * words(s_.out_channels, s_.output_precision);
    t_.rows = as_double(s_.out_height);
    t_.columns = as_double(s_.out_width);
    t_.input.transfers = t_.output.transfers = 1;
    t_.input.dram_bytes =
        as_double(s_.inputs * s_.batch * s_.in_height * s_.in_width) * words(s_.in_channels, s_.input_precision) * word;
    t_.operand.dram_bytes = s_.operand == FusedOperand::kTensor ? out_words * word : t_.operand.all_bytes;
    t_.output.dram_bytes = out_words * word;
    t_.dma_cycles =
        beat_ * (t_.input.dram_bytes + t_.operand.dram_bytes + (e_.dram.half_duplex ? t_.output.dram_bytes : 0)) / word;
    t_.post_cycles = std::max(mapping::post_cycles(s_, e_, elements), out_words * write_beat_);
    t_.compute_cycles = t_.post_cycles;
    const double first = as_double(mapping::alone_latency(s_, e_));
    t_.fill_cycles = begin_ + latency_;
    t_.drain_cycles = as_double(e_.post_processing.latency + e_.dram.write_response);
    t_.latency_cycles = t_.fill_cycles + std::max(first + t_.compute_cycles, t_.dma_cycles) + t_.drain_cycles;
  }

  const SubgraphShape& s_;
  const engine::EngineConfig& e_;
  const mapping::ArrayWork& work_;
  const std::int64_t word_;
  double latency_ = 0, beat_ = 1, write_beat_ = 1, request_beats_ = 1;  // cycles; beats of a whole request
  double begin_ = 0;                                                    // of the first request
  std::int64_t outputs_ = 1;                                            // of a group
  double groups_ = 1, ranges_ = 1;                               // of output channels; of channels that come at once
  double group_beats_ = 0, bytes_all_ = 0, cube_weights_ = 0;    // weights: a group's beats, all bytes, a cube's beats
  double channels_ = 1, surfaces_ = 1, rows_ = 1, in_rows_ = 1;  // of a cube
  double in_width_ = 1;                                          // likewise
  double parts_ = 1;                                             // of the reduction
  std::int64_t blocks_ = 1;                                      // of a part
  double atom_beats_ = 1, partial_atom_beats_ = 1;               // written
  double load_cycles_ = 0;                                       // from the first request to the first MAC
  AnalyticalTile t_;
};

}  // namespace

mapping::AnalyticalTile analytical_stream(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                                          const mapping::ArrayWork& work) {
  return StreamModel(subgraph, engine, work).run();
}

}  // namespace lanewise::estimator
