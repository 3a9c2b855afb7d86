// SPDX-License-Identifier: Apache-2.0
// Low-discrepancy points: they fill a cube evenly, however many are taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lanewise::study {

// The Sobol sequence (Sobol, 1967) with the direction numbers of Joe and Kuo (2008) and Owen scrambling (Owen, 1995).
// Of the first 2^k points, exactly one lies in each of 2^k equal intervals of every axis.
class SobolSequence {
 public:
  // Throws Error for more dimensions than there are direction numbers for (3667).
  SobolSequence(std::size_t dimensions, std::uint64_t seed);
  ~SobolSequence();
  SobolSequence(const SobolSequence&) = delete;
  SobolSequence& operator=(const SobolSequence&) = delete;
  // The next point, each coordinate in [0, 1).
  std::vector<double> next();

 private:
  struct Generator;
  std::unique_ptr<Generator> generator_;
  std::size_t dimensions_;
  std::uint64_t seed_;
  bool first_ = true;
};

}  // namespace lanewise::study
