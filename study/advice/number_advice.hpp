// SPDX-License-Identifier: Apache-2.0
// Which precision and which form of its weight each layer of a network should have: what each is worth by itself, and
// what to take together for a bounded loss of accuracy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/network/layer_numbers.hpp"
#include "nas/oracles/layer_losses.hpp"
#include "study/advice/advice.hpp"

namespace lanewise::study {

struct NumberAdviceJob {
  AdviceJob network;          // on which engine; of its moves file what is taken. Its limits hold nothing
  bool precisions = false;    // whether precisions are tried
  bool compressions = false;  // whether pruning and palettes are tried
  const nas::LayerLosses* losses = nullptr;    // nullptr: nobody knows them, and there is no plan
  double most_loss = 0;                        // of the plan, in the unit of the losses
  nas::Metric metric = nas::Metric::kLatency;  // what is to be saved: latency or energy
};

// A layer in other numbers by itself, simulated.
struct NumberMove {
  std::string layer;
  network::LayerNumbers numbers;
  std::string failure;         // "", or why the engine cannot run it; then there is no gain
  double saved = 0;            // of the metric, in its unit; below 0: it costs
  std::optional<double> loss;  // what it adds to what the layer loses already; nullopt: nobody knows
  bool taken = false;          // by the plan
};

struct NumberPlan {
  double most_loss = 0;
  double expected = 0;  // gains of its moves by themselves, summed
  double bound = 0;     // no choice of moves has a larger sum within the loss
  double loss = 0;      // summed
  std::int64_t moves = 0;
  DesignCost cost;  // simulated, with all its moves
  std::shared_ptr<const network::Graph> graph;
};

struct NumberAdvice {
  std::string network, engine, tool_version;
  engine::EngineIdentity identity;
  nas::Metric metric = nas::Metric::kLatency;
  std::string losses;  // the file; "" where there is none
  DesignCost given;    // simulated
  std::int64_t tried = 0;
  std::int64_t do_not_pay = 0;      // save less than 0.05 %
  std::int64_t unknown_losses = 0;  // of those that pay
  std::vector<NumberMove> moves;    // that pay, what saves most first
  std::vector<NumberMove> cannot_run;
  std::optional<NumberPlan> plan;  // where losses are known
};
// The metric's value of a cost.
double value_of(const DesignCost& cost, nas::Metric metric);

// Tries int8 and int4, 2:4, half of the weights and 16 clusters, together too, in every layer that `--prune` and
// `--cluster` change; where losses are known, in every layer that has rows the forms of its rows. With losses the plan
// is the set of moves, one for each layer at most, of the most gain by itself, whose losses summed are at most
// `most_loss`: to first order, as if neither gains nor losses of layers depended on each other. What the whole gains is
// then simulated. Throws Error where a row's layer is not in the network, and as advise() does.
NumberAdvice advise_numbers(const NumberAdviceJob& job, MeasurementSource& simulator, const Progress& progress = {});

}  // namespace lanewise::study
