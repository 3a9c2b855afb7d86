// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/halving.hpp"

#include <limits>
#include <map>
#include <utility>

#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {
namespace {

constexpr double kWorst = std::numeric_limits<double>::max();

class Ladder {
 public:
  Ladder(const std::vector<nas::Individual>& found, const Designs& designs, Proof& proof, Predictor& predictor,
         const nas::Metrics& baseline)
      : found_(found), designs_(designs), proof_(proof), predictor_(predictor), baseline_(baseline) {}

  HalvedDesigns climb(const std::vector<std::size_t>& sizes) {
    using Indices = std::vector<std::size_t>;
    std::vector<nas::Rung> rungs;
    rungs.push_back({"estimator", sizes.at(0), [this](const Indices& which) { return by_estimator(which); }});
    rungs.push_back({"simulation", sizes.at(1), [this](const Indices& which) { return by_simulation(which); }});
    rungs.push_back({"accuracy", sizes.at(2), [this](const Indices& which) { return by_accuracy(which); }});
    // The estimator has judged them all: the first rung takes the best.
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Individual& individual : found_) evaluations.push_back(individual.evaluation);
    order_ = nas::best_of(evaluations, evaluations.size());
    const nas::HalvingResult halved = nas::SuccessiveHalving(std::move(rungs)).run(order_.size());
    HalvedDesigns out;
    for (const std::size_t candidate : halved.candidates) {
      out.genotypes.push_back(genotype(candidate));
      out.designs.push_back(simulated_.at(candidate));
    }
    out.evaluations = halved.evaluations;
    out.rungs = halved.rungs;
    return out;
  }

 private:
  const nas::Genotype& genotype(std::size_t candidate) const { return found_[order_[candidate]].genotype; }

  std::vector<nas::Genotype> genotypes(const std::vector<std::size_t>& candidates) const {
    std::vector<nas::Genotype> out;
    for (const std::size_t candidate : candidates) out.push_back(genotype(candidate));
    return out;
  }

  std::vector<nas::Evaluation> by_estimator(const std::vector<std::size_t>& candidates) const {
    std::vector<nas::Evaluation> out;
    for (const std::size_t candidate : candidates) out.push_back(found_[order_[candidate]].evaluation);
    return out;
  }

  nas::Evaluation judged(std::size_t candidate) const {
    const Design& design = simulated_.at(candidate);
    return designs_.judge({genotype(candidate), metrics_of(design.simulated), design.failure}, baseline_);
  }

  std::vector<nas::Evaluation> by_simulation(const std::vector<std::size_t>& candidates) {
    std::vector<Design> designs =
        proof_.designs(genotypes(candidates), candidates.size(), predictor_, "simulating candidates");
    std::vector<nas::Evaluation> out;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      simulated_[candidates[i]] = std::move(designs[i]);
      out.push_back(judged(candidates[i]));
    }
    return out;
  }

  std::vector<nas::Evaluation> by_accuracy(const std::vector<std::size_t>& candidates) {
    const std::vector<nas::AccuracyAnswer> answers = designs_.accuracies(genotypes(candidates));
    std::vector<nas::Evaluation> out;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      nas::Evaluation evaluation = judged(candidates[i]);
      if (answers[i].failure.empty()) {
        simulated_.at(candidates[i]).accuracy = answers[i].score;
        evaluation.objectives.push_back(designs_.quality().objective(answers[i].score));
      } else {
        evaluation.objectives.push_back(kWorst);
        evaluation.violation += nas::kImpossible;
      }
      out.push_back(std::move(evaluation));
    }
    return out;
  }

  const std::vector<nas::Individual>& found_;
  const Designs& designs_;
  Proof& proof_;
  Predictor& predictor_;
  const nas::Metrics& baseline_;
  std::vector<std::size_t> order_;           // of `found_`, best first: what a candidate's index means
  std::map<std::size_t, Design> simulated_;  // by candidate
};

}  // namespace

HalvedDesigns halve(const std::vector<nas::Individual>& found, const CodesignJob& job, const Designs& designs,
                    Proof& proof, Predictor& predictor, const nas::Metrics& baseline) {
  return Ladder(found, designs, proof, predictor, baseline).climb(job.halving);
}

}  // namespace lanewise::study
