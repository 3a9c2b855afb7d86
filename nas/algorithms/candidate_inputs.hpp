// SPDX-License-Identifier: Apache-2.0
// Candidates as a Gaussian process reads them: genes with the order of their values, and the numbers that are known of
// a candidate before it is evaluated.
#pragma once

#include <optional>
#include <vector>

#include "nas/algorithms/gaussian_process.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

// What is known of candidates before they are evaluated.
struct Known {
  std::vector<Evaluation> evaluations;  // objectives that are not free are NaN; empty where nothing is free
  Inputs inputs;
};

class CandidateInputs {
 public:
  // Scales are taken, once they are asked for, from a sample of the space that is always the same.
  explicit CandidateInputs(const Problem& problem);
  Known of(const std::vector<Genotype>& genotypes) const;
  std::vector<int> values_of() const;
  const Positions& positions() const { return positions_; }
  std::size_t numbers() const { return scales().size(); }
  const std::vector<bool>& free() const { return free_; }

 private:
  struct Scale {
    bool logarithmic = false;
    double centre = 0, spread = 1;
  };
  const std::vector<Scale>& scales() const;
  std::vector<std::vector<double>> raw_numbers(const std::vector<Genotype>& genotypes,
                                               const std::vector<Evaluation>& known) const;

  const Problem& problem_;
  std::vector<bool> free_;
  Positions positions_;
  mutable std::optional<std::vector<Scale>> scales_;  // nothing: not asked for yet
};

// Where the values of a gene lie in [0, 1] if all are different numbers, with or without units ("512 KiB", "12.8
// GB/s"): by their logarithms where all are positive and span more than a factor of three. Else empty.
std::vector<double> positions_of(const std::vector<std::string>& values);

}  // namespace lanewise::nas
