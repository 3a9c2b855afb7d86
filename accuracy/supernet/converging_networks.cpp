// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/converging_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise::accuracy {
namespace {

constexpr int kTries = 20;             // draws beyond the recipe's bounds before one is made smaller
constexpr double kForgets = 0.02;      // of the running variance, a step
constexpr double kLeastSpread = 1e-3;  // of losses, in nats

// Each less the mean of the others.
std::vector<double> against_others(const std::vector<double>& costs) {
  double sum = 0;
  for (const double cost : costs) sum += cost;
  std::vector<double> out;
  for (const double cost : costs) out.push_back(cost - (sum - cost) / static_cast<double>(costs.size() - 1));
  return out;
}

}  // namespace

ConvergingNetworks::ConvergingNetworks(const SupernetSpace& space, const SupernetRecipe& recipe, std::uint64_t seed,
                                       LatencyPrices& prices, const ConvergenceSettings& settings)
    : space_(space),
      recipe_(recipe),
      seed_(seed),
      prices_(prices),
      settings_(settings),
      drawn_(space, recipe, seed),
      weights_(space.genes()) {
  if (recipe.random < 2) {
    throw Error(
        fmt::format("recipe key 'random': '{}' must be at least 2: each network of a step is held against the others",
                    recipe.random));
  }
  if (!(settings.latency_ms > 0)) throw Error("the latency must be above 0 ms");
}

bool ConvergingNetworks::learns(std::int64_t t) const {
  return static_cast<double>(t) >= settings_.begin * static_cast<double>(recipe_.steps);
}

double ConvergingNetworks::entropy_weight(std::int64_t t) const {
  const double share = static_cast<double>(t) / static_cast<double>(recipe_.steps);
  if (share <= settings_.settle) return 0;
  return settings_.entropy_weight * (share - settings_.settle) / (1 - settings_.settle);
}

StepNetworks ConvergingNetworks::step(std::int64_t t) {
  asked_.clear();
  if (!learns(t)) return drawn_.step(t);
  Random random(stable_hash(fmt::format("converging {} {}", seed_, t)));
  StepNetworks out;
  for (std::int64_t i = 0; i < recipe_.random; ++i) {
    nas::Genotype genotype = weights_.draw(random);
    for (int tries = 1; tries < kTries && !drawn_.fits(genotype); ++tries) genotype = weights_.draw(random);
    asked_.push_back(genotype);
    out.genotypes.push_back(drawn_.fitted(genotype, recipe_.steps, random));
  }
  return out;
}

void ConvergingNetworks::after(std::int64_t t, const StepNetworks& networks,
                               const std::function<double(const nas::Genotype&)>& held_out_loss) {
  if (!learns(t)) return;
  std::vector<double> losses;
  for (const nas::Genotype& genotype : networks.genotypes) {
    losses.push_back(held_out_loss(genotype));
    loss_sum_ += losses.back();
    ++loss_count_;
  }
  const auto count = static_cast<double>(losses.size());
  std::vector<double> costs = against_others(losses);
  double variance = 0;
  // A loss less the mean of n - 1 others has n / (n - 1) times the variance of one.
  for (const double cost : costs) variance += cost * cost / count * (count - 1) / count;
  variance_ = learnt_ == 0 ? variance : (1 - kForgets) * variance_ + kForgets * variance;
  const double spread = std::max(std::sqrt(variance_), kLeastSpread);
  for (std::size_t i = 0; i < costs.size(); ++i) weights_.add(asked_[i], costs[i] / spread / count);

  Random random(stable_hash(fmt::format("prices {} {}", seed_, t)));
  std::vector<nas::Genotype> priced;
  std::vector<double> beyond;
  for (int i = 0; i < settings_.priced; ++i) {
    priced.push_back(weights_.draw(random));
    const double ms = prices_.ms(space_.canonical(priced.back()));
    ms_sum_ += ms;
    ++ms_count_;
    beyond.push_back(std::max(0.0, ms / settings_.latency_ms - 1));
  }
  costs = against_others(beyond);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    weights_.add(priced[i], settings_.latency_weight * costs[i] / static_cast<double>(costs.size()));
  }
  weights_.add_entropy(entropy_weight(t));
  weights_.descend(settings_.rate);
  ++learnt_;
}

Checkpoint::Texts ConvergingNetworks::identity() const {
  return {{"latency_ms", number_text(settings_.latency_ms)},
          {"latency_weight", number_text(settings_.latency_weight)},
          {"rate", number_text(settings_.rate)},
          {"begin", number_text(settings_.begin)},
          {"settle", number_text(settings_.settle)},
          {"entropy_weight", number_text(settings_.entropy_weight)},
          {"priced", std::to_string(settings_.priced)},
          {"prices", prices_.hash()}};
}

std::string ConvergingNetworks::cells() {
  const auto mean = [](double sum, std::int64_t count) {
    return count == 0 ? std::string() : fmt::format("{:.6f}", sum / static_cast<double>(count));
  };
  const std::string out = fmt::format(",{},{},{:.6f},{:.6f}", mean(loss_sum_, loss_count_), mean(ms_sum_, ms_count_),
                                      weights_.entropy(), weights_.distance());
  loss_sum_ = ms_sum_ = 0;
  loss_count_ = ms_count_ = 0;
  return out;
}

Checkpoint::Texts ConvergingNetworks::state() const {
  return {{"architecture", weights_.text()},
          {"architecture sums",
           fmt::format("{:a} {:a} {:a} {} {} {}", variance_, loss_sum_, ms_sum_, learnt_, loss_count_, ms_count_)}};
}

bool ConvergingNetworks::load(const Checkpoint::Texts& texts) {
  bool weights = false, sums = false;
  for (const auto& [key, value] : texts) {
    if (key == "architecture") weights = weights_.load(value);
    if (key != "architecture sums") continue;
    long learnt = 0, losses = 0, prices = 0;
    sums = std::sscanf(value.c_str(), "%la %la %la %ld %ld %ld", &variance_, &loss_sum_, &ms_sum_, &learnt, &losses,
                       &prices) == 6;
    learnt_ = learnt;
    loss_count_ = losses;
    ms_count_ = prices;
  }
  return weights && sums;
}

nas::Genotype ConvergingNetworks::network() const {
  return space_.canonical(weights_.likeliest([&](const nas::Genotype& genotype) {
    return prices_.ms(space_.canonical(genotype)) <= settings_.latency_ms && drawn_.fits(genotype);
  }));
}

}  // namespace lanewise::accuracy
