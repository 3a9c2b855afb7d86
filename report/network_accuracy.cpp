// SPDX-License-Identifier: Apache-2.0
#include "report/network_accuracy.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

// Of the intervals that `estimate` answers with unless asked otherwise.
constexpr double kUsualLevel = 0.9;

Json errors_json(const estimator::NetworkErrors& errors) {
  return {{"networks", errors.networks},
          {"within_5_percent", errors.within_5_percent},
          {"within_10_percent", errors.within_10_percent},
          {"median_error_percent", errors.median_percent},
          {"worst_error_percent", errors.worst_percent}};
}

const estimator::Coverage* usual(const estimator::NetworkAccuracy& accuracy) {
  for (const estimator::Coverage& coverage : accuracy.intervals) {
    if (std::abs(coverage.level - kUsualLevel) < 1e-9) return &coverage;
  }
  return nullptr;
}

std::string figures(const estimator::NetworkAccuracy& accuracy) {
  const estimator::NetworkErrors& latency = accuracy.latency;
  if (latency.networks == 0) return "none compared";
  std::string out = fmt::format("within 10 % {} %, median {} %, worst {} % ({} on {} engines)",
                                fixed(latency.within_10_percent, 1), fixed(latency.median_percent, 1),
                                fixed(latency.worst_percent, 1), grouped(latency.networks), grouped(accuracy.engines));
  if (const estimator::Coverage* coverage = usual(accuracy)) {
    out += fmt::format("; {} % intervals held {} %", fixed(100 * kUsualLevel, 0), fixed(coverage->covered_percent, 0));
  }
  return out;
}

void add_row(Table& table, const std::string& family, const std::string& trained_on,
             const estimator::NetworkAccuracy& accuracy) {
  const estimator::NetworkErrors& latency = accuracy.latency;
  if (latency.networks == 0) return;
  const auto cell = [](const estimator::NetworkErrors& errors, double value) {
    return errors.networks == 0 ? std::string("-") : fixed(value, 1);
  };
  const estimator::Coverage* coverage = usual(accuracy);
  table.add({family, trained_on, grouped(latency.networks), cell(latency, latency.within_10_percent),
             fixed(latency.median_percent, 2), cell(latency, latency.worst_percent),
             cell(accuracy.energy, accuracy.energy.within_10_percent),
             cell(accuracy.energy, accuracy.energy.worst_percent),
             cell(accuracy.peak_sram, accuracy.peak_sram.within_10_percent),
             cell(accuracy.peak_sram, accuracy.peak_sram.worst_percent),
             coverage == nullptr ? "-" : fixed(coverage->covered_percent, 1),
             coverage == nullptr ? "-" : fixed(coverage->median_width_percent, 2)});
}

}  // namespace

Json network_accuracy_json(const estimator::NetworkAccuracy& accuracy) {
  Json json = {{"networks", accuracy.latency.networks}, {"engines", accuracy.engines}};
  if (accuracy.latency.networks > 0) json["latency"] = errors_json(accuracy.latency);
  if (accuracy.energy.networks > 0) json["energy"] = errors_json(accuracy.energy);
  if (accuracy.peak_sram.networks > 0) json["peak_sram_bytes"] = errors_json(accuracy.peak_sram);
  json["intervals"] = Json::array();
  for (const estimator::Coverage& row : accuracy.intervals) {
    json["intervals"].push_back({{"level", row.level},
                                 {"count", row.count},
                                 {"covered_percent", row.covered_percent},
                                 {"median_width_percent", row.median_width_percent}});
  }
  return json;
}

Json network_report_json(const estimator::NetworkReport& report) {
  if (report.empty()) return nullptr;
  Json families = Json::array();
  for (const estimator::NetworkFamily& family : report.families) {
    families.push_back({{"name", family.name},
                        {"members", family.members},
                        {"held_out", network_accuracy_json(family.held_out)},
                        {"left_out", network_accuracy_json(family.left_out)}});
  }
  return {{"held_out", network_accuracy_json(report.held_out)},
          {"left_out", network_accuracy_json(report.left_out)},
          {"families", families}};
}

std::string network_report_text(const estimator::NetworkReport& report) {
  if (report.empty()) return "";
  Table table({{"family", Align::kLeft},
               {"trained on", Align::kLeft},
               {"networks"},
               {"within 10 %"},
               {"median %"},
               {"worst %"},
               {"energy within 10 %"},
               {"worst %"},
               {"peak within 10 %"},
               {"worst %"},
               {"90 % held"},
               {"width %"}});
  const char* const others = "other engines";
  const char* const unlike = "other engines, other families";
  for (const estimator::NetworkFamily& family : report.families) {
    add_row(table, fmt::format("{}", fmt::join(family.members, ", ")), others, family.held_out);
    add_row(table, "", unlike, family.left_out);
  }
  add_row(table, "all", others, report.held_out);
  add_row(table, "", unlike, report.left_out);
  return "\nWhole networks on engines held out, by family of networks; % within 10 % of what was measured:\n\n" +
         table.text();
}

Json networks_like_json(const estimator::NetworksLikeThis& like) {
  Json json = network_accuracy_json(like.accuracy);
  json["known"] = like.known;
  json["family"] = like.known ? Json(like.family) : Json(nullptr);
  json["members"] = like.known ? Json(like.members) : Json::array();
  json["nearest"] = like.nearest;
  json["distance"] = like.distance;
  json["text"] = to_text(like);
  return json;
}

std::string to_text(const estimator::NetworksLikeThis& like) {
  if (like.known) {
    return fmt::format("networks of family {} ({}) on engines held out: {}", like.family, fmt::join(like.members, ", "),
                       figures(like.accuracy));
  }
  return fmt::format(
      "like no network trained on (nearest {}): all families, each left out of training, on engines held out: {}",
      like.nearest, figures(like.accuracy));
}

}  // namespace lanewise::report
