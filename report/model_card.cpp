// SPDX-License-Identifier: Apache-2.0
#include "report/model_card.hpp"

#include <fmt/format.h>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string head(const ModelCard& card) {
  std::string out = fmt::format("Estimator {}\n\n", card.file);
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<14} {}\n", label, text);
  };
  line("family", card.accuracy.family);
  line("trained on", fmt::format("{} rows on {} engines", grouped(card.accuracy.rows), grouped(card.accuracy.engines)));
  line("networks", card.networks.empty() ? "not told by its rows" : fmt::format("{}", fmt::join(card.networks, ", ")));
  line("trained by",
       card.trained_by == card.read_by
           ? "lanewise " + card.trained_by
           : fmt::format("lanewise {}; its answers mean the same to lanewise {}", card.trained_by, card.read_by));
  line("schema",
       fmt::format("{}: closed forms {}, {} features", card.schema_hash, card.reference_version, card.features.size()));
  std::vector<std::string> targets;
  for (const auto& [name, unit] : card.targets) targets.push_back(fmt::format("{} in {}", name, unit));
  line("predicts", fmt::format("{}", fmt::join(targets, ", ")));
  line("trees", fmt::format("{} of depth {}, learning rate {}, seed {}", card.trees, card.depth,
                            csv_number(card.learning_rate), card.seed));
  line("intervals",
       card.folds == 0
           ? "none"
           : fmt::format("calibrated on {} folds of engines, {} whole networks, {} drawn ones; errors in a network "
                         "correlated by {}",
                         card.folds, card.complete_networks, card.drawn_networks, fixed(card.correlation, 2)));
  if (!card.adapted.empty()) line("adapted", card.adapted);
  return out;
}

std::string engine_table(const ModelCard& card) {
  Table varied({{"engine key", Align::kLeft}, {"lowest"}, {"highest"}});
  std::size_t fixed_keys = 0;
  for (const ModelCard::EngineRange& range : card.engine_ranges) {
    if (range.low == range.high) {
      ++fixed_keys;
    } else {
      varied.add({range.key, range.low, range.high});
    }
  }
  return fmt::format("Engines trained on; {} more keys had one value each, which --json tells:\n\n{}", fixed_keys,
                     varied.text());
}

std::string pass_table(const ModelCard& card) {
  Table table({{"pass family", Align::kLeft}, {"ranges trained on", Align::kLeft}});
  std::string family;
  std::vector<std::string> ranges;
  const auto flush = [&] {
    if (!family.empty()) table.add({family, fmt::format("{}", fmt::join(ranges, ", "))});
    ranges.clear();
  };
  for (const ModelCard::PassRange& range : card.pass_ranges) {
    if (range.family != family) flush();
    family = range.family;
    if (range.low < range.high) ranges.push_back(fmt::format("{} {:.6g}-{:.6g}", range.feature, range.low, range.high));
  }
  flush();
  return table.text();
}

}  // namespace

std::string to_json(const ModelCard& card) {
  Json targets = Json::array();
  for (const auto& [name, unit] : card.targets) targets.push_back({{"name", name}, {"unit", unit}});
  Json engines = Json::object(), passes = Json::object();
  for (const ModelCard::EngineRange& range : card.engine_ranges) engines[range.key] = {range.low, range.high};
  for (const ModelCard::PassRange& range : card.pass_ranges) {
    passes[range.family][range.feature] = {range.low, range.high};
  }
  Json out = {
      {"family", card.accuracy.family},
      {"training_rows", card.accuracy.rows},
      {"training_engines", card.accuracy.engines},
      {"networks", card.networks},
      {"trained_by", card.trained_by},
      {"schema_hash", card.schema_hash},
      {"reference_version", card.reference_version},
      {"features", card.features},
      {"targets", targets},
      {"options",
       {{"seed", card.seed}, {"trees", card.trees}, {"depth", card.depth}, {"learning_rate", card.learning_rate}}},
      {"engine_ranges", engines},
      {"pass_ranges", passes},
      {"splits", splits_json(card.accuracy)}};
  out["intervals"] = card.folds == 0 ? Json(nullptr)
                                     : Json{{"folds", card.folds},
                                            {"complete_networks", card.complete_networks},
                                            {"drawn_networks", card.drawn_networks},
                                            {"correlation", card.correlation}};
  out["adapted"] = card.adapted.empty() ? Json(nullptr) : Json(card.adapted);
  return dump(out);
}

std::string to_text(const ModelCard& card) {
  return head(card) + "\n" + engine_table(card) + "\n" + pass_table(card) + "\n" + to_text(card.accuracy);
}

}  // namespace lanewise::report
