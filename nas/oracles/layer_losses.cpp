// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/layer_losses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/network/compression.hpp"
#include "core/record/csv.hpp"
#include "nas/oracles/score_cells.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kWholeNetwork = "*";
constexpr const char* kDense = "dense";
constexpr double kLargestLoss = 1e9;

class LossOracle : public AccuracyOracle {
 public:
  explicit LossOracle(const std::string& path) : losses_(path) {}
  std::string name() const override {
    return fmt::format("losses of layers summed, {}: {} rows", losses_.path(), losses_.rows());
  }
  bool measures() const override { return true; }
  std::string score_name() const override { return "accuracy_loss"; }
  bool higher_is_better() const override { return false; }
  std::string identity() const override {
    return fmt::format("losses of layers, {} rows, {}", losses_.rows(), losses_.hash());
  }

 protected:
  std::vector<AccuracyAnswer> answer(const std::vector<AccuracyQuery>& queries) override {
    std::vector<AccuracyAnswer> answers;
    for (const AccuracyQuery& query : queries) {
      if (query.graph == nullptr) throw InternalError("losses of layers are asked of no network");
      answers.push_back(loss_of(*query.graph));
    }
    return answers;
  }

 private:
  LayerLosses losses_;

  AccuracyAnswer loss_of(const network::Graph& graph) const {
    AccuracyAnswer answer;
    answer.score = 0;
    for (const network::Operator& op : graph.operators()) {
      if (!network::has_form(op)) continue;
      for (const auto& [part, may_be_unknown] : parts_of(graph, op)) {
        const std::optional<double> loss = losses_.of(op.name, part);
        if (!loss && !may_be_unknown) {
          answer.failure = fmt::format("{} has no loss of layer '{}' as {}", losses_.path(), op.name, to_string(part));
          return answer;
        }
        answer.score += loss.value_or(0);
      }
    }
    return answer;
  }

  // What the layer is, each with whether a missing row counts as no loss.
  static std::vector<std::pair<network::LayerNumbers, bool>> parts_of(const network::Graph& graph,
                                                                      const network::Operator& op) {
    const network::Tensor& weight = graph.tensor(op.weights[0]);
    std::vector<std::pair<network::LayerNumbers, bool>> parts;
    network::LayerNumbers precision;
    precision.precision = {weight.precision, graph.tensor(op.outputs.at(0)).precision};
    constexpr int kUsualBits = 8;
    parts.emplace_back(precision,
                       std::min(bits(weight.precision), bits(*precision.precision.activations)) >= kUsualBits);
    if (weight.form.plain()) return parts;
    const auto add = [&](auto set) {
      parts.emplace_back(network::LayerNumbers{}, false);
      set(parts.back().first);
    };
    const network::WeightForm& form = weight.form;
    if (!form.dense()) {
      add([&](network::LayerNumbers& n) { n.prune = network::WeightForm{form.kept, form.of, form.density, 0}; });
    }
    if (form.clusters > 0) add([&](network::LayerNumbers& n) { n.clusters = form.clusters; });
    return parts;
  }
};

}  // namespace

LayerLosses::LayerLosses(const std::string& path) : path_(path) {
  const record::CsvTable table = record::read_csv(path);
  const std::size_t layer = score_column(table, "layer", "layers");
  const std::size_t form = score_column(table, "form", "forms of layers");
  const std::size_t value = score_column(table, "loss", "losses");
  double whole = 0;
  bool has_whole = false;
  for (const record::CsvRow& row : table.rows) {
    const std::string& name = row.cells[layer];
    if (name.empty()) throw Error(fmt::format("{}:{}: column 'layer': must hold the name of a layer", path, row.line));
    const double loss = score_in(table, row, "loss", row.cells[value]);
    if (!(std::abs(loss) <= kLargestLoss)) {
      throw Error(fmt::format("{}:{}: column 'loss': {}: must be from {} to {}", path, row.line, loss, -kLargestLoss,
                              kLargestLoss));
    }
    if (name == kWholeNetwork) {
      if (row.cells[form] != kDense || has_whole) {
        throw Error(fmt::format("{}:{}: column 'form': '{}': the one row of '*', the network as it is, must be '{}'",
                                path, row.line, row.cells[form], kDense));
      }
      has_whole = true;
      whole = loss;
      continue;
    }
    network::LayerNumbers numbers;
    try {
      numbers = network::parse_layer_numbers(row.cells[form]);
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: column 'form': {}", path, row.line, error.what()));
    }
    if (!losses_.emplace(std::pair(name, to_string(numbers)), loss).second) {
      throw Error(fmt::format("{}:{}: layer '{}' has a row of '{}' already", path, row.line, name, row.cells[form]));
    }
    forms_[name].push_back(numbers);
  }
  if (losses_.empty()) throw Error(path + ": has no row of a layer");
  for (auto& [key, loss] : losses_) loss = std::max(0.0, loss - whole);
}

std::string LayerLosses::hash() const {
  std::string all;
  for (const auto& [key, loss] : losses_) all += fmt::format("{} {}={};", key.first, key.second, loss);
  return hex_hash(all);
}

std::optional<double> LayerLosses::find(const std::string& layer, const network::LayerNumbers& numbers) const {
  const auto found = losses_.find({layer, to_string(numbers)});
  return found == losses_.end() ? std::nullopt : std::optional<double>(found->second);
}

std::optional<double> LayerLosses::precision(const std::string& layer, const network::PrecisionPair& pair) const {
  network::LayerNumbers numbers;
  numbers.precision = pair;
  if (const auto own = find(layer, numbers)) return own;
  if (pair.weights && pair.activations) {
    const auto weights = precision(layer, {pair.weights, {}}), activations = precision(layer, {{}, pair.activations});
    return weights && activations ? std::optional<double>(*weights + *activations) : std::nullopt;
  }
  // Both rounded lose no less than one of them, so that their row is on the safe side.
  const Precision alone = pair.weights ? *pair.weights : *pair.activations;
  numbers.precision = {alone, alone};
  return find(layer, numbers);
}

std::optional<double> LayerLosses::of(const std::string& layer, const network::LayerNumbers& numbers) const {
  if (numbers.empty()) return 0;
  if (const auto own = find(layer, numbers)) return own;
  double sum = 0;
  const auto add = [&](const std::optional<double>& loss) {
    if (loss) sum += *loss;
    return loss.has_value();
  };
  const network::PrecisionPair& pair = numbers.precision;
  if (numbers.prune && !add(find(layer, {numbers.prune, {}, {}}))) return std::nullopt;
  if (numbers.clusters && !add(find(layer, {{}, numbers.clusters, {}}))) return std::nullopt;
  if ((pair.weights || pair.activations) && !add(precision(layer, pair))) return std::nullopt;
  return sum;
}

std::unique_ptr<AccuracyOracle> make_loss_oracle(const AccuracySettings& settings, const NetworkFacts&,
                                                 const AccuracyContext&) {
  return std::make_unique<LossOracle>(settings.text("losses"));
}

}  // namespace lanewise::nas
