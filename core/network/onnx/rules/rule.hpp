// SPDX-License-Identifier: Apache-2.0
// The shapes and number formats of what ONNX's operators put out: one table, one row per operator type.
#pragma once

#include <string>
#include <vector>

#include "core/network/onnx/rules/query.hpp"

namespace lanewise::network::importing {

inline constexpr std::size_t kMany = 1U << 20;  // "as many as there are"

// Who is concerned with an operator that no conversion knows.
enum class Reach {
  kHost,      // it takes tensors to tensors: it can go to the host
  kProducts,  // it multiplies and accumulates, which the host's pace would say nothing of
  kImporter,  // it is resolved while importing, or refused there: control, sequences, constants
};

// Rows hold for every operator set: what changed between sets is told apart by what a node has (an attribute or an
// input), or by the number of the set.
struct Rule {
  const char* type;
  std::size_t least_inputs, most_inputs, most_outputs;
  // Gives the outputs' shapes, or leaves them open where they depend on data. Null for Reach::kImporter.
  void (*derive)(Query& query);
  Reach reach = Reach::kHost;
};

// The row of an operator type of the default domain; null where the table has none.
const Rule* find_rule(const std::string& type);
// Every row, by type in alphabetical order.
std::vector<const Rule*> all_rules();

// The table's parts, in files of their own.
const std::vector<Rule>& pointwise_rules();
const std::vector<Rule>& reduction_rules();
const std::vector<Rule>& product_rules();
const std::vector<Rule>& window_rules();
const std::vector<Rule>& normalization_rules();
const std::vector<Rule>& layout_rules();
const std::vector<Rule>& size_rules();
const std::vector<Rule>& indexing_rules();
const std::vector<Rule>& generator_rules();
const std::vector<Rule>& recurrent_rules();
const std::vector<Rule>& signal_rules();
const std::vector<Rule>& other_rules();
const std::vector<Rule>& importer_rules();

}  // namespace lanewise::network::importing
