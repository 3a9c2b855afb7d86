// SPDX-License-Identifier: Apache-2.0
// What is known of the numbers of a weight: which of them are zero, and how many different ones there are. An engine
// may skip the former and store the latter as indices.
#pragma once

#include <cstdint>
#include <string>

namespace lanewise::network {

struct WeightForm {
  // N:M structured sparsity: of each `of` weights that are neighbours along the input channels, at most `kept` are not
  // zero. 0: no such structure.
  std::int64_t kept = 0, of = 0;
  // Share of the weights that are not zero, over all of the tensor; a multiple of 0.0001, above 0 and at most 1. With a
  // structure it is no more than kept / of.
  double density = 1;
  std::int64_t clusters = 0;  // different values, as a palette holds them: 2 to 65536; 0: any

  bool structured() const { return of > 0; }
  bool dense() const { return !structured() && density == 1; }
  bool plain() const { return dense() && clusters == 0; }
  bool operator==(const WeightForm& o) const {
    return kept == o.kept && of == o.of && density == o.density && clusters == o.clusters;
  }
  bool operator!=(const WeightForm& o) const { return !(*this == o); }
};

// Largest M of N:M, and the largest palette.
inline constexpr std::int64_t kLargestStructure = 64, kLargestPalette = 65536;
inline constexpr double kDensitySteps = 10000, kDensityStep = 1 / kDensitySteps;

// "2:4", "0.35", "16 clusters", joined by " + " where there are several; "dense" for a plain one.
std::string to_string(const WeightForm& form);
// "2:4/0.5000/16": structure, density and clusters, "-" and 0 where there is none. As subgraph keys hold it.
std::string form_text(const WeightForm& form);
// The inverse of form_text. Throws Error naming the text and the rule.
WeightForm parse_form_text(const std::string& text);
// Throws Error with the rule that is broken: 1 <= N < M <= 64, the density's range and its bound by N:M, the palette's
// range.
void require_valid(const WeightForm& form);
// The nearest multiple of kDensityStep that is above 0.
double rounded_density(double density);

}  // namespace lanewise::network
