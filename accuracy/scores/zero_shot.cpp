// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/zero_shot.hpp"

#include <fmt/format.h>
#include <time.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "accuracy/network/initialisation.hpp"
#include "accuracy/scores/az_nas.hpp"
#include "accuracy/scores/forward_scores.hpp"
#include "accuracy/scores/gradient_scores.hpp"
#include "accuracy/scores/score_images.hpp"
#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "core/base/printable.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/scale_capacity.hpp"

namespace lanewise::accuracy {
namespace {

// One network with one draw of weights and inputs.
struct Draw {
  const ScorableNetwork& network;
  std::int64_t batch;
  std::uint64_t seed;
  ScoreImages& images;

  std::uint64_t seed_of(const char* what) const { return stable_hash(fmt::format("{}/{}", what, seed)); }
  std::unique_ptr<GraphModule> module(Initialisation kind) const {
    GraphModuleOptions options;
    options.file = network.file;
    auto made = std::make_unique<GraphModule>(network.graph, options);
    initialise(*made, kind, seed_of("weights"));
    return made;
  }
  Tensors random_inputs(const char* what) const {
    Random random(seed_of(what));
    return normal_inputs(network.graph, batch, random);
  }
  Tensors image_inputs() const {
    if (!images.there_are()) return random_inputs("inputs");
    return {images.take(network.graph, batch, seed_of("images")).pixels};
  }
};

// What a family of scores makes of a draw: one number per member.
using Run = std::vector<double> (*)(const Draw& draw);

std::vector<double> run_az(const Draw& draw) {
  Random signs(draw.seed_of("signs"));
  const AzScores scores = az_scores(*draw.module(Initialisation::kKaiming), draw.random_inputs("inputs"), signs);
  return {scores.expressivity, scores.progressivity, scores.trainability};
}

std::vector<double> run_zen(const Draw& draw) {
  return {
      zen(*draw.module(Initialisation::kStandardNormal), draw.random_inputs("inputs"), draw.random_inputs("moves"))};
}

std::vector<double> run_naswot(const Draw& draw) {
  return {naswot(*draw.module(Initialisation::kKaiming), draw.image_inputs())};
}

std::vector<double> run_jacov(const Draw& draw) {
  return {jacov(*draw.module(Initialisation::kKaiming), draw.image_inputs())};
}

std::vector<double> run_ntk(const Draw& draw) {
  return {-condition_number(neural_tangent_kernel(*draw.module(Initialisation::kKaiming), draw.image_inputs()))};
}

std::vector<double> run_synflow(const Draw& draw) {
  return {std::log(synaptic_flow(*draw.module(Initialisation::kKaiming)).total())};
}

std::vector<double> run_zico(const Draw& draw) {
  constexpr std::int64_t kBatches = 2;
  const auto module = draw.module(Initialisation::kKaiming);
  const network::Graph& graph = module->graph();
  const std::int64_t classes = graph.tensor(graph.outputs().at(0)).shape.back();
  torch::Tensor labels;
  Tensors pixels;
  if (draw.images.there_are()) {
    const ScoreImages::Batch taken = draw.images.take(graph, kBatches * draw.batch, draw.seed_of("images"));
    labels = taken.labels;
    for (std::int64_t b = 0; b < kBatches; ++b) pixels.push_back(taken.pixels.narrow(0, b * draw.batch, draw.batch));
    if (labels.defined() && labels.max().item<std::int64_t>() >= classes) {
      throw Error(fmt::format("the images have more classes than its {} outputs", classes));
    }
  }
  if (!labels.defined()) {
    Random random(draw.seed_of("labels"));
    std::vector<std::int64_t> all;
    for (std::int64_t i = 0; i < kBatches * draw.batch; ++i) all.push_back(random.between(0, classes - 1));
    labels = torch::tensor(all, torch::kLong);
  }
  std::vector<Tensors> batches;
  std::vector<torch::Tensor> of_batches;
  for (std::int64_t b = 0; b < kBatches; ++b) {
    const std::string name = fmt::format("inputs{}", b);
    batches.push_back(pixels.empty() ? draw.random_inputs(name.c_str()) : Tensors{pixels[static_cast<std::size_t>(b)]});
    of_batches.push_back(labels.narrow(0, b * draw.batch, draw.batch));
  }
  return {zico(*module, batches, of_batches)};
}

struct Row {
  ZeroShotScore shown;
  double (*of_graph)(const network::Graph&);  // null where `run` computes it, or it is made of others
  Run run;
  std::size_t part;  // which number of what `run` returns
};

constexpr const char* kAggregated[] = {"az_expressivity", "az_progressivity", "az_trainability", "az_complexity"};

double complexity(const network::Graph& graph) { return nas::network_score("macs").of(graph); }

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const nas::NetworkScore& score : nas::network_scores()) {
    rows.push_back({{score.name, score.meaning, score.unit, score.higher_is_better, ScoreInput::kNothing, 0, false},
                    score.of,
                    nullptr,
                    0});
  }
  std::stable_partition(rows.begin(), rows.end(),
                        [](const Row& row) { return std::string(row.shown.name) == nas::kDefaultScore; });
  const auto add = [&](const char* name, const char* meaning, ScoreInput input, std::int64_t batch, Run run,
                       std::size_t part = 0) {
    rows.push_back({{name, meaning, "", true, input, batch, false}, nullptr, run, part});
  };
  add("az_expressivity", "entropy of the channels' covariance, summed over blocks", ScoreInput::kRandom, 64, run_az, 0);
  add("az_progressivity", "smallest growth of that entropy from a block to the next", ScoreInput::kRandom, 64, run_az,
      1);
  add("az_trainability", "how near to an isometry gradients pass each block, on average", ScoreInput::kRandom, 64,
      run_az, 2);
  rows.push_back(
      {{"az_complexity", "multiply-accumulates, as AZ-NAS's fourth part", "MACs", true, ScoreInput::kNothing, 0, false},
       complexity,
       nullptr,
       0});
  rows.push_back({{"az_nas", "AZ-NAS: sum of ln(rank/m) of its four parts among the m networks given", "", true,
                   ScoreInput::kRandom, 64, true},
                  nullptr,
                  nullptr,
                  0});
  add("zen", "Zen: how far the features move with the input, links removed", ScoreInput::kRandom, 64, run_zen);
  add("naswot", "NASWOT: how different the codes of images are", ScoreInput::kImages, 64, run_naswot);
  add("jacov", "how different the gradients of images are", ScoreInput::kImages, 64, run_jacov);
  add("zico", "ZiCo: gradients over their deviation between batches", ScoreInput::kImages, 64, run_zico);
  add("synflow", "synaptic flow: ln of what all paths carry together", ScoreInput::kNothing, 0, run_synflow);
  add("ntk", "minus the condition number of the neural tangent kernel", ScoreInput::kImages, 32, run_ntk);
  return rows;
}

const std::vector<Row>& table() {
  static const std::vector<Row> rows = all_rows();
  return rows;
}

const Row& row_of(const std::string& name) {
  const std::string wanted = name == "default" ? nas::kDefaultScore : name;
  std::vector<std::string> known;
  for (const Row& row : table()) {
    if (wanted == row.shown.name) return row;
    known.emplace_back(row.shown.name);
  }
  throw Error(fmt::format("score '{}' is unknown{}; known are default, {}", printable(name),
                          engine::suggestion(name, known), fmt::join(known, ", ")));
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Measured {
  std::vector<double> values;
  double seconds = 0;
};

// Mean over draws of what the family of the row computes.
Measured measure(const Row& row, const ScorableNetwork& network, const ScoreSettings& settings, ScoreImages& images) {
  Measured out;
  const double begun = cpu_seconds();
  for (int d = 0; d < settings.draws; ++d) {
    const std::uint64_t seed = stable_hash(fmt::format("draw {} of {}", d, settings.seed));
    const std::int64_t batch = settings.batch > 0 ? settings.batch : std::max<std::int64_t>(1, row.shown.batch);
    const std::vector<double> values = row.run({network, batch, seed, images});
    out.values.resize(values.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) out.values[i] += values[i] / settings.draws;
  }
  out.seconds = cpu_seconds() - begun;
  return out;
}

// The columns that are computed: those asked for, and what the aggregate is made of.
std::vector<const Row*> needed_rows(const std::vector<const Row*>& asked) {
  std::vector<const Row*> out;
  const auto add = [&](const Row& row) {
    if (std::find(out.begin(), out.end(), &row) == out.end()) out.push_back(&row);
  };
  for (const Row* row : asked) {
    if (!row->shown.of_list) {
      add(*row);
    } else {
      for (const char* part : kAggregated) add(row_of(part));
    }
  }
  return out;
}

struct Cell {
  double value = 0, seconds = 0;
};

std::vector<Cell> score_one(const NetworkToScore& network, const std::vector<const Row*>& rows,
                            const ScoreSettings& settings, ScoreImages& images) {
  // Scores are small: one thread per network is the fastest, and sums do not depend on how many there are.
  at::set_num_threads(1);
  const ScorableNetwork built = network.build();
  std::map<Run, Measured> measured;
  std::vector<Cell> out;
  for (const Row* row : rows) {
    try {
      if (row->of_graph != nullptr) {
        const double begun = cpu_seconds();
        const double value = row->of_graph(built.graph);
        out.push_back({value, cpu_seconds() - begun});
        continue;
      }
      const auto found = measured.find(row->run);
      const Measured& family = found != measured.end()
                                   ? found->second
                                   : measured.emplace(row->run, measure(*row, built, settings, images)).first->second;
      out.push_back({family.values.at(row->part), family.seconds});
    } catch (const Error& error) {
      throw Error(fmt::format("{}: score '{}': {}", network.name, row->shown.name, error.what()));
    } catch (const c10::Error& error) {
      throw Error(fmt::format("{}: score '{}': {}", network.name, row->shown.name, error.what_without_backtrace()));
    }
  }
  return out;
}

}  // namespace

const std::vector<ZeroShotScore>& zero_shot_scores() {
  static const std::vector<ZeroShotScore> scores = [] {
    std::vector<ZeroShotScore> out;
    for (const Row& row : table()) out.push_back(row.shown);
    return out;
  }();
  return scores;
}

const ZeroShotScore& zero_shot_score(const std::string& name) { return row_of(name).shown; }

std::vector<double> aggregate_ranks(const std::vector<std::vector<double>>& columns) {
  if (columns.empty()) return {};
  const std::size_t m = columns[0].size();
  std::vector<double> out(m, 0);
  for (const std::vector<double>& column : columns) {
    // A number that is none is the worst.
    const auto of = [&](std::size_t i) {
      return std::isnan(column[i]) ? -std::numeric_limits<double>::infinity() : column[i];
    };
    std::vector<std::size_t> order(m);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return of(a) < of(b); });
    for (std::size_t begin = 0, end = 0; begin < m; begin = end) {
      while (end < m && of(order[end]) == of(order[begin])) ++end;
      const double rank = (static_cast<double>(begin + end) + 1) / 2;
      for (std::size_t i = begin; i < end; ++i) out[order[i]] += std::log(rank / static_cast<double>(m));
    }
  }
  return out;
}

ScoredNetworks score_networks(const std::vector<NetworkToScore>& networks, const std::vector<std::string>& scores,
                              const ScoreSettings& settings, int jobs, const Progress& progress) {
  if (settings.draws < 1) throw InternalError("a score needs a draw");
  std::vector<const Row*> asked;
  ScoredNetworks out;
  for (const std::string& name : scores) {
    asked.push_back(&row_of(name));
    out.scores.emplace_back(asked.back()->shown.name);
  }
  const std::vector<const Row*> needed = needed_rows(asked);
  ScoreImages images(settings.images, settings.fashion_mnist_folder);
  std::vector<std::vector<Cell>> cells(networks.size());
  parallel_for(
      networks.size(), jobs, [&](std::size_t i) { cells[i] = score_one(networks[i], needed, settings, images); },
      [&](std::size_t done) {
        progress("scoring", static_cast<std::int64_t>(done), static_cast<std::int64_t>(networks.size()));
      });
  const auto column = [&](const Row& row) {
    const auto at = static_cast<std::size_t>(std::find(needed.begin(), needed.end(), &row) - needed.begin());
    std::vector<Cell> found;
    for (const std::vector<Cell>& of_network : cells) found.push_back(of_network[at]);
    return found;
  };
  out.values.assign(networks.size(), {});
  out.seconds.assign(networks.size(), {});
  for (const Row* row : asked) {
    std::vector<Cell> found;
    if (!row->shown.of_list) {
      found = column(*row);
    } else {
      std::vector<std::vector<double>> parts;
      found.assign(networks.size(), {});
      for (const char* part : kAggregated) {
        std::vector<double> values;
        for (const Cell& cell : column(row_of(part))) values.push_back(cell.value);
        parts.push_back(std::move(values));
      }
      const std::vector<double> sums = aggregate_ranks(parts);
      const std::vector<Cell> run = column(row_of("az_trainability"));
      for (std::size_t i = 0; i < sums.size(); ++i) found[i] = {sums[i], run[i].seconds};
    }
    for (std::size_t i = 0; i < networks.size(); ++i) {
      out.values[i].push_back(found[i].value);
      out.seconds[i].push_back(found[i].seconds);
    }
  }
  return out;
}

}  // namespace lanewise::accuracy
