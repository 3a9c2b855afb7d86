// SPDX-License-Identifier: Apache-2.0
#include "report/campaign.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/external.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {

std::string to_json(const study::CampaignReport& report) {
  Json json = {{"store", report.store},
               {"family", report.family},
               {"rows", report.rows},
               {"planned", report.planned},
               {"engines", report.engines},
               {"complete_networks", report.complete_networks},
               {"measured", report.measured},
               {"stored", report.stored},
               {"failed", report.failed},
               {"refused_engines", report.refused_engines},
               {"refused_networks", report.refused_networks},
               {"shard", report.shard.empty() ? Json() : Json(report.shard)}};
  if (report.external) json["external"] = external_json(*report.external);
  return dump(json);
}

std::string to_csv(const study::CampaignReport& report) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  return record::csv_line({"store", "family", "rows", "planned", "engines", "complete_networks", "measured", "stored",
                           "failed", "refused_engines", "refused_networks", "shard"}) +
         record::csv_line({report.store, report.family, number(report.rows), number(report.planned),
                           number(report.engines), number(report.complete_networks), number(report.measured),
                           number(report.stored), number(report.failed), number(report.refused_engines),
                           number(report.refused_networks), report.shard});
}

std::string to_text(const study::CampaignReport& report) {
  return fmt::format(
             "{}: {} rows\n  {:<13}  {} rows on {} engines of the family {}, with {} whole networks\n  measured now   "
             "{}, {} of them failed\n"
             "  stored before  {}\n  left out       {} engine combinations, {} networks on engines that cannot run "
             "them\n",
             report.store, grouped(report.rows), report.shard.empty() ? "this campaign" : "shard " + report.shard,
             grouped(report.planned), grouped(report.engines), report.family, grouped(report.complete_networks),
             grouped(report.measured), grouped(report.failed), grouped(report.stored), grouped(report.refused_engines),
             grouped(report.refused_networks)) +
         (report.external ? external_text(*report.external) : "");
}

}  // namespace lanewise::report
