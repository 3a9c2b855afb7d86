// SPDX-License-Identifier: Apache-2.0
// What the keys of an engine are worth to a network. Private to this folder.
#pragma once

#include "nas/moves/resolve.hpp"
#include "study/advice/advice.hpp"
#include "study/advice/judge.hpp"

namespace lanewise::study {

struct KeyQuestion {
  const AdviceJob& job;
  const nas::ResolvedMoves& decided;
  const engine::EngineConfig& engine;  // with the keys that the person has taken
  const estimator::Estimator* estimator;
  MeasurementSource& simulator;
  const Judge& judge;
  const WholeDesign& start;
  const NetworkAnswer& start_answer;  // simulated
};

// Tries half and double of each key, other values of enumerations, what belongs together, and the neighbouring values
// of the family's ranges. Fills in the keys of `advice`, whose start is known.
void advise_keys(const KeyQuestion& question, const Progress& progress, Advice& advice);

}  // namespace lanewise::study
