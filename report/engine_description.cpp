// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/engine/scaling_rules.hpp"
#include "core/record/csv.hpp"
#include "report/breakdown.hpp"
#include "report/describe.hpp"
#include "report/json.hpp"
#include "report/rtl_check.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

// "a.b.c" as the nested place in `root`.
Json& place(Json& root, const std::string& key) {
  Json* at = &root;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    at = &(*at)[key.substr(begin, dot - begin)];
    begin = dot + 1;
  }
  return (*at)[key.substr(begin)];
}

}  // namespace

std::string engine_json(const engine::LoadedEngine& engine, const study::RtlCheckSummary& rtl) {
  Json out = Json::object();
  for (const engine::Leaf& leaf : engine.leaves)
    place(out, leaf.key) = {{"value", leaf.value}, {"origin", leaf.origin}};
  add_identity(out, engine::identity_of(engine.config));
  const engine::AreaBreakdown area = engine.config.area_breakdown();
  out["area_mm2"] = area.total().count();
  out["area_breakdown_mm2"] = area_json(area);
  out["warnings"] = Json::array();
  for (const engine::ScalingWarning& warning : engine::scaling_warnings(engine.config)) {
    out["warnings"].push_back(warning.message);
  }
  out["rtl_check"] = rtl_check_json(rtl);
  return dump(out);
}

std::string engine_text(const engine::LoadedEngine& engine) {
  const engine::EngineConfig& config = engine.config;
  Table table({{"key", Table::Align::kLeft}, {"value", Table::Align::kLeft}, {"origin", Table::Align::kLeft}});
  for (const engine::Leaf& leaf : engine.leaves) table.add({leaf.key, leaf.value, leaf.origin});
  return fmt::format(
      "{}: {} int8 MACs/cycle at {} MHz, {} on chip, {} B/cycle to DRAM, {} mm2, {} mW at rest\n  {}\n\n{}",
      engine::engine_title(config), grouped(config.macs_per_cycle()), fixed(config.array.clock.count() / 1e6, 0),
      bytes_text(config.onchip_capacity().count()), compact(config.dram_bandwidth().count()),
      fixed(config.total_area().count(), 3), compact(config.static_power().count()), area_text(config.area_breakdown()),
      table.text());
}

std::string engine_csv(const engine::LoadedEngine& engine) {
  std::string out = record::csv_line({"key", "value", "origin"});
  for (const engine::Leaf& leaf : engine.leaves) out += record::csv_line({leaf.key, leaf.value, leaf.origin});
  return out;
}

std::string to_json(const std::vector<EngineCheck>& checks) {
  Json out = Json::array();
  for (const EngineCheck& check : checks) {
    Json one = {{"file", check.file}, {"valid", true}, {"engine", check.engine}, {"family", check.family}};
    add_identity(one, check.identity);
    one["warnings"] = check.warnings;
    out.push_back(std::move(one));
  }
  return dump(out.size() == 1 ? Json(out.front()) : out);
}

std::string to_csv(const std::vector<EngineCheck>& checks) {
  std::string out = record::csv_line({"file", "engine", "family", "engine_hash", "warnings"});
  for (const EngineCheck& check : checks) {
    out += record::csv_line(
        {check.file, check.engine, check.family, check.identity.hash, std::to_string(check.warnings.size())});
  }
  return out;
}

std::string to_text(const std::vector<EngineCheck>& checks) {
  std::string out;
  for (const EngineCheck& check : checks) {
    out += fmt::format("{}: OK: engine {} of the family {}\n", check.file, check.identity.title(check.engine),
                       check.family);
    for (const std::string& warning : check.warnings) out += "  warning: " + warning + "\n";
  }
  return out;
}

}  // namespace lanewise::report
