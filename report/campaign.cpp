// SPDX-License-Identifier: Apache-2.0
#include "report/campaign.hpp"

#include <fmt/format.h>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {

std::string to_json(const study::CampaignReport& report) {
  return dump({{"store", report.store},
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
               {"shard", report.shard.empty() ? Json() : Json(report.shard)}});
}

std::string to_text(const study::CampaignReport& report) {
  return fmt::format(
      "{}: {} rows\n  {:<13}  {} rows on {} engines of the family {}, with {} whole networks\n  measured now   "
      "{}, {} of them failed\n"
      "  stored before  {}\n  left out       {} engine combinations, {} networks on engines that cannot run them\n",
      report.store, grouped(report.rows), report.shard.empty() ? "this campaign" : "shard " + report.shard,
      grouped(report.planned), grouped(report.engines), report.family, grouped(report.complete_networks),
      grouped(report.measured), grouped(report.failed), grouped(report.stored), grouped(report.refused_engines),
      grouped(report.refused_networks));
}

}  // namespace lanewise::report
