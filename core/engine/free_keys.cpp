// SPDX-License-Identifier: Apache-2.0
#include "core/engine/free_keys.hpp"

#include <type_traits>

#include "core/engine/parameter_table.hpp"

namespace lanewise::engine {
namespace {

// Doubles a value where it lies. The result need not be a valid engine: only its figures are looked at.
struct Double {
  void operator()(std::string*) const {}
  void operator()(bool* value) const { *value = !*value; }
  void operator()(std::int64_t* value) const { *value = *value == 0 ? 1 : 2 * *value; }
  void operator()(double* value) const { *value = *value == 0 ? 1 : 2 * *value; }
  template <class Tag, class Rep>
  void operator()(Quantity<Tag, Rep>* value) const {
    *value = value->count() == 0 ? Quantity<Tag, Rep>(1) : *value * 2;
  }
  void operator()(Structure* value) const { *value = value->any() ? Structure{} : Structure{2, 4}; }
  template <class Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
  void operator()(Enum* value) const {
    *value = static_cast<Enum>(static_cast<int>(*value) == 0 ? 1 : 0);
  }
};

// Everything that area and energy are made of: sizes, and the energy of one action of each kind.
std::vector<double> figures(const EngineConfig& config) {
  std::vector<double> out = {config.total_area().count(),
                             config.static_power().count(),
                             config.sram_read_energy().count(),
                             config.sram_write_energy().count(),
                             config.energy.accumulator.count() * static_cast<double>(config.accumulators.bits),
                             config.energy.dram.count(),
                             config.energy.post_processing.count(),
                             config.selects_weights() ? config.energy.weight_select.count() : 0,
                             config.decodes_weights() ? config.energy.weight_decode.count() : 0};
  for (const Picojoules mac : config.energy.mac) out.push_back(mac.count());
  return out;
}

}  // namespace

std::vector<std::string> free_keys(const EngineConfig& config, const std::vector<std::string>& keys) {
  const std::vector<double> before = figures(config);
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    const Parameter& parameter = require_parameter(key);
    EngineConfig changed = config;
    const Slot slot = parameter.slot(changed);
    // What units cost is no hardware, even where the engine lacks the unit.
    const bool price = key.rfind("area.", 0) == 0 || key.rfind("energy.", 0) == 0;
    if (std::holds_alternative<std::string*>(slot) || key.rfind("mapping.", 0) == 0 || price) continue;
    std::visit(Double(), slot);
    if (figures(changed) == before) out.push_back(key);
  }
  return out;
}

}  // namespace lanewise::engine
