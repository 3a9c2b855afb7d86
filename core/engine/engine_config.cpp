// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine_config.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/engine/kinds/engine_kind.hpp"
#include "core/engine/parameter_table.hpp"

namespace lanewise::engine {
namespace {

// Rounded up.
Cycles whole_cycles(Seconds time, Hertz clock) {
  // 100 ns at 1 GHz is 100 cycles: the product of the two doubles may lie a rounding above it.
  constexpr double kRounding = 1e-12;
  return Cycles(static_cast<std::int64_t>(std::ceil(time.count() * clock.count() * (1 - kRounding))));
}

double kibibytes(Bytes size) { return static_cast<double>(size.count()) / 1024.0; }
double gigabytes_per_second(BytesPerSecond bandwidth) { return bandwidth.count() / 1e9; }

// What a byte of a bank costs more than one of the bank that the figures were given for.
double bank_size_factor(const EngineConfig& config) {
  const Bytes reference = config.energy.sram_reference_bank;
  if (reference == Bytes(0)) return 1.0;
  return std::sqrt(kibibytes(config.memory.bank_size) / kibibytes(reference));
}

struct Number {
  double operator()(const std::string&) const { throw InternalError("a text has no number"); }
  double operator()(std::int64_t value) const { return static_cast<double>(value); }
  double operator()(double value) const { return value; }
  double operator()(bool value) const { return value ? 1.0 : 0.0; }
  double operator()(DepthwiseMapping value) const { return static_cast<double>(static_cast<int>(value)); }
  double operator()(PlanGoal value) const { return static_cast<double>(static_cast<int>(value)); }
  double operator()(Structure value) const {
    return static_cast<double>(value.kept * (kLargestStructure + 1) + value.of);
  }
  double operator()(ZeroCoding value) const { return static_cast<double>(static_cast<int>(value)); }
  double operator()(DmaKind value) const { return static_cast<double>(static_cast<int>(value)); }
  template <class Tag, class Rep>
  double operator()(Quantity<Tag, Rep> value) const {
    return static_cast<double>(value.count());
  }
};

}  // namespace

const char* to_string(PlanGoal goal) {
  switch (goal) {
    case PlanGoal::kLatency:
      return "latency";
    case PlanGoal::kEnergy:
      return "energy";
    case PlanGoal::kDram:
      return "dram";
  }
  return "latency";
}

const char* to_string(ZeroCoding coding) {
  switch (coding) {
    case ZeroCoding::kNone:
      return "none";
    case ZeroCoding::kBitmask:
      return "bitmask";
    case ZeroCoding::kZeroRuns:
      return "zero_runs";
    case ZeroCoding::kIndices:
      return "indices";
  }
  return "none";
}

std::int64_t EngineConfig::macs_per_cycle() const {
  const std::int64_t outputs = array.outputs_at_once > 0 ? array.outputs_at_once : array.parallelism_factor;
  const std::int64_t products =
      outputs * array.dot_product_lanes * array.taps_at_once * std::max<std::int64_t>(1, patch_pixels());
  if (array.serial_weight_bits == 0) return products;
  return std::max<std::int64_t>(1, products * array.serial_weight_bits / bits(Precision::kInt8));
}

BytesPerCycle EngineConfig::activation_bandwidth() const {
  return memory.bank_bandwidth * static_cast<double>(memory.activation_banks);
}

BytesPerCycle EngineConfig::weight_bandwidth() const {
  return memory.bank_bandwidth * static_cast<double>(memory.weight_banks);
}

const EngineKind& EngineConfig::kind() const { return engine_kind(dma.kind); }
bool EngineConfig::streams() const { return kind().streams; }
bool EngineConfig::keeps_activations() const { return memory.keep_activations && kind().keeps_activations; }
bool EngineConfig::separate_write_port() const { return kind().separate_write_port && !dram.half_duplex; }
bool EngineConfig::post_processor_reads_banks() const { return kind().post_processor_reads_banks; }
BytesPerCycle EngineConfig::dram_bandwidth() const { return kind().read_bandwidth(*this); }
BytesPerCycle EngineConfig::dram_write_bandwidth() const { return kind().write_bandwidth(*this); }

Cycles EngineConfig::dram_latency() const { return whole_cycles(dram.latency, array.clock); }
Cycles EngineConfig::launch_cycles() const { return whole_cycles(command.launch, array.clock); }

SquareMillimetres AreaBreakdown::total() const {
  return array + activation_memory + weight_memory + accumulators + post_processor + dram_interface + fixed +
         weight_select + weight_decoder;
}

AreaBreakdown EngineConfig::area_breakdown() const {
  AreaBreakdown parts;
  parts.array = area.mac * static_cast<double>(macs_per_cycle());
  parts.activation_memory = area.sram_per_kib * kibibytes(activation_capacity());
  parts.weight_memory = area.sram_per_kib * kibibytes(weight_capacity());
  parts.accumulators = area.accumulator_per_kib * kibibytes(accumulators.size);
  parts.post_processor = area.post_processing_lane * static_cast<double>(post_processing.width);
  parts.dram_interface = area.dram_interface * gigabytes_per_second(dram.bandwidth);
  if (selects_weights()) parts.weight_select = area.weight_select * static_cast<double>(macs_per_cycle());
  if (decodes_weights()) {
    parts.weight_decoder = area.weight_decoder * static_cast<double>(compression.weights_per_cycle);
  }
  parts.fixed = area.fixed;
  return parts;
}

SquareMillimetres EngineConfig::total_area() const { return area_breakdown().total(); }

Milliwatts EngineConfig::leakage_power() const {
  const AreaBreakdown parts = area_breakdown();
  return energy.leakage * (parts.total() - parts.dram_interface).count();
}

Milliwatts EngineConfig::dram_interface_power() const {
  return energy.dram_interface * gigabytes_per_second(dram.bandwidth);
}

Milliwatts EngineConfig::static_power() const { return leakage_power() + dram_interface_power(); }

PicojoulesPerByte EngineConfig::sram_read_energy() const { return energy.sram_read * bank_size_factor(*this); }
PicojoulesPerByte EngineConfig::sram_write_energy() const { return energy.sram_write * bank_size_factor(*this); }

Seconds EngineConfig::seconds(Cycles cycles) const {
  return Seconds(static_cast<double>(cycles.count()) / array.clock.count());
}

std::string value_text(const EngineConfig& config, const std::string& key) {
  return text_of(fetch(require_parameter(key), config));
}

double numeric_value(const EngineConfig& config, const std::string& key) {
  const Value value = fetch(require_parameter(key), config);
  if (std::holds_alternative<std::string>(value)) throw Error("key '" + key + "' is a text and has no number");
  return std::visit(Number(), value);
}

std::vector<double> numeric_values(const EngineConfig& config) {
  const std::vector<Parameter>& table = parameter_table();
  std::vector<double> values;
  values.reserve(table.size());
  for (const Parameter& parameter : table) {
    const Value value = fetch(parameter, config);
    if (!std::holds_alternative<std::string>(value)) values.push_back(std::visit(Number(), value));
  }
  return values;
}

std::vector<std::string> parameter_keys() {
  std::vector<std::string> keys;
  for (const Parameter& parameter : parameter_table()) keys.emplace_back(parameter.key);
  return keys;
}

std::optional<std::string> value_where_absent(const std::string& key) {
  const Parameter& parameter = require_parameter(key);
  if (!parameter.later) return std::nullopt;
  return parameter.fallback;
}

std::vector<ParameterReference> parameter_reference() {
  std::vector<ParameterReference> rows;
  for (const Parameter& parameter : parameter_table()) {
    ParameterReference row;
    row.key = parameter.key;
    row.notation = notation(parameter);
    if (parameter.low != nullptr) row.low = parameter.low;
    if (parameter.high != nullptr) row.high = parameter.high;
    row.required = parameter.fallback == nullptr;
    if (!row.required) row.fallback = parameter.fallback;
    row.meaning = parameter.meaning;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace lanewise::engine
