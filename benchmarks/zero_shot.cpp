// SPDX-License-Identifier: Apache-2.0
// How the scores of untrained networks rank networks that were trained: every score on FM28 and on a sample of
// NAS-Bench-Macro, with CPU seconds per network; and the numbers of the default's formula varied.
//   zero_shot FM28_FOLDER NAS_BENCH_MACRO.csv [--seeds 3] [--networks 300] [--fed 300] [--batch 16] [--jobs 1]
//             [--parts fm28,nas_bench_macro,shapes] [--into FILE]
// --fed: on how many of NAS-Bench-Macro's networks scores are measured that run them; --batch: on so many images, as
// they are larger than FM28's. --parts: only these, the others as FILE has them already.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "accuracy/metrics/correlation.hpp"
#include "accuracy/scores/zero_shot.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/random.hpp"
#include "core/record/csv.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/scale_capacity.hpp"
#include "nas/space/space.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kSampleSeed = 1;  // of the networks of NAS-Bench-Macro, and of the halves

struct Trained {
  std::string encoding;
  double accuracy = 0;  // mean over the rows of the encoding
};

struct Truth {
  std::shared_ptr<const nas::NetworkSpace> space;
  std::vector<Trained> networks;
  std::vector<network::Graph> graphs;
  std::vector<double> accuracy, macs;
};

// The mean of a column by encoding, of rows that a second column says belong to a task ("": all).
std::vector<Trained> read_truth(const std::string& path, const std::string& key, const std::string& value,
                                const std::string& task = "") {
  const record::CsvTable table = record::read_csv(path);
  const auto key_at = table.find(key), value_at = table.find(value), task_at = table.find("task");
  if (!key_at || !value_at) throw Error(fmt::format("{}: has no columns {} and {}", path, key, value));
  std::vector<std::string> order;
  std::map<std::string, std::pair<double, int>> sums;
  for (const record::CsvRow& row : table.rows) {
    if (!task.empty() && (!task_at || row.cells[*task_at] != task)) continue;
    const std::string& encoding = row.cells[*key_at];
    auto [found, is_new] = sums.emplace(encoding, std::pair<double, int>{0, 0});
    if (is_new) order.push_back(encoding);
    found->second.first += std::stod(row.cells[*value_at]);
    ++found->second.second;
  }
  std::vector<Trained> out;
  for (const std::string& encoding : order) out.push_back({encoding, sums[encoding].first / sums[encoding].second});
  return out;
}

Truth truth_of(const std::string& space, std::vector<Trained> networks) {
  Truth out;
  out.space = nas::make_network_space(nas::load_space(find_data("spaces", space)), nullptr);
  out.networks = std::move(networks);
  for (const Trained& one : out.networks) {
    out.graphs.push_back(out.space->build(out.space->decode(one.encoding), {}));
    out.accuracy.push_back(one.accuracy);
    out.macs.push_back(static_cast<double>(network::macs(out.graphs.back())));
  }
  return out;
}

// So many networks, drawn by kSampleSeed.
std::vector<Trained> sampled(std::vector<Trained> all, std::size_t count) {
  Random random(kSampleSeed);
  random.shuffle(all);
  if (all.size() > count) all.resize(count);
  return all;
}

// Numbers that are none, or −∞, rank lowest.
std::vector<double> rankable(std::vector<double> values) {
  double least = 0;
  for (const double value : values) {
    if (std::isfinite(value)) least = std::min(least, value);
  }
  for (double& value : values) {
    if (!std::isfinite(value)) value = least - 1;
  }
  return values;
}

double rho(const std::vector<double>& values, const Truth& truth) {
  return accuracy::spearman(rankable(values), truth.accuracy);
}

double q(const std::vector<double>& values, const Truth& truth) {
  return accuracy::spearman_inside_quartiles(rankable(values), truth.accuracy, truth.macs);
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

// Every score by every seed.
Json scores_on(const Truth& truth, const std::vector<std::string>& names, const accuracy::ScoreSettings& base,
               int seeds, int jobs) {
  std::vector<accuracy::NetworkToScore> networks;
  for (std::size_t i = 0; i < truth.networks.size(); ++i) {
    networks.push_back({truth.networks[i].encoding, [&truth, i] {
                          return accuracy::ScorableNetwork{truth.graphs[i], nullptr};
                        }});
  }
  std::vector<std::vector<double>> by_seed(names.size()), q_by_seed(names.size()), seconds(names.size());
  for (int seed = 0; seed < seeds; ++seed) {
    accuracy::ScoreSettings settings = base;
    settings.seed = static_cast<std::uint64_t>(seed);
    Progress progress;
    progress.report = [&](const std::string&, std::int64_t done, std::int64_t total) {
      if (done % 25 == 0) std::cerr << "seed " << seed << ": " << done << " of " << total << "\n";
    };
    const accuracy::ScoredNetworks scored = accuracy::score_networks(networks, names, settings, jobs, progress);
    for (std::size_t s = 0; s < names.size(); ++s) {
      std::vector<double> values;
      double time = 0;
      for (std::size_t i = 0; i < networks.size(); ++i) {
        values.push_back(scored.values[i][s]);
        time += scored.seconds[i][s];
      }
      by_seed[s].push_back(rho(values, truth));
      q_by_seed[s].push_back(q(values, truth));
      seconds[s].push_back(time / static_cast<double>(networks.size()));
    }
  }
  Json out = Json::array();
  for (std::size_t s = 0; s < names.size(); ++s) {
    const accuracy::ZeroShotScore& score = accuracy::zero_shot_score(names[s]);
    const double sign = score.higher_is_better ? 1 : -1;
    const auto [least, most] = std::minmax_element(by_seed[s].begin(), by_seed[s].end());
    out.push_back({{"score", names[s]},
                   {"spearman", rounded(sign * mean(by_seed[s]))},
                   {"q", rounded(sign * mean(q_by_seed[s]))},
                   {"spearman_least", rounded(sign * *least)},
                   {"spearman_most", rounded(sign * *most)},
                   {"cpu_seconds_per_network", std::round(mean(seconds[s]) * 1e6) / 1e6}});
  }
  return out;
}

// Of scores that run the network, or of the others.
std::vector<std::string> score_names(bool that_run) {
  std::vector<std::string> out;
  for (const accuracy::ZeroShotScore& score : accuracy::zero_shot_scores()) {
    const bool runs = score.input != accuracy::ScoreInput::kNothing || std::string(score.name) == "synflow";
    if (runs == that_run) out.emplace_back(score.name);
  }
  return out;
}

Json fm28_part(const Truth& fm28, int seeds, int jobs) {
  accuracy::ScoreSettings settings;
  settings.images = "fashion-mnist";
  std::vector<std::string> names = score_names(false);
  for (std::string& name : score_names(true)) names.push_back(std::move(name));
  return {{"networks", fm28.networks.size()},
          {"seeds", seeds},
          {"images", settings.images},
          {"ceiling", 0.96},
          {"floor", 0.762},
          {"macs", 0.697},
          {"scores", scores_on(fm28, names, settings, seeds, jobs)}};
}

// Random images: the table's are of CIFAR-10, which is not at hand.
Json macro_part(const Truth& macro, const Truth& fed, std::int64_t batch, int jobs) {
  accuracy::ScoreSettings settings;
  settings.batch = batch;
  Json out = {{"networks", macro.networks.size()},
              {"seeds", 1},
              {"scores", scores_on(macro, score_names(false), settings, 1, jobs)}};
  if (fed.networks.size() < 2) return out;
  out["fed"] = {{"networks", fed.networks.size()},
                {"batch", batch},
                {"images", "random"},
                {"macs", rounded(rho(fed.macs, fed))},
                {"scores", scores_on(fed, score_names(true), settings, 1, jobs)}};
  return out;
}

std::vector<double> capacities(const Truth& truth, const nas::ScaleCapacityShape& shape) {
  std::vector<double> out;
  for (const network::Graph& graph : truth.graphs) out.push_back(nas::scale_capacity(graph, shape));
  return out;
}

struct Shaped {
  nas::ScaleCapacityShape shape;
  std::vector<double> fm28, macro;
};

std::vector<Shaped> all_shapes(const Truth& fm28, const Truth& macro) {
  std::vector<Shaped> out;
  for (const double power : {1.0 / 3, 0.5, 2.0 / 3, 1.0}) {
    for (const double least : {1.0, 2.0, 4.0, 10.0, 30.0}) {
      for (const double weight : {0.0, 0.5, 1.0, 1.5, 2.0}) {
        Shaped one;
        one.shape = {power, least, weight};
        one.fm28 = capacities(fm28, one.shape);
        one.macro = capacities(macro, one.shape);
        out.push_back(std::move(one));
      }
    }
  }
  return out;
}

// The shape that ranks one half of FM28 best, on the other half: what choosing costs. Beside it what was shipped, on
// the same halves.
Json chosen_on_halves(const std::vector<Shaped>& shapes, const Truth& truth) {
  constexpr int kHalves = 200;
  std::vector<double> shipped;
  for (const network::Graph& graph : truth.graphs) shipped.push_back(nas::scale_capacity(graph));
  Random random(kSampleSeed);
  std::vector<std::size_t> order(truth.networks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> chosen, fixed, chosen_q, fixed_q;
  const auto part = [&](const std::vector<double>& of, std::size_t begin, std::size_t end) {
    std::vector<double> out;
    for (std::size_t i = begin; i < end; ++i) out.push_back(of[order[i]]);
    return out;
  };
  for (int repeat = 0; repeat < kHalves; ++repeat) {
    random.shuffle(order);
    const std::size_t half = order.size() / 2, all = order.size();
    const auto better = std::max_element(shapes.begin(), shapes.end(), [&](const Shaped& a, const Shaped& b) {
      const std::vector<double> truth_part = part(truth.accuracy, 0, half);
      return accuracy::spearman(part(a.fm28, 0, half), truth_part) <
             accuracy::spearman(part(b.fm28, 0, half), truth_part);
    });
    const std::vector<double> accuracies = part(truth.accuracy, half, all), macs = part(truth.macs, half, all);
    const std::vector<double> by_choice = part(better->fm28, half, all), by_shipped = part(shipped, half, all);
    chosen.push_back(accuracy::spearman(by_choice, accuracies));
    fixed.push_back(accuracy::spearman(by_shipped, accuracies));
    chosen_q.push_back(accuracy::spearman_inside_quartiles(by_choice, accuracies, macs));
    fixed_q.push_back(accuracy::spearman_inside_quartiles(by_shipped, accuracies, macs));
  }
  const auto deviation = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += (value - mean(values)) * (value - mean(values));
    return std::sqrt(sum / static_cast<double>(values.size()));
  };
  return {
      {"halves", kHalves},
      {"chosen_on_one_half",
       {{"spearman", rounded(mean(chosen))},
        {"deviation", rounded(deviation(chosen))},
        {"q", rounded(mean(chosen_q))}}},
      {"shipped",
       {{"spearman", rounded(mean(fixed))}, {"deviation", rounded(deviation(fixed))}, {"q", rounded(mean(fixed_q))}}}};
}

Json shapes_on(const Truth& fm28, const Truth& macro) {
  const std::vector<Shaped> shapes = all_shapes(fm28, macro);
  Json rows = Json::array();
  for (const Shaped& one : shapes) {
    rows.push_back({{"power", rounded(one.shape.power)},
                    {"macs_a_pixel", one.shape.macs_a_pixel},
                    {"weakest_weight", one.shape.weakest_weight},
                    {"fm28_spearman", rounded(rho(one.fm28, fm28))},
                    {"fm28_q", rounded(q(one.fm28, fm28))},
                    {"nas_bench_macro_spearman", rounded(rho(one.macro, macro))}});
  }
  return {{"grid", rows}, {"choosing", chosen_on_halves(shapes, fm28)}};
}

// Scores of the graph alone on what backbones reach on scenes of objects, which nothing was chosen on.
Json dense_tasks(const std::string& folder) {
  Json out;
  for (const auto& [task, column] : {std::pair<const char*, const char*>{"det", "map50"}, {"seg", "miou"}}) {
    const Truth truth = truth_of("fm28", read_truth(folder + "/dense.csv", "encoding", column, task));
    Json one = {{"networks", truth.networks.size()}};
    for (const char* name : {nas::kDefaultScore, "size", "macs"}) {
      std::vector<double> values;
      for (const network::Graph& graph : truth.graphs) values.push_back(nas::network_score(name).of(graph));
      one[name] = rounded(rho(values, truth));
    }
    out[column] = one;
  }
  return out;
}

struct Settings {
  std::vector<std::string> files;
  int seeds = 3, jobs = 1;
  std::size_t networks = 300, fed = 300;
  std::int64_t batch = 16;
  std::string parts = "fm28,nas_bench_macro,shapes", into;
};

Settings parse(const std::vector<std::string>& words) {
  Settings out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto next = [&] { return i + 1 < words.size() ? words[++i] : throw Error(words[i] + ": needs a value"); };
    if (words[i] == "--seeds") {
      out.seeds = std::stoi(next());
    } else if (words[i] == "--networks") {
      out.networks = std::stoul(next());
    } else if (words[i] == "--fed") {
      out.fed = std::stoul(next());
    } else if (words[i] == "--batch") {
      out.batch = std::stoi(next());
    } else if (words[i] == "--jobs") {
      out.jobs = std::stoi(next());
    } else if (words[i] == "--parts") {
      out.parts = next();
    } else if (words[i] == "--into") {
      out.into = next();
    } else {
      out.files.push_back(words[i]);
    }
  }
  if (out.files.size() != 2) throw Error("usage: zero_shot FM28_FOLDER NAS_BENCH_MACRO.csv [--seeds N] …");
  return out;
}

int run(const std::vector<std::string>& words) {
  const Settings settings = parse(words);
  const auto wants = [&](const char* part) { return settings.parts.find(part) != std::string::npos; };
  const std::string& folder = settings.files[0];
  const Truth fm28 = truth_of("fm28", read_truth(folder + "/classification.csv", "encoding", "test_accuracy"));
  const std::vector<Trained> sample = sampled(read_truth(settings.files[1], "arch", "mean_acc"), settings.networks);
  const Truth macro = truth_of("nas-bench-macro", sample);
  Json out;
  if (!settings.into.empty() && std::filesystem::exists(settings.into)) out = Json::parse(std::ifstream(settings.into));
  if (wants("fm28")) out["fm28"] = fm28_part(fm28, settings.seeds, settings.jobs);
  if (wants("nas_bench_macro")) {
    std::vector<Trained> few = sample;
    if (few.size() > settings.fed) few.resize(settings.fed);
    out["nas_bench_macro"] = macro_part(macro, truth_of("nas-bench-macro", few), settings.batch, settings.jobs);
  }
  if (wants("shapes")) {
    out["shapes"] = shapes_on(fm28, macro);
    if (std::filesystem::exists(folder + "/dense.csv")) out["dense"] = dense_tasks(folder);
  }
  const std::string text = out.dump(2) + "\n";
  if (settings.into.empty()) {
    std::cout << text;
  } else {
    std::ofstream(settings.into) << text;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
