// SPDX-License-Identifier: Apache-2.0
// Networks of FM28's space whose worth is a function that is known, so that what is predicted can be held against it.
#include "nas/predictor/accuracy_predictor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/predictor/cross_validation.hpp"
#include "nas/predictor/measured_table.hpp"
#include "nas/predictor/next_networks.hpp"
#include "nas/scores/topology_features.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

const NetworkSpace& fm28() {
  static const auto space = make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/fm28.yaml"), nullptr);
  return *space;
}

double feature(const std::vector<double>& features, const std::string& name) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (topology_features()[i].name == name) return features[i];
  }
  throw Error("no such feature");
}

double worth(const std::vector<double>& features) {
  return 0.9 + 0.01 * (feature(features, "ln_macs") - 14) + 0.008 * feature(features, "ln_additions") -
         0.004 * std::pow(feature(features, "ln_depth") - 2.7, 2);
}

// Drawn networks, measured `count` times each with noise.
std::vector<MeasuredNetwork> drawn(std::size_t networks, std::uint64_t seed, double noise, int count = 1) {
  Random random(seed);
  std::vector<MeasuredNetwork> all;
  std::set<std::string> seen;
  while (all.size() < networks) {
    Genotype genotype;
    for (const Gene& gene : fm28().genes()) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    MeasuredNetwork one;
    one.encoding = fm28().encode(fm28().canonical(genotype));
    if (!seen.insert(one.encoding).second) continue;
    one.features = topology_features_of(fm28().build(fm28().canonical(genotype), {}));
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(worth(one.features) + noise * random.normal());
    for (const double value : values) one.value += value / count;
    for (const double value : values) one.within += (value - one.value) * (value - one.value);
    one.count = count;
    if (count == 1) one.within = 0;
    all.push_back(std::move(one));
  }
  return all;
}

TEST(FeatureProcess, is_the_textbook_formula_for_two_rows) {
  ProcessRows rows;
  rows.numbers = {{0.0}, {1.0}};
  rows.scores = {{0.5}, {-0.5}};
  rows.values = {1.0, -1.0};
  rows.counts = {1, 4};
  const FeatureProcess process(rows, {std::log(1.5), std::log(0.2), std::log(0.8)});
  const auto k = [](double a, double b, double s, double t) {
    return 2.25 * std::exp(-(a - b) * (a - b) / (2 * 0.64)) + 0.25 * s * t;
  };
  const double a = k(0, 0, 0.5, 0.5) + 0.04, b = k(0, 1, 0.5, -0.5), c = k(1, 1, -0.5, -0.5) + 0.01;
  const double u = k(0.3, 0, 0.1, 0.5), v = k(0.3, 1, 0.1, -0.5), determinant = a * c - b * b;
  const ProcessBelief belief = process.predict({0.3}, {0.1});
  EXPECT_NEAR(belief.mean, (u * (c * 1 - b * -1) + v * (-b * 1 + a * -1)) / determinant, 1e-6);
  EXPECT_NEAR(belief.variance, k(0.3, 0.3, 0.1, 0.1) - (u * u * c - 2 * u * v * b + v * v * a) / determinant, 1e-6);
}

TEST(FeatureProcess, leaves_rows_out_as_if_they_had_not_been_there) {
  ProcessRows rows, fewer;
  Random random(3);
  for (int i = 0; i < 8; ++i) {
    const double x = random.normal(), y = random.normal(), s = random.normal();
    for (ProcessRows* each : {&rows, &fewer}) {
      if (each == &fewer && i == 5) continue;
      each->numbers.push_back({x, y});
      each->scores.push_back({s});
      each->values.push_back(std::sin(x) + y);
      each->counts.push_back(1 + i % 2);
    }
  }
  const FeatureProcess::Parameters at = {0.1, -1.0, 0.3};
  const ProcessBelief left = FeatureProcess(rows, at).left_out()[5];
  const ProcessBelief without = FeatureProcess(fewer, at).predict(rows.numbers[5], rows.scores[5]);
  EXPECT_NEAR(left.mean, without.mean, 1e-6);
  EXPECT_NEAR(left.variance, without.variance, 1e-6);
  EXPECT_NEAR(left.left, without.left, 1e-6);
}

TEST(FeatureProcess, learns_the_noise_from_repeated_measurements) {
  Random random(5);
  ProcessRows rows;
  for (int i = 0; i < 30; ++i) {
    const double x = random.normal();
    rows.numbers.push_back({x});
    rows.scores.push_back({});
    double mean = 0, within = 0;
    std::vector<double> values;
    for (int k = 0; k < 5; ++k) values.push_back(x + 0.3 * random.normal());
    for (const double value : values) mean += value / 5;
    for (const double value : values) within += (value - mean) * (value - mean);
    rows.values.push_back(mean);
    rows.counts.push_back(5);
    rows.within += within;
  }
  EXPECT_NEAR(std::sqrt(FeatureProcess::fitted(rows).noise_variance()), 0.3, 0.05);
}

TEST(AccuracyPredictor, ranks_networks_that_it_did_not_see_and_holds_its_intervals) {
  const auto learnt = drawn(60, 1, 0.001), others = drawn(200, 2, 0.001);
  const AccuracyPredictor predictor = AccuracyPredictor::fitted({}, learnt);
  double error = 0, spread = 0, mean = 0;
  int inside = 0;
  for (const auto& one : others) mean += one.value / 200;
  for (const auto& one : others) {
    const Prediction prediction = predictor.predict(one.features, {});
    error += std::pow(prediction.value - one.value, 2);
    spread += std::pow(one.value - mean, 2);
    inside += one.value >= prediction.low && one.value <= prediction.high ? 1 : 0;
  }
  EXPECT_LT(error, 0.2 * spread);
  EXPECT_GE(inside, 160);
  EXPECT_NEAR(predictor.noise(), 0.001, 0.0015);
}

TEST(AccuracyPredictor, does_not_hang_on_the_order_of_what_was_measured) {
  std::vector<MeasuredNetwork> networks = drawn(20, 1, 0.002), turned(networks.rbegin(), networks.rend());
  EXPECT_EQ(AccuracyPredictor::fitted({}, networks).text(), AccuracyPredictor::fitted({}, turned).text());
}

TEST(AccuracyPredictor, predicts_the_same_once_it_is_read_back) {
  PredictorSettings settings;
  settings.scores = {"macs", "my score"};
  settings.space = "fm28";
  std::vector<MeasuredNetwork> networks = drawn(25, 4, 0.002, 3);
  Random random(1);
  for (auto& one : networks) one.scores = {random.normal(), random.normal()};
  const AccuracyPredictor predictor = AccuracyPredictor::fitted(settings, networks);
  const AccuracyPredictor again = AccuracyPredictor::parse("f", predictor.text());
  EXPECT_EQ(again.text(), predictor.text());
  EXPECT_EQ(again.settings().scores, settings.scores);
  for (const auto& one : drawn(20, 9, 0)) {
    const Prediction a = predictor.predict(one.features, {0.5, 1}), b = again.predict(one.features, {0.5, 1});
    EXPECT_EQ(a.value, b.value);
    EXPECT_EQ(a.low, b.low);
    EXPECT_EQ(a.known, b.known);
  }
  EXPECT_NE(predictor.needs_more_than_graphs(), std::nullopt);
}

TEST(AccuracyPredictor, refuses_broken_files_in_one_line) {
  const std::string text = AccuracyPredictor::fitted({}, drawn(6, 1, 0.002)).text();
  const auto refusal = [](const std::string& broken) -> std::string {
    try {
      AccuracyPredictor::parse("p.predictor", broken);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(text), "");
  EXPECT_EQ(refusal(""), "p.predictor:0: ends before a line 'lanewise-predictor …'");
  EXPECT_EQ(refusal("lanewise-predictor 9\n"),
            "p.predictor:1: must be a predictor of version 1, which this version of Lanewise reads");
  EXPECT_NE(refusal(text.substr(0, text.size() / 2)), "");
  std::string twice = text;
  twice += twice.substr(twice.rfind("network "));
  EXPECT_NE(refusal(twice).find("stands twice"), std::string::npos);
  std::string other = text;
  other.replace(other.find("ln_macs"), 7, "ln_mice");
  EXPECT_NE(refusal(other).find("feature 'ln_mice' is none of this version"), std::string::npos);
  EXPECT_EQ(refusal(text).find('\n'), std::string::npos);
}

TEST(AccuracyPredictor, says_when_it_does_not_know) {
  const AccuracyPredictor predictor = AccuracyPredictor::fitted({}, drawn(40, 1, 0.002));
  int known = 0;
  const auto others = drawn(100, 2, 0);
  for (const auto& one : others) known += predictor.predict(one.features, {}).known ? 1 : 0;
  EXPECT_GE(known, 90);
  const auto macro = make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/nas-bench-macro.yaml"), nullptr);
  const Prediction far = predictor.predict(macro->build(macro->decode("22212202"), {}));
  EXPECT_FALSE(far.known);
  EXPECT_NE(far.reason.find("unlike all that was measured"), std::string::npos) << far.reason;
  EXPECT_GT(far.high - far.low, 0);
}

TEST(AccuracyPredictor, tells_what_cannot_be_learnt) {
  EXPECT_THROW(AccuracyPredictor::fitted({}, drawn(4, 1, 0.002)), Error);
  auto same = drawn(8, 1, 0.002);
  for (auto& one : same) one.value = 0.9;
  EXPECT_THROW(AccuracyPredictor::fitted({}, same), Error);
}

TEST(CrossValidation, never_reads_what_it_predicts) {
  auto networks = drawn(20, 1, 0.002);
  const auto before = cross_validated({}, networks, 5, 7);
  networks[3].value += 0.05;
  const auto after = cross_validated({}, networks, 5, 7);
  EXPECT_EQ(before[3].value, after[3].value);
  EXPECT_EQ(before[3].high, after[3].high);
}

TEST(NextNetworks, improves_on_chance_and_spreads_a_batch) {
  const auto all = drawn(220, 3, 0.0005);
  std::vector<NextCandidate> candidates;
  for (std::size_t i = 20; i < all.size(); ++i) candidates.push_back({all[i].encoding, all[i].features, {}});
  const AccuracyPredictor predictor = AccuracyPredictor::fitted({}, {all.begin(), all.begin() + 20});
  const auto choices = next_networks(predictor, candidates, NextGoal::kBest, 5);
  ASSERT_EQ(choices.size(), 5U);
  std::set<std::size_t> different;
  double mean = 0, chosen = 0;
  for (const auto& choice : choices) {
    different.insert(choice.candidate);
    chosen += worth(candidates[choice.candidate].features) / 5;
    EXPECT_GE(choice.gain, 0);
  }
  for (const auto& one : candidates) mean += worth(one.features) / static_cast<double>(candidates.size());
  EXPECT_EQ(different.size(), 5U);
  EXPECT_GT(chosen, mean + 0.005);
  // The same network in other words is worth nothing once it counts as measured.
  const std::vector<NextCandidate> copies(3, candidates[choices[0].candidate]);
  const auto again = next_networks(predictor, copies, NextGoal::kLearning, 2);
  EXPECT_LT(again[1].gain, again[0].gain);
}

TEST(NextNetworks, draws_different_networks_that_were_not_measured) {
  const AccuracyPredictor predictor = AccuracyPredictor::fitted({}, drawn(10, 1, 0.002));
  const auto drawn_ones = sampled_candidates(predictor, fm28(), 50, 11),
             again = sampled_candidates(predictor, fm28(), 50, 11);
  ASSERT_EQ(drawn_ones.size(), 50U);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_TRUE(seen.insert(drawn_ones[i].encoding).second);
    EXPECT_EQ(predictor.measured(drawn_ones[i].encoding), nullptr);
    EXPECT_EQ(drawn_ones[i].encoding, again[i].encoding);
  }
}

}  // namespace
}  // namespace lanewise::nas
