// SPDX-License-Identifier: Apache-2.0
// The decisions behind a TilePlan: tile sizes, loop order and buffers, without the steps.
#pragma once

#include <cstdint>

#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

enum class LoopOrder {
  kWeightsOutside,  // output channels outside, pixels inside: a weight tile is used for all pixels before the next
  kPixelsOutside,   // pixels outside, output channels inside: an input tile is used for all channels before the next
};
const char* to_string(LoopOrder order);

// Which of the transfers that wait DRAM serves next.
enum class DmaPolicy {
  kReadyFirst,   // of those whose data could move now, the one of the earliest step; a store when its buffer is needed
  kPatient,      // the same among those that are requested, even if DRAM idles until the first data come
  kStoresEarly,  // as ready_first, but a store counts as its own step's
};
inline constexpr int kDmaPolicyCount = 3;

struct TileChoice {
  LoopOrder order = LoopOrder::kWeightsOutside;
  std::int64_t rows = 0, columns = 0, outputs = 0, reduction = 0;
  // The reduction is split, and the sums of a tile wait for its next part in the activation banks instead of the
  // accumulators.
  bool partial_sums = false;
  DmaPolicy policy = DmaPolicy::kReadyFirst;
  int input_slots = 0, weight_slots = 0, operand_slots = 0, output_slots = 0;
  std::int64_t peak_bytes = 0;  // of the buffers, without the resident tensors
  // Only for comparing choices:
  double estimate = 0;  // cycles
  double bound = 0;     // cycles that the estimate cannot fall below
  double dram_bytes = 0;
  double sram_bytes = 0;  // read from and written to the banks, once the steps are known
  double cost = 0;        // plan_cost, for the estimate

  bool fits() const { return rows > 0; }
};

// Pixel tiles of one size: their number over batch, rows and columns, and the most that one of them reads and computes.
struct PixelCounts {
  std::int64_t tiles = 0;
  std::int64_t in_rows = 0, in_columns = 0;
  std::int64_t conv_pixels = 0;
};

// The order in which tiles of one kind are used: of `tiles` different ones, a set of `set` tiles is used in a cycle
// again and again before the next set follows.
struct TileCycle {
  std::int64_t tiles = 1, set = 1;
};
// The tiles of a choice, and how its loop order goes through them.
struct TileCycles {
  std::int64_t outputs = 1, reductions = 1;  // tiles over output and input channels
  TileCycle input, weights;
};
TileCycles tile_cycles(const TileProblem& problem, const TileChoice& choice, std::int64_t pixel_tiles);

// Picojoules as far as plans of one subgraph differ in them, where it takes `cycles`.
double plan_energy(const TileProblem& problem, const TileChoice& choice, double cycles);
// What a plan costs by what the engine plans for (`mapping.plan_for`), where it takes `cycles`: cycles, picojoules as
// far as plans differ in them, or DRAM bytes.
double plan_cost(const TileProblem& problem, const TileChoice& choice, double cycles);

// Whether one buffer of each tile of the choice has room, so that claim_buffers would succeed. Loop order does not
// matter.
bool has_room(const TileProblem& problem, const PixelCounts& pixels, const TileChoice& choice);
// Gives a choice of sizes and loop order its buffers and its peak. Outputs and operands get two buffers each if that
// leaves room for one of all others; inputs and weights get as many as are of use. False where not even one of each
// fits.
bool claim_buffers(const TileProblem& problem, const PixelCounts& pixels, TileChoice& choice);

}  // namespace lanewise::mapping
