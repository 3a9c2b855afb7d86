// SPDX-License-Identifier: Apache-2.0
// REINFORCE: a controller draws candidates gene by gene, and what turned out well becomes more likely. The chance of a
// value depends on the values drawn before it and on the weights of the objectives, which are drawn for each candidate,
// so that one controller learns the whole front.
//
// Source: Williams, Simple statistical gradient-following algorithms for connectionist reinforcement learning, Machine
// Learning 8, 1992; Zoph and Le, Neural architecture search with reinforcement learning, ICLR 2017; with a log-linear
// controller in place of a recurrent network.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/scalarisation.hpp"

namespace lanewise::nas {
namespace {

constexpr double kRate = 0.25;     // of learning, on rewards of unit deviation
constexpr double kEntropy = 0.02;  // weight of the policy's entropy, which keeps it from settling early
constexpr double kLargestLogit = 8;
constexpr std::size_t kTries = 8;  // draws per new candidate; those known already teach for nothing

class Controller {
 public:
  explicit Controller(const std::vector<Gene>& genes) {
    for (const Gene& gene : genes) values_.push_back(gene.values.size());
  }

  void set_objectives(std::size_t objectives) {
    if (!parameters_.empty()) return;
    objectives_ = objectives;
    parameters_.assign(wanted(objectives), 0.0);
  }
  std::size_t wanted(std::size_t objectives) const {
    std::size_t count = 0, before = 0;
    for (const std::size_t values : values_) {
      count += values * (1 + objectives + before);
      before += values;
    }
    return count;
  }

  Genotype draw(const std::vector<double>& weights, Random& random) const {
    Genotype genotype;
    std::vector<double> chances;
    const double* block = parameters_.data();
    for (std::size_t gene = 0; gene < values_.size(); ++gene) {
      chances_of(block, gene, genotype, weights, chances);
      double left = random.unit();
      std::size_t value = 0;
      while (value + 1 < chances.size() && left >= chances[value]) left -= chances[value++];
      genotype.push_back(static_cast<int>(value));
      block += block_size(gene);
    }
    return genotype;
  }

  // One step up the gradient of the log-probability of the genotype times `advantage`, and of the entropy.
  void learn(const Genotype& genotype, const std::vector<double>& weights, double advantage) {
    std::vector<double> chances;
    double* block = parameters_.data();
    Genotype before;
    for (std::size_t gene = 0; gene < values_.size(); ++gene) {
      chances_of(block, gene, before, weights, chances);
      double entropy = 0;
      for (const double chance : chances) entropy -= chance * std::log(std::max(chance, 1e-12));
      for (std::size_t v = 0; v < chances.size(); ++v) {
        const double taken = static_cast<std::size_t>(genotype[gene]) == v ? 1 : 0;
        const double step = kRate * (advantage * (taken - chances[v]) -
                                     kEntropy * chances[v] * (std::log(std::max(chances[v], 1e-12)) + entropy));
        double* const row = block + v * row_size(gene);
        row[0] = bounded(row[0] + step);
        for (std::size_t k = 0; k < objectives_; ++k)
          row[1 + k] = bounded(row[1 + k] + step * (weights[k] - mean_weight()));
        std::size_t column = 1 + objectives_;
        for (std::size_t earlier = 0; earlier < gene; ++earlier) {
          double& parameter = row[column + static_cast<std::size_t>(before[earlier])];
          parameter = bounded(parameter + 0.5 * step);
          column += values_[earlier];
        }
      }
      before.push_back(genotype[gene]);
      block += block_size(gene);
    }
  }

  const std::vector<double>& parameters() const { return parameters_; }
  std::size_t objectives() const { return objectives_; }
  void set(std::size_t objectives, std::vector<double> parameters) {
    objectives_ = objectives;
    parameters_ = std::move(parameters);
  }

 private:
  static double bounded(double logit) { return std::clamp(logit, -kLargestLogit, kLargestLogit); }
  double mean_weight() const { return 1.0 / static_cast<double>(std::max<std::size_t>(objectives_, 1)); }
  // A row per value: its own logit, one per objective, one per value of each gene before.
  std::size_t row_size(std::size_t gene) const {
    std::size_t size = 1 + objectives_;
    for (std::size_t earlier = 0; earlier < gene; ++earlier) size += values_[earlier];
    return size;
  }
  std::size_t block_size(std::size_t gene) const { return values_[gene] * row_size(gene); }

  void chances_of(const double* block, std::size_t gene, const Genotype& before, const std::vector<double>& weights,
                  std::vector<double>& chances) const {
    const std::size_t width = row_size(gene);
    chances.assign(values_[gene], 0.0);
    double highest = -1e300;
    for (std::size_t v = 0; v < chances.size(); ++v) {
      const double* const row = block + v * width;
      double logit = row[0];
      for (std::size_t k = 0; k < objectives_; ++k) logit += row[1 + k] * (weights[k] - mean_weight());
      std::size_t column = 1 + objectives_;
      for (std::size_t earlier = 0; earlier < gene; ++earlier) {
        logit += row[column + static_cast<std::size_t>(before[earlier])];
        column += values_[earlier];
      }
      chances[v] = logit;
      highest = std::max(highest, logit);
    }
    double sum = 0;
    for (double& chance : chances) sum += chance = std::exp(chance - highest);
    for (double& chance : chances) chance /= sum;
  }

  std::vector<std::size_t> values_;
  std::size_t objectives_ = 0;
  std::vector<double> parameters_;  // gene by gene; empty until the number of objectives is known
};

class Reinforce : public Algorithm {
 public:
  Reinforce(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
      : archive_(problem, options, seeds), options_(options), random_(options.seed), controller_(archive_.genes()) {}

  std::vector<Genotype> ask() override {
    const auto count = static_cast<std::size_t>(options_.batch > 0 ? options_.batch : (options_.population + 2) / 3);
    draws_.clear();
    if (archive_.all().empty() || archive_.has_first()) return archive_.first_batch(count, random_);
    std::vector<Genotype> batch;
    for (std::size_t tries = 0; tries < kTries * count && batch.size() < count; ++tries) {
      Draw draw;
      draw.weights = draw_weights(controller_.objectives(), random_);
      draw.genotype = controller_.draw(draw.weights, random_);
      archive_.offer(batch, draw.genotype);
      draws_.push_back(std::move(draw));
    }
    // A controller that repeats itself is not left without anything new to learn from.
    while (batch.size() < count && !archive_.exhausted()) {
      Draw draw;
      draw.weights = draw_weights(controller_.objectives(), random_);
      if (!archive_.offer_new(batch, controller_.draw(draw.weights, random_), random_)) break;
      draw.genotype = batch.back();
      draws_.push_back(std::move(draw));
    }
    return batch;
  }

  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) override {
    const std::size_t before = archive_.all().size();
    archive_.tell(batch, evaluations);
    take(before);
    if (archive_.all().empty()) return;
    controller_.set_objectives(archive_.all().front().evaluation.objectives.size());
    if (draws_.empty()) {
      // Nobody drew these: under weights of their own they say as much.
      for (std::size_t i = before; i < archive_.all().size(); ++i) {
        draws_.push_back({archive_.all()[i].genotype, draw_weights(controller_.objectives(), random_)});
      }
    }
    learn();
    draws_.clear();
  }

  const std::vector<Individual>& told() const override { return archive_.all(); }

  std::string save() const override {
    StateWriter out;
    out.text("algorithm", "reinforce");
    out.random("random", random_);
    archive_.save(out);
    out.number("baseline", baseline_);
    out.count("objectives", static_cast<std::int64_t>(controller_.objectives()));
    out.numbers("controller", controller_.parameters());
    return out.str();
  }

  void load(const std::string& state) override {
    StateReader in(state);
    in.expect("algorithm", "reinforce");
    random_ = in.random("random");
    archive_.load(in);
    baseline_ = in.number("baseline");
    const std::int64_t objectives = in.count("objectives");
    std::vector<double> parameters = in.numbers("controller");
    const bool fits = archive_.all().empty()
                          ? objectives == 0 && parameters.empty()
                          : objectives == static_cast<std::int64_t>(archive_.all()[0].evaluation.objectives.size()) &&
                                parameters.size() == controller_.wanted(static_cast<std::size_t>(objectives));
    if (!fits) in.refuse("the controller does not fit the space");
    for (const double value : parameters) {
      if (!(std::abs(value) <= kLargestLogit)) in.refuse("a parameter of the controller is out of range");
    }
    controller_.set(static_cast<std::size_t>(objectives), std::move(parameters));
    in.end();
    known_.clear();
    extent_ = Extent();
    take(0);
  }

 private:
  struct Draw {
    Genotype genotype;
    std::vector<double> weights;
  };

  void take(std::size_t from) {
    for (std::size_t i = from; i < archive_.all().size(); ++i) {
      known_[archive_.all()[i].genotype] = i;
      extent_.take(archive_.all()[i].evaluation);
    }
  }

  // Rewards are taken relative to their running mean and to their deviation in this batch.
  void learn() {
    std::vector<std::pair<const Draw*, double>> rewards;
    double mean = 0;
    for (const Draw& draw : draws_) {
      const auto found = known_.find(archive_.problem().canonical(draw.genotype));
      if (found == known_.end()) continue;  // asked for, but the budget ended
      const Evaluation& evaluation = archive_.all()[found->second].evaluation;
      rewards.emplace_back(&draw, -scalarised(evaluation, extent_, draw.weights));
      mean += rewards.back().second;
    }
    if (rewards.empty()) return;
    const auto count = static_cast<double>(rewards.size());
    mean /= count;
    double square = 0;
    for (const auto& [draw, reward] : rewards) square += (reward - mean) * (reward - mean) / count;
    const double deviation = std::max(std::sqrt(square), 1e-6);
    baseline_ = baseline_ == 0 ? mean : 0.8 * baseline_ + 0.2 * mean;
    for (const auto& [draw, reward] : rewards) {
      const double advantage = std::clamp((reward - baseline_) / deviation, -3.0, 3.0);
      controller_.learn(draw->genotype, draw->weights, advantage / std::sqrt(count));
    }
  }

  Archive archive_;
  SearchOptions options_;
  Random random_;
  Controller controller_;
  double baseline_ = 0;
  std::map<Genotype, std::size_t> known_;
  Extent extent_;
  std::vector<Draw> draws_;  // since the last tell
};

}  // namespace

std::unique_ptr<Algorithm> make_reinforce(const Problem& problem, const SearchOptions& options,
                                          const std::vector<Genotype>& seeds) {
  return std::make_unique<Reinforce>(problem, options, seeds);
}

}  // namespace lanewise::nas
