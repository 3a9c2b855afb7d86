// SPDX-License-Identifier: Apache-2.0
#include "estimator/adaptation.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "estimator/analytical_model.hpp"

namespace lanewise::estimator {
namespace {

bool begins_with(const std::string& text, const char* beginning) { return text.rfind(beginning, 0) == 0; }

bool changes_no_cycle(const std::string& key) {
  return key == "name" || key == "description" || begins_with(key, "energy.") || begins_with(key, "area.");
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

}  // namespace

std::map<std::string, std::string> identity_values(const engine::EngineConfig& description,
                                                   const std::vector<std::string>& row_keys) {
  std::map<std::string, std::string> values;
  for (const std::string& key : engine::parameter_keys()) {
    if (changes_no_cycle(key) || std::count(row_keys.begin(), row_keys.end(), key) > 0) continue;
    values[key] = engine::value_text(description, key);
  }
  return values;
}

std::string adaptation_difference(const Adaptation& adaptation, const engine::EngineConfig& engine) {
  for (const auto& [key, described] : adaptation.described) {
    const std::string value = engine::value_text(engine, key);
    if (value != described) return key + " is " + value + ", not " + described;
  }
  return "";
}

engine::EngineConfig effective_engine(const Adaptation& adaptation, const engine::EngineConfig& engine) {
  std::vector<engine::Override> changes;
  changes.reserve(adaptation.effective.size());
  for (const auto& [key, value] : adaptation.effective) changes.push_back({key, value});
  return engine::with_overrides(engine, changes);
}

const std::vector<std::string>& correction_features() {
  static const std::vector<std::string> names = {"constant", "log_reference_cycles", "load_share", "compute_share",
                                                 "fixed_share"};
  return names;
}

std::vector<double> correction_values(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const Analytic a = analyse(subgraph, engine);
  const mapping::AnalyticalTile& t = a.tile;
  return {1, std::log(a.latency_cycles), share(t.dma_cycles, a.latency_cycles),
          share(t.compute_cycles, a.latency_cycles), share(t.fill_cycles + t.drain_cycles, a.latency_cycles)};
}

double correction_factor(const std::vector<CorrectionTerm>& correction, const mapping::Subgraph& subgraph,
                         const engine::EngineConfig& engine) {
  if (correction.empty()) return 1;
  const std::vector<std::string>& names = correction_features();
  const std::vector<double> values = correction_values(subgraph, engine);
  double sum = 0;
  for (const CorrectionTerm& term : correction) {
    const auto at = std::find(names.begin(), names.end(), term.feature);
    if (at == names.end()) throw InternalError("a correction goes by an unknown feature '" + term.feature + "'");
    const double value = std::clamp(values[static_cast<std::size_t>(at - names.begin())], term.low, term.high);
    sum += term.coefficient * (value - term.centre) / term.spread;
  }
  return std::exp(sum);
}

Cycles corrected_latency(Cycles latency, Cycles programming, double factor) {
  const Cycles fixed = std::min(latency, programming);
  const double rest = static_cast<double>((latency - fixed).count()) * factor;
  return std::max(Cycles(1), fixed + Cycles(static_cast<std::int64_t>(std::llround(rest))));
}

}  // namespace lanewise::estimator
