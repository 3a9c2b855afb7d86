// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/row_stripes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/random.hpp"

namespace lanewise::mapping {
namespace {

using Range = SubgraphShape::Range;

network::Window random_window(Random& random) {
  network::Window window;
  for (int axis = 0; axis < 2; ++axis) {
    window.kernel[axis] = random.between(1, 5);
    window.stride[axis] = random.between(1, 3);
    window.dilation[axis] = random.between(1, 2);
    const std::int64_t extent = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
    window.pad_begin[axis] = random.between(0, extent / 2);
    window.pad_end[axis] = random.between(0, extent / 2);
  }
  return window;
}

// Outputs of a window over `inputs`; less than 1 where it finds no room.
std::int64_t outputs_of(const network::Window& window, int axis, std::int64_t inputs) {
  const std::int64_t extent = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
  const std::int64_t room = inputs + window.pad_begin[axis] + window.pad_end[axis] - extent;
  return room < 0 ? 0 : room / window.stride[axis] + 1;
}

// A shape that reads `in`, or one without outputs where its window finds no room.
SubgraphShape random_shape(const SubgraphShape& in, Random& random) {
  SubgraphShape shape;
  shape.in_channels = in.out_channels;
  shape.in_height = in.out_height;
  shape.in_width = in.out_width;
  shape.out_channels = random.between(1, 8);
  switch (random.below(4)) {
    case 0:
      shape.family = SubgraphFamily::kElementwise;
      shape.out_channels = shape.in_channels;
      shape.out_height = shape.in_height;
      shape.out_width = shape.in_width;
      return shape;
    case 1:
      shape.family = SubgraphFamily::kDepthwise;
      shape.out_channels = shape.groups = shape.in_channels;
      break;
    case 2:
      shape.family = SubgraphFamily::kPooling;
      shape.out_channels = shape.in_channels;
      break;
    default:
      shape.family = SubgraphFamily::kConvolution;
  }
  shape.window = random_window(random);
  std::int64_t size[2] = {outputs_of(shape.window, 0, shape.in_height), outputs_of(shape.window, 1, shape.in_width)};
  shape.pooled = shape.family == SubgraphFamily::kConvolution && random.chance(0.3);
  if (shape.pooled) {
    shape.pool = random_window(random);
    for (int axis = 0; axis < 2; ++axis) {
      std::int64_t& outputs = size[axis];
      outputs = outputs < 1 ? 0 : outputs_of(shape.pool, axis, outputs);
    }
  }
  shape.out_height = size[0];
  shape.out_width = size[1];
  return shape;
}

std::vector<SubgraphShape> random_chain(Random& random) {
  std::vector<SubgraphShape> chain;
  SubgraphShape before;
  before.out_channels = random.between(1, 8);
  before.out_height = before.out_width = random.between(4, 60);
  const std::int64_t length = random.between(2, 5);
  while (static_cast<std::int64_t>(chain.size()) < length) {
    const SubgraphShape shape = random_shape(before, random);
    if (shape.out_height < 1 || shape.out_width < 1) break;
    chain.push_back(shape);
    before = shape;
  }
  return chain;
}

template <class Check>
int for_random_cuts(int count, Check check) {
  Random random(31);
  int cut = 0;
  for (int i = 0; i < count; ++i) {
    const std::vector<SubgraphShape> chain = random_chain(random);
    if (chain.size() < 2) continue;
    std::vector<const SubgraphShape*> shapes;
    for (const SubgraphShape& shape : chain) shapes.push_back(&shape);
    const Halo halo = random.chance(0.5) ? Halo::kKept : Halo::kRecomputed;
    check(shapes, halo, cut_rows(shapes, random.between(1, chain.back().out_height), halo));
    ++cut;
  }
  return cut;
}

// Where a tap of an output row reads: a row of the whole map, or -1 for padding.
std::int64_t row_read(const network::Window& window, std::int64_t output, std::int64_t tap, std::int64_t rows) {
  const std::int64_t row = output * window.stride[0] - window.pad_begin[0] + tap * window.dilation[0];
  return row < 0 || row >= rows ? -1 : row;
}

void expect_same_taps(const network::Window& whole, std::int64_t rows, const network::Window& part,
                      const Range& computed, const Range& read) {
  for (std::int64_t output = computed.begin; output < computed.end; ++output) {
    for (std::int64_t tap = 0; tap < whole.kernel[0]; ++tap) {
      const std::int64_t local = row_read(part, output - computed.begin, tap, read.size());
      EXPECT_EQ(local < 0 ? -1 : local + read.begin, row_read(whole, output, tap, rows))
          << "output row " << output << ", tap " << tap;
    }
  }
}

TEST(RowStripes, every_tap_of_a_part_reads_what_it_reads_in_the_whole_map) {
  const int cuts = for_random_cuts(2000, [](const auto& chain, Halo, const RowStripes& cut) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const SubgraphShape& whole = *chain[i];
      for (const Range& rows : cut.rows[i]) {
        if (rows.size() == 0) continue;
        const SubgraphShape part = rows_of(whole, rows.begin, rows.end);
        const Range read = whole.input_range(0, rows.begin, rows.end), conv = whole.conv_range(0, rows.begin, rows.end);
        EXPECT_EQ(part.in_height, read.size());
        EXPECT_EQ(part.out_height, rows.size());
        EXPECT_EQ(part.input_range(0, 0, part.out_height).size(), part.in_height);
        if (whole.family == SubgraphFamily::kElementwise) continue;
        EXPECT_EQ(part.conv_range(0, 0, part.out_height).size(), conv.size());
        if (whole.pooled) expect_same_taps(whole.pool, whole.conv_height(), part.pool, rows, conv);
        expect_same_taps(whole.window, whole.in_height, part.window, conv, read);
      }
    }
  });
  EXPECT_GE(cuts, 1000);
}

TEST(RowStripes, each_output_row_is_computed_once_and_kept_rows_before_the_output_too) {
  for_random_cuts(2000, [](const auto& chain, Halo halo, const RowStripes& cut) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (halo == Halo::kRecomputed && i + 1 < chain.size()) continue;
      std::int64_t next = 0, macs = 0;
      for (const Range& rows : cut.rows[i]) {
        EXPECT_EQ(rows.begin, next);
        next = rows.end;
        if (rows.size() > 0) macs += rows_of(*chain[i], rows.begin, rows.end).macs();
      }
      EXPECT_EQ(next, chain[i]->out_height);
      // A fused pooling computes the rows that two of its windows share again, as it does between tiles.
      if (!chain[i]->pooled) {
        EXPECT_EQ(macs, chain[i]->macs());
      }
    }
  });
}

TEST(RowStripes, rows_are_in_the_buffer_when_they_are_read) {
  for_random_cuts(2000, [](const auto& chain, Halo halo, const RowStripes& cut) {
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
      std::int64_t oldest = 0;  // row that is still in the buffer
      bool held = false;
      for (std::size_t stripe = 0; stripe < cut.rows[i].size(); ++stripe) {
        const Range computed = cut.rows[i][stripe], next = cut.rows[i + 1][stripe];
        if (next.size() == 0) continue;
        const Range read = chain[i + 1]->input_range(0, next.begin, next.end);
        EXPECT_LE(read.end, computed.end);
        EXPECT_GE(read.begin, halo == Halo::kKept ? oldest : computed.begin);
        held = held || read.begin < computed.begin;
        oldest = halo == Halo::kKept ? std::max(oldest, std::min(read.begin, computed.begin)) : computed.begin;
        EXPECT_LE(computed.end - oldest, cut.buffer_rows[i]);
      }
      EXPECT_EQ(cut.holds[i], held);
      EXPECT_LE(cut.buffer_rows[i], chain[i]->out_height);
    }
  });
}

TEST(RowStripes, reductions_and_batches_cannot_be_cut) {
  SubgraphShape shape;
  EXPECT_TRUE(can_be_striped(shape));
  shape.batch = 2;
  EXPECT_FALSE(can_be_striped(shape));
  shape.batch = 1;
  for (const SubgraphFamily family : {SubgraphFamily::kReduction, SubgraphFamily::kNormalization,
                                      SubgraphFamily::kMatMul, SubgraphFamily::kMove, SubgraphFamily::kHost}) {
    shape.family = family;
    EXPECT_FALSE(can_be_striped(shape)) << to_string(family);
  }
}

}  // namespace
}  // namespace lanewise::mapping
