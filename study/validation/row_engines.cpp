// SPDX-License-Identifier: Apache-2.0
#include "study/validation/row_engines.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "study/validation/validation_cells.hpp"

namespace lanewise::study {
namespace {

// Overrides are spoken of as --set; here they come from columns.
std::string without_option(const std::string& message) {
  const std::string option = "--set ";
  return message.compare(0, option.size(), option) == 0 ? message.substr(option.size()) : message;
}

// Throws naming the column whose value alone is refused, if there is one.
void blame(const engine::EngineConfig& base, const ValidationSubgraph& subgraph, const std::string& place) {
  for (const ColumnOverride& column : subgraph.overrides) {
    try {
      engine::with_overrides(base, {column_override(base, column.change)});
    } catch (const Error& error) {
      throw Error(place + refusal(column.column, column.cell, without_option(error.what())));
    }
  }
}

}  // namespace

engine::Override column_override(const engine::EngineConfig& engine, const engine::Override& change) {
  const std::string shared = kOverAllBanks;
  if (const std::size_t at = change.value.rfind(shared); at != std::string::npos) {
    const std::int64_t banks = engine.memory.activation_banks + engine.memory.weight_banks;
    const std::int64_t bytes = static_cast<std::int64_t>(parse_number(change.value.substr(0, at)));
    if (bytes % banks != 0) {
      throw Error("--set " + change.key + ": must be a multiple of the engine's " + std::to_string(banks) + " banks");
    }
    return {change.key, std::to_string(bytes / banks) + " B"};
  }
  const std::string unit = " cycles";
  const std::size_t at = change.value.rfind(unit);
  if (at == std::string::npos || at + unit.size() != change.value.size()) return change;
  const double nanoseconds = parse_number(change.value.substr(0, at)) / engine.array.clock.count() * 1e9;
  return {change.key, number_text(nanoseconds) + " ns"};
}

engine::EngineConfig row_engine(const engine::EngineConfig& base, const ValidationSubgraph& subgraph,
                                const std::string& file) {
  std::vector<engine::Override> changes;
  changes.reserve(subgraph.overrides.size());
  for (const ColumnOverride& column : subgraph.overrides) changes.push_back(column_override(base, column.change));
  try {
    return engine::with_overrides(base, changes);
  } catch (const Error& error) {
    const std::string place = fmt::format("{}:{}: ", file, subgraph.line);
    blame(base, subgraph, place);
    throw Error(place + without_option(error.what()));
  }
}

}  // namespace lanewise::study
