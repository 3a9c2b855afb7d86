// SPDX-License-Identifier: Apache-2.0
// A fuzz target: one file format, what reads it, and how its inputs are changed. A new format is one file
// FORMAT_target.cpp, a declaration and a row of the table in targets.cpp, and a folder corpus/FORMAT.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/random.hpp"

namespace lanewise::fuzz {

// An input was taken, and what came of it cannot be: a negative, infinite or overflowing total.
class Nonsense : public std::logic_error {
 public:
  explicit Nonsense(const std::string& what) : std::logic_error(what) {}
};
// Throws Nonsense naming `what` unless 0 <= value <= most, which no NaN fulfils.
void require_sane(const std::string& what, double value, double most = 1e18);

using Inputs = std::vector<std::string>;  // the bytes of each

struct Target {
  const char* format;  // of the corpus' folder
  const char* suffix;  // of its files
  // Reads the file as the verbs do, and goes on to what is done with it, within bounds. Returns where the file is
  // taken, throws lanewise::Error where it is refused. Anything else is a fault. `folder` is one that the target may
  // write to; beside `path` lie hwconfigs/, models/ and campaigns/ as in the repository, one folder above it.
  void (*read)(const std::string& path, const std::string& folder);
  // A new input made of the corpus' ones, of which there is at least one.
  std::string (*mutate)(const Inputs& corpus, Random& random);
  // Writes inputs that are made anew, since they hold the tool's version or schema, into the folder; or nullptr.
  void (*grow)(const std::string& folder);
  int weight;  // share of the inputs
};

// In the order of the documentation.
const std::vector<Target>& targets();

// One per format, in FORMAT_target.cpp.
void read_onnx(const std::string& path, const std::string& folder);
void read_tflite(const std::string& path, const std::string& folder);
void read_scale_sim(const std::string& path, const std::string& folder);
void read_hwconfig(const std::string& path, const std::string& folder);
void read_family(const std::string& path, const std::string& folder);
void read_campaign(const std::string& path, const std::string& folder);
void read_space(const std::string& path, const std::string& folder);
void read_moves(const std::string& path, const std::string& folder);
void read_workload(const std::string& path, const std::string& folder);
void read_layer_precision(const std::string& path, const std::string& folder);
void read_compression(const std::string& path, const std::string& folder);
void read_layer_losses(const std::string& path, const std::string& folder);
void read_custom(const std::string& path, const std::string& folder);
void read_rows(const std::string& path, const std::string& folder);
void read_tiles(const std::string& path, const std::string& folder);
void read_rknn_log(const std::string& path, const std::string& folder);
void read_arguments(const std::string& path, const std::string& folder);
void read_accuracy_table(const std::string& path, const std::string& folder);
void read_predictor(const std::string& path, const std::string& folder);
void read_external_answer(const std::string& path, const std::string& folder);
void read_program_output(const std::string& path, const std::string& folder);
void read_accuracy_log(const std::string& path, const std::string& folder);
void read_mcp(const std::string& path, const std::string& folder);
void read_job(const std::string& path, const std::string& folder);
void read_candidates(const std::string& path, const std::string& folder);
void read_history(const std::string& path, const std::string& folder);
void read_codesign_result(const std::string& path, const std::string& folder);
void read_explore(const std::string& path, const std::string& folder);
void read_store(const std::string& path, const std::string& folder);
void read_estimator(const std::string& path, const std::string& folder);

// A store of a few simulated rows, and an estimator trained on it.
void grow_store(const std::string& folder);
void grow_estimator(const std::string& folder);

// The folder of the repository.
std::string source_folder();

}  // namespace lanewise::fuzz
