// SPDX-License-Identifier: Apache-2.0
#include "estimator/features.hpp"

#include <algorithm>
#include <cmath>

#include "estimator/analytical_model.hpp"
#include "estimator/feature_row.hpp"

namespace lanewise::estimator {
namespace {

// Names and values are given by the same calls, so that they cannot come apart.
class Row {
 public:
  // `values` has room for all; nullptr: only the names are asked for.
  Row(float* values, std::vector<std::string>* names) : values_(values), names_(names) {}

  void add(const char* name, double value) {
    if (names_ != nullptr) names_->emplace_back(name);
    if (values_ != nullptr) *values_++ = static_cast<float>(value);
  }
  void add(const char* name, std::int64_t value) { add(name, static_cast<double>(value)); }
  void add(const char* name, bool value) { add(name, value ? 1.0 : 0.0); }
  void add(const char* name, Bytes value) { add(name, value.count()); }
  void add(const char* name, Cycles value) { add(name, value.count()); }
  // 0 where there is nothing to divide by.
  void ratio(const char* name, double part, double whole) { add(name, whole > 0 ? part / whole : 0.0); }
  // How full the last of several equal pieces is, in (0, 1]; 1 when the pieces come out even.
  void last_piece(const char* name, double total, double piece) {
    if (total <= 0 || piece <= 0) return add(name, 0.0);
    add(name, total / piece - std::ceil(total / piece) + 1);
  }

 private:
  float* values_;
  std::vector<std::string>* names_;
};

void add_shape(Row& row, const mapping::SubgraphShape& s) {
  row.add("pass_family", static_cast<std::int64_t>(s.family));
  row.add("batch", s.batch);
  row.add("in_channels", s.in_channels);
  row.add("in_height", s.in_height);
  row.add("in_width", s.in_width);
  row.add("out_channels", s.out_channels);
  row.add("out_height", s.out_height);
  row.add("out_width", s.out_width);
  row.add("kernel_height", s.window.kernel[0]);
  row.add("kernel_width", s.window.kernel[1]);
  row.add("stride_height", s.window.stride[0]);
  row.add("stride_width", s.window.stride[1]);
  row.add("dilation_height", s.window.dilation[0]);
  row.add("in_channels_per_group", s.in_channels / s.groups);
  row.add("activation", static_cast<std::int64_t>(s.activation));
  row.add("fused_operand", static_cast<std::int64_t>(s.operand));
  row.add("pool_kernel", s.pooled ? s.pool.kernel[0] : std::int64_t{0});
  row.add("pool_stride", s.pooled ? s.pool.stride[0] : std::int64_t{0});
  row.add("input_tensors", s.inputs);
  row.add("input_bits", std::int64_t{bits(s.input_precision)});
  row.add("weight_bits", std::int64_t{bits(s.weight_precision)});
  row.add("output_bits", std::int64_t{bits(s.output_precision)});
}

void add_engine(Row& row, const engine::EngineConfig& e) {
  row.add("parallelism_factor", e.array.parallelism_factor);
  row.add("dot_product_lanes", e.array.dot_product_lanes);
  row.add("depthwise_native", e.array.depthwise == engine::DepthwiseMapping::kNative);
  row.add("weight_load_kernels_per_cycle", e.array.weight_load_kernels_per_cycle);
  row.add("pipeline_latency_cycles", e.array.pipeline_latency);
  row.add("activation_banks", e.memory.activation_banks);
  row.add("weight_banks", e.memory.weight_banks);
  row.add("bank_size_bytes", e.memory.bank_size);
  row.add("bank_bytes_per_cycle", e.memory.bank_bandwidth.count());
  row.add("memory_latency_cycles", e.memory.latency);
  row.add("accumulator_bytes", e.accumulators.size);
  row.add("streams", e.streams());
  row.add("dram_word_bytes", e.dram.word);
  row.add("post_processing_width", e.post_processing.width);
  row.add("post_processing_latency_cycles", e.post_processing.latency);
  row.add("load_channels", e.dma.load_channels);
  row.add("store_channels", e.dma.store_channels);
  row.add("dma_setup_cycles", e.dma.setup);
  row.add("dram_bytes_per_cycle", e.dram_bandwidth().count());
  row.add("dram_latency_cycles", e.dram_latency());
  row.add("dram_burst_bytes", e.dram.burst);
  row.add("dram_outstanding_requests", e.dram.outstanding_requests);
  row.add("command_cycles_per_pass", e.command.per_pass);
  row.add("command_cycles_per_tile", e.command.per_tile);
}

void add_context(Row& row, const mapping::SubgraphContext& context, const engine::EngineConfig& e) {
  row.add("input_on_chip", context.input_on_chip);
  row.add("operand_on_chip", context.operand_on_chip);
  row.add("output_on_chip", context.output_on_chip);
  row.ratio("resident_share", static_cast<double>(context.resident_banks),
            static_cast<double>(e.memory.activation_banks));
  row.add("weights_on_chip", context.weights_on_chip);
}

// What the engine makes of the form of the weights, rather than form and keys themselves: a form that the engine does
// nothing with, and a key that this subgraph does not need, leave no trace, so that such estimates are those of dense
// weights on an engine without the keys.
void add_weights(Row& row, const engine::EngineConfig& e, const Analytic& a) {
  const mapping::WeightStorage& storage = a.work.storage;
  const engine::EngineConfig::Compression& compression = e.compression;
  row.add("weight_mode", static_cast<std::int64_t>(a.work.mode));
  row.add("weight_mac_share", a.work.mac_share);
  row.add("block_turns", a.work.block_turns);
  row.add("block_overhead_cycles", a.work.block_overhead);
  row.add("stored_weight_share", storage.compressed ? storage.bits / storage.plain_bits : 1.0);
  row.add("weights_compressed_in_banks", storage.on_chip);
  row.add("decoded_weight_share", storage.compressed ? storage.decoded : 0.0);
  row.add("decoded_weights_per_cycle", storage.compressed ? compression.weights_per_cycle : std::int64_t{0});
  row.add("decoder_latency_cycles", storage.compressed ? compression.latency : Cycles(0));
}

// Shares of the analytical latency: which bound dominates, and how near the others are.
void add_bounds(Row& row, const Analytic& a) {
  row.add("log_reference_cycles", std::log(a.latency_cycles));
  row.ratio("mac_share", a.bounds.mac_cycles, a.latency_cycles);
  row.ratio("array_bound_share", a.bounds.array_cycles, a.latency_cycles);
  row.ratio("post_share", a.bounds.post_cycles, a.latency_cycles);
  row.ratio("dram_share", a.bounds.dram_cycles, a.latency_cycles);
  row.ratio("activation_share", a.bounds.activation_cycles, a.latency_cycles);
  row.ratio("weight_share", a.bounds.weight_cycles, a.latency_cycles);
  row.ratio("decode_share", a.bounds.decode_cycles, a.latency_cycles);
  row.ratio("roofline_share", a.bounds.roofline_cycles, a.latency_cycles);
  row.ratio("array_share", a.array_cycles, a.latency_cycles);
  row.ratio("array_over_dma", a.array_cycles, a.tile.dma_cycles);
  row.ratio("post_over_array", a.bounds.post_cycles, a.array_cycles);
  row.ratio("activation_over_array", a.bounds.activation_cycles, a.array_cycles);
  row.ratio("weight_read_over_array", a.bounds.weight_cycles, a.array_cycles);
}

// Whole tiles, groups, stripes: where rounding up costs.
void add_rounding(Row& row, const Analytic& a, const mapping::SubgraphShape& s, const engine::EngineConfig& e) {
  const double dots = static_cast<double>(e.array.parallelism_factor);
  // Where the array takes N of M weights, a block takes in more channels than it has lanes.
  const double lanes = as_double(s.uses_array() ? a.work.block_channels : e.array.dot_product_lanes);
  row.last_piece("last_lanes_use", static_cast<double>(s.in_channels / s.groups), lanes);
  row.last_piece("last_group_use", static_cast<double>(s.out_channels), dots);
  row.ratio("array_use", a.bounds.mac_cycles, a.bounds.array_cycles);
  row.add("groups_of_outputs", a.work.groups);
  row.add("blocks", a.work.blocks);
  row.add("stripe_pixels", a.work.stripe_pixels);
  row.add("second_stripe_pixels", a.work.second_stripe);
  row.add("atoms_in_accumulators", a.work.credits);
  row.add("atom_cycles", a.work.atom_cycles);
  row.add("stripes", a.stripes);
  row.last_piece("last_stripe_use", a.pixels, static_cast<double>(a.work.stripe_pixels));
  row.ratio("weight_wait", a.work.weight_load_cycles,
            std::min(a.pixels, static_cast<double>(a.work.stripe_pixels)) * a.work.cycles_per_block);
  row.ratio("row_stripe_share", static_cast<double>(s.conv_width()), static_cast<double>(a.work.stripe_pixels));
}

// What fits, and what has to come again.
void add_room(Row& row, const Analytic& a, const mapping::SubgraphShape& s) {
  const mapping::AnalyticalTile& t = a.tile;
  const double activations =
      static_cast<double>(s.input_bytes().count() + s.operand_bytes().count() + s.output_bytes().count());
  const double stream = t.input.all_bytes + t.operand.all_bytes + t.output.all_bytes;
  row.ratio("weights_over_capacity", t.weights.all_bytes, t.weight_room);
  row.ratio("group_weights_over_half_capacity", 2 * t.weights.all_bytes,
            static_cast<double>(a.work.groups) * t.weight_room);
  row.ratio("stream_over_free", stream, t.room);
  row.ratio("input_over_free", t.input.all_bytes, t.room);
  row.ratio("operand_over_free", t.operand.all_bytes, t.room);
  row.ratio("output_over_free", t.output.all_bytes, t.room);
  row.ratio("row_over_free", stream, t.room * static_cast<double>(s.batch * s.out_height));
  row.ratio("weights_over_activations", t.weights.all_bytes, activations);
  row.ratio("reload_weights_outside", t.traffic_weights_outside, a.bounds.dram_bytes);
  row.ratio("reload_pixels_outside", t.traffic_pixels_outside, a.bounds.dram_bytes);
  row.ratio("reload_least", a.dram_bytes, a.bounds.dram_bytes);
  row.add("free_activation_bytes", t.room);
}

// The canonical tile: where its time goes, and what comes with each.
void add_tiles(Row& row, const mapping::AnalyticalTile& t) {
  row.add("weights_outside", t.weights_outside);
  row.add("input_stays", t.input_stays);
  row.add("weights_stay", t.weights_stay);
  row.add("tile_rows", t.rows);
  row.add("tile_columns", t.columns);
  row.add("pixel_tiles", t.pixel_tiles);
  row.add("output_tiles", t.output_tiles);
  row.add("reduction_tiles", t.reduction_tiles);
  row.add("steps", t.steps());
  row.add("input_times", t.input.times);
  row.add("weight_times", t.weights.times);
  row.add("input_overlap", t.input_overlap);
  row.add("log_step_cycles", std::log1p(t.compute_cycles / t.steps()));
  row.ratio("tile_array_share", t.array_cycles, t.latency_cycles);
  row.ratio("tile_post_share", t.post_cycles, t.latency_cycles);
  row.ratio("compute_share", t.compute_cycles, t.latency_cycles);
  row.ratio("tile_dma_share", t.dma_cycles, t.latency_cycles);
  row.ratio("turn_share", t.turn_cycles, t.latency_cycles);
  row.ratio("handover_share", t.handover_cycles, t.latency_cycles);
  row.ratio("unpack_share", t.unpack_cycles, t.latency_cycles);
  row.ratio("write_share", t.output.dram_bytes, t.dram_bytes());
  row.ratio("input_transfer_share", t.input.transfers > 0 ? t.input.dram_bytes / t.input.transfers : 0, t.dram_bytes());
  row.ratio("first_sweep_share", t.first_sweep_cycles, t.latency_cycles);
  row.ratio("tile_fill_share", t.fill_cycles, t.latency_cycles);
  row.ratio("tile_drain_share", t.drain_cycles, t.latency_cycles);
}

// The terms of the analytical energy.
void add_energy(Row& row, const Analytic& a, const mapping::SubgraphShape& s, const engine::EngineConfig& e) {
  const Precision wider = bits(s.input_precision) >= bits(s.weight_precision) ? s.input_precision : s.weight_precision;
  const double macs = static_cast<double>(s.macs()) * a.work.mac_share;
  const double sums = a.pixels * static_cast<double>(a.work.groups * a.work.blocks * a.work.outputs_per_group) *
                      static_cast<double>(e.accumulators.bits) / 8;
  row.ratio("mac_energy_share", macs * e.energy.mac[static_cast<std::size_t>(wider)].count(), a.energy_pj);
  row.ratio("dram_energy_share", a.dram_bytes * e.energy.dram.count(), a.energy_pj);
  row.ratio("leakage_energy_share", e.static_power().count() * a.latency_cycles / e.array.clock.count() * 1e9,
            a.energy_pj);
  row.ratio("accumulator_energy_share", sums * e.energy.accumulator.count(), a.energy_pj);
  row.ratio("write_energy_share", a.dram_bytes * e.sram_write_energy().count(), a.energy_pj);
}

void add_described(Row& row, const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const Analytic& a) {
  add_shape(row, subgraph.shape);
  add_context(row, subgraph.context, engine);
  add_engine(row, engine);
  add_weights(row, engine, a);
}

void add_all(Row& row, const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const Analytic& a) {
  add_described(row, subgraph, engine, a);
  add_bounds(row, a);
  add_rounding(row, a, subgraph.shape, engine);
  add_room(row, a, subgraph.shape);
  add_tiles(row, a.tile);
  add_energy(row, a, subgraph.shape, engine);
}

}  // namespace

const std::vector<std::string>& feature_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> collected;
    Row row(nullptr, &collected);
    add_all(row, mapping::Subgraph{}, engine::EngineConfig{}, Analytic{});
    return collected;
  }();
  return names;
}

std::size_t described_features() {
  static const std::size_t count = [] {
    std::vector<std::string> collected;
    Row row(nullptr, &collected);
    add_described(row, mapping::Subgraph{}, engine::EngineConfig{}, Analytic{});
    return collected.size();
  }();
  return count;
}

void append_features(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const Analytic& analytic,
                     std::vector<float>& values) {
  const std::size_t before = values.size();
  values.resize(before + feature_names().size());
  Row row(values.data() + before, nullptr);
  add_all(row, subgraph, engine, analytic);
}

std::vector<float> feature_vector(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  std::vector<float> values;
  values.reserve(feature_names().size());
  append_features(subgraph, engine, analyse(subgraph, engine), values);
  return values;
}

}  // namespace lanewise::estimator
