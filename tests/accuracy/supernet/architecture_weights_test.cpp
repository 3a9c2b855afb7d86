// SPDX-License-Identifier: Apache-2.0
// Architecture weights against exhaustive sums over a small space.
#include "accuracy/supernet/architecture_weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

const std::vector<nas::Gene>& genes() {
  static const std::vector<nas::Gene> all = [] {
    std::vector<nas::Gene> out(3);
    for (std::size_t i = 0; i < 3; ++i) {
      out[i].name = std::string(1, static_cast<char>('a' + i));
      for (std::size_t value = 0; value < i + 2; ++value) out[i].values.push_back({});
    }
    return out;
  }();
  return all;
}

std::vector<nas::Genotype> everything() {
  std::vector<nas::Genotype> out;
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (int c = 0; c < 4; ++c) out.push_back({a, b, c});
    }
  }
  return out;
}

// Genes that do not add up: what is best of one depends on the others.
double cost(const nas::Genotype& g) {
  return std::abs(g[0] + g[1] - 2) + 0.3 * std::abs(g[1] * g[0] - g[2]) - 0.1 * g[0];
}

TEST(ArchitectureWeights, begin_with_every_network_alike) {
  const ArchitectureWeights weights(genes());
  EXPECT_NEAR(weights.entropy(), std::log(24), 1e-12);
  EXPECT_NEAR(weights.most_entropy(), std::log(24), 1e-12);
  for (const nas::Genotype& genotype : everything()) {
    EXPECT_NEAR(weights.log_probability(genotype), -std::log(24), 1e-12);
  }
  EXPECT_NEAR(weights.distance(), (1.0 / 2 + 2.0 / 3 + 3.0 / 4) / 3, 1e-12);
}

// One descent of Adam moves each logit by its rate against the gradient's sign: the expected cost, an exhaustive sum,
// falls from step to step of a small rate, and ends at the least cost there is.
TEST(ArchitectureWeights, descending_the_expected_cost_ends_at_the_best_network) {
  ArchitectureWeights weights(genes());
  const auto expected = [&] {
    double sum = 0;
    for (const nas::Genotype& genotype : everything())
      sum += std::exp(weights.log_probability(genotype)) * cost(genotype);
    return sum;
  };
  double least = 1e9;
  for (const nas::Genotype& genotype : everything()) least = std::min(least, cost(genotype));
  const double first = expected();
  double before = first;
  for (int i = 0; i < 2000; ++i) {
    for (const nas::Genotype& genotype : everything()) {
      weights.add(genotype, std::exp(weights.log_probability(genotype)) * cost(genotype));
    }
    weights.descend(0.01);
    if (i < 20) {
      EXPECT_LT(expected(), before) << i;
      before = expected();
    }
  }
  EXPECT_NEAR(expected(), least, 0.01);
  EXPECT_LT(weights.distance(), 0.01);
  EXPECT_EQ(cost(weights.likeliest([](const nas::Genotype&) { return true; })), least);
}

TEST(ArchitectureWeights, entropy_falls_where_it_costs_and_rises_where_it_pays) {
  ArchitectureWeights weights(genes());
  weights.add({1, 2, 3}, -1);  // off the saddle
  weights.descend(0.1);
  for (int i = 0; i < 400; ++i) {
    weights.add_entropy(1);
    weights.descend(0.05);
  }
  EXPECT_LT(weights.entropy(), 0.02);
  for (int i = 0; i < 4000; ++i) {
    weights.add_entropy(-1);
    weights.descend(0.05);
  }
  EXPECT_NEAR(weights.entropy(), weights.most_entropy(), 0.01);
}

TEST(ArchitectureWeights, draws_follow_the_probabilities) {
  ArchitectureWeights weights(genes());
  for (int i = 0; i < 5; ++i) {
    weights.add({1, 0, 2}, -1);
    weights.descend(0.2);
  }
  Random random(7);
  std::map<nas::Genotype, int> counts;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) ++counts[weights.draw(random)];
  for (const nas::Genotype& genotype : everything()) {
    const double p = std::exp(weights.log_probability(genotype));
    EXPECT_NEAR(counts[genotype], kDraws * p, 5 * std::sqrt(kDraws * p) + 1);
  }
}

TEST(ArchitectureWeights, the_likeliest_that_is_accepted_is_that_of_all) {
  ArchitectureWeights weights(genes());
  Random random(3);
  for (int i = 0; i < 30; ++i) {
    weights.add(weights.draw(random), random.normal());
    weights.descend(0.3);
    for (int rest = 0; rest < 5; ++rest) {
      const auto accepts = [&](const nas::Genotype& g) { return (g[0] + 2 * g[1] + g[2]) % 5 == rest; };
      double best = -1e9;
      for (const nas::Genotype& genotype : everything()) {
        if (accepts(genotype)) best = std::max(best, weights.log_probability(genotype));
      }
      EXPECT_NEAR(weights.log_probability(weights.likeliest(accepts)), best, 1e-9);
    }
  }
  EXPECT_THROW(weights.likeliest([](const nas::Genotype&) { return false; }), Error);
}

TEST(ArchitectureWeights, go_on_from_their_text_to_the_bit) {
  ArchitectureWeights weights(genes()), other(genes());
  weights.add({0, 1, 2}, 0.7);
  weights.descend(0.1);
  ASSERT_TRUE(other.load(weights.text()));
  for (ArchitectureWeights* each : {&weights, &other}) {
    each->add({1, 1, 3}, -0.3);
    each->add_entropy(0.5);
    each->descend(0.1);
  }
  EXPECT_EQ(weights.text(), other.text());
  const std::string before = other.text();
  for (const std::string& wrong :
       {std::string(), std::string("1 0x1p+0"), before + " 0x0p+0", std::string("-1") + before}) {
    EXPECT_FALSE(other.load(wrong)) << wrong;
  }
  EXPECT_EQ(other.text(), before);
}

}  // namespace
}  // namespace lanewise::accuracy
