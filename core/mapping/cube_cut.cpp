// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/cube_cut.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace lanewise::mapping {
namespace {

// Cuts within this factor of the fastest count as equally fast, as tile plans do: the count is no closer than that.
constexpr double kAsGood = 1.02;

// The sizes of n cut into 1, 2, 3, 4, 6, 8 … equal pieces, in multiples of a unit, without repeats, largest first.
std::vector<std::int64_t> shares(std::int64_t n, std::int64_t unit) {
  std::vector<std::int64_t> sizes;
  const auto add = [&](std::int64_t pieces) {
    const std::int64_t size = std::min(n, round_up(ceil_div(n, pieces), unit));
    if (sizes.empty() || size < sizes.back()) sizes.push_back(size);
  };
  add(1);
  for (std::int64_t base = 2; base / 2 <= n; base *= 2) {
    add(base);
    add(base / 2 * 3);
  }
  return sizes;
}

class CutSearch {
 public:
  CutSearch(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine)
      : s_(shape), work_(work), e_(engine), g_(shape, work, engine), word_(engine.dram.word.count()) {
    // A word takes as long as the slowest of the port, the memory and the limit on what is under way (Little's law).
    read_word_ =
        std::max(as_double(word_) / e_.dram_bandwidth().count(),
                 as_double(e_.dram_latency() + e_.dram.outstanding_return) / as_double(e_.dram.outstanding_beats));
    const double request_words = std::max(1.0, as_double(e_.dram.burst) / as_double(word_));
    write_word_ = std::max(as_double(word_) / e_.dram_write_bandwidth().count(),
                           as_double(e_.dram.write_request_interval) / request_words);
  }

  CubeCut run() {
    if (cut_by_rows()) return best_;
    best_.rows_alone = false;
    cut_all_axes([&](std::int64_t channels, std::int64_t rows, std::int64_t columns) {
      consider(channels, rows, columns);
      return !candidates_.empty();
    });
    best_.fits = !candidates_.empty();
    if (best_.fits) best_ = best_candidate();
    return best_;
  }

  // Whether run() would find a cut that fits. The smallest cubes say so: those of one row, else of one pixel.
  bool fits() {
    CubeCut cut = uncut();
    if (choose_outputs(cut) && rows_have_room(cut)) return true;
    bool found = false;
    cut_all_axes([&](std::int64_t channels, std::int64_t rows, std::int64_t columns) {
      if (found) return true;
      CubeCut smallest = part_of(channels, rows, columns);
      return found = choose_outputs_of_part(smallest) && pixel_has_room(smallest);
    });
    return found;
  }

 private:
  struct Cost {
    double cycles = 0, words = 0;  // words of the port, read and written
  };
  struct Candidate {
    CubeCut cut;
    Cost cost;
  };
  std::int64_t capacity() const { return e_.activation_capacity().count(); }
  bool follows() const { return work_.input_follows_output; }
  CubeCut uncut() const {
    CubeCut cut;
    cut.outputs = work_.outputs_per_group;
    cut.outputs_at_once = s_.out_channels;
    cut.rows = s_.out_height;
    cut.columns = s_.out_width;
    cut.channels = g_.depth();
    cut.tap_rows = s_.window.kernel[0];
    cut.tap_columns = s_.window.kernel[1];
    return cut;
  }

  // Tries parts of the reduction until one fits, which `try_part` says: all shares of the channels under the whole
  // kernel. Where one block of channels under all taps is too much, fewer taps at a time, then blocks that are not
  // full.
  template <class TryPart>
  void cut_all_axes(const TryPart& try_part) const {
    bool fits = false;
    const std::vector<std::int64_t> channels = channel_shares();
    for (const std::int64_t share : channels) fits = try_part(share, s_.window.kernel[0], s_.window.kernel[1]);
    const std::int64_t block = channels.back();
    if (!fits) {
      for (const std::int64_t rows : shares(s_.window.kernel[0], 1)) fits = try_part(block, rows, s_.window.kernel[1]);
    }
    if (!fits) {
      for (const std::int64_t columns : shares(s_.window.kernel[1], 1)) fits = try_part(block, 1, columns);
    }
    if (!fits && cuts_channels()) {
      for (const std::int64_t share : shares(block, word_channels())) try_part(share, 1, 1);
    }
  }

  // Whole rows of all channels, or of as many small groups as fit.
  bool cut_by_rows() {
    CubeCut cut = uncut();
    if (!choose_outputs(cut) || !rows_have_room(cut)) return false;
    const std::int64_t range = std::min(s_.out_channels, cut.outputs_at_once);
    cut.rows = g_.rows_that_fit(rows_in_banks(range), g_.all_taps(0));
    best_ = cut;
    return true;
  }

  // Input rows of what so many output channels read that the banks hold.
  std::int64_t rows_in_banks(std::int64_t range) const {
    return capacity() / (s_.in_width * g_.words_of(g_.inputs_of(range), s_.input_precision) * word_);
  }

  // Output channels of a cube of whole rows. False where not even one kernel's weights have room.
  bool choose_outputs(CubeCut& cut) const {
    cut.outputs = std::min(cut.outputs, e_.weight_capacity().count() / g_.kernel_bytes(g_.part(cut, 0)));
    if (cut.outputs == 0) return false;
    const std::int64_t out_share = s_.out_channels / s_.groups;
    const std::int64_t group_inputs = follows() ? cut.outputs * s_.in_channels / s_.out_channels : 0;
    const std::int64_t surface_rows = capacity() / (s_.in_width * word_);
    if (group_inputs > 0 && s_.in_height * g_.words_of(s_.in_channels, s_.input_precision) > surface_rows &&
        out_share <= cut.outputs) {
      const std::int64_t words = g_.words_of(group_inputs, s_.input_precision);
      cut.outputs_at_once = cut.outputs * std::max<std::int64_t>(1, surface_rows / s_.in_height / words);
    }
    return true;
  }

  // Whether the inputs of each output row have room, of all ranges of output channels.
  bool rows_have_room(const CubeCut& cut) const {
    const std::int64_t last = s_.out_channels % cut.outputs_at_once;
    return row_has_room(rows_in_banks(std::min(s_.out_channels, cut.outputs_at_once))) &&
           (last == 0 || row_has_room(rows_in_banks(last)));
  }
  bool row_has_room(std::int64_t rows) const {
    return g_.most_of_one(0, g_.all_taps(0)) <= rows || g_.cut(0, 1, g_.all_taps(0)).most <= rows;
  }

  // Small groups that share the lanes are one block.
  bool cuts_channels() const { return g_.depth() == s_.in_channels / s_.groups && g_.depth() > 1; }
  std::int64_t word_channels() const { return std::max<std::int64_t>(1, word_ * 8 / bits(s_.input_precision)); }
  // Input channels of a part: whole blocks and whole words.
  std::vector<std::int64_t> channel_shares() const {
    if (!cuts_channels()) return {g_.depth()};
    return shares(g_.depth(), std::lcm(work_.block_channels, word_channels()));
  }

  CubeCut part_of(std::int64_t channels, std::int64_t tap_rows, std::int64_t tap_columns) const {
    CubeCut cut = uncut();
    cut.rows_alone = false;
    cut.channels = channels;
    cut.tap_rows = tap_rows;
    cut.tap_columns = tap_columns;
    return cut;
  }

  // Output channels of a cube of a part of the reduction. False where not even one kernel's weights have room.
  bool choose_outputs_of_part(CubeCut& cut) const {
    cut.outputs = std::min(cut.outputs, e_.weight_capacity().count() / g_.kernel_bytes(g_.part(cut, 0)));
    if (cut.outputs == 0) return false;
    const std::int64_t out_share = s_.out_channels / s_.groups;
    if (follows() && cut.outputs > out_share) cut.outputs -= cut.outputs % out_share;
    cut.outputs_at_once = g_.unit(cut.outputs);
    return true;
  }

  // Whether the inputs of each output pixel have room.
  bool pixel_has_room(const CubeCut& cut) const {
    const ReductionPart part = g_.part(cut, 0);
    const std::int64_t pixels = capacity() / (words_per_pixel(cut, part) * word_);
    return g_.most_of_one(0, part.taps[0]) * g_.most_of_one(1, part.taps[1]) <= pixels ||
           g_.cut(0, 1, part.taps[0]).most * g_.cut(1, 1, part.taps[1]).most <= pixels;
  }

  void consider(std::int64_t channels, std::int64_t tap_rows, std::int64_t tap_columns) {
    CubeCut cut = part_of(channels, tap_rows, tap_columns);
    if (!choose_outputs_of_part(cut)) return;
    const std::int64_t unit = cut.outputs_at_once;
    consider_pixels(cut);
    if (unit == s_.out_channels || g_.parts(cut) > 1) return;
    const std::int64_t unit_bytes =
        s_.in_height * s_.in_width * g_.words_of(g_.inputs_of(unit), s_.input_precision) * word_;
    const std::int64_t units = capacity() / unit_bytes;
    if (units < 2) return;
    cut.outputs_at_once = std::min(s_.out_channels, units * unit);
    consider_pixels(cut);
  }

  // Tiles of pixels for which there is room, and such that leave room for the cube behind.
  void consider_pixels(CubeCut cut) {
    const ReductionPart part = g_.part(cut, 0);
    const std::int64_t pixel_bytes = words_per_pixel(cut, part) * word_;
    const std::size_t before = candidates_.size();
    for (const std::int64_t room : {capacity(), capacity() / 2}) {
      const std::int64_t pixels = room / pixel_bytes;
      const std::int64_t tallest = g_.cut(0, 1, part.taps[0]).most;
      std::int64_t low = 0, high = s_.out_width + 1;  // columns: low fit, high do not
      while (high - low > 1) {
        const std::int64_t middle = (low + high) / 2;
        (g_.cut(1, middle, part.taps[1]).most * tallest <= pixels ? low : high) = middle;
      }
      if (low == 0) continue;
      const std::int64_t fewest = ceil_div(s_.out_width, low);
      for (const std::int64_t times : {1, 2, 3, 4}) {
        cut.columns = ceil_div(s_.out_width, std::min(s_.out_width, fewest * times));
        cut.rows = g_.rows_that_fit(pixels / g_.cut(1, cut.columns, part.taps[1]).most, part.taps[0]);
        if (cut.rows > 0) candidates_.push_back({cut, cost_of(cut, part)});
      }
    }
    // Where padding makes some narrow tiles read more than wider ones, single columns may fit alone.
    if (candidates_.size() > before || !pixel_has_room(cut)) return;
    cut.columns = 1;
    cut.rows = g_.rows_that_fit(capacity() / pixel_bytes / g_.cut(1, 1, part.taps[1]).most, part.taps[0]);
    candidates_.push_back({cut, cost_of(cut, part)});
  }

  std::int64_t words_per_pixel(const CubeCut& cut, const ReductionPart& part) const {
    return g_.words_of(g_.channels_of(cut, cut.outputs_at_once, part), s_.input_precision);
  }

  // Of those that are about as fast as the fastest, the one that moves the least.
  CubeCut best_candidate() const {
    const auto faster = [](const Candidate& a, const Candidate& b) { return a.cost.cycles < b.cost.cycles; };
    auto best = std::min_element(candidates_.begin(), candidates_.end(), faster);
    const double limit = kAsGood * best->cost.cycles;
    for (auto at = candidates_.begin(); at != candidates_.end(); ++at) {
      if (at->cost.cycles <= limit && at->cost.words < best->cost.words) best = at;
    }
    return best->cut;
  }

  // What the cubes take if all parts are like the first: the longest of reading, computing and writing, and what of the
  // next cube has no room beside the one at work. A part that is a single cube waits for the one before it to be done.
  Cost cost_of(const CubeCut& cut, const ReductionPart& part) const {
    const CubeGeometry::Axis rows = g_.cut(0, cut.rows, part.taps[0]), columns = g_.cut(1, cut.columns, part.taps[1]);
    const double parts = as_double(g_.parts(cut)), ranges = as_double(ceil_div(s_.out_channels, cut.outputs_at_once));
    const double tiles = as_double(s_.batch * rows.pieces * columns.pieces), cubes = tiles * ranges * parts;
    const double pixels = as_double(s_.batch * s_.out_height * s_.out_width);
    const double groups = as_double(g_.kernel_groups(s_.out_channels, cut.outputs));
    const double partials = (parts - 1) * pixels * groups;
    const double input = as_double(s_.batch * rows.all * columns.all * words_per_pixel(cut, part)) * ranges * parts;
    const double weights = tiles * parts * as_double(s_.out_channels * g_.kernel_bytes(part)) / as_double(word_);
    const double read = input + weights + partials * as_double(g_.partial_words_of(cut.outputs)) +
                        (s_.operand == FusedOperand::kTensor
                             ? pixels * groups * as_double(g_.words_of(cut.outputs, s_.output_precision))
                             : 0);
    const std::int64_t dots = e_.array.parallelism_factor;
    const double written = pixels * groups * as_double(g_.words_of(dots, s_.output_precision)) +
                           partials * as_double(g_.partial_words_of(dots));
    const double array =
        tiles * parts * groups *
        group_cycles(work_, ceil_div(s_.out_height * s_.out_width, rows.pieces * columns.pieces), g_.blocks(part));
    const double post = pixels * groups * parts * as_double(work_.atom_cycles);
    const double compute = std::max({array, post, written * write_word_});
    const std::int64_t row_bytes = columns.most * words_per_pixel(cut, part) * word_;
    const std::int64_t rows_beside = (capacity() - rows.most * row_bytes) / row_bytes;  // whole rows come ahead
    const double load = input / cubes * read_word_ + as_double(e_.dram_latency() + e_.array.input_to_mac);
    const bool in_turn = parts > 1 && tiles * ranges == as_double(s_.batch);
    const double ahead = in_turn ? 0 : std::min(1.0, as_double(rows_beside) / as_double(rows.most));
    // The next input follows the last weights of this cube, which come no further ahead than the banks reach.
    const double weight_share = as_double(e_.weight_capacity()) * cubes / (weights * as_double(word_));
    const double beside = compute / cubes * std::min(1.0, weight_share);
    const double wait = load * (1 - ahead) + std::max(0.0, load * ahead - beside);
    // Nothing of a part that waits is loaded or programmed ahead.
    const double start = as_double(e_.command.per_pass + e_.dma.start + e_.post_processing.latency);
    const double apart = in_turn ? start + std::max(0.0, (read * read_word_ - compute) / cubes) : 0;
    return {std::max(read * read_word_, compute + cubes * (wait + apart + as_double(e_.array.pass_gap))),
            read + written};
  }

  const SubgraphShape& s_;
  const ArrayWork& work_;
  const engine::EngineConfig& e_;
  const CubeGeometry g_;
  const std::int64_t word_;
  double read_word_ = 1, write_word_ = 1;  // cycles
  std::vector<Candidate> candidates_;
  CubeCut best_;
};

}  // namespace

std::vector<InputPiece> input_pieces(std::int64_t in_rows, std::int64_t pixels, std::int64_t stripe_pixels,
                                     std::int64_t kernel_reach) {
  const std::int64_t count = std::max<std::int64_t>(
      1, std::min({pixels / std::max<std::int64_t>(1, stripe_pixels), in_rows, kMostInputPieces}));
  std::vector<InputPiece> pieces;
  for (std::int64_t i = 1; i < count; ++i) {
    const std::int64_t rows = ceil_div(in_rows * i, count) + kernel_reach - 1;
    if (rows >= in_rows) break;
    pieces.push_back({rows, pixels * i / count});
  }
  pieces.push_back({in_rows, pixels});
  return pieces;
}

CubeGeometry::CubeGeometry(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine)
    : shape_(shape), work_(work), engine_(engine), word_(engine.dram.word.count()) {
  const std::int64_t out_share = shape.out_channels / shape.groups;
  depth_ = shape.in_channels / shape.groups;
  if (shape.groups > 1 && out_share <= work.outputs_per_group) depth_ *= work.outputs_per_group / out_share;
}

std::int64_t CubeGeometry::words_of(std::int64_t channels, Precision precision) const {
  return ceil_div(packed_bytes(channels, precision).count(), word_);
}

std::int64_t CubeGeometry::partial_words_of(std::int64_t outputs) const {
  return ceil_div(ceil_div(outputs * engine_.accumulators.bits, 8), word_);
}

std::int64_t CubeGeometry::touched(int axis, std::int64_t begin, std::int64_t end, SubgraphShape::Range taps) const {
  const network::Window& w = shape_.window;
  const std::int64_t limit = axis == 0 ? shape_.in_height : shape_.in_width;
  const bool all = taps.begin == 0 && taps.end == w.kernel[axis];
  const bool skips = axis == 0 && w.dilation[axis] > 1;
  if (all && !skips) return shape_.input_range(axis, begin, end).size();
  const SubgraphShape::Range conv = shape_.conv_range(axis, begin, end);
  if (!skips) {
    const std::int64_t first = conv.begin * w.stride[axis] + taps.begin * w.dilation[axis] - w.pad_begin[axis];
    const std::int64_t last =
        (conv.end - 1) * w.stride[axis] + (taps.end - 1) * w.dilation[axis] - w.pad_begin[axis] + 1;
    const std::int64_t low = std::clamp<std::int64_t>(first, 0, limit - 1);
    return std::clamp<std::int64_t>(last, low + 1, limit) - low;
  }
  std::vector<bool> under(static_cast<std::size_t>(limit), false);
  for (std::int64_t row = conv.begin; row < conv.end; ++row) {
    for (std::int64_t tap = taps.begin; tap < taps.end; ++tap) {
      const std::int64_t at = row * w.stride[axis] + tap * w.dilation[axis] - w.pad_begin[axis];
      if (at >= 0 && at < limit) under[static_cast<std::size_t>(at)] = true;
    }
  }
  return std::max<std::int64_t>(1, std::count(under.begin(), under.end(), true));
}

std::int64_t CubeGeometry::most_of_one(int axis, SubgraphShape::Range taps) const {
  const network::Window& w = shape_.window;
  const std::int64_t conv = shape_.pooled ? (shape_.pool.kernel[axis] - 1) * shape_.pool.dilation[axis] + 1 : 1;
  const std::int64_t extent = (conv - 1) * w.stride[axis] + (taps.size() - 1) * w.dilation[axis] + 1;
  return std::min(extent, axis == 0 ? shape_.in_height : shape_.in_width);
}

CubeGeometry::Axis CubeGeometry::cut(int axis, std::int64_t size, SubgraphShape::Range taps) const {
  const std::int64_t outputs = axis == 0 ? shape_.out_height : shape_.out_width;
  Axis sum;
  for (std::int64_t begin = 0; begin < outputs; begin += size) {
    const std::int64_t in = touched(axis, begin, std::min(outputs, begin + size), taps);
    ++sum.pieces;
    sum.most = std::max(sum.most, in);
    sum.all += in;
  }
  return sum;
}

std::int64_t CubeGeometry::rows_that_fit(std::int64_t most, SubgraphShape::Range taps) const {
  const auto fit = [&](std::int64_t rows) {
    for (std::int64_t row = 0; row < shape_.out_height; row += rows) {
      if (touched(0, row, std::min(shape_.out_height, row + rows), taps) > most) return false;
    }
    return true;
  };
  if (fit(shape_.out_height)) return shape_.out_height;
  std::int64_t low = 0, high = shape_.out_height;  // low fits, high does not
  while (high - low > 1) {
    const std::int64_t middle = (low + high) / 2;
    (fit(middle) ? low : high) = middle;
  }
  return low;
}

std::int64_t CubeGeometry::kernel_bytes(const ReductionPart& part) const {
  return std::max<std::int64_t>(
      1, work_.storage.onchip_bytes(part.channels.size() * part.tap_count(), 0, shape_.weight_precision));
}

std::int64_t CubeGeometry::blocks(const ReductionPart& part) const {
  const bool native = shape_.groups > 1 && shape_.in_channels == shape_.groups &&
                      engine_.array.depthwise == engine::DepthwiseMapping::kNative;
  const std::int64_t taps_at_once = engine_.array.taps_at_once;
  if (native) return ceil_div(part.tap_count(), taps_at_once > 1 ? taps_at_once : engine_.array.dot_product_lanes);
  return ceil_div(part.tap_count(), taps_at_once) * ceil_div(part.channels.size(), work_.block_channels);
}

std::int64_t CubeGeometry::inputs_of(std::int64_t outputs) const {
  return outputs == shape_.out_channels ? shape_.in_channels : outputs * shape_.in_channels / shape_.out_channels;
}

std::int64_t CubeGeometry::channels_of(const CubeCut& cut, std::int64_t outputs, const ReductionPart& part) const {
  return cut.channels < depth_ ? part.channels.size() : inputs_of(outputs);
}

std::int64_t CubeGeometry::unit(std::int64_t outputs) const {
  if (!work_.input_follows_output) return shape_.out_channels;
  const std::int64_t out_share = shape_.out_channels / shape_.groups;
  return out_share > outputs ? out_share : outputs;
}

std::int64_t CubeGeometry::kernel_groups(std::int64_t range, std::int64_t outputs) const {
  const std::int64_t out_share = shape_.out_channels / shape_.groups;
  return work_.input_follows_output && out_share > outputs ? range / out_share * ceil_div(out_share, outputs)
                                                           : ceil_div(range, outputs);
}

std::int64_t CubeGeometry::macs_per_output(const ReductionPart& part) const {
  return shape_.in_channels / shape_.groups * part.channels.size() / depth_ * part.tap_count();
}

std::int64_t CubeGeometry::parts(const CubeCut& cut) const {
  return ceil_div(depth_, cut.channels) * ceil_div(shape_.window.kernel[0], cut.tap_rows) *
         ceil_div(shape_.window.kernel[1], cut.tap_columns);
}

ReductionPart CubeGeometry::part(const CubeCut& cut, std::int64_t index) const {
  const auto piece = [&](std::int64_t all, std::int64_t size) {
    const std::int64_t pieces = ceil_div(all, size), begin = index % pieces * size;
    index /= pieces;
    return SubgraphShape::Range{begin, std::min(all, begin + size)};
  };
  ReductionPart part;
  part.taps[1] = piece(shape_.window.kernel[1], cut.tap_columns);
  part.taps[0] = piece(shape_.window.kernel[0], cut.tap_rows);
  part.channels = piece(depth_, cut.channels);
  return part;
}

CubeCut cube_cut(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine) {
  return CutSearch(shape, work, engine).run();
}

bool cube_fits(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine) {
  return CutSearch(shape, work, engine).fits();
}

}  // namespace lanewise::mapping
