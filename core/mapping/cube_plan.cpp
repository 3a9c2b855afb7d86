// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/cube_plan.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/cube_cut.hpp"
#include "core/mapping/plan_size.hpp"

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
    const CubeCut cut = cube_cut(s_, work, e_);
    if (!cut.fits) throw InternalError("cubes: '" + subgraph_.name + "' fits, but no cut of it was found");
    const CubeGeometry geometry(s_, work, e_);
    const std::int64_t parts = geometry.parts(cut);
    require_few_steps(geometry, cut);
    plan_.stripe_pixels = work.stripe_pixels;
    plan_.second_stripe = work.second_stripe;
    plan_.tile_columns = cut.columns;
    plan_.tile_out_channels = cut.outputs;
    plan_.tile_in_channels = cut.channels < geometry.depth() ? cut.channels : s_.in_channels;
    plan_.weight_slots = 1;
    plan_.input_slots = 1;
    plan_.operand_slots = s_.operand == FusedOperand::kTensor || parts > 1     ? 2
                          : s_.operand == FusedOperand::kPerChannel || s_.bias ? 1
                                                                               : 0;
    for (std::int64_t image = 0; image < s_.batch; ++image) {
      // Parts outside, so that a cube's partial sums are in memory long before the next part asks for them.
      const std::size_t cubes_before = plan_.cubes.size();
      std::size_t cubes_of_part = 0;
      for (std::int64_t part = 0; part < parts; ++part) {
        reads_partials_ = part > 0;
        writes_partials_ = part + 1 < parts;
        cubes_of_part_ = cubes_of_part;
        for (std::int64_t begin = 0; begin < s_.out_channels; begin += cut.outputs_at_once) {
          add_cubes({begin, std::min(s_.out_channels, begin + cut.outputs_at_once)}, geometry, cut,
                    geometry.part(cut, part), work);
        }
        if (part == 0) cubes_of_part = plan_.cubes.size() - cubes_before;
      }
    }
    std::int64_t weights = 0;
    for (const Cube& cube : plan_.cubes) weights = std::max(weights, cube.weight_beats * word_);
    plan_.peak_sram = Bytes(peak_input_ + std::min(weights, e_.weight_capacity().count()));
  }

  // refusal_of counts the same way, but for layers of few rows that are cut into very many cubes.
  void require_few_steps(const CubeGeometry& geometry, const CubeCut& cut) const {
    const double steps = as_double(s_.batch) * as_double(geometry.parts(cut)) *
                         as_double(ceil_div(s_.out_height, cut.rows)) * as_double(ceil_div(s_.out_width, cut.columns)) *
                         as_double(geometry.kernel_groups(s_.out_channels, cut.outputs));
    if (steps <= as_double(kMostSteps)) return;
    throw Error("engine " + e_.name + ": subgraph '" + subgraph_.name +
                "' is too large to be planned: its plan would have more than " + std::to_string(kMostSteps) + " steps");
  }

  using Channels = SubgraphShape::Range;

  // The cubes of a range of output channels and a part of the reduction, row by row of them.
  void add_cubes(Channels range, const CubeGeometry& geometry, const CubeCut& cut, const ReductionPart& part,
                 const ArrayWork& work) {
    const std::int64_t channels = geometry.channels_of(cut, range.size(), part);
    const std::int64_t surfaces = words_of(channels, s_.input_precision);
    const std::int64_t rows_fit = e_.activation_capacity().count() / (s_.in_width * surfaces * word_);
    const std::int64_t rows = cut.rows_alone ? geometry.rows_that_fit(rows_fit, part.taps[0]) : cut.rows;
    plan_.tile_rows = std::max(plan_.tile_rows, rows);
    // Rows behind the last window come as well, unless there is no room for them.
    const bool whole = rows == s_.out_height && s_.in_height <= rows_fit && cut.rows_alone;
    for (std::int64_t row = 0; row < s_.out_height; row += rows) {
      const std::int64_t row_end = std::min(s_.out_height, row + rows);
      for (std::int64_t column = 0; column < s_.out_width; column += cut.columns) {
        const std::int64_t column_end = std::min(s_.out_width, column + cut.columns);
        Cube cube;
        cube.first_step = plan_.steps.size();
        cube.in_width = cut.columns == s_.out_width && cut.tap_columns == s_.window.kernel[1]
                            ? s_.in_width
                            : geometry.touched(1, column, column_end, part.taps[1]);
        cube.in_rows = whole ? s_.in_height : geometry.touched(0, row, row_end, part.taps[0]);
        cube.surfaces = surfaces;
        cube.out_width = column_end - column;
        cube.out_rows = row_end - row;
        cube.sum_bits = writes_partials_ ? e_.accumulators.bits : bits(s_.output_precision);
        if (reads_partials_) cube.waits_for = plan_.cubes.size() + 1 - cubes_of_part_;
        add_groups(cube, range, channels, geometry, cut, part, work);
        plan_.cubes.push_back(cube);
        peak_input_ = std::max(peak_input_, cube.in_rows * cube.in_width * surfaces * word_);
        const std::int64_t atom_bits = e_.array.parallelism_factor * cube.sum_bits;
        plan_.dram_write += Bytes(cube.out_rows * cube.out_width * static_cast<std::int64_t>(cube.steps) *
                                  ceil_div(ceil_div(atom_bits, 8), word_) * word_);
      }
    }
  }

  void add_groups(Cube& cube, Channels range, std::int64_t in_channels, const CubeGeometry& geometry,
                  const CubeCut& cut, const ReductionPart& part, const ArrayWork& work) {
    const std::int64_t pixels = cube.out_rows * cube.out_width;
    const std::int64_t out_share = s_.out_channels / s_.groups;
    const std::int64_t kernel_bytes = geometry.kernel_bytes(part);
    const std::int64_t plain_bytes =
        std::max<std::int64_t>(1, bytes_of(part.channels.size() * part.tap_count(), s_.weight_precision));
    const std::int64_t macs_per_output = geometry.macs_per_output(part);
    // A group of the convolution that is larger than the array's is cut; smaller ones are taken together.
    const std::int64_t unit = work.input_follows_output && out_share > cut.outputs ? out_share : range.size();
    std::int64_t weight_bytes = 0;
    for (std::int64_t begin = range.begin; begin < range.end; begin += unit) {
      for (std::int64_t at = begin; at < begin + unit; at += cut.outputs) {
        const bool first = plan_.steps.size() == cube.first_step;
        TileStep step;
        step.outputs = step.outputs_per_group = std::min(cut.outputs, begin + unit - at);
        step.groups = 1;
        step.pixels = pixels;
        step.blocks = geometry.blocks(part);
        if (first) {
          step.input_load = {bytes_of(cube.in_rows * cube.in_width * in_channels, s_.input_precision),
                             cube.in_rows * cube.in_width * cube.surfaces * word_};
        }
        step.weight_load.bytes = step.outputs * kernel_bytes;
        step.weight_load.dram_bytes = step.weight_load.bytes;
        step.weight_bytes = step.weight_load.bytes;
        step.weight_last = true;
        step.macs = pixels * step.outputs * macs_per_output;
        step.decoded_weights =
            work.storage.decoded * static_cast<double>(step.outputs * part.channels.size() * part.tap_count());
        step.activation_bytes = plain_bytes * bits(s_.input_precision) / bits(s_.weight_precision);
        add_operands(step, range, first);
        if (reads_partials_) {
          step.operand_load.bytes += ceil_div(pixels * step.outputs * e_.accumulators.bits, 8);
          step.operand_load.dram_bytes += pixels * geometry.partial_words_of(step.outputs) * word_;
        }
        weight_bytes += step.weight_load.bytes;
        plan_.steps.push_back(step);
      }
    }
    cube.steps = plan_.steps.size() - cube.first_step;
    cube.weight_beats = ceil_div(round_up(weight_bytes, e_.dma.weight_alignment.count()), word_);
  }

  // What is added to finished sums. Partial ones leave as they are.
  void add_operands(TileStep& step, Channels range, bool first) const {
    if (writes_partials_) return;
    if (s_.operand == FusedOperand::kTensor) {
      const std::int64_t words = step.pixels * words_of(step.outputs, s_.output_precision);
      step.operand_load = {bytes_of(step.pixels * step.outputs, s_.output_precision), words * word_};
    } else if (s_.operand == FusedOperand::kPerChannel && first) {
      step.operand_load = {s_.operand_bytes().count(), round_up(s_.operand_bytes().count(), word_)};
    }
    if (s_.bias && first) {  // read by the post-processor, like an operand
      const std::int64_t bias = bytes_of(range.size(), s_.weight_precision);
      step.operand_load.bytes += bias;
      step.operand_load.dram_bytes += round_up(bias, word_);
    }
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
    cube.sum_bits = bits(s_.output_precision);
    plan_.cubes.push_back(cube);
  }

  const Subgraph& subgraph_;
  const SubgraphShape& s_;
  const engine::EngineConfig& e_;
  const std::int64_t word_;
  std::int64_t peak_input_ = 0;  // bytes
  // Of the part of the reduction that is being written, and the cubes of each part of an image.
  bool reads_partials_ = false, writes_partials_ = false;
  std::size_t cubes_of_part_ = 0;
  TilePlan plan_;
};

}  // namespace

TilePlan plan_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return CubePlanner(subgraph, engine).plan();
}

}  // namespace lanewise::mapping
