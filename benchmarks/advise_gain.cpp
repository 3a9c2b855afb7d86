// SPDX-License-Identifier: Apache-2.0
// Sums up what advice and full searches found on the same networks and engines. Arguments, in this order for each pair:
// NAME=advice.json=SECONDS, then NAME:SEED=result.json=SECONDS for each search. Gains are simulated, in percent of the
// latency of the network as given.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace {

using Json = nlohmann::ordered_json;

constexpr double kShareAtLeast = 80;  // percent

struct Argument {
  std::string name, seed;
  Json json;
  double seconds = 0;

  explicit Argument(const std::string& word) {
    const std::size_t first = word.find('='), last = word.rfind('=');
    if (first == std::string::npos || first == last) throw std::runtime_error("'" + word + "': NAME=FILE=SECONDS");
    name = word.substr(0, first);
    const std::size_t colon = name.find(':');
    if (colon != std::string::npos) {
      seed = name.substr(colon + 1);
      name.resize(colon);
    }
    std::ifstream file(word.substr(first + 1, last - first - 1));
    json = Json::parse(file);
    seconds = std::atof(word.c_str() + last + 1);
  }
};

double gain_percent(double before, double after) { return 100 * (1 - after / before); }

// The least simulated latency of a finalist that keeps its limits; the baseline's where there is none.
double best_latency(const Json& result) {
  double best = result.at("baseline").at("simulated").at("latency_ms");
  for (const Json& finalist : result.at("finalists")) {
    if (!finalist.at("simulated").is_null() && finalist.at("missed_limits").empty()) {
      best = std::min(best, finalist.at("simulated").at("latency_ms").get<double>());
    }
  }
  return best;
}

int run(int argc, char** argv) {
  Json pairs = Json::array();
  for (int i = 1; i < argc; ++i) {
    const Argument argument(argv[i]);
    if (argument.seed.empty()) {
      const Json& plan = argument.json.at("plan");
      const double before = argument.json.at("given").at("simulated").at("latency_ms");
      pairs.push_back(
          {{"name", argument.name},
           {"latency_ms", before},
           {"limits", argument.json.at("limits")},
           {"plan",
            {{"simulated_gain_percent", gain_percent(before, plan.at("simulated").at("latency_ms"))},
             {"predicted_gain_percent", gain_percent(argument.json.at("given").at("predicted").at("latency_ms"),
                                                     plan.at("predicted").at("latency_ms"))},
             {"moves", plan.at("steps").size()},
             {"keeps_limits", plan.at("missed").empty()},
             {"designs_priced", plan.at("evaluations")},
             {"seconds", argument.seconds}}},
           {"searches", Json::array()}});
    } else {
      const double before = argument.json.at("baseline").at("simulated").at("latency_ms");
      pairs.back()["searches"].push_back({{"seed", argument.seed},
                                          {"simulated_gain_percent", gain_percent(before, best_latency(argument.json))},
                                          {"designs_priced", argument.json.at("evaluations")},
                                          {"seconds", argument.seconds}});
    }
  }
  double least = 1e9, sum = 0;
  bool keeps = true;
  for (Json& pair : pairs) {
    double best = 0, mean = 0;
    for (const Json& search : pair.at("searches")) {
      best = std::max(best, search.at("simulated_gain_percent").get<double>());
      mean += search.at("simulated_gain_percent").get<double>() / static_cast<double>(pair.at("searches").size());
    }
    const double plan = pair.at("plan").at("simulated_gain_percent");
    const double share = best > 0 ? 100 * plan / best : 0;
    pair["search_best_gain_percent"] = best;
    pair["search_mean_gain_percent"] = mean;
    pair["share_of_best_percent"] = share;
    least = std::min(least, share);
    sum += share;
    keeps = keeps && pair.at("plan").at("keeps_limits").get<bool>();
  }
  const bool reached = !pairs.empty() && keeps && least >= kShareAtLeast;
  const Json report = {{"benchmark", "advise_gain"},
                       {"pairs_tried", pairs.size()},
                       {"least_share_percent", pairs.empty() ? 0 : least},
                       {"mean_share_percent", pairs.empty() ? 0 : sum / static_cast<double>(pairs.size())},
                       {"at_least_percent", kShareAtLeast},
                       {"reached", reached},
                       {"pairs", pairs}};
  std::cout << report.dump(2) << '\n';
  return reached ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 2;
  }
}
