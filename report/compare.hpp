// SPDX-License-Identifier: Apache-2.0
// Two networks or two engines, subgraph by subgraph.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

struct ComparedPass {
  std::string name_a, name_b;  // "" where one side has no such pass
  std::int64_t cycles_a = 0, cycles_b = 0;
  double energy_uj_a = 0, energy_uj_b = 0;
  std::string bound_a, bound_b;
  std::vector<std::string> changes;  // shape, context and plan: what is not the same
  std::string why;                   // what of the units' work made the difference; "" where there is none
};

struct Comparison {
  NetworkAnswer a, b;
  std::vector<std::string> engine_changes;  // "KEY: A -> B"
  std::vector<ComparedPass> passes;         // in the order of A, what only B has where it stands in B
};

std::string to_json(const Comparison& comparison);
std::string to_text(const Comparison& comparison);
// A row a pass.
std::string to_csv(const Comparison& comparison);

}  // namespace lanewise::report
