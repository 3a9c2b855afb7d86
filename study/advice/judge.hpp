// SPDX-License-Identifier: Apache-2.0
// What designs cost as whole answers, predicted and simulated. Private to this folder.
#pragma once

#include <memory>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"
#include "study/advice/advice.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// A network on an engine, cut into subgraphs; `failure` says why the engine cannot run it.
struct WholeDesign {
  std::shared_ptr<const network::Graph> graph;
  engine::EngineConfig engine;
  mapping::Partition partition;
  std::string failure;
};
WholeDesign whole_design(std::shared_ptr<const network::Graph> graph, engine::EngineConfig engine);

class Judge {
 public:
  // `estimator` may be nullptr: then the simulator predicts. Both must outlive the judge.
  Judge(const estimator::Estimator* estimator, MeasurementSource& simulator)
      : estimator_(estimator), simulator_(simulator) {}
  bool estimates() const { return estimator_ != nullptr; }
  // One answer per design, in order: what `lanewise estimate` and `lanewise simulate` say of it.
  std::vector<Answered> predicted(const std::vector<const WholeDesign*>& designs) const;
  std::vector<Answered> simulated(const std::vector<const WholeDesign*>& designs, const Progress& progress) const;

 private:
  const estimator::Estimator* estimator_;
  MeasurementSource& simulator_;
};

DesignCost cost_of(const NetworkAnswer& answer);

// What stands between two simulated answers, by the subgraphs in which they differ.
MoveExplanation explain_change(const WholeDesign& before, const NetworkAnswer& answer_before, const WholeDesign& after,
                               const NetworkAnswer& answer_after);

}  // namespace lanewise::study
