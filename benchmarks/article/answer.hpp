// SPDX-License-Identifier: Apache-2.0
// How the benchmarks of the article's results answer: a table, a JSON file and a chart.
#pragma once

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/article/bar_chart.hpp"
#include "benchmarks/article/searches.hpp"

namespace lanewise::article {

// Columns as wide as their widest cell; the first one to the left, the others to the right.
inline void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int width = static_cast<int>(widths[i]);
      std::printf(i == 0 ? "%-*s" : "  %*s", width, row[i].c_str());
    }
    std::printf("\n");
  }
  std::printf("\n");
}

inline std::string signed_text(double percent) { return fmt::format("{:+.1f} %", percent); }
// "-54.4 % (-54.4 to -52.9)".
inline std::string spread_text(const Spread& spread) {
  return fmt::format("{:+.1f} % ({:+.1f} to {:+.1f})", spread.median, spread.least, spread.most);
}

struct Answer {
  Json json;
  BarChart chart;
  bool reached = false;  // what the result must show
};

// The main of such a benchmark: FOLDER SETTINGS OUT.json OUT.svg. Status 0 where the result is reached, 1 where it is
// not, 2 where something is wrong.
inline int answer_main(int argc, char** argv, const std::function<Answer(const std::string& folder)>& work) {
  if (argc != 5) {
    std::fprintf(stderr, "arguments: FOLDER SETTINGS OUT.json OUT.svg; the script of the same name gives them\n");
    return 2;
  }
  try {
    Answer answer = work(argv[1]);
    answer.json["settings"] = argv[2];
    answer.json["reached"] = answer.reached;
    std::ofstream(argv[3]) << answer.json.dump(2) << "\n";
    std::ofstream(argv[4]) << bar_chart_svg(answer.chart);
    std::printf("%s\n", answer.reached ? "reached" : "not reached");
    return answer.reached ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

// The one finalist of a run, by latency.
inline double latency_change(const Run& run) {
  return change_percent(run.baseline.simulated_ms, run.finalists.front().simulated_ms);
}
inline double macs_change(const Run& run) { return change_percent(run.baseline.macs, run.finalists.front().macs); }
inline double parameters_change(const Run& run) {
  return change_percent(run.baseline.parameters, run.finalists.front().parameters);
}
inline double memory_change(const Run& run) {
  return change_percent(run.baseline.peak_activation_bytes, run.finalists.front().peak_activation_bytes);
}

template <class Value>
Spread spread_over(const std::vector<Run>& runs, const Value& value) {
  std::vector<double> values;
  for (const Run& run : runs) values.push_back(value(run));
  return spread_of(values);
}

// A search that ends in one network, over its seeds.
inline Json search_json(const std::string& name, const std::vector<Run>& runs) {
  Json all = Json::array();
  for (const Run& run : runs) {
    Json json = to_json(run.finalists.front(), run.baseline);
    json["seed"] = run.seed;
    json["evaluations"] = run.evaluations;
    all.push_back(std::move(json));
  }
  return {{"search", name},
          {"algorithm", runs.front().algorithm},
          {"limits", runs.front().limits},
          {"latency_change_percent", to_json(spread_over(runs, latency_change))},
          {"headline_seed", median_run(runs, latency_change).seed},
          {"runs", std::move(all)}};
}

inline Json baseline_json(const Model& baseline) {
  return {{"simulated_ms", baseline.simulated_ms},
          {"predicted_ms", baseline.predicted_ms},
          {"macs", baseline.macs},
          {"parameters", baseline.parameters},
          {"peak_activation_bytes", baseline.peak_activation_bytes},
          {"bound_by", baseline.bound_by},
          {"saved_if_doubled_percent", bounds_json(baseline)}};
}

}  // namespace lanewise::article
