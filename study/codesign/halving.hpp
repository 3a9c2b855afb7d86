// SPDX-License-Identifier: Apache-2.0
// What a search found, judged by oracles of rising cost: the estimator, which has judged all of it, the simulator, and
// whoever measures accuracy.
#pragma once

#include <vector>

#include "nas/oracles/successive_halving.hpp"
#include "study/codesign/designs.hpp"
#include "study/codesign/proof.hpp"

namespace lanewise::study {

struct HalvedDesigns {
  std::vector<nas::Genotype> genotypes;  // that the last oracle judged, best first
  std::vector<Design> designs;           // of these: simulated, with their accuracy where there is one
  std::vector<nas::Evaluation> evaluations;
  std::vector<nas::RungAccount> rungs;
};

// Of `found`, with the search's evaluations, the first job.halving[0] go to the simulator's rung and so on. Accuracy is
// the last of the objectives there. `baseline` holds the simulated metrics that limits may be factors of.
HalvedDesigns halve(const std::vector<nas::Individual>& found, const CodesignJob& job, const Designs& designs,
                    Proof& proof, Predictor& predictor, const nas::Metrics& baseline);

}  // namespace lanewise::study
