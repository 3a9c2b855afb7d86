// SPDX-License-Identifier: Apache-2.0
// How what networks inherit from a supernet ranks networks that were trained by themselves. The script beside makes the
// tables. Only here is the table of trainings read.
//   supernet TABLE SCORES.csv NAME=INHERITED.csv ...    a JSON
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "accuracy/metrics/correlation.hpp"
#include "core/base/error.hpp"
#include "core/record/csv.hpp"

namespace {

using lanewise::Error;
using Json = nlohmann::ordered_json;

// A column by encoding, the mean where an encoding has several rows.
std::map<std::string, double> read_column(const std::string& path, const std::string& column) {
  const auto table = lanewise::record::read_csv(path);
  const auto key = table.find("encoding"), value = table.find(column);
  if (!key || !value) throw Error(path + ": has no columns encoding and " + column);
  std::map<std::string, std::pair<double, int>> sums;
  for (const auto& row : table.rows) {
    auto& [sum, count] = sums[row.cells[*key]];
    sum += std::strtod(row.cells[*value].c_str(), nullptr);
    ++count;
  }
  std::map<std::string, double> out;
  for (const auto& [encoding, sum] : sums) out[encoding] = sum.first / sum.second;
  return out;
}

struct Truth {
  std::vector<std::string> encodings;
  std::vector<double> accuracy, macs;
};

std::vector<double> of(const Truth& truth, const std::map<std::string, double>& values, double sign = 1) {
  std::vector<double> out;
  for (const std::string& encoding : truth.encodings) {
    const auto found = values.find(encoding);
    if (found == values.end()) throw Error("network '" + encoding + "' of the table was not measured");
    out.push_back(sign * found->second);
  }
  return out;
}

double rounded(double value) { return std::round(value * 1e3) / 1e3; }

Json judged(const Truth& truth, const std::vector<double>& values) {
  return {{"spearman", rounded(lanewise::accuracy::spearman(values, truth.accuracy))},
          {"q", rounded(lanewise::accuracy::spearman_inside_quartiles(values, truth.accuracy, truth.macs))}};
}

// The ranks of one, with those of the other counted so much.
std::vector<double> ranks_with(const std::vector<double>& a, const std::vector<double>& b, double weight) {
  std::vector<double> out = lanewise::accuracy::fractional_ranks(a);
  const std::vector<double> other = lanewise::accuracy::fractional_ranks(b);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += weight * other[i];
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 4) throw Error("supernet: supernet TABLE SCORES.csv NAME=INHERITED.csv ...");
    Truth truth;
    const auto accuracy = read_column(argv[1], "test_accuracy"), macs = read_column(argv[1], "macs");
    for (const auto& [encoding, value] : accuracy) {
      truth.encodings.push_back(encoding);
      truth.accuracy.push_back(value);
      truth.macs.push_back(macs.at(encoding));
    }
    const std::vector<double> score = of(truth, read_column(argv[2], "score"));
    Json json = {{"networks", truth.encodings.size()}, {"score_alone", judged(truth, score)}};
    json["macs"] = judged(truth, truth.macs);
    for (int i = 3; i < argc; ++i) {
      const std::string word = argv[i];
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) throw Error("'" + word + "': NAME=FILE is needed");
      const std::string path = word.substr(equals + 1);
      const std::vector<double> inherited = of(truth, read_column(path, "accuracy"));
      const std::vector<double> loss = of(truth, read_column(path, "loss"), -1);
      json["inherited"][word.substr(0, equals)] = {
          {"accuracy", judged(truth, inherited)},
          {"loss", judged(truth, loss)},
          {"accuracy_and_score", judged(truth, ranks_with(score, inherited, 1))},
          {"half_accuracy_and_score", judged(truth, ranks_with(score, inherited, 0.5))},
          {"quarter_accuracy_and_score", judged(truth, ranks_with(score, inherited, 0.25))},
          {"loss_and_score", judged(truth, ranks_with(score, loss, 1))},
          {"half_loss_and_score", judged(truth, ranks_with(score, loss, 0.5))},
          {"quarter_loss_and_score", judged(truth, ranks_with(score, loss, 0.25))}};
    }
    std::printf("%s\n", json.dump(2).c_str());
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "lanewise: error: %s\n", error.what());
    return 2;
  }
}
