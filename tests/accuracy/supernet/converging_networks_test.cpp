// SPDX-License-Identifier: Apache-2.0
// What a converging supernet ends in, where losses and latencies of all networks are known.
#include "accuracy/supernet/converging_networks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/base/error.hpp"
#include "tests/accuracy/supernet/small_space.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::accuracy {
namespace {

using cli::testing::ScratchFolder;

class Converging : public ::testing::Test {
 protected:
  Converging() {
    recipe_.steps = 1500;
    recipe_.sandwich = 0;
    recipe_.random = 4;
    settings_.latency_ms = 1;
    settings_.rate = 0.05;
    std::string table = "encoding,latency_ms\n";
    nas::Genotype genotype(space_.genes().size(), 0);
    for (bool more = true; more;) {
      if (all_.insert(space_.canonical(genotype)).second) {
        const nas::Genotype canonical = space_.canonical(genotype);
        if (all_.size() % 3 == 0) table += space_.encode(canonical) + "," + std::to_string(ms(canonical)) + "\n";
      }
      more = false;
      for (std::size_t gene = 0; gene < genotype.size() && !more; ++gene) {
        more = ++genotype[gene] < static_cast<int>(space_.genes()[gene].values.size());
        if (!more) genotype[gene] = 0;
      }
    }
    prices_ = scratch_.write("prices.csv", table);
  }
  double parameters(const nas::Genotype& genotype) const {
    return static_cast<double>(network::parameters(space_.graph(genotype)));
  }
  double ms(const nas::Genotype& genotype) const { return parameters(genotype) / 1000; }
  // Larger networks are better, and one of the two activations.
  double loss(const nas::Genotype& genotype) const {
    return 3 - 0.4 * std::log(parameters(genotype)) + (space_.encode(genotype)[0] == 'h' ? 0 : 0.2);
  }
  void train(ConvergingNetworks& networks, std::int64_t from, std::int64_t to) const {
    for (std::int64_t t = from; t < to; ++t) {
      const StepNetworks step = networks.step(t);
      // A batch is hard or easy for all networks alike.
      networks.after(t, step, [&](const nas::Genotype& genotype) {
        return loss(genotype) + 2 * std::sin(static_cast<double>(t));
      });
    }
  }

  SupernetSpace space_{"small.yaml", testing::kSmallSpace};
  SupernetRecipe recipe_;
  ConvergenceSettings settings_;
  ScratchFolder scratch_;
  std::string prices_;
  std::set<nas::Genotype> all_;
};

TEST_F(Converging, ends_near_the_best_network_within_the_limit) {
  for (const double limit : {0.4, 1.0, 100.0}) {
    settings_.latency_ms = limit;
    LatencyPrices prices(prices_, space_);
    ConvergingNetworks networks(space_, recipe_, 1, prices, settings_);
    const double most = networks.weights().entropy();
    train(networks, 0, recipe_.steps);
    EXPECT_LT(networks.weights().entropy(), 0.1 * most) << limit;
    const nas::Genotype end = networks.network();
    EXPECT_LE(prices.ms(end), limit);
    std::size_t better = 0, within = 0;
    for (const nas::Genotype& genotype : all_) {
      if (prices.ms(genotype) > limit) continue;
      ++within;
      better += loss(genotype) < loss(end) ? 1 : 0;
    }
    // Genes are drawn apart from each other, so that it is near the best and need not be it.
    EXPECT_LE(better, within / 5) << limit << " " << space_.encode(end);
  }
}

TEST_F(Converging, networks_are_drawn_as_for_a_supernet_until_architecture_weights_learn) {
  LatencyPrices prices(prices_, space_);
  ConvergingNetworks networks(space_, recipe_, 1, prices, settings_);
  const DrawnNetworks drawn(space_, recipe_, 1);
  for (std::int64_t t = 0; t < 450; t += 50) {
    EXPECT_EQ(networks.step(t).genotypes, drawn.step(t).genotypes) << t;
    networks.after(t, networks.step(t), [](const nas::Genotype&) -> double { throw Error("nothing is judged yet"); });
  }
  EXPECT_NEAR(networks.weights().entropy(), networks.weights().most_entropy(), 1e-9);
}

TEST_F(Converging, goes_on_from_its_state_to_the_bit) {
  LatencyPrices prices(prices_, space_);
  ConvergingNetworks whole(space_, recipe_, 1, prices, settings_), first(space_, recipe_, 1, prices, settings_);
  train(whole, 440, 480);
  train(first, 440, 460);
  ConvergingNetworks second(space_, recipe_, 1, prices, settings_);
  ASSERT_TRUE(second.load(first.state()));
  train(second, 460, 480);
  EXPECT_EQ(second.state(), whole.state());
  EXPECT_EQ(second.cells(), whole.cells());
  EXPECT_FALSE(second.load({}));
  EXPECT_FALSE(second.load({{"architecture", "1 0x1p+0"}, {"architecture sums", "0 0 0 0 0 0"}}));
}

// Others than those of the table are predicted, and how well is said from the table alone.
TEST_F(Converging, prices_that_are_not_in_the_table_are_predicted) {
  LatencyPrices prices(prices_, space_);
  EXPECT_EQ(prices.networks(), all_.size() / 3);
  std::vector<double> errors;
  for (const nas::Genotype& genotype : all_) {
    errors.push_back(100 * std::abs(prices.ms(genotype) / ms(genotype) - 1));
  }
  std::sort(errors.begin(), errors.end());
  EXPECT_LT(errors[errors.size() / 2], 2);
  EXPECT_LT(prices.median_error_percent(), 3);
  EXPECT_LE(prices.median_error_percent(), prices.worst_error_percent());
}

TEST_F(Converging, wrong_settings_are_refused) {
  LatencyPrices prices(prices_, space_);
  recipe_.random = 1;
  EXPECT_THROW(ConvergingNetworks(space_, recipe_, 1, prices, settings_), Error);
  recipe_.random = 2;
  settings_.latency_ms = 0;
  EXPECT_THROW(ConvergingNetworks(space_, recipe_, 1, prices, settings_), Error);
}

}  // namespace
}  // namespace lanewise::accuracy
