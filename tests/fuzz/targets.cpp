// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/target.hpp"
#ifdef LANEWISE_WITH_TORCH
#include "tests/fuzz/accuracy/targets.hpp"
#endif

namespace lanewise::fuzz {

const std::vector<Target>& targets() {
  static const std::vector<Target> table = {
      {"onnx", ".onnx", read_onnx, mutate_onnx, nullptr, 6},
      {"tflite", ".tflite", read_tflite, mutate_tflite, nullptr, 2},
      {"scale_sim", ".csv", read_scale_sim, mutate_text, nullptr, 1},
      {"hwconfig", ".yaml", read_hwconfig, mutate_text, nullptr, 2},
      {"family", ".yaml", read_family, mutate_text, nullptr, 1},
      {"campaign", ".yaml", read_campaign, mutate_text, nullptr, 2},
      {"space", ".yaml", read_space, mutate_text, nullptr, 1},
      {"moves", ".yaml", read_moves, mutate_text, nullptr, 1},
      {"workload", ".yaml", read_workload, mutate_text, nullptr, 1},
      {"layer_precision", ".txt", read_layer_precision, mutate_text, nullptr, 1},
      {"compression", ".txt", read_compression, mutate_text, nullptr, 1},
      {"custom", ".yaml", read_custom, mutate_text, nullptr, 1},
      {"rows", ".csv", read_rows, mutate_text, nullptr, 2},
      {"tiles", ".csv", read_tiles, mutate_text, nullptr, 1},
      {"rknn_log", ".txt", read_rknn_log, mutate_text, nullptr, 1},
      {"arguments", ".txt", read_arguments, mutate_text, nullptr, 1},
      {"accuracy_table", ".csv", read_accuracy_table, mutate_text, nullptr, 1},
      {"predictor", ".predictor", read_predictor, mutate_text, nullptr, 1},
      {"layer_losses", ".csv", read_layer_losses, mutate_text, nullptr, 1},
      {"external_answer", ".txt", read_external_answer, mutate_text, nullptr, 1},
      {"program_output", ".txt", read_program_output, mutate_text, nullptr, 1},
      {"accuracy_log", ".log", read_accuracy_log, mutate_text, nullptr, 1},
      {"mcp", ".txt", read_mcp, mutate_text, nullptr, 2},
      {"job", ".yaml", read_job, mutate_text, nullptr, 1},
      {"candidates", ".log", read_candidates, mutate_text, nullptr, 1},
      {"history", ".csv", read_history, mutate_text, nullptr, 1},
      {"codesign_result", ".json", read_codesign_result, mutate_text, nullptr, 1},
      {"explore", ".txt", read_explore, mutate_text, nullptr, 2},
      {"store", ".sqlite", read_store, mutate_store, grow_store, 2},
      {"estimator", ".lwm", read_estimator, mutate_estimator, grow_estimator, 2},
#ifdef LANEWISE_WITH_TORCH
      {"idx", ".idx", read_idx, mutate_bytes, nullptr, 1},
      {"cifar", ".bin", read_cifar, mutate_bytes, nullptr, 1},
      {"png", ".png", read_png, mutate_png, nullptr, 2},
      {"mask", ".png", read_mask, mutate_png, nullptr, 1},
      {"jpeg", ".jpg", read_jpeg, mutate_bytes, nullptr, 2},
      {"coco", ".json", read_coco, mutate_json, nullptr, 2},
      {"yolo_labels", ".txt", read_yolo_labels, mutate_text, nullptr, 1},
      {"yolo_config", ".yaml", read_yolo_config, mutate_text, nullptr, 1},
      {"recipe", ".yaml", read_recipe, mutate_text, nullptr, 1},
      {"checkpoint", ".ckpt", read_checkpoint, mutate_checkpoint, nullptr, 1},
      {"supernet", ".supernet", read_supernet, mutate_checkpoint, nullptr, 1},
      {"prices", ".csv", read_prices, mutate_text, nullptr, 1},
#endif
  };
  return table;
}

void require_sane(const std::string& what, double value, double most) {
  if (!(value >= 0 && value <= most)) throw Nonsense(fmt::format("{} is {}", what, value));
}

std::string source_folder() { return LANEWISE_SOURCE_DIR; }

}  // namespace lanewise::fuzz
