// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/architecture_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <queue>
#include <set>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

ArchitectureWeights::ArchitectureWeights(const std::vector<nas::Gene>& genes) {
  for (const nas::Gene& gene : genes) genes_.emplace_back(gene.values.size());
}

std::vector<double> ArchitectureWeights::probabilities(std::size_t gene) const {
  const std::vector<Number>& numbers = genes_[gene];
  double highest = numbers.front().logit, sum = 0;
  for (const Number& number : numbers) highest = std::max(highest, number.logit);
  std::vector<double> out;
  for (const Number& number : numbers) sum += out.emplace_back(std::exp(number.logit - highest));
  for (double& probability : out) probability /= sum;
  return out;
}

nas::Genotype ArchitectureWeights::draw(Random& random) const {
  nas::Genotype out;
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    const std::vector<double> chances = probabilities(gene);
    double left = random.unit();
    std::size_t value = 0;
    while (value + 1 < chances.size() && left >= chances[value]) left -= chances[value++];
    out.push_back(static_cast<int>(value));
  }
  return out;
}

double ArchitectureWeights::log_probability(const nas::Genotype& genotype) const {
  double sum = 0;
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    sum += std::log(probabilities(gene)[static_cast<std::size_t>(genotype[gene])]);
  }
  return sum;
}

double ArchitectureWeights::entropy() const {
  double sum = 0;
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    for (const double p : probabilities(gene)) sum -= p > 0 ? p * std::log(p) : 0;
  }
  return sum;
}

double ArchitectureWeights::most_entropy() const {
  double sum = 0;
  for (const auto& numbers : genes_) sum += std::log(static_cast<double>(numbers.size()));
  return sum;
}

double ArchitectureWeights::distance() const {
  double sum = 0;
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    const std::vector<double> chances = probabilities(gene);
    sum += 1 - *std::max_element(chances.begin(), chances.end());
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, genes_.size()));
}

// Best first: from each genotype those with one gene at its next likelier value behind it.
nas::Genotype ArchitectureWeights::likeliest(const std::function<bool(const nas::Genotype&)>& accepts,
                                             std::int64_t tries) const {
  std::vector<std::vector<int>> order;  // by gene, the likeliest value first
  std::vector<std::vector<double>> logs;
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    const std::vector<double> chances = probabilities(gene);
    std::vector<int> values(chances.size());
    std::iota(values.begin(), values.end(), 0);
    std::stable_sort(values.begin(), values.end(), [&](int a, int b) {
      return chances[static_cast<std::size_t>(a)] > chances[static_cast<std::size_t>(b)];
    });
    logs.emplace_back();
    for (const int value : values) logs.back().push_back(std::log(chances[static_cast<std::size_t>(value)]));
    order.push_back(std::move(values));
  }
  using Ranks = std::vector<int>;
  const auto sum = [&](const Ranks& ranks) {
    double total = 0;
    for (std::size_t gene = 0; gene < ranks.size(); ++gene) total += logs[gene][static_cast<std::size_t>(ranks[gene])];
    return total;
  };
  std::priority_queue<std::pair<double, Ranks>> open;
  std::set<Ranks> seen;
  const Ranks first(genes_.size(), 0);
  open.emplace(sum(first), first);
  seen.insert(first);
  for (std::int64_t i = 0; i < tries && !open.empty(); ++i) {
    const Ranks ranks = open.top().second;
    open.pop();
    nas::Genotype genotype;
    for (std::size_t gene = 0; gene < ranks.size(); ++gene) {
      genotype.push_back(order[gene][static_cast<std::size_t>(ranks[gene])]);
    }
    if (accepts(genotype)) return genotype;
    for (std::size_t gene = 0; gene < ranks.size(); ++gene) {
      Ranks next = ranks;
      if (++next[gene] < static_cast<int>(order[gene].size()) && seen.insert(next).second)
        open.emplace(sum(next), next);
    }
  }
  throw Error(fmt::format("none of the {} likeliest networks keeps to the limit", tries));
}

// The derivative of log p(value) by a logit is 1 for the value's own, less the probability.
void ArchitectureWeights::add(const nas::Genotype& genotype, double cost) {
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    const std::vector<double> chances = probabilities(gene);
    for (std::size_t value = 0; value < chances.size(); ++value) {
      const double taken = static_cast<std::size_t>(genotype[gene]) == value ? 1 : 0;
      genes_[gene][value].gradient += cost * (taken - chances[value]);
    }
  }
}

// The derivative of a gene's entropy h by a logit is -p (log p + h).
void ArchitectureWeights::add_entropy(double weight) {
  for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
    const std::vector<double> chances = probabilities(gene);
    double entropy = 0;
    for (const double p : chances) entropy -= p > 0 ? p * std::log(p) : 0;
    for (std::size_t value = 0; value < chances.size(); ++value) {
      const double p = chances[value];
      if (p > 0) genes_[gene][value].gradient -= weight * p * (std::log(p) + entropy);
    }
  }
}

void ArchitectureWeights::descend(double rate) {
  constexpr double kFirst = 0.9, kSecond = 0.999, kLeast = 1e-8;
  ++steps_;
  const double first = 1 - std::pow(kFirst, static_cast<double>(steps_));
  const double second = 1 - std::pow(kSecond, static_cast<double>(steps_));
  for (auto& numbers : genes_) {
    for (Number& number : numbers) {
      number.mean = kFirst * number.mean + (1 - kFirst) * number.gradient;
      number.square = kSecond * number.square + (1 - kSecond) * number.gradient * number.gradient;
      number.logit -= rate * number.mean / first / (std::sqrt(number.square / second) + kLeast);
      number.gradient = 0;
    }
  }
}

std::string ArchitectureWeights::text() const {
  std::string out = std::to_string(steps_);
  for (const auto& numbers : genes_) {
    for (const Number& number : numbers)
      out += fmt::format(" {:a} {:a} {:a}", number.logit, number.mean, number.square);
  }
  return out;
}

bool ArchitectureWeights::load(const std::string& text) {
  const char* at = text.c_str();
  char* end = nullptr;
  const long long steps = std::strtoll(at, &end, 10);
  if (end == at || steps < 0) return false;
  std::vector<std::vector<Number>> genes = genes_;
  for (auto& numbers : genes) {
    for (Number& number : numbers) {
      for (double* each : {&number.logit, &number.mean, &number.square}) {
        at = end;
        *each = std::strtod(at, &end);
        if (end == at || !std::isfinite(*each)) return false;
      }
      number.gradient = 0;
    }
  }
  if (*end != '\0') return false;
  genes_ = std::move(genes);
  steps_ = steps;
  return true;
}

}  // namespace lanewise::accuracy
