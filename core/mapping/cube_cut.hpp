// SPDX-License-Identifier: Apache-2.0
// How much of a streamed subgraph (`dma.kind: streams`) is on chip at once. The sizes follow from capacities and rates
// by formula: the planner writes the cubes out, the analytical model counts them. docs/engine/input_loader.md says what
// is cut when.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// A part of the reduction: of the input channels that one output channel reads, and of the rows and columns of the
// kernel.
struct ReductionPart {
  SubgraphShape::Range channels;
  SubgraphShape::Range taps[2];
  std::int64_t tap_count() const { return taps[0].size() * taps[1].size(); }
};

struct CubeCut {
  bool fits = true;                    // false: not even one block of one output pixel has room
  bool rows_alone = true;              // nothing but rows, and channels of small groups, had to be cut
  std::int64_t outputs = 1;            // output channels of a kernel group
  std::int64_t outputs_at_once = 1;    // output channels whose inputs come together
  std::int64_t rows = 1, columns = 1;  // output pixels of a cube; of the first range of output channels
  // Of a part of the reduction, at most. The whole of each where the reduction is not cut.
  std::int64_t channels = 1, tap_rows = 1, tap_columns = 1;
};

// The sizes of the cubes of a subgraph that uses the array.
//
// As long as the input of one output row and one kernel's weights fit, a cube has as many whole rows as fit. Otherwise
// columns are cut, groups come by themselves, and the reduction is cut by input channels and, where one block of them
// is still too much, by kernel rows and columns. Of the sizes that fit, those are taken whose cubes take the fewest
// cycles by a simple count of what is read, computed and written. Parts of a reduction but the last write partial sums
// of `accumulators.bits`, which the next part adds up.
CubeCut cube_cut(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine);
// `fits` of that cut, found from the smallest cubes alone.
bool cube_fits(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine);

// A first part of a cube's input, in rows, and the pixels, in the order of the array, that can be computed from it.
struct InputPiece {
  std::int64_t rows = 0, pixels = 0;
};
inline constexpr std::int64_t kMostInputPieces = 16;
// Where an engine computes on the rows that have come (`dma.overlap`): the parts, each with those before it, after
// which it goes on. They are about equal, of no fewer pixels than a stripe; the last is the whole. A part has the rows
// of its share of the height and as many more as the kernel reaches.
std::vector<InputPiece> input_pieces(std::int64_t in_rows, std::int64_t pixels, std::int64_t stripe_pixels,
                                     std::int64_t kernel_reach);

// The quantities of a shape that the sizes rest on, for those who count cubes.
class CubeGeometry {
 public:
  CubeGeometry(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine);

  // Words of the port that so many channels of a pixel take.
  std::int64_t words_of(std::int64_t channels, Precision precision) const;
  // The same for partial sums of so many output channels.
  std::int64_t partial_words_of(std::int64_t outputs) const;
  // Input rows (axis 0) or columns (axis 1) that come for the outputs [begin, end) under the taps [taps.begin,
  // taps.end): all from the first to the last that a tap lies on, but of rows of dilated kernels only those under a
  // tap, by the loader's line stride. At least one.
  std::int64_t touched(int axis, std::int64_t begin, std::int64_t end, SubgraphShape::Range taps) const;
  // A bound on the rows or columns that come for a single output, whatever its place: never less than any of them.
  std::int64_t most_of_one(int axis, SubgraphShape::Range taps) const;
  // The most that one of the pieces of `size` outputs reads, and what all of them read together.
  struct Axis {
    std::int64_t pieces = 0, most = 0, all = 0;
  };
  Axis cut(int axis, std::int64_t size, SubgraphShape::Range taps) const;
  // The most output rows, no more than there are, of which no piece reads more than `most` input rows; 0 where already
  // one row does.
  std::int64_t rows_that_fit(std::int64_t most, SubgraphShape::Range taps) const;
  SubgraphShape::Range all_taps(int axis) const { return {0, shape_.window.kernel[axis]}; }
  // Input channels of one kernel: those of a group, or of the small groups that share the lanes. Zeros between them are
  // stored like weights.
  std::int64_t depth() const { return depth_; }
  std::int64_t kernel_bytes(const ReductionPart& part) const;
  // Blocks per pixel and kernel group.
  std::int64_t blocks(const ReductionPart& part) const;
  // Input channels that come for so many output channels.
  std::int64_t inputs_of(std::int64_t outputs) const;
  // The same where a part of the reduction comes.
  std::int64_t channels_of(const CubeCut& cut, std::int64_t outputs, const ReductionPart& part) const;
  // Output channels that read the same input channels: all of them, a group's, or those of small groups that share the
  // lanes.
  std::int64_t unit(std::int64_t outputs) const;
  // Kernel groups of so many output channels.
  std::int64_t kernel_groups(std::int64_t range, std::int64_t outputs) const;
  std::int64_t macs_per_output(const ReductionPart& part) const;

  // The parts of a reduction, the first and largest of each axis first.
  std::int64_t parts(const CubeCut& cut) const;
  ReductionPart part(const CubeCut& cut, std::int64_t index) const;

 private:
  const SubgraphShape& shape_;
  const ArrayWork& work_;
  const engine::EngineConfig& engine_;
  std::int64_t word_ = 1, depth_ = 1;
};

}  // namespace lanewise::mapping
