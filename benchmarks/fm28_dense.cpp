// SPDX-License-Identifier: Apache-2.0
// Detectors and segmenters of FM28's table, trained as it was and measured beside it.
//   fm28_dense TABLE.csv FOLDER [det|seg ENCODING[@SEED]]...
// Without encodings it trains one network of each task: of those whose figure lies in the middle half of the table's
// range the one with the fewest MACs. FOLDER keeps checkpoints, so that an interrupted run goes on.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/data/load_dataset.hpp"
#include "accuracy/training/train.hpp"
#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "nas/space/space.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

struct Kind {
  const char *task, *space, *data, *column, *metric;
  double bound;  // how far from the table a figure may be
};
constexpr Kind kKinds[] = {
    {"det", "fm28-detection", "fm28-scenes:detection", "map50", "map50_envelope", 0.09},
    {"seg", "fm28-segmentation", "fm28-scenes:segmentation", "miou", "miou", 0.02},
};

struct Row {
  std::string encoding;
  double figure = 0, first_loss = 0, last_loss = 0;
  std::int64_t macs = 0;
};

std::size_t column(const record::CsvTable& table, const std::string& name) {
  if (const auto found = table.find(name)) return *found;
  throw Error(table.path + ": has no column '" + name + "'");
}

std::vector<Row> rows_of(const record::CsvTable& table, const Kind& kind) {
  std::vector<Row> rows;
  for (const record::CsvRow& row : table.rows) {
    const auto cell = [&](const std::string& name) { return row.cells[column(table, name)]; };
    if (cell("task") != kind.task || cell("seed") != "0") continue;
    rows.push_back({cell("encoding"), std::stod(cell(kind.column)), std::stod(cell("train_loss_first_epoch")),
                    std::stod(cell("train_loss_last_epoch")), std::stoll(cell("macs"))});
  }
  if (rows.empty()) throw Error(table.path + ": has no row of task " + kind.task + " with seed 0");
  return rows;
}

Row cheapest_of_the_middle(std::vector<Row> rows) {
  const auto less = [](const Row& a, const Row& b) { return a.figure < b.figure; };
  const double low = std::min_element(rows.begin(), rows.end(), less)->figure;
  const double high = std::max_element(rows.begin(), rows.end(), less)->figure;
  const double quarter = (high - low) / 4;
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const Row& row) { return row.figure < low + quarter || row.figure > high - quarter; }),
             rows.end());
  if (rows.empty()) throw Error("no network lies in the middle half of the table's range");
  return *std::min_element(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.macs < b.macs; });
}

Json measure(const Kind& kind, const Row& row, std::uint64_t seed, const std::string& chosen_by,
             const std::string& folder) {
  const auto space = nas::make_network_space(
      nas::load_space(std::string("spaces/") + kind.space + ".yaml"), nullptr);
  const network::Graph graph = space->build(space->decode(row.encoding), {});
  accuracy::DatasetOptions options;
  options.validation_share = options.test_share = 0;
  accuracy::TrainingData data;
  data.name = kind.data;
  data.images = accuracy::load_dataset(kind.data, options);
  data.identity = accuracy::data_identity(data.images);
  accuracy::TrainingJob job;
  job.name = row.encoding;
  job.graph = &graph;
  job.recipe = accuracy::load_recipe("fm28-dense");
  job.seed = seed;
  std::string name = row.encoding;
  std::replace(name.begin(), name.end(), '/', '_');
  job.folder = folder + "/" + kind.task + "_" + name + (seed == 0 ? "" : "_" + std::to_string(seed));
  Progress progress;
  progress.report = [](const std::string& phase, std::int64_t done, std::int64_t total) {
    constexpr std::int64_t kSteps = 26;
    if (done % kSteps == 0) std::cerr << phase << ' ' << done << '/' << total << '\n';
  };
  const accuracy::TrainingResult result = accuracy::train(job, data, progress);
  Json metrics = Json::object();
  double found = 0;
  for (const accuracy::Metric& metric : result.test) {
    metrics[metric.name] = metric.value;
    if (metric.name == kind.metric) found = metric.value;
  }
  return {{"task", kind.task},
          {"encoding", row.encoding},
          {"chosen_by", chosen_by},
          {"seed", result.seed},
          {"parameters", result.parameters},
          {"macs", result.macs},
          {"metric", kind.metric},
          {"table", row.figure},
          {"measured", found},
          {"difference", found - row.figure},
          {"bound", kind.bound},
          {"within_bound", std::abs(found - row.figure) <= kind.bound},
          {"test", metrics},
          {"train_loss_first_epoch", {{"table", row.first_loss}, {"measured", result.curve.front().train_loss}}},
          {"train_loss_last_epoch", {{"table", row.last_loss}, {"measured", result.curve.back().train_loss}}},
          {"epochs", result.curve.size()},
          {"steps", result.steps},
          {"train_images", result.train_images},
          {"test_images", result.test_images},
          {"seconds", result.seconds},
          {"device", result.device},
          {"precision", result.precision}};
}

Row row_of(const std::vector<Row>& rows, const std::string& encoding) {
  for (const Row& row : rows) {
    if (row.encoding == encoding) return row;
  }
  throw Error("the table has no network '" + encoding + "' of this task");
}

Json judge(const std::vector<std::string>& words) {
  const record::CsvTable table = record::read_csv(words[0]);
  Json networks = Json::array();
  bool all_within = true;
  const auto add = [&](const Kind& kind, const Row& row, std::uint64_t seed, const std::string& chosen_by) {
    networks.push_back(measure(kind, row, seed, chosen_by, words[1]));
    all_within = all_within && networks.back().at("within_bound").get<bool>();
  };
  for (const Kind& kind : kKinds) {
    const std::vector<Row> rows = rows_of(table, kind);
    bool is_named = false;
    for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
      if (words[i] != kind.task) continue;
      is_named = true;
      const std::size_t mark = words[i + 1].find('@');
      const std::uint64_t seed = mark == std::string::npos ? 0 : std::stoull(words[i + 1].substr(mark + 1));
      add(kind, row_of(rows, words[i + 1].substr(0, mark)), seed, "the command line");
    }
    if (!is_named && words.size() == 2) {
      add(kind, cheapest_of_the_middle(rows), 0, "the fewest MACs in the middle half of the table's range, seed 0");
    }
  }
  return {{"table", "dense.csv of FM28"}, {"recipe", "fm28-dense"}, {"networks", networks}, {"all_within", all_within}};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 2 || words.size() % 2 != 0) throw Error("usage: fm28_dense TABLE.csv FOLDER [det|seg ENCODING[@SEED]]...");
    const Json result = judge(words);
    std::cout << result.dump(2) << '\n';
    return result.at("all_within") ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
