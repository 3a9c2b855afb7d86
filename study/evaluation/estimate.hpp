// SPDX-License-Identifier: Apache-2.0
// A network's cost as an estimator predicts it, with prediction intervals, and simulated where the estimator cannot be
// trusted.
#pragma once

#include <optional>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "core/record/store.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

struct EstimateOptions {
  double level = 0.9;  // of the intervals, in (0, 1)
  // Measures the subgraphs that lie beyond the training data; these results replace the predictions. nullptr: every
  // subgraph is predicted.
  MeasurementSource* fallback = nullptr;
  // Also measures subgraphs whose interval is wider than this, in percent of the prediction.
  std::optional<double> fallback_width_percent;
  record::Store* store = nullptr;  // receives what the fallback measured; may be nullptr
  // Share of the time whose subgraphs are asked what they are bound by, the longest first: the rest says "latency".
  double explained = 1;
};

// One answer per question, in order, or why the engine cannot run the network, as the simulator would say it. All
// subgraphs are assessed, and where asked for simulated, together.
std::vector<Answered> estimate(const std::vector<Question>& questions, const estimator::Estimator& estimator,
                               const EstimateOptions& options = {}, const Progress& progress = {});

// What an answer says of the estimator: its accuracy on single subgraphs of engines held out from training, nullopt
// where none were, and what it is adapted to, nullopt where it is not.
std::optional<estimator::Accuracy> held_out_accuracy(const estimator::Estimator& estimator);
std::optional<estimator::AdaptationNote> adaptation_note(const estimator::Estimator& estimator,
                                                         const engine::EngineConfig& engine);

// Throws Error naming network, engine, subgraph and rule when the engine cannot run it.
NetworkAnswer estimate_network(const network::Graph& graph, const engine::EngineConfig& engine,
                               const estimator::Estimator& estimator, const EstimateOptions& options = {});

}  // namespace lanewise::study
