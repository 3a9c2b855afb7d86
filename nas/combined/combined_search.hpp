// SPDX-License-Identifier: Apache-2.0
// A search that trains few networks: candidates are grown by evolution under the limits that cost nothing, scores of
// untrained networks prune them, a supernet (where there is one) and a predictor that learns from all trainings so far
// rank what is left, and a few trainings at a time confirm. Everything but the trainings is made again from the seed,
// so a search whose trainings are kept goes on as if it had never stopped.
//
// The article whose results docs/article.md makes again tells multishot, single-shot and zero-shot search apart, and
// leaves their combination to future work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nas/predictor/accuracy_predictor.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

// What is known of a network without training it.
struct UntrainedFacts {
  std::string encoding;          // of the network: equal ones are trained once
  std::vector<double> features;  // topology_features_of, or any numbers, always as many
  std::vector<double> scores;    // higher is better; the first one prunes
};

// What a training gave.
struct Confirmed {
  double value = std::numeric_limits<double>::quiet_NaN();  // higher is better; finite where there is no failure
  std::string failure;
};

class CombinedProblem {
 public:
  virtual ~CombinedProblem() = default;
  virtual const std::vector<Gene>& genes() const = 0;
  virtual Genotype canonical(const Genotype& genotype) const { return genotype; }
  // All objectives but the trained one, minimised, and by how much limits are missed; one per genotype, in order. Where
  // accuracy is the only objective there are none.
  virtual std::vector<Evaluation> costs(const std::vector<Genotype>& genotypes) = 0;
  // One per genotype that `costs` found possible.
  virtual std::vector<UntrainedFacts> facts(const std::vector<Genotype>& genotypes) = 0;
  virtual std::vector<std::string> score_names() const = 0;
  // Accuracies with weights of a supernet, NaN where it has none; empty where there is no supernet.
  virtual std::vector<double> inherited(const std::vector<Genotype>&) { return {}; }
  // Trains them; one per genotype, in order.
  virtual std::vector<Confirmed> train(const std::vector<Genotype>& genotypes) = 0;
};

// A violation from here on means that the design cannot be, and nothing is known of it.
inline constexpr double kCannotBe = 1e6;

struct CombinedOptions {
  std::int64_t trainings = 20;  // in all, those that were known before not counted; at least 1
  std::size_t at_once = 2;      // networks of a round, which is ranked anew after it
  std::size_t pool = 4000;      // candidates grown; a space of no more is looked at whole
  std::size_t keep = 256;       // that the scores leave
  std::uint64_t seed = 1;
};

enum class CombinedStage { kGrow, kPrune, kInherit, kRank, kConfirm };
const char* to_string(CombinedStage stage);  // "grow", "prune", "supernet", "predictor", "trainings"
inline constexpr std::size_t kCombinedStages = 5;

// What a stage took and did, all rounds together.
struct StageAccount {
  CombinedStage stage = CombinedStage::kGrow;
  double seconds = 0;    // on the clock; the one thing here that differs from run to run
  std::int64_t in = 0;   // networks that it looked at
  std::int64_t out = 0;  // that it let pass
  std::string decided;   // one line
  // Spearman of what it said before the training with what the training said, over those confirmed; NaN where it said
  // nothing or fewer than three were confirmed.
  double agreement = std::numeric_limits<double>::quiet_NaN();
};

// A network that was trained, in the order of the trainings.
struct ConfirmedNetwork {
  std::int64_t round = 0;  // from 1; 0: known before
  Genotype genotype;
  std::string encoding;
  double score = 0;                                             // the first of its scores
  double inherited = std::numeric_limits<double>::quiet_NaN();  // NaN: the supernet was not asked
  double predicted = std::numeric_limits<double>::quiet_NaN();  // NaN: chosen before there was a predictor
  double deviation = std::numeric_limits<double>::quiet_NaN();  // of the prediction
  std::string chosen_by;                                        // "scores", "supernet", "predictor"
  Confirmed confirmed;
};

struct CombinedRound {
  std::int64_t round = 0;
  std::int64_t kept = 0;        // networks that were ranked
  std::int64_t neighbours = 0;  // of these, added as neighbours of the best confirmed ones
  std::int64_t trained = 0;     // in this round
  double score_agreement = std::numeric_limits<double>::quiet_NaN();  // Spearman of the score, over all confirmed
  double best = std::numeric_limits<double>::quiet_NaN();             // best value confirmed that keeps the limits
};

struct CombinedResult {
  std::vector<ConfirmedNetwork> confirmed;
  std::vector<StageAccount> stages;  // one of each, in their order
  std::vector<CombinedRound> rounds;
  bool none_feasible = false;  // then those that miss the limits by the least were trained
};

// Told after every round, with the stages as they stand.
using CombinedHook = std::function<void(const CombinedResult& so_far)>;

// `known`: trained before, such as a baseline: learnt from and not trained again. Throws Error on options out of range.
CombinedResult combined_search(CombinedProblem& problem, const CombinedOptions& options,
                               const std::vector<std::pair<Genotype, Confirmed>>& known = {},
                               const CombinedHook& after_round = {});

}  // namespace lanewise::nas
