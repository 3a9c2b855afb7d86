// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/cube_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"

namespace lanewise::mapping {
namespace {

class CubePlanner {
 public:
  CubePlanner(const Subgraph& subgraph, const engine::EngineConfig& engine)
      : subgraph_(subgraph), s_(subgraph.shape), e_(engine), word_(engine.dram.word.count()) {}

  TilePlan plan() {
    plan_.streams = true;
    plan_.order = LoopOrder::kPixelsOutside;
    plan_.uses_array = s_.uses_array();
    plan_.activation_banks = e_.memory.activation_banks;
    plan_.weight_banks = e_.memory.weight_banks;
    if (s_.uses_array()) {
      plan_array_subgraph();
    } else {
      plan_alone();
    }
    for (const TileStep& step : plan_.steps) {
      plan_.dram_read += Bytes(step.input_load.dram_bytes + step.operand_load.dram_bytes);
    }
    for (const Cube& cube : plan_.cubes) plan_.dram_read += Bytes(cube.weight_beats * word_);
    return plan_;
  }

 private:
  static std::int64_t bytes_of(std::int64_t elements, Precision precision) {
    return packed_bytes(elements, precision).count();
  }
  std::int64_t words_of(std::int64_t channels, Precision precision) const {
    return ceil_div(bytes_of(channels, precision), word_);
  }

  void plan_array_subgraph() {
    const ArrayWork work = array_work(s_, e_);
    const std::int64_t taps = s_.window.kernel[0] * s_.window.kernel[1];
    const std::int64_t out_share = s_.out_channels / s_.groups, in_share = s_.in_channels / s_.groups;
    const std::int64_t surfaces = words_of(s_.in_channels, s_.input_precision);
    std::int64_t outputs = work.outputs_per_group;
    // Zeros between the small groups that share the lanes are stored like weights.
    const std::int64_t together = s_.groups > 1 && out_share <= outputs ? outputs / out_share * in_share : in_share;
    const std::int64_t kernel_bytes = std::max<std::int64_t>(1, bytes_of(together * taps, s_.weight_precision));
    const std::int64_t room = e_.weight_capacity().count();
    outputs = std::min(outputs, room / kernel_bytes);
    if (outputs == 0) {
      throw Error(
          fmt::format("engine {}: subgraph '{}' ({}) does not fit: one kernel's weights take {} B, the weight "
                      "banks hold {} B",
                      e_.name, subgraph_.name, to_string(s_.family), kernel_bytes, room));
    }
    plan_.stripe_pixels = work.stripe_pixels;
    plan_.second_stripe = work.second_stripe;
    plan_.tile_columns = s_.out_width;
    plan_.tile_out_channels = outputs;
    plan_.tile_in_channels = s_.in_channels;
    plan_.weight_slots = 1;
    plan_.input_slots = 1;
    plan_.operand_slots = s_.operand == FusedOperand::kTensor                  ? 2
                          : s_.operand == FusedOperand::kPerChannel || s_.bias ? 1
                                                                               : 0;

    // Subgraphs whose groups read their own channels alone take in as many groups at a time as fit.
    const std::int64_t group_inputs = work.input_follows_output ? outputs * s_.in_channels / s_.out_channels : 0;
    std::int64_t outputs_at_once = s_.out_channels;
    const std::int64_t room_rows = e_.activation_capacity().count() / (s_.in_width * word_);  // of one surface
    if (group_inputs > 0 && s_.in_height * surfaces > room_rows && out_share <= outputs) {
      const std::int64_t group_surfaces = words_of(group_inputs, s_.input_precision);
      outputs_at_once = outputs * std::max<std::int64_t>(1, room_rows / s_.in_height / group_surfaces);
    }
    for (std::int64_t image = 0; image < s_.batch; ++image) {
      for (std::int64_t begin = 0; begin < s_.out_channels; begin += outputs_at_once) {
        add_cubes({begin, std::min(s_.out_channels, begin + outputs_at_once)}, work, outputs, kernel_bytes,
                  in_share * taps);
      }
    }
    plan_.peak_sram = Bytes(peak_input_ + std::min(plan_.cubes.front().weight_beats * word_, room));
  }

  struct Channels {
    std::int64_t begin = 0, end = 0;
    std::int64_t size() const { return end - begin; }
  };

  // The cubes of a range of output channels: all rows, or as many at a time as fit.
  void add_cubes(Channels range, const ArrayWork& work, std::int64_t outputs, std::int64_t kernel_bytes,
                 std::int64_t macs_per_output) {
    const std::int64_t inputs = range.size() * s_.in_channels / s_.out_channels;
    const std::int64_t channels = range.size() == s_.out_channels ? s_.in_channels : inputs;
    const std::int64_t surfaces = words_of(channels, s_.input_precision);
    const std::int64_t row_bytes = s_.in_width * surfaces * word_;
    const std::int64_t rows_fit = e_.activation_capacity().count() / row_bytes;
    const std::int64_t rows = rows_that_fit(rows_fit);
    plan_.tile_rows = std::max(plan_.tile_rows, rows);
    for (std::int64_t row = 0; row < s_.out_height; row += rows) {
      const std::int64_t end = std::min(s_.out_height, row + rows);
      Cube cube;
      cube.first_step = plan_.steps.size();
      cube.in_width = s_.in_width;
      // Rows behind the last window come as well, unless there is no room for them.
      const bool whole = rows == s_.out_height && s_.in_height <= rows_fit;
      cube.in_rows = whole ? s_.in_height : rows_touched(row, end);
      cube.surfaces = surfaces;
      cube.out_width = s_.out_width;
      cube.out_rows = end - row;
      add_groups(cube, range, channels, work, outputs, kernel_bytes, macs_per_output);
      plan_.cubes.push_back(cube);
      peak_input_ = std::max(peak_input_, cube.in_rows * row_bytes);
      plan_.dram_write += Bytes((end - row) * s_.out_width * static_cast<std::int64_t>(cube.steps) *
                                words_of(e_.array.parallelism_factor, s_.output_precision) * word_);
    }
  }

  // Input rows that come for output rows [begin, end): all between the first and the last that a window lies on, but of
  // dilated kernels only those under a tap, by the loader's line stride.
  std::int64_t rows_touched(std::int64_t begin, std::int64_t end) const {
    const network::Window& w = s_.window;
    if (w.dilation[0] == 1) return s_.input_range(0, begin, end).size();
    std::vector<bool> touched(static_cast<std::size_t>(s_.in_height), false);
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t tap = 0; tap < w.kernel[0]; ++tap) {
        const std::int64_t at = row * w.stride[0] + tap * w.dilation[0] - w.pad_begin[0];
        if (at >= 0 && at < s_.in_height) touched[static_cast<std::size_t>(at)] = true;
      }
    }
    return std::count(touched.begin(), touched.end(), true);
  }

  // The most output rows whose input rows fit.
  std::int64_t rows_that_fit(std::int64_t input_rows) const {
    const auto fits = [&](std::int64_t rows) {
      for (std::int64_t row = 0; row < s_.out_height; row += rows) {
        if (rows_touched(row, std::min(s_.out_height, row + rows)) > input_rows) return false;
      }
      return true;
    };
    const auto tallest = [&] {
      std::int64_t most = 0;
      for (std::int64_t row = 0; row < s_.out_height; ++row) {
        most = std::max(most, rows_touched(row, row + 1));
      }
      return most;
    };
    if (fits(s_.out_height)) return s_.out_height;
    std::int64_t low = 0, high = s_.out_height;  // low fits, high does not
    while (high - low > 1) {
      const std::int64_t middle = (low + high) / 2;
      (fits(middle) ? low : high) = middle;
    }
    if (low == 0) {
      throw Error(
          fmt::format("engine {}: subgraph '{}' ({}) does not fit: the {} input rows of one output row do not "
                      "fit the activation banks, which hold {}",
                      e_.name, subgraph_.name, to_string(s_.family), tallest(), input_rows));
    }
    return low;
  }

  void add_groups(Cube& cube, Channels range, std::int64_t in_channels, const ArrayWork& work, std::int64_t outputs,
                  std::int64_t kernel_bytes, std::int64_t macs_per_output) {
    const std::int64_t pixels = cube.out_rows * cube.out_width;
    const std::int64_t out_share = s_.out_channels / s_.groups;
    // A group of the convolution that is larger than the array's is cut; smaller ones are taken together.
    const std::int64_t unit = work.input_follows_output && out_share > outputs ? out_share : range.size();
    std::int64_t weight_bytes = 0;
    for (std::int64_t begin = range.begin; begin < range.end; begin += unit) {
      for (std::int64_t at = begin; at < begin + unit; at += outputs) {
        const bool first = plan_.steps.size() == cube.first_step;
        TileStep step;
        step.outputs = step.outputs_per_group = std::min(outputs, begin + unit - at);
        step.groups = 1;
        step.pixels = pixels;
        step.blocks = work.blocks;
        if (first) {
          step.input_load = {bytes_of(cube.in_rows * cube.in_width * in_channels, s_.input_precision),
                             cube.in_rows * cube.in_width * cube.surfaces * word_};
        }
        step.weight_load.bytes = step.outputs * kernel_bytes;
        step.weight_load.dram_bytes = step.weight_load.bytes;
        step.weight_bytes = step.weight_load.bytes;
        step.weight_last = true;
        step.macs = pixels * step.outputs * macs_per_output;
        step.activation_bytes = kernel_bytes * bits(s_.input_precision) / bits(s_.weight_precision);
        if (s_.operand == FusedOperand::kTensor) {
          const std::int64_t words = pixels * words_of(step.outputs, s_.output_precision);
          step.operand_load = {bytes_of(pixels * step.outputs, s_.output_precision), words * word_};
        } else if (s_.operand == FusedOperand::kPerChannel && first) {
          step.operand_load = {s_.operand_bytes().count(), round_up(s_.operand_bytes().count(), word_)};
        }
        if (s_.bias && first) {  // read by the post-processor, like an operand
          const std::int64_t bias = bytes_of(range.size(), s_.weight_precision);
          step.operand_load.bytes += bias;
          step.operand_load.dram_bytes += round_up(bias, word_);
        }
        weight_bytes += step.weight_load.bytes;
        plan_.steps.push_back(step);
      }
    }
    cube.steps = plan_.steps.size() - cube.first_step;
    cube.weight_beats = ceil_div(round_up(weight_bytes, e_.dma.weight_alignment.count()), word_);
  }

  // Straight from memory through the post-processor and back.
  void plan_alone() {
    const std::int64_t word_elements = std::max<std::int64_t>(1, word_ * 8 / bits(s_.input_precision));
    const auto padded = [&](std::int64_t channels) { return round_up(channels, word_elements); };
    const std::int64_t in = s_.batch * s_.in_height * s_.in_width * padded(s_.in_channels);
    const std::int64_t out = s_.batch * s_.out_height * s_.out_width * padded(s_.out_channels);
    const std::int64_t out_words =
        s_.batch * s_.out_height * s_.out_width * words_of(s_.out_channels, s_.output_precision);
    TileStep step;
    step.post_elements = s_.family == SubgraphFamily::kElementwise     ? out * std::max<std::int64_t>(1, s_.inputs - 1)
                         : s_.family == SubgraphFamily::kNormalization ? s_.sweeps() * in
                                                                       : std::max(in, out);
    const std::int64_t operand_words =
        s_.operand == FusedOperand::kTensor ? out_words : ceil_div(s_.operand_bytes().count(), word_);
    const std::int64_t words =
        s_.inputs * s_.batch * s_.in_height * s_.in_width * words_of(s_.in_channels, s_.input_precision) +
        operand_words;
    step.input_load = {s_.input_bytes().count() + s_.operand_bytes().count(), words * word_};
    step.post_write_bytes = out_words * word_;
    plan_.tile_rows = s_.out_height;
    plan_.tile_columns = s_.out_width;
    plan_.tile_out_channels = s_.out_channels;
    plan_.tile_in_channels = s_.in_channels;
    plan_.dram_write += Bytes(out_words * word_);
    plan_.steps.push_back(step);
    Cube cube;
    cube.steps = 1;
    cube.in_width = s_.in_width;
    cube.in_rows = s_.in_height;
    cube.surfaces = ceil_div(words, s_.in_width * s_.in_height);
    cube.out_width = s_.out_width;
    cube.out_rows = s_.out_height;
    plan_.cubes.push_back(cube);
  }

  const Subgraph& subgraph_;
  const SubgraphShape& s_;
  const engine::EngineConfig& e_;
  const std::int64_t word_;
  std::int64_t peak_input_ = 0;  // bytes
  TilePlan plan_;
};

}  // namespace

TilePlan plan_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return CubePlanner(subgraph, engine).plan();
}

}  // namespace lanewise::mapping
