// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/bounds.hpp"

#include <algorithm>

#include "core/mapping/array_work.hpp"

namespace lanewise::mapping {
namespace {

// Rows (or columns) of the input that some window touches: fewer than the range where the stride jumps over some.
std::int64_t touched(const SubgraphShape& shape, int axis) {
  const std::int64_t range = shape.input_range(axis, 0, axis == 0 ? shape.out_height : shape.out_width).size();
  if (!shape.uses_array() && shape.family != SubgraphFamily::kPooling) return range;
  const std::int64_t windows = axis == 0 ? shape.conv_height() : shape.conv_width();
  const std::int64_t extent = (shape.window.kernel[axis] - 1) * shape.window.dilation[axis] + 1;
  return std::min(range, windows * extent);
}

// Bytes of the input that any plan must fetch.
double needed_input_bytes(const SubgraphShape& shape) {
  return as_double(shape.input_bytes()) * static_cast<double>(touched(shape, 0) * touched(shape, 1)) /
         static_cast<double>(shape.in_height * shape.in_width);
}

// On-chip bytes that the array reads while computing: activations once a block, weights once a stripe.
struct ArrayReads {
  double activations = 0, weights = 0;
};
ArrayReads array_reads(const SubgraphShape& shape, const ArrayWork& work, const engine::EngineConfig& engine) {
  const std::int64_t pixels = shape.batch * shape.conv_height() * shape.conv_width();
  const std::int64_t taps = shape.window.kernel[0] * shape.window.kernel[1];
  const double per_pixel = as_double(packed_bytes(shape.in_channels * taps, shape.input_precision));
  const double sweeps = work.input_follows_output ? 1.0 : static_cast<double>(work.groups);
  if (work.patch_pixels > 0) {  // all pixels of a patch see a byte at once
    const double patches = static_cast<double>(ceil_div(pixels, work.patch_pixels));
    return {needed_input_bytes(shape) * sweeps, as_double(onchip_weight_bytes(shape, engine)) * patches};
  }
  const double stripes = static_cast<double>(ceil_div(pixels, work.stripe_pixels));
  return {per_pixel * static_cast<double>(pixels) * sweeps, as_double(onchip_weight_bytes(shape, engine)) * stripes};
}

}  // namespace

Bounds bounds(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const SubgraphShape& shape = subgraph.shape;
  const SubgraphContext& context = subgraph.context;
  Bounds b;
  b.dram_bytes =
      (context.input_on_chip ? 0.0 : needed_input_bytes(shape)) +
      (context.operand_on_chip ? 0.0 : as_double(shape.operand_bytes())) +
      (context.output_on_chip ? 0.0 : as_double(shape.output_bytes())) +
      (shape.uses_array() && !loads_weights(subgraph, engine) ? 0.0 : as_double(stored_weight_bytes(shape, engine)));
  const double written = context.output_on_chip ? 0.0 : as_double(shape.output_bytes());
  b.dram_cycles = engine.separate_write_port() ? std::max((b.dram_bytes - written) / engine.dram_bandwidth().count(),
                                                          written / engine.dram_write_bandwidth().count())
                                               : b.dram_bytes / engine.dram_bandwidth().count();

  // The post-processor writes the output; it reads operands, and inputs where the array does not. In streams all that
  // passes the banks by.
  const bool by_banks = engine.post_processor_reads_banks();
  double activation_bytes = by_banks ? as_double(shape.output_bytes()) + as_double(shape.operand_bytes()) : 0.0;
  if (shape.uses_array()) {
    const ArrayWork work = array_work(shape, engine);
    const std::int64_t pixels = shape.batch * shape.conv_height() * shape.conv_width();
    const bool serial = engine.array.serial_weight_bits > 0;
    const double mac_cost =
        serial ? static_cast<double>(bits(shape.weight_precision)) / bits(Precision::kInt8) : work.cycles_per_block;
    b.mac_cycles = static_cast<double>(shape.macs()) * mac_cost / static_cast<double>(engine.macs_per_cycle());
    if (work.mode == WeightMode::kStructured) b.mac_cycles *= work.mac_share;
    const std::int64_t turns = work.patch_pixels > 0 ? ceil_div(pixels, work.patch_pixels) : pixels;
    const double rounds =
        work.outputs_at_once > 0
            ? static_cast<double>(ceil_div(shape.out_channels, work.outputs_at_once)) / static_cast<double>(work.groups)
            : 1.0;  // a group
    const double blocks = static_cast<double>(work.groups * work.blocks);
    b.fill_cycles = blocks * static_cast<double>(turns) * work.cycles_per_block * rounds;
    b.weight_load_cycles =
        blocks * (static_cast<double>(ceil_div(pixels, work.stripe_pixels)) * work.weight_load_cycles);
    if (work.storage.compressed && !work.storage.on_chip && loads_weights(subgraph, engine)) {
      b.decode_cycles = work.storage.decoded * static_cast<double>(kernel_elements(shape)) /
                        static_cast<double>(engine.compression.weights_per_cycle);
    }
    b.array_cycles = std::max(b.fill_cycles, b.weight_load_cycles);
    b.post_cycles = work.patch_pixels > 0
                        ? static_cast<double>(turns * (ceil_div(shape.out_channels, work.post_width) * work.post_turn +
                                                       work.groups * work.post_overhead))
                        : static_cast<double>(pixels * work.groups * work.atom_cycles);
    const ArrayReads reads = array_reads(shape, work, engine);
    activation_bytes += reads.activations;
    b.weight_cycles = reads.weights / engine.weight_bandwidth().count();
  } else {
    b.post_cycles = post_cycles(shape, engine, shape.post_elements());
    if (by_banks) activation_bytes += needed_input_bytes(shape);
  }
  b.activation_cycles = activation_bytes / engine.activation_bandwidth().count();
  b.roofline_cycles = std::max({b.mac_cycles, b.array_cycles, b.post_cycles, b.dram_cycles, b.activation_cycles,
                                b.weight_cycles, b.decode_cycles});
  return b;
}

double energy_bound_picojoules(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return energy_bound_picojoules(subgraph, engine, bounds(subgraph, engine));
}

double energy_bound_picojoules(const Subgraph& subgraph, const engine::EngineConfig& engine, const Bounds& b) {
  const SubgraphShape& shape = subgraph.shape;
  const Precision wider =
      bits(shape.input_precision) >= bits(shape.weight_precision) ? shape.input_precision : shape.weight_precision;
  const engine::EngineConfig::Energy& e = engine.energy;
  const double activation_bytes = b.activation_cycles * engine.activation_bandwidth().count();
  const double weight_bytes = b.weight_cycles * engine.weight_bandwidth().count();
  const double seconds = b.roofline_cycles / engine.array.clock.count();
  double macs = static_cast<double>(shape.macs()), selected = 0, decoded = 0;
  if (shape.uses_array() && !shape.weight_form.plain()) {
    const ArrayWork work = array_work(shape, engine);
    macs *= work.mac_share;
    if (work.mode != WeightMode::kDense) selected = macs;
    // Once each, or once a stripe where the decoder lies behind the banks.
    const bool loaded = loads_weights(subgraph, engine);
    if (loaded || work.storage.on_chip) decoded = work.storage.decoded * static_cast<double>(kernel_elements(shape));
  }
  return macs * e.mac[static_cast<std::size_t>(wider)].count() + selected * e.weight_select.count() +
         decoded * e.weight_decode.count() + (activation_bytes + weight_bytes) * engine.sram_read_energy().count() +
         b.dram_bytes * e.dram.count() +
         (shape.family == SubgraphFamily::kHost ? 0.0 : static_cast<double>(shape.post_elements())) *
             e.post_processing.count() +
         engine.static_power().count() * seconds * 1e9;  // mW x s = 1e9 pJ
}

}  // namespace lanewise::mapping
