// SPDX-License-Identifier: Apache-2.0
#include "report/space_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/record/csv.hpp"

namespace lanewise::report {

std::string to_json(const SpacePricesView& view) {
  nlohmann::ordered_json json = {{"space", view.space},
                                 {"engine", view.engine},
                                 {"by", view.by},
                                 {"refused", view.prices->refused},
                                 {"networks", nlohmann::ordered_json::array()}};
  for (const study::SpacePrice& price : view.prices->networks) {
    json["networks"].push_back({{"encoding", price.encoding},
                                {"latency_ms", price.latency_ms},
                                {"energy_uj", price.energy_uj},
                                {"macs", price.macs},
                                {"parameters", price.parameters}});
  }
  return json.dump(2) + "\n";
}

std::string to_csv(const SpacePricesView& view) {
  std::string text = record::csv_line({"encoding", "latency_ms", "energy_uj", "macs", "parameters"});
  for (const study::SpacePrice& price : view.prices->networks) {
    text += record::csv_line({price.encoding, record::csv_number(price.latency_ms), record::csv_number(price.energy_uj),
                              std::to_string(price.macs), std::to_string(price.parameters)});
  }
  return text;
}

std::string to_text(const SpacePricesView& view) {
  std::vector<double> latencies;
  for (const study::SpacePrice& price : view.prices->networks) latencies.push_back(price.latency_ms);
  std::sort(latencies.begin(), latencies.end());
  std::string text = fmt::format("{} networks of {} on {}, by {}: {:.4g} to {:.4g} ms, half of them below {:.4g} ms\n",
                                 latencies.size(), view.space, view.engine, view.by, latencies.front(),
                                 latencies.back(), latencies[latencies.size() / 2]);
  if (view.prices->refused > 0) {
    text += fmt::format("{} more cannot run there: {}\n", view.prices->refused, view.prices->first_refusal);
  }
  return text + "--csv prints what each takes: lanewise-fit converge and evolve read that as --prices\n";
}

}  // namespace lanewise::report
