// SPDX-License-Identifier: Apache-2.0
#include "study/advice/number_advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "study/advice/advised_space.hpp"
#include "study/advice/form_choice.hpp"
#include "study/advice/judge.hpp"

namespace lanewise::study {
namespace {

using network::LayerNumbers;
using network::Operator;

// What `lanewise-fit compress --sensitivity` measures.
constexpr const char* kUsualPrecisions[] = {"int8", "int4"};
constexpr const char* kUsualForms[] = {"2:4", "0.5", "16 clusters"};

LayerNumbers part_of(const LayerNumbers& numbers, bool of_precision) {
  LayerNumbers part;
  if (of_precision) {
    part.precision = numbers.precision;
  } else {
    part.prune = numbers.prune;
    part.clusters = numbers.clusters;
  }
  return part;
}

class NumberAdviser {
 public:
  NumberAdviser(const NumberAdviceJob& job, MeasurementSource& simulator, const Progress& progress)
      : job_(job),
        progress_(progress),
        space_(job.network),
        judge_(nullptr, simulator),
        graph_(std::make_shared<const network::Graph>(space_.space().graph(space_.start()))) {}

  NumberAdvice run() {
    out_.network = job_.network.graph->name();
    out_.engine = job_.network.engine.name;
    out_.identity = engine::identity_of(job_.network.engine);
    out_.tool_version = version();
    out_.metric = job_.metric;
    if (job_.losses != nullptr) out_.losses = job_.losses->path();
    const Answered given = simulated({design_of(graph_)}).front();
    if (!given.failure.empty()) throw Error(given.failure);
    out_.given = cost_of(given.answer);
    find_moves();
    price_moves();
    if (job_.losses != nullptr) plan();
    sort_out();
    return std::move(out_);
  }

 private:
  const NumberAdviceJob& job_;
  const Progress& progress_;
  const AdvisedSpace space_;
  const Judge judge_;
  std::shared_ptr<const network::Graph> graph_;
  NumberAdvice out_;
  std::vector<NumberMove> all_;
  std::vector<std::size_t> operator_of_;  // by move

  WholeDesign design_of(std::shared_ptr<const network::Graph> graph) const {
    return whole_design(std::move(graph), space_.engine());
  }

  std::vector<Answered> simulated(const std::vector<WholeDesign>& designs) const {
    std::vector<const WholeDesign*> asked;
    for (const WholeDesign& design : designs) asked.push_back(&design);
    return judge_.simulated(asked, {});
  }

  // The network in which the layers of these moves have their numbers.
  std::shared_ptr<const network::Graph> with(const std::vector<std::size_t>& moves) const {
    std::vector<LayerNumbers> numbers(graph_->operators().size());
    for (const std::size_t move : moves) numbers[operator_of_[move]] = all_[move].numbers;
    return std::make_shared<const network::Graph>(network::with_layer_numbers(*graph_, numbers));
  }

  // Where losses are known, what a layer has rows of; else what is usual, in layers that are pruned as a rule.
  std::vector<LayerNumbers> known_forms(std::size_t op, const std::vector<bool>& pruned) const {
    if (job_.losses != nullptr) {
      const auto found = job_.losses->forms().find(graph_->operators()[op].name);
      return found == job_.losses->forms().end() ? std::vector<LayerNumbers>{} : found->second;
    }
    std::vector<LayerNumbers> forms;
    for (const char* text : kUsualPrecisions) forms.push_back(network::parse_layer_numbers(text));
    for (const char* text : kUsualForms) forms.push_back(network::parse_layer_numbers(text));
    return pruned[op] ? forms : std::vector<LayerNumbers>{};
  }

  void require_layers() const {
    if (job_.losses == nullptr) return;
    std::set<std::string> names;
    for (const Operator& op : graph_->operators()) {
      if (network::has_form(op)) names.insert(op.name);
    }
    for (const auto& [layer, forms] : job_.losses->forms()) {
      if (names.count(layer) > 0) continue;
      throw Error(fmt::format("{}: '{}' is no convolution and no fully connected layer of network '{}'",
                              job_.losses->path(), layer, graph_->name()));
    }
  }

  void find_moves() {
    require_layers();
    const std::vector<bool> pruned = network::prunable(*graph_);
    std::set<network::TensorId> weights;
    for (std::size_t i = 0; i < graph_->operators().size(); ++i) {
      const Operator& op = graph_->operators()[i];
      // A weight that layers share is changed with the first of them.
      if (!network::has_form(op) || !weights.insert(op.weights[0]).second) continue;
      std::set<std::string> seen;
      for (const LayerNumbers& numbers : combinations(known_forms(i, pruned))) {
        if (changes(op, numbers) && seen.insert(to_string(numbers)).second) {
          all_.push_back({op.name, numbers, "", 0, loss_of(op, numbers), false});
          operator_of_.push_back(i);
        }
      }
    }
    out_.tried = static_cast<std::int64_t>(all_.size());
    if (all_.empty()) {
      throw Error(fmt::format("network '{}': no layer may have another {}", graph_->name(),
                              job_.precisions ? job_.compressions ? "precision or form" : "precision" : "form"));
    }
  }

  // Each precision, of weights alone and of what the layer writes too, beside each pruning and each palette.
  std::vector<LayerNumbers> combinations(const std::vector<LayerNumbers>& forms) const {
    std::vector<network::PrecisionPair> pairs(1);
    std::vector<std::optional<network::WeightForm>> prunes(1);
    std::vector<std::optional<std::int64_t>> palettes(1);
    for (const LayerNumbers& form : forms) {
      const LayerNumbers compression = part_of(form, false);
      if (job_.precisions && compression.empty()) {
        pairs.push_back(form.precision);
        if (form.precision.weights && form.precision.activations) pairs.push_back({form.precision.weights, {}});
      }
      if (!job_.compressions || !part_of(form, true).empty()) continue;
      if (form.prune && !form.clusters) prunes.push_back(form.prune);
      if (form.clusters && !form.prune) palettes.push_back(form.clusters);
    }
    std::vector<LayerNumbers> all;
    for (const auto& pair : pairs) {
      for (const auto& prune : prunes) {
        for (const auto& clusters : palettes) all.push_back({prune, clusters, pair});
      }
    }
    // Rows of several together say more than their parts do.
    for (const LayerNumbers& form : forms) {
      const bool mixed = !part_of(form, false).empty() && !part_of(form, true).empty();
      if (mixed && !(job_.precisions && job_.compressions)) continue;
      if (!job_.precisions && part_of(form, false).empty()) continue;
      if (!job_.compressions && part_of(form, true).empty()) continue;
      all.push_back(form);
    }
    return all;
  }

  // Whether each of its parts changes the layer: what is there already is another move's business.
  bool changes(const Operator& op, const LayerNumbers& numbers) const {
    const network::Tensor& weight = graph_->tensor(op.weights[0]);
    const network::PrecisionPair& pair = numbers.precision;
    if (numbers.empty()) return false;
    if (numbers.prune) {
      if (!network::takes(*graph_, op, *numbers.prune)) return false;
      if (network::as_if(weight.form, {numbers.prune, {}, {}}) == weight.form) return false;
    }
    if (numbers.clusters && network::as_if(weight.form, {{}, numbers.clusters, {}}) == weight.form) return false;
    const bool weights = pair.weights && *pair.weights != weight.precision;
    const bool writes = pair.activations && *pair.activations != graph_->tensor(op.outputs.at(0)).precision;
    return (!pair.weights && !pair.activations) || weights || writes;
  }

  // Beside what the layer's precision costs as it is.
  std::optional<double> loss_of(const Operator& op, const LayerNumbers& numbers) const {
    if (job_.losses == nullptr) return std::nullopt;
    if (const auto compression = job_.losses->of(op.name, numbers);
        numbers.precision.weights == std::nullopt && numbers.precision.activations == std::nullopt) {
      return compression;
    }
    const Precision weights = graph_->tensor(op.weights[0]).precision,
                    activations = graph_->tensor(op.outputs.at(0)).precision;
    LayerNumbers is, whole = numbers;
    is.precision = {weights, activations};
    if (!whole.precision.weights && weights != activations) whole.precision.weights = weights;
    if (!whole.precision.activations && weights != activations) whole.precision.activations = activations;
    const std::optional<double> loss = job_.losses->of(op.name, whole);
    if (!loss) return std::nullopt;
    return std::max(0.0, *loss - job_.losses->of(op.name, is).value_or(0));
  }

  // Less than 0.05 % is not worth a change of the network.
  bool pays(const NumberMove& move) const {
    constexpr double kIdle = 0.0005;
    return move.saved > kIdle * value_of(out_.given, job_.metric);
  }

  void price_moves() {
    constexpr std::size_t kAtOnce = 16;  // whole networks in memory
    for (std::size_t first = 0; first < all_.size(); first += kAtOnce) {
      progress_("simulating each layer in other numbers", static_cast<std::int64_t>(first),
                static_cast<std::int64_t>(all_.size()));
      std::vector<WholeDesign> designs;
      for (std::size_t i = first; i < std::min(all_.size(), first + kAtOnce); ++i)
        designs.push_back(design_of(with({i})));
      const std::vector<Answered> answers = simulated(designs);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        NumberMove& move = all_[first + i];
        move.failure = answers[i].failure;
        if (!move.failure.empty()) continue;
        move.saved = value_of(out_.given, job_.metric) - value_of(cost_of(answers[i].answer), job_.metric);
      }
    }
  }

  void plan() {
    std::vector<FormChoice> choices;
    std::vector<std::size_t> moves;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (!all_[i].failure.empty() || !all_[i].loss || !pays(all_[i])) continue;
      choices.push_back({operator_of_[i], all_[i].saved, *all_[i].loss});
      moves.push_back(i);
    }
    const ChosenForms chosen = choose_forms(choices, job_.most_loss);
    NumberPlan plan;
    plan.most_loss = job_.most_loss;
    plan.expected = chosen.gain;
    plan.bound = chosen.bound;
    plan.loss = chosen.loss;
    plan.moves = static_cast<std::int64_t>(chosen.taken.size());
    std::vector<std::size_t> taken;
    for (const std::size_t choice : chosen.taken) {
      taken.push_back(moves[choice]);
      all_[moves[choice]].taken = true;
    }
    progress_("simulating the plan", 0, 0);
    plan.graph = with(taken);
    const Answered answered = simulated({design_of(plan.graph)}).front();
    if (!answered.failure.empty()) throw Error("the plan: " + answered.failure);
    plan.cost = cost_of(answered.answer);
    out_.plan = std::move(plan);
  }

  void sort_out() {
    for (NumberMove& move : all_) {
      if (!move.failure.empty()) {
        out_.cannot_run.push_back(std::move(move));
      } else if (pays(move)) {
        out_.unknown_losses += move.loss ? 0 : 1;
        out_.moves.push_back(std::move(move));
      } else {
        ++out_.do_not_pay;
      }
    }
    std::stable_sort(out_.moves.begin(), out_.moves.end(),
                     [](const NumberMove& a, const NumberMove& b) { return a.saved > b.saved; });
  }
};

}  // namespace

double value_of(const DesignCost& cost, nas::Metric metric) {
  if (metric == nas::Metric::kEnergy) return cost.energy_uj;
  if (metric == nas::Metric::kLatency) return cost.latency_ms;
  throw Error(fmt::format("'{}': must be latency_ms or energy_uj", nas::traits_of(metric).name));
}

NumberAdvice advise_numbers(const NumberAdviceJob& job, MeasurementSource& simulator, const Progress& progress) {
  return NumberAdviser(job, simulator, progress).run();
}

}  // namespace lanewise::study
