// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tile_choice.hpp"

#include <algorithm>

namespace lanewise::mapping {
namespace {

// Buffers for a cycle when `fit` have room: all tiles; else two sets, one in use and one coming; else as many as help;
// 0 when not even one fits.
int buffers(TileCycle cycle, std::int64_t fit) {
  if (fit >= cycle.tiles) return static_cast<int>(cycle.tiles);
  if (cycle.set < cycle.tiles && fit > cycle.set) return static_cast<int>(std::min(fit, 2 * cycle.set));
  return static_cast<int>(std::min<std::int64_t>(fit, 2));
}

}  // namespace

const char* to_string(LoopOrder order) {
  return order == LoopOrder::kWeightsOutside ? "weights_outside" : "pixels_outside";
}

TileCycles tile_cycles(const TileProblem& problem, const TileChoice& choice, std::int64_t pixel_tiles) {
  TileCycles c;
  c.outputs = ceil_div(problem.shape.out_channels, choice.outputs);
  c.reductions = problem.follows ? 1 : ceil_div(problem.shape.in_channels, choice.reduction);
  const bool weights_outside = choice.order == LoopOrder::kWeightsOutside;
  if (problem.follows) {
    c.input = {pixel_tiles * c.outputs, 1};  // each used once
  } else {
    c.input = {pixel_tiles * c.reductions,
               weights_outside && c.outputs > 1 ? pixel_tiles * c.reductions : c.reductions};
  }
  c.weights = {c.outputs * c.reductions, weights_outside ? c.reductions : c.outputs * c.reductions};
  return c;
}

double plan_energy(const TileProblem& problem, const TileChoice& choice, double cycles) {
  const engine::EngineConfig& e = problem.engine;
  const double at_rest = e.static_power().count() / e.array.clock.count() * 1e9;  // mW / Hz: 1e9 pJ a cycle
  // Of a byte on chip: reads and writes cost about the same.
  const double sram = (e.sram_read_energy().count() + e.sram_write_energy().count()) / 2;
  return choice.dram_bytes * e.energy.dram.count() + choice.sram_bytes * sram + at_rest * cycles;
}

double plan_cost(const TileProblem& problem, const TileChoice& choice, double cycles) {
  switch (problem.engine.mapping.plan_for) {
    case engine::PlanGoal::kLatency:
      break;
    case engine::PlanGoal::kEnergy:
      return plan_energy(problem, choice, cycles);
    case engine::PlanGoal::kDram:
      return choice.dram_bytes;
  }
  return cycles;
}

namespace {

// What one buffer of each tile takes, and what is left for them beside the sums that wait in the banks.
struct TileBytes {
  bool fits = false, partial_sums = false;
  std::int64_t input = 0, weights = 0, operand = 0, output = 0;
  std::int64_t room = 0;
};

TileBytes tile_bytes(const TileProblem& problem, const PixelCounts& pixels, const TileChoice& choice) {
  const SubgraphShape& s = problem.shape;
  TileBytes bytes;
  bytes.weights = problem.weight_tile_bytes(choice.outputs, choice.reduction);
  if (bytes.weights > problem.weight_room) return bytes;
  // The sums of a split reduction wait in half the accumulators, or where that is too small in the activation banks.
  const bool split = s.uses_array() && !problem.follows && choice.reduction < s.in_channels;
  bytes.partial_sums =
      split && (pixels.conv_pixels > problem.work.stripe_pixels || choice.outputs > problem.channel_unit);
  if (bytes.partial_sums && s.pooled) return bytes;
  if (!problem.context.output_on_chip)
    bytes.output = problem.output_tile_bytes(choice.rows, choice.columns, choice.outputs);
  if (s.operand != FusedOperand::kNone && !problem.context.operand_on_chip)
    bytes.operand = problem.operand_tile_bytes(choice.rows, choice.columns, choice.outputs);
  if (!problem.context.input_on_chip) {
    bytes.input = problem.input_tile_bytes(pixels.in_rows, pixels.in_columns,
                                           problem.input_channels(choice.outputs, choice.reduction));
  }
  bytes.room = problem.activation_room;
  if (bytes.partial_sums) bytes.room -= problem.sums_bytes(pixels.conv_pixels, choice.outputs);
  bytes.fits = bytes.output + bytes.operand + bytes.input <= bytes.room;
  return bytes;
}

}  // namespace

bool has_room(const TileProblem& problem, const PixelCounts& pixels, const TileChoice& choice) {
  return tile_bytes(problem, pixels, choice).fits;
}

bool claim_buffers(const TileProblem& problem, const PixelCounts& pixels, TileChoice& choice) {
  const SubgraphShape& s = problem.shape;
  const TileBytes bytes = tile_bytes(problem, pixels, choice);
  choice.partial_sums = bytes.partial_sums;
  if (!bytes.fits) return false;
  const TileCycles cycle = tile_cycles(problem, choice, pixels.tiles);
  const bool streams_output = !problem.context.output_on_chip;
  const bool streams_operand = s.operand != FusedOperand::kNone && !problem.context.operand_on_chip;
  const bool streams_input = !problem.context.input_on_chip;
  // Two buffers each where that leaves room for the others' first; inputs take what is left.
  std::int64_t room = bytes.room;
  const std::int64_t once = bytes.output + bytes.operand + bytes.input;
  const int slots = pixels.tiles * cycle.outputs > 1 && 2 * once <= room ? 2 : 1;
  choice.output_slots = streams_output ? slots : 0;
  choice.operand_slots = !streams_operand ? 0 : s.operand == FusedOperand::kTensor ? slots : 1;
  room -= bytes.output * choice.output_slots + bytes.operand * choice.operand_slots;
  choice.input_slots = streams_input ? buffers(cycle.input, room / bytes.input) : 0;
  room -= bytes.input * choice.input_slots;
  choice.peak_bytes = problem.activation_room - room;
  if (problem.weights_stay) {  // all have a place, which counts as resident
    choice.weight_slots = static_cast<int>(cycle.weights.tiles);
    return true;
  }
  choice.weight_slots = s.uses_array() ? buffers(cycle.weights, problem.weight_room / bytes.weights) : 0;
  choice.peak_bytes += bytes.weights * choice.weight_slots;
  return true;
}

}  // namespace lanewise::mapping
