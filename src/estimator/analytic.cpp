// SPDX-License-Identifier: Apache-2.0
#include "estimator/analytic.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::estimator {
namespace {

double as_double(Bytes bytes) { return static_cast<double>(bytes.count()); }
double as_double(std::int64_t number) { return static_cast<double>(number); }

// Which tensors come and go, and how much room there is for them.
void add_footprint(Analytic& a, const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const mapping::PassShape& shape = subgraph.shape;
  const mapping::PassContext& context = subgraph.context;
  a.input_bytes = context.input_on_chip ? 0 : as_double(shape.input_bytes());
  a.operand_bytes = context.operand_on_chip ? 0 : as_double(shape.operand_bytes());
  a.output_bytes = context.output_on_chip ? 0 : as_double(shape.output_bytes());
  a.weight_bytes = as_double(shape.weight_bytes());
  a.weight_capacity = as_double(engine.weight_capacity());
  const std::int64_t free_banks = std::max<std::int64_t>(1, engine.memory.activation_banks - context.resident_banks);
  a.free_activation_bytes = as_double(engine.memory.bank_size * free_banks);
}

// How many tiles double buffering needs at least: half of the room holds one, the other half the next.
void add_tiles(Analytic& a, const mapping::PassShape& shape) {
  const double rows = as_double(shape.batch * shape.out_height);
  const double stride = as_double(shape.window.stride[0] * (shape.pooled ? shape.pool.stride[0] : 1));
  const double rows_in_per_out = std::min(as_double(shape.in_height) / as_double(shape.out_height), stride);
  const double input_row = a.input_bytes / as_double(shape.batch * shape.in_height);
  const double overlap =
      as_double((shape.window.kernel[0] - 1) * shape.window.dilation[0] + 1 - shape.window.stride[0]);
  a.halo_bytes = input_row * std::clamp(overlap, 0.0, as_double(shape.in_height));
  a.row_bytes = input_row * rows_in_per_out + (a.operand_bytes + a.output_bytes) / rows;
  const double stream = a.input_bytes + a.operand_bytes + a.output_bytes;
  if (stream <= a.free_activation_bytes || a.row_bytes <= 0) {
    a.rows_fit = rows;
  } else {
    a.rows_fit = std::clamp(std::floor((a.free_activation_bytes / 2 - a.halo_bytes) / a.row_bytes), 1.0, rows);
  }
  a.pixel_tiles = std::ceil(rows / a.rows_fit);

  const double groups = std::max<double>(1, as_double(a.work.groups));
  a.group_weight_bytes = a.weight_bytes / groups;
  if (a.weight_bytes <= a.weight_capacity) {
    a.weight_tiles = 1;
  } else if (a.group_weight_bytes > a.weight_capacity / 2) {
    a.weight_tiles = groups * std::ceil(a.group_weight_bytes / (a.weight_capacity / 2));
  } else {
    a.weight_tiles = std::ceil(groups / std::floor(a.weight_capacity / 2 / a.group_weight_bytes));
  }
}

// DRAM bytes of the two loop orders: whatever is inside is fetched again for each tile outside, unless all of it stays.
void add_traffic(Analytic& a) {
  const double once = a.operand_bytes + a.output_bytes;
  const double halo = a.halo_bytes * (a.pixel_tiles - 1);
  const bool input_stays = a.input_bytes <= a.free_activation_bytes / 2 || a.work.input_follows_output;
  a.traffic_weights_outside = a.weight_bytes + once + (a.input_bytes + halo) * (input_stays ? 1.0 : a.weight_tiles);
  a.traffic_pixels_outside = a.weight_bytes * (a.weight_tiles > 1 ? a.pixel_tiles : 1.0) + once + a.input_bytes + halo;
  a.dram_bytes = a.bounds.dram_bytes > 0 ? std::max(a.bounds.dram_bytes, a.tiling.dram_bytes()) : 0;
}

void add_energy_and_memory(Analytic& a, const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const double more_dram_bytes = a.dram_bytes - a.bounds.dram_bytes;
  const double more_seconds = (a.latency_cycles - a.bounds.roofline_cycles) / engine.array.clock.count();
  a.energy_pj = mapping::energy_bound_picojoules(subgraph, engine) +
                more_dram_bytes * (engine.energy.dram.count() + engine.energy.sram_write.count()) +
                engine.leakage_power().count() * more_seconds * 1e9;  // mW x s = 1e9 pJ
  const double resident = as_double(engine.memory.bank_size * subgraph.context.resident_banks);
  a.peak_sram_bytes = std::max(1.0, resident + a.tiling.peak_bytes);
}

}  // namespace

Analytic analyse(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const mapping::PassShape& shape = subgraph.shape;
  Analytic a;
  a.bounds = mapping::bounds(subgraph, engine);
  a.pixels = as_double(shape.batch * shape.conv_height() * shape.conv_width());
  if (shape.uses_array()) {
    a.work = mapping::array_work(shape, engine);
    a.stripes = std::ceil(a.pixels / as_double(a.work.stripe_pixels));
    a.array_cycles =
        as_double(a.work.groups) *
        mapping::group_cycles(a.work, shape.batch * shape.conv_height() * shape.conv_width(), a.work.blocks);
  }
  a.tiling = cheapest_tiling(subgraph, engine, a.work);
  add_footprint(a, subgraph, engine);
  add_tiles(a, shape);
  add_traffic(a);
  a.latency_cycles = std::max({1.0, a.bounds.roofline_cycles, a.tiling.latency_cycles});
  add_energy_and_memory(a, subgraph, engine);
  return a;
}

}  // namespace lanewise::estimator
