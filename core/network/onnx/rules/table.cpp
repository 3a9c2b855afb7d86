// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

std::map<std::string, const Rule*> make_table() {
  std::map<std::string, const Rule*> table;
  for (const std::vector<Rule>* part :
       {&pointwise_rules(), &reduction_rules(), &product_rules(), &window_rules(), &normalization_rules(),
        &layout_rules(), &size_rules(), &indexing_rules(), &generator_rules(), &recurrent_rules(), &signal_rules(),
        &other_rules(), &importer_rules()}) {
    for (const Rule& rule : *part) table.emplace(rule.type, &rule);
  }
  return table;
}

const std::map<std::string, const Rule*>& rules() {
  static const std::map<std::string, const Rule*> table = make_table();
  return table;
}

}  // namespace

const Rule* find_rule(const std::string& type) {
  const auto row = rules().find(type);
  return row == rules().end() ? nullptr : row->second;
}

std::vector<const Rule*> all_rules() {
  std::vector<const Rule*> result;
  for (const auto& [type, rule] : rules()) result.push_back(rule);
  return result;
}

const std::vector<Rule>& importer_rules() {
  static const std::vector<Rule> table = {
      {"ConcatFromSequence", 1, 1, 1, nullptr, Reach::kImporter},
      {"Constant", 0, 0, 1, nullptr, Reach::kImporter},
      {"If", 1, 1, kMany, nullptr, Reach::kImporter},
      {"Loop", 0, kMany, kMany, nullptr, Reach::kImporter},
      {"Optional", 0, 1, 1, nullptr, Reach::kImporter},
      {"OptionalGetElement", 1, 1, 1, nullptr, Reach::kImporter},
      {"OptionalHasElement", 0, 1, 1, nullptr, Reach::kImporter},
      {"Scan", 1, kMany, kMany, nullptr, Reach::kImporter},
      {"SequenceAt", 2, 2, 1, nullptr, Reach::kImporter},
      {"SequenceConstruct", 1, kMany, 1, nullptr, Reach::kImporter},
      {"SequenceEmpty", 0, 0, 1, nullptr, Reach::kImporter},
      {"SequenceErase", 1, 2, 1, nullptr, Reach::kImporter},
      {"SequenceInsert", 2, 3, 1, nullptr, Reach::kImporter},
      {"SequenceLength", 1, 1, 1, nullptr, Reach::kImporter},
      {"SequenceMap", 1, kMany, kMany, nullptr, Reach::kImporter},
      {"SplitToSequence", 1, 2, 1, nullptr, Reach::kImporter},
  };
  return table;
}

}  // namespace lanewise::network::importing
