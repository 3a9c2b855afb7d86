// SPDX-License-Identifier: Apache-2.0
// Sums up the results of several codesigns: by how much the predicted latencies of their finalists miss the simulated
// ones, as the search first found them and after the estimator learned from them. Arguments: NAME=result.json …
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using Json = nlohmann::ordered_json;

struct Errors {
  double sum = 0, worst = 0;
  std::int64_t count = 0;
  void add(double percent) {
    sum += std::abs(percent);
    worst = std::max(worst, std::abs(percent));
    ++count;
  }
  double mean() const { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

}  // namespace

int main(int argc, char** argv) {
  constexpr double kMeanAtMost = 2, kWorstAtMost = 6;
  Json jobs = Json::array();
  Errors all, seen, first;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    std::ifstream file(word.substr(equals + 1));
    const Json result = Json::parse(file);
    Errors job;
    for (const Json& finalist : result.at("finalists")) {
      if (finalist.at("error_percent").is_null()) continue;
      job.add(finalist.at("error_percent"));
      all.add(finalist.at("error_percent"));
      const Json& known = finalist.at("trained_on_percent");
      if (!known.is_null() && known.get<double>() > 50) seen.add(finalist.at("error_percent"));
    }
    // What the search found before anything was learned from it: the first round, or the only one.
    const Json& rounds = result.at("rounds");
    double mean = job.mean(), worst = job.worst;
    std::int64_t count = job.count;
    if (!rounds.empty()) {
      mean = rounds.front().at("mean_error_percent");
      worst = rounds.front().at("worst_error_percent");
      count = rounds.front().at("simulated");
    }
    first.sum += mean * static_cast<double>(count);
    first.count += count;
    first.worst = std::max(first.worst, worst);
    jobs.push_back(
        {{"job", word.substr(0, equals)},
         {"estimator", result.at("estimator").at("origin")},
         {"evaluations", result.at("evaluations")},
         {"rounds", rounds.size()},
         {"finalists", job.count},
         {"mean_error_percent", job.mean()},
         {"worst_error_percent", job.worst},
         {"first_round", {{"finalists", count}, {"mean_error_percent", mean}, {"worst_error_percent", worst}}}});
  }
  const Json report = {{"benchmark", "finalist_error"},
                       {"finalists", all.count},
                       {"mean_error_percent", all.mean()},
                       {"worst_error_percent", all.worst},
                       {"first_round_mean_error_percent", first.mean()},
                       {"first_round_worst_error_percent", first.worst},
                       {"finalists_mostly_trained_on", seen.count},
                       {"at_most", {{"mean_error_percent", kMeanAtMost}, {"worst_error_percent", kWorstAtMost}}},
                       {"reached", all.count > 0 && all.mean() <= kMeanAtMost && all.worst <= kWorstAtMost},
                       {"jobs", jobs}};
  std::printf("%s\n", report.dump(2).c_str());
  return all.count > 0 && all.mean() <= kMeanAtMost && all.worst <= kWorstAtMost ? 0 : 1;
}
