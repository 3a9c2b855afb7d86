// SPDX-License-Identifier: Apache-2.0
#include "report/model_card.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/adaptation.hpp"
#include "report/campaign_record.hpp"
#include "report/json.hpp"
#include "report/network_accuracy.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string head(const study::ModelCard& card) {
  std::string out = fmt::format("Estimator {}\n\n", card.file);
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<14} {}\n", label, text);
  };
  line("family", card.accuracy.family);
  line("trained on", fmt::format("{} rows on {} engines", grouped(card.accuracy.rows), grouped(card.accuracy.engines)));
  if (!card.card.measured_by.empty()) line("measured by", card.card.measured_by);
  line("networks",
       card.card.networks.empty() ? "not told by its rows" : fmt::format("{}", fmt::join(card.card.networks, ", ")));
  for (const record::CampaignRecord& campaign : card.card.campaigns) line("campaign", campaign_line(campaign));
  if (card.card.campaigns.empty()) line("campaign", "not told by its rows");
  line("trained by", card.card.tool_version == card.read_by
                         ? "lanewise " + card.card.tool_version
                         : fmt::format("lanewise {}; its answers mean the same to lanewise {}", card.card.tool_version,
                                       card.read_by));
  line("schema", fmt::format("{}: analytical model {}, {} features", card.card.schema_hash,
                             card.card.analytical_version, card.card.features.size()));
  std::vector<std::string> targets;
  for (const auto& [name, unit] : card.card.targets) targets.push_back(fmt::format("{} in {}", name, unit));
  line("predicts", fmt::format("{}", fmt::join(targets, ", ")));
  line("trees", fmt::format("{} of depth {}, learning rate {}, seed {}", card.card.trees, card.card.depth,
                            record::csv_number(card.card.learning_rate), card.card.seed));
  line("intervals",
       card.card.folds == 0
           ? "none"
           : fmt::format("calibrated on {} folds of engines, {} whole networks, {} drawn ones; errors in a network "
                         "correlated by {}",
                         card.card.folds, card.card.complete_networks, card.card.drawn_networks,
                         fixed(card.card.correlation, 2)));
  if (card.adapted) line("adapted", to_text(*card.adapted));
  return out;
}

std::string engine_table(const study::ModelCard& card) {
  Table varied({{"engine key", Align::kLeft}, {"lowest"}, {"highest"}});
  std::size_t fixed_keys = 0;
  for (const estimator::Card::EngineRange& range : card.card.engine_ranges) {
    if (range.low == range.high) {
      ++fixed_keys;
    } else {
      varied.add({range.key, range.low, range.high});
    }
  }
  return fmt::format("Engines trained on; {} more keys had one value each, which --json tells:\n\n{}", fixed_keys,
                     varied.text());
}

std::string subgraph_table(const study::ModelCard& card) {
  Table table({{"subgraph family", Align::kLeft}, {"ranges trained on", Align::kLeft}});
  for (const auto& [family, features] : card.card.subgraph_ranges) {
    std::vector<std::string> ranges;
    for (const auto& [feature, range] : features) {
      if (range.first < range.second) {
        ranges.push_back(fmt::format("{} {:.6g}-{:.6g}", feature, range.first, range.second));
      }
    }
    table.add({family, fmt::format("{}", fmt::join(ranges, ", "))});
  }
  return table.text();
}

}  // namespace

std::string to_json(const study::ModelCard& card) {
  Json targets = Json::array();
  for (const auto& [name, unit] : card.card.targets) targets.push_back({{"name", name}, {"unit", unit}});
  Json engines = Json::object(), subgraphs = Json::object();
  for (const estimator::Card::EngineRange& range : card.card.engine_ranges)
    engines[range.key] = {range.low, range.high};
  for (const auto& [family, features] : card.card.subgraph_ranges) {
    for (const auto& [feature, range] : features) subgraphs[family][feature] = {range.first, range.second};
  }
  Json out = {{"family", card.accuracy.family},
              {"training_rows", card.accuracy.rows},
              {"training_engines", card.accuracy.engines},
              {"networks", card.card.networks},
              {"campaigns", campaigns_json(card.card.campaigns)},
              {"measured_by", card.card.measured_by.empty() ? Json("simulator") : Json(card.card.measured_by)},
              {"trained_by", card.card.tool_version},
              {"schema_hash", card.card.schema_hash},
              {"reference_version", card.card.analytical_version},
              {"features", card.card.features},
              {"targets", targets},
              {"options",
               {{"seed", card.card.seed},
                {"trees", card.card.trees},
                {"depth", card.card.depth},
                {"learning_rate", card.card.learning_rate}}},
              {"engine_ranges", engines},
              {"pass_ranges", subgraphs},
              {"splits", splits_json(card.accuracy)},
              {"whole_networks", network_report_json(card.accuracy.networks)}};
  out["intervals"] = card.card.folds == 0 ? Json(nullptr)
                                          : Json{{"folds", card.card.folds},
                                                 {"complete_networks", card.card.complete_networks},
                                                 {"drawn_networks", card.card.drawn_networks},
                                                 {"correlation", card.card.correlation}};
  out["adapted"] = card.adapted ? Json(to_text(*card.adapted)) : Json(nullptr);
  return dump(out);
}

std::string to_text(const study::ModelCard& card) {
  return head(card) + "\n" + engine_table(card) + "\n" + subgraph_table(card) + "\n" + to_text(card.accuracy);
}

}  // namespace lanewise::report
