// SPDX-License-Identifier: Apache-2.0
// What space files say of scores and predictors, answered as a search asks.
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/predictor/accuracy_predictor.hpp"
#include "nas/scores/scale_capacity.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

const std::string kGood = LANEWISE_SOURCE_DIR "/tests/fuzz/corpus/predictor/good_without_scores.predictor";

AccuracyAnswer ask(const AccuracySettings& settings, const network::Graph& graph) {
  AccuracyQuery query;
  query.encoding = "one";
  query.graph = &graph;
  return make_accuracy_oracle(settings, {})->measure({query})[0];
}

network::Graph network_of(const std::string& space, const std::string& encoding) {
  const auto networks = make_network_space(load_space(LANEWISE_SOURCE_DIR "/spaces/" + space + ".yaml"), nullptr);
  return networks->build(networks->decode(encoding), {});
}

TEST(ScoreOracle, answers_with_the_score_of_the_graph) {
  const network::Graph graph = network_of("nas-bench-macro", "22212202");
  AccuracySettings settings;
  settings.oracle = "score";
  settings.texts["score"] = "macs";
  EXPECT_EQ(ask(settings, graph).score, 85164544);
  settings.texts["score"] = "default";
  EXPECT_EQ(ask(settings, graph).score, scale_capacity(graph));
  const auto oracle = make_accuracy_oracle(settings, {});
  EXPECT_EQ(oracle->score_name(), kDefaultScore);
  EXPECT_FALSE(oracle->is_free());
  settings.texts["score"] = "sores";
  EXPECT_THROW(make_accuracy_oracle(settings, {}), Error);
}

TEST(PredictorOracle, fails_for_networks_that_it_does_not_know_unless_they_are_taken) {
  AccuracySettings settings;
  settings.oracle = "predictor";
  settings.texts["predictor"] = kGood;
  const network::Graph graph = network_of("nas-bench-macro", "22212202");
  EXPECT_EQ(ask(settings, graph).failure.rfind("unknown to the predictor: ", 0), 0U);
  settings.texts["unknown"] = "take";
  const Prediction expected = AccuracyPredictor::load(kGood).predict(graph);
  EXPECT_EQ(ask(settings, graph).score, expected.value);
  settings.texts["bound"] = "low";
  EXPECT_EQ(ask(settings, graph).score, expected.low);
  EXPECT_EQ(make_accuracy_oracle(settings, {})->score_name(), "predicted_test_accuracy");
}

}  // namespace
}  // namespace lanewise::nas
