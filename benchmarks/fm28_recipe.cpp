// SPDX-License-Identifier: Apache-2.0
// Which networks of FM28's table are trained again, and how near their accuracy comes to it. The script beside trains.
//   fm28_recipe choose TABLE                 a table of their encodings
//   fm28_recipe compare TABLE RESULTS.csv    a JSON; status 1 where one is too far away or missing
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/record/csv.hpp"

namespace {

using lanewise::Error;
using Json = nlohmann::ordered_json;

constexpr double kMostMacs = 5e6;
constexpr double kQuantiles[] = {0.05, 0.10, 0.45, 0.55, 0.90, 0.95};
constexpr double kNear = 0.008;

struct Network {
  std::string encoding;
  double macs = 0;
  std::vector<double> accuracy, first_loss, last_loss;  // by seed

  double mean() const {
    double sum = 0;
    for (const double value : accuracy) sum += value;
    return sum / static_cast<double>(accuracy.size());
  }
};

double number(const lanewise::record::CsvTable& table, const lanewise::record::CsvRow& row, const char* column) {
  const auto at = table.find(column);
  if (!at) throw Error(table.path + ": has no column '" + column + "'");
  return std::strtod(row.cells[*at].c_str(), nullptr);
}

std::vector<Network> read_networks(const std::string& path) {
  const auto table = lanewise::record::read_csv(path);
  const auto encoding = table.find("encoding");
  if (!encoding) throw Error(path + ": has no column 'encoding'");
  std::map<std::string, Network> by_encoding;
  for (const auto& row : table.rows) {
    Network& network = by_encoding[row.cells[*encoding]];
    network.encoding = row.cells[*encoding];
    network.macs = number(table, row, "macs");
    network.accuracy.push_back(number(table, row, "test_accuracy"));
    network.first_loss.push_back(number(table, row, "train_loss_first_epoch"));
    network.last_loss.push_back(number(table, row, "train_loss_last_epoch"));
  }
  std::vector<Network> all;
  for (auto& [text, network] : by_encoding) {
    if (network.macs < kMostMacs) all.push_back(std::move(network));
  }
  if (all.size() < std::size(kQuantiles)) throw Error(path + ": has too few networks below 5 million MACs");
  return all;
}

// With linear interpolation between the sorted values.
double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const double next = values[std::min(low + 1, values.size() - 1)];
  return values[low] + (at - static_cast<double>(low)) * (next - values[low]);
}

std::vector<Network> choose(const std::vector<Network>& all) {
  std::vector<double> means;
  for (const Network& network : all) means.push_back(network.mean());
  std::vector<Network> chosen;
  std::set<std::string> taken;
  for (const double share : kQuantiles) {
    const double target = quantile(means, share);
    const Network* best = nullptr;
    for (const Network& network : all) {
      if (taken.count(network.encoding) > 0) continue;
      const auto key = [&](const Network& each) { return std::make_pair(std::fabs(each.mean() - target), each.macs); };
      if (best == nullptr || key(network) < key(*best)) best = &network;
    }
    taken.insert(best->encoding);
    chosen.push_back(*best);
  }
  return chosen;
}

int compare(const std::vector<Network>& chosen, const std::string& path) {
  const auto table = lanewise::record::read_csv(path);
  const auto encoding = table.find("encoding");
  Json networks = Json::array();
  double largest = 0, sum = 0;
  int trained = 0, near = 0;
  for (const Network& network : chosen) {
    Json json = {{"encoding", network.encoding}, {"macs", network.macs},
                 {"table_accuracy", network.mean()}, {"table_seeds", network.accuracy.size()}};
    json["table_train_loss_last_epoch"] = network.last_loss.front();
    for (const auto& row : table.rows) {
      if (!encoding || row.cells[*encoding] != network.encoding || number(table, row, "epochs") != 8) continue;
      const double accuracy = number(table, row, "accuracy"), difference = accuracy - network.mean();
      json["accuracy"] = accuracy;
      json["points_from_table"] = std::round(difference * 1e4) / 100;
      json["train_loss_first_epoch"] = number(table, row, "train_loss_first_epoch");
      json["train_loss_last_epoch"] = number(table, row, "train_loss_last_epoch");
      json["seconds"] = number(table, row, "seconds");
      largest = std::max(largest, std::fabs(difference));
      sum += difference;
      near += std::fabs(difference) <= kNear ? 1 : 0;
      ++trained;
    }
    networks.push_back(std::move(json));
  }
  Json json = {{"networks_wanted", chosen.size()},
               {"networks_trained", trained},
               {"within_0.8_points", near},
               {"largest_points_from_table", std::round(largest * 1e4) / 100},
               {"mean_points_from_table", trained > 0 ? std::round(sum / trained * 1e4) / 100 : 0.0},
               {"networks", std::move(networks)}};
  std::printf("%s\n", json.dump(2).c_str());
  return near == static_cast<int>(chosen.size()) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() == 2 && words[0] == "choose") {
      std::printf("encoding\n");
      for (const Network& network : choose(read_networks(words[1]))) std::printf("%s\n", network.encoding.c_str());
      return 0;
    }
    if (words.size() == 3 && words[0] == "compare") return compare(choose(read_networks(words[1])), words[2]);
    throw Error("fm28_recipe: choose TABLE, or compare TABLE RESULTS.csv");
  } catch (const Error& error) {
    std::fprintf(stderr, "lanewise: error: %s\n", error.what());
    return 2;
  }
}
