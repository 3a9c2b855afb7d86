// SPDX-License-Identifier: Apache-2.0
#include "report/store.hpp"

#include <fmt/format.h>

#include "report/campaign_record.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

constexpr std::size_t kReasonsShown = 10;

Json counts_json(const std::map<std::string, std::int64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, rows] : counts) json[name] = rows;
  return json;
}

std::string counts_text(const std::map<std::string, std::int64_t>& counts) {
  std::string text;
  for (const auto& [name, rows] : counts) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
    if (counts.size() > 1) text += fmt::format(" ({} rows)", grouped(rows));
  }
  return text.empty() ? "-" : text;
}

std::string split_table(const study::StoreSummary& summary) {
  Table table({{"split", Align::kLeft}, {"train"}, {"validation"}, {"test"}, {"outside ranges"}});
  for (const study::SplitSizes& split : summary.splits) {
    table.add(
        {split.column, grouped(split.train), grouped(split.validation), grouped(split.test), grouped(split.outside)});
  }
  return table.text();
}

std::string family_table(const study::StoreSummary& summary) {
  Table table({{"subgraph family", Align::kLeft}, {"rows"}, {"shapes"}, {"fewest cycles"}, {"median"}, {"most"}});
  for (const study::FamilyRows& family : summary.subgraph_families) {
    table.add({family.family, grouped(family.rows), grouped(family.shapes), grouped(family.fewest_cycles),
               grouped(family.median_cycles), grouped(family.most_cycles)});
  }
  return table.text();
}

std::string network_table(const study::StoreSummary& summary) {
  Table table({{"network", Align::kLeft}, {"rows"}, {"engines"}, {"complete on"}});
  for (const study::NetworkRows& network : summary.networks) {
    table.add({network.network, grouped(network.rows), grouped(network.engines), grouped(network.complete_engines)});
  }
  return table.text();
}

}  // namespace

std::string to_json(const study::StoreSummary& summary) {
  Json json = {{"store", summary.store},
               {"rows", summary.rows},
               {"measured", summary.rows - summary.failed},
               {"failed", summary.failed},
               {"measured_by", summary.source.empty() ? Json("simulator") : Json(summary.source)},
               {"shapes", summary.shapes},
               {"engines", summary.engines},
               {"engines_outside_ranges", summary.outside_engines},
               {"tool_versions", counts_json(summary.tool_versions)},
               {"families", counts_json(summary.engine_families)},
               {"pass_families", Json::object()},
               {"networks", Json::object()},
               {"failures", Json::array()},
               {"engine_values", Json::object()},
               {"splits", Json::object()},
               {"campaigns", campaigns_json(summary.campaigns)}};
  for (const study::FamilyRows& family : summary.subgraph_families) {
    json["pass_families"][family.family] = {{"rows", family.rows},
                                            {"shapes", family.shapes},
                                            {"fewest_cycles", family.fewest_cycles},
                                            {"median_cycles", family.median_cycles},
                                            {"most_cycles", family.most_cycles}};
  }
  for (const study::NetworkRows& network : summary.networks) {
    json["networks"][network.network] = {
        {"rows", network.rows}, {"engines", network.engines}, {"complete_engines", network.complete_engines}};
  }
  for (const auto& [reason, rows] : summary.failures) json["failures"].push_back({{"reason", reason}, {"rows", rows}});
  for (const study::KeyValues& key : summary.keys) {
    json["engine_values"][key.key] = {{"inside_ranges", key.inside}, {"outside_ranges", key.outside}};
  }
  for (const study::SplitSizes& split : summary.splits) {
    json["splits"][split.column] = {
        {"train", split.train}, {"validation", split.validation}, {"test", split.test}, {"outside", split.outside}};
  }
  return dump(json);
}

std::string to_text(const study::StoreSummary& summary) {
  std::string out = fmt::format(
      "{}: {} rows\n\n  measured         {}, {} failed\n  shapes           {}\n  engines          {}, {} of them "
      "beyond "
      "their family's ranges\n  families         {}\n  tool version     {}\n",
      summary.store, grouped(summary.rows), grouped(summary.rows - summary.failed), grouped(summary.failed),
      grouped(summary.shapes), grouped(summary.engines), grouped(summary.outside_engines),
      counts_text(summary.engine_families), counts_text(summary.tool_versions));
  if (!summary.source.empty()) out += fmt::format("  measured by      {}, not the simulator\n", summary.source);
  if (!summary.splits.empty()) out += "\n" + split_table(summary);
  if (!summary.subgraph_families.empty()) out += "\n" + family_table(summary);
  if (!summary.networks.empty()) out += "\n" + network_table(summary);
  if (!summary.campaigns.empty()) out += "\n" + campaigns_text(summary.campaigns);
  if (summary.failures.empty()) return out;
  Table reasons({{"failed"}, {"because", Align::kLeft}});
  for (std::size_t i = 0; i < std::min(kReasonsShown, summary.failures.size()); ++i) {
    reasons.add({grouped(summary.failures[i].second), summary.failures[i].first});
  }
  out += "\n" + reasons.text();
  if (summary.failures.size() > kReasonsShown) {
    out += fmt::format("and {} reasons more; --json has them all\n", summary.failures.size() - kReasonsShown);
  }
  return out;
}

std::string to_json(const record::MergeOutcome& outcome, const std::string& store) {
  Json json = {{"store", store},
               {"rows", outcome.rows},
               {"failed", outcome.failed},
               {"engines", outcome.engines},
               {"tool_version", outcome.tool_version},
               {"family", outcome.family},
               {"sources", Json::array()}};
  for (const record::MergeOutcome::Source& source : outcome.sources) {
    json["sources"].push_back({{"store", source.path}, {"rows", source.rows}, {"repeated", source.repeated}});
  }
  return dump(json);
}

std::string to_text(const record::MergeOutcome& outcome, const std::string& store) {
  std::int64_t repeated = 0;
  for (const record::MergeOutcome::Source& source : outcome.sources) repeated += source.repeated;
  return fmt::format(
      "{}: {} rows\n  joined         {} stores, {} rows of them held by more than one\n  engines        {} of the "
      "family "
      "{}\n  failed         {}\n  tool version   {}\n",
      store, grouped(outcome.rows), outcome.sources.size(), grouped(repeated), grouped(outcome.engines),
      outcome.family.empty() ? "-" : outcome.family, grouped(outcome.failed),
      outcome.tool_version.empty() ? "-" : outcome.tool_version);
}

}  // namespace lanewise::report
