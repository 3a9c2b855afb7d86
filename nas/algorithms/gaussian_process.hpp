// SPDX-License-Identifier: Apache-2.0
// A Gaussian process over genotypes: what a candidate is worth, with how sure that is, from those that were measured.
//
// Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press, 2006, chapters 2 and 5.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "nas/algorithms/covariance_kernel.hpp"

namespace lanewise::nas {

class GaussianProcess {
 public:
  // `values_of` says how many values each gene has.
  GaussianProcess(const std::vector<int>& values_of, Positions positions, std::size_t numbers);
  ~GaussianProcess();
  GaussianProcess(GaussianProcess&&) noexcept;
  GaussianProcess& operator=(GaussianProcess&&) noexcept;

  // The logarithms of amplitudes, weights and noise; as they begin until fit() is called.
  const std::vector<double>& parameters() const;
  void set_parameters(const std::vector<double>& parameters);
  // Fits the parameters to targets of zero mean and unit variance, from where they stand, in so many steps. Returns the
  // log of the posterior density.
  double fit(const Inputs& inputs, const std::vector<double>& targets, int steps);

  // Forgets what it was conditioned on, and is conditioned on these.
  void condition(const Inputs& inputs, const std::vector<double>& targets);
  // One more, at the price of a row.
  void append(const int* code, const double* value, double target);
  // Forgets all but the first `count`.
  void truncate(std::size_t count);
  std::size_t size() const;
  // The log of how likely other targets for the same inputs are, up to what depends on inputs alone, their scale free.
  double log_likelihood(const std::vector<double>& targets) const;
  // The variance of what is measured for a candidate beyond what all others tell of it.
  double noise() const;

 private:
  friend class Posterior;
  struct State;
  std::unique_ptr<State> state_;
};

// What a process predicts for a pool of candidates, kept up to date as rows are appended.
class Posterior {
 public:
  Posterior();
  ~Posterior();
  Posterior(Posterior&&) noexcept;
  Posterior& operator=(Posterior&&) noexcept;

  void clear();
  // Makes room for a process of so many rows, which is quicker than a few at a time.
  void reserve(std::size_t rows);
  // Adds candidates to the pool, predicted from everything that the process is conditioned on.
  void add(const GaussianProcess& process, const Inputs& candidates);
  // Takes in what was appended since, for one candidate or all of them.
  void update(const GaussianProcess& process, const Inputs& pool, std::size_t candidate);
  void update_all(const GaussianProcess& process, const Inputs& pool);
  // Between mark and restore rows may be appended, updated for and truncated again.
  void mark();
  void restore();
  double mean(std::size_t candidate) const;
  double variance(std::size_t candidate) const;  // of what would be measured, noise included

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lanewise::nas
