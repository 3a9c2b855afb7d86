// SPDX-License-Identifier: Apache-2.0
// What a search believes of candidates: one Gaussian process per objective that costs an evaluation, and one of whether
// limits hold where that is not known beforehand.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "nas/algorithms/candidate_inputs.hpp"
#include "nas/algorithms/hypervolume_gain.hpp"
#include "nas/algorithms/outcome_scale.hpp"
#include "nas/algorithms/state_text.hpp"

namespace lanewise::nas {

class SurrogateModel {
 public:
  explicit SurrogateModel(const CandidateInputs& inputs);

  // Takes in what was told since: fits anew where a tenth has been added, else appends. `most_fantasies` candidates at
  // most are going to be fantasised before the next update, for which room is made.
  void update(const std::vector<Individual>& told, std::size_t most_fantasies);
  // Whether anything can be predicted: not before an individual that can be was told.
  bool ready() const { return ready_; }

  // The pool of candidates that are predicted for; what was predicted before is forgotten.
  void set_pool(const Known& pool);
  void extend_pool(const Known& more);
  const Known& pool() const { return pool_; }

  // What is believed of a candidate of the pool, one entry per objective.
  void beliefs(std::size_t candidate, std::vector<Belief>& out) const;
  // The probability that limits hold which are not known beforehand; 1 where none was ever missed.
  double feasible(std::size_t candidate) const;
  // The violation known beforehand and the least that the rest may well be.
  double least_violation(std::size_t candidate) const;

  // Takes it that a candidate turned out as believed, until forget() is called. Returns its objectives.
  void begin_fantasies();
  Point fantasise(std::size_t candidate);
  void refresh(std::size_t candidate);  // takes fantasies in for one candidate
  void forget();

  void save(StateWriter& out) const;
  // `told` as it was when save() was called.
  void load(StateReader& in, const std::vector<Individual>& told);

 private:
  struct Output {
    std::size_t objective = 0;  // or kViolation
    OutcomeScale scale;
    std::unique_ptr<GaussianProcess> process;
    Posterior posterior;
    std::size_t posterior_of = 0;    // candidates of the pool in the posterior
    std::vector<std::size_t> rows;   // individuals that the process was conditioned on
    std::size_t fitted = 0;          // individuals told when it was fitted
    std::size_t taken = 0;           // individuals told that were taken in
    std::vector<double> parameters;  // as fitted
  };
  static constexpr std::size_t kViolation = static_cast<std::size_t>(-1);

  void prepare(const std::vector<Individual>& told);
  void fit(Output& output, const std::vector<Individual>& told);
  void condition(Output& output, const std::vector<Individual>& told);
  bool concerns(const Output& output, const Individual& individual) const;
  double outcome(const Output& output, std::size_t individual, const std::vector<Individual>& told) const;
  std::vector<std::size_t> chosen_rows(const Output& output, const std::vector<Individual>& told, std::size_t count,
                                       std::size_t most) const;
  Inputs inputs_of(const std::vector<std::size_t>& rows) const;
  void catch_up(Output& output);
  std::unique_ptr<GaussianProcess> fresh_process() const;

  const CandidateInputs& candidate_inputs_;
  Known known_;  // of everything told
  std::vector<Output> outputs_;
  std::vector<std::size_t> output_of_;  // per objective; outputs_.size() where it is free
  std::size_t objectives_ = 0;
  bool ready_ = false;
  Known pool_;
  std::size_t most_fantasies_ = 0;
  std::vector<std::size_t> sizes_;  // of the processes before fantasies
};

// Whether a candidate could be built at all: no objective stands for the worst there is.
bool can_be(const Evaluation& evaluation);

}  // namespace lanewise::nas
