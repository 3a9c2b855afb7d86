// SPDX-License-Identifier: Apache-2.0
// What searches found that trained every candidate: curves, seconds, finalists, and how the short training ranks
// networks whose accuracy after a whole one is known. Called by benchmarks/multishot, which runs the searches.
//   multishot SETTINGS.json ALGORITHM=FOLDER… [--proxy RESULTS.csv --table TABLE.csv] [--full RESULTS.csv]
// FOLDER is a job's, with what `codesign --json` printed as run.json in it. TABLE has columns encoding, macs and
// test_accuracy, several rows of an encoding count with their mean. RESULTS are of `lanewise-fit train`: of networks of
// the table by the short training, or of finalists by the whole one.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/rank_correlation.hpp"
#include "core/record/csv.hpp"
#include "estimator/accuracy.hpp"
#include "nas/algorithms/hypervolume.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

struct Trained {
  std::string encoding;
  double accuracy = 0, latency_ms = 0, macs = 0;
  bool failed = false;
};

Json read_json(const std::string& path) {
  std::ifstream file(path);
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded()) throw Error(path + ": is no JSON");
  return json;
}

double number(const record::CsvTable& table, const record::CsvRow& row, const std::string& column) {
  const auto at = table.find(column);
  if (!at) throw Error(table.path + ": has no column '" + column + "'");
  const std::string& cell = row.cells[*at];
  double value = 0;
  const auto [end, status] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (status != std::errc() || end != cell.data() + cell.size()) {
    throw Error(table.path + ":" + std::to_string(row.line) + ": " + column + ": '" + cell + "' is no number");
  }
  return value;
}

// Every network that a search asked for, in that order, each once.
std::vector<Trained> trained_in(const std::string& folder) {
  const record::CsvTable table = record::read_csv(folder + "/history.csv");
  std::vector<Trained> out;
  std::set<std::string> seen;
  for (const record::CsvRow& row : table.rows) {
    Trained one;
    one.encoding = row.cells[table.find("encoding").value()];
    if (!seen.insert(one.encoding).second) continue;
    one.failed = !row.cells[table.find("failure").value()].empty();
    if (!one.failed) {
      one.accuracy = number(table, row, "accuracy");
      one.latency_ms = number(table, row, "latency_ms");
      one.macs = number(table, row, "macs");
    }
    out.push_back(one);
  }
  return out;
}

// Best accuracy and share of the box that the front covers, after so many trainings.
Json curve_of(const std::vector<Trained>& trained, const nas::Point& reference) {
  Json curve = Json::array();
  std::vector<nas::Point> points;
  double best = 0;
  for (std::size_t i = 0; i < trained.size(); ++i) {
    if (!trained[i].failed) {
      points.push_back({trained[i].latency_ms, -trained[i].accuracy});
      best = std::max(best, trained[i].accuracy);
    }
    curve.push_back({{"trainings", i + 1},
                     {"best_accuracy", best},
                     {"hypervolume", points.empty() ? 0 : nas::hypervolume(points, reference)}});
  }
  return curve;
}

// Encodings with the means of a column.
std::map<std::string, double> means(const std::string& path, const std::string& column) {
  const record::CsvTable table = record::read_csv(path);
  std::map<std::string, std::pair<double, int>> sums;
  for (const record::CsvRow& row : table.rows) {
    auto& [sum, count] = sums[row.cells[table.find("encoding").value()]];
    sum += number(table, row, column);
    ++count;
  }
  std::map<std::string, double> out;
  for (const auto& [encoding, sum] : sums) out[encoding] = sum.first / sum.second;
  return out;
}

// How the short training ranks networks of the table, beside what costs nothing.
Json proxy_of(const std::string& results, const std::string& table) {
  const auto short_run = means(results, "accuracy"), truth = means(table, "test_accuracy"), macs = means(table, "macs");
  std::vector<double> a, b, c;
  for (const auto& [encoding, accuracy] : short_run) {
    const auto found = truth.find(encoding);
    if (found == truth.end()) continue;
    a.push_back(accuracy);
    b.push_back(found->second);
    c.push_back(macs.at(encoding));
  }
  return {{"networks", a.size()},
          {"spearman_with_the_table", spearman(a, b)},
          {"spearman_of_macs_on_the_same", spearman(c, b)},
          {"of_the_whole_table", {{"ceiling", 0.96}, {"ln_macs_plus_ln_activated_outputs", 0.762}, {"macs", 0.697}}}};
}

Json design_json(const Json& design) {
  return {{"encoding", design.at("encoding")},
          {"accuracy", design.at("accuracy")},
          {"latency_ms", design.at("simulated").at("latency_ms")},
          {"macs", design.at("simulated").at("macs")},
          {"parameters", design.at("simulated").at("parameters")}};
}

Json search_json(const std::string& algorithm, const std::string& folder, const std::vector<Trained>& trained,
                 const nas::Point& reference, const std::map<std::string, double>& truth,
                 const std::map<std::string, double>& full) {
  const Json run = read_json(folder + "/run.json");
  const Json& cost = run.at("cost").at("accuracy");
  const auto add = [&](const char* now, const char* earlier) {
    return cost.at(now).get<double>() + cost.at(earlier).get<double>();
  };
  const double networks = add("networks", "networks_of_earlier_runs");
  const double seconds = add("program_seconds", "program_seconds_of_earlier_runs");
  Json finalists = Json::array();
  std::size_t in_table = 0;
  const auto with_truth = [&](const Json& design) {
    Json out = design_json(design);
    const std::string encoding = out.at("encoding");
    const auto found = truth.find(encoding);
    in_table += found == truth.end() ? 0 : 1;
    out["accuracy_in_table"] = found == truth.end() ? Json() : Json(found->second);
    const auto whole = full.find(encoding);
    if (!full.empty()) out["accuracy_of_whole_recipe"] = whole == full.end() ? Json() : Json(whole->second);
    return out;
  };
  const Json baseline = with_truth(run.at("baseline"));
  in_table = 0;
  for (const Json& design : run.at("finalists")) finalists.push_back(with_truth(design));
  return {{"algorithm", algorithm},
          {"trainings", networks},
          {"failed", run.at("without_accuracy")},
          {"training_seconds", seconds},
          {"seconds_each", networks > 0 ? seconds / networks : 0},
          {"baseline", baseline},
          {"finalists", finalists},
          {"finalists_in_table", in_table},
          {"curve", curve_of(trained, reference)}};
}

int run(const std::vector<std::string>& arguments) {
  std::vector<std::pair<std::string, std::string>> searches;
  std::map<std::string, std::string> options;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].rfind("--", 0) == 0 && i + 1 < arguments.size()) {
      options[arguments[i]] = arguments[i + 1];
      ++i;
    } else {
      const std::size_t equal = arguments[i].find('=');
      searches.emplace_back(arguments[i].substr(0, equal), arguments[i].substr(equal + 1));
    }
  }
  std::map<std::string, std::vector<Trained>> trained;
  nas::Point reference = {0, 0};
  double worst = 1;
  for (const auto& [algorithm, folder] : searches) {
    trained[algorithm] = trained_in(folder);
    for (const Trained& one : trained[algorithm]) {
      if (one.failed) continue;
      reference[0] = std::max(reference[0], one.latency_ms);
      worst = std::min(worst, one.accuracy);
    }
  }
  reference[1] = -worst;
  std::map<std::string, double> truth, full;
  if (options.count("--table") > 0) truth = means(options["--table"], "test_accuracy");
  if (options.count("--full") > 0) full = means(options["--full"], "accuracy");
  Json out = {{"benchmark", "multishot"}, {"settings", read_json(arguments.at(0))}};
  out["reference_point"] = {{"latency_ms", reference[0]}, {"accuracy", worst}};
  out["searches"] = Json::array();
  for (const auto& [algorithm, folder] : searches) {
    out["searches"].push_back(search_json(algorithm, folder, trained[algorithm], reference, truth, full));
  }
  out["short_training"] = options.count("--proxy") > 0 ? proxy_of(options["--proxy"], options["--table"]) : Json();
  std::cout << out.dump(2) << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: multishot: " << error.what() << "\n";
    return 1;
  }
}
