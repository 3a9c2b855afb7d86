// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

const std::vector<Target>& targets() {
  static const std::vector<Target> table = {
      {"onnx", ".onnx", read_onnx, mutate_onnx, nullptr, 6},
      {"hwconfig", ".yaml", read_hwconfig, mutate_text, nullptr, 2},
      {"family", ".yaml", read_family, mutate_text, nullptr, 1},
      {"campaign", ".yaml", read_campaign, mutate_text, nullptr, 2},
      {"space", ".yaml", read_space, mutate_text, nullptr, 1},
      {"moves", ".yaml", read_moves, mutate_text, nullptr, 1},
      {"workload", ".yaml", read_workload, mutate_text, nullptr, 1},
      {"layer_precision", ".txt", read_layer_precision, mutate_text, nullptr, 1},
      {"custom", ".yaml", read_custom, mutate_text, nullptr, 1},
      {"rows", ".csv", read_rows, mutate_text, nullptr, 2},
      {"arguments", ".txt", read_arguments, mutate_text, nullptr, 1},
      {"accuracy_table", ".csv", read_accuracy_table, mutate_text, nullptr, 1},
      {"predictor", ".predictor", read_predictor, mutate_text, nullptr, 1},
      {"program_output", ".txt", read_program_output, mutate_text, nullptr, 1},
      {"accuracy_log", ".log", read_accuracy_log, mutate_text, nullptr, 1},
      {"job", ".yaml", read_job, mutate_text, nullptr, 1},
      {"candidates", ".log", read_candidates, mutate_text, nullptr, 1},
      {"history", ".csv", read_history, mutate_text, nullptr, 1},
      {"codesign_result", ".json", read_codesign_result, mutate_text, nullptr, 1},
      {"store", ".sqlite", read_store, mutate_store, grow_store, 2},
      {"estimator", ".lwm", read_estimator, mutate_estimator, grow_estimator, 2},
  };
  return table;
}

void require_sane(const std::string& what, double value, double most) {
  if (!(value >= 0 && value <= most)) throw Nonsense(fmt::format("{} is {}", what, value));
}

std::string source_folder() { return LANEWISE_SOURCE_DIR; }

}  // namespace lanewise::fuzz
