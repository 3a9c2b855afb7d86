// SPDX-License-Identifier: Apache-2.0
#include "report/external.hpp"

#include <fmt/format.h>

#include "report/table.hpp"

namespace lanewise::report {

Json external_json(const study::ExternalReport& report) {
  Json json = {{"measured_by", report.source}, {"command", report.command}, {"runs", report.runs},
               {"retries", report.retries},    {"seconds", report.seconds}, {"unanswered", report.unanswered}};
  json["unanswered_first"] = Json::array();
  for (const study::ExternalReport::Unanswered& one : report.unanswered_first) {
    json["unanswered_first"].push_back({{"subgraph_key", one.subgraph_key}, {"reason", one.reason}});
  }
  return json;
}

std::string external_text(const study::ExternalReport& report) {
  std::string out = fmt::format("  measured by    {}\n  its runs       {}, {} of them retries\n", report.source,
                                grouped(report.runs), grouped(report.retries));
  if (report.unanswered == 0) return out;
  out += fmt::format("  unanswered     {} subgraphs, about which the same command asks again:\n",
                     grouped(report.unanswered));
  for (const study::ExternalReport::Unanswered& one : report.unanswered_first) {
    out += fmt::format("    {}: {}\n", one.subgraph_key, one.reason);
  }
  return out;
}

std::string measured_by_text(const std::string& source) {
  return fmt::format("Measured by {}, not by the simulator: errors are against its cycles\n", source);
}

}  // namespace lanewise::report
