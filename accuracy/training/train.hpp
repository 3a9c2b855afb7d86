// SPDX-License-Identifier: Apache-2.0
// The training of one network, from its first weights or from a checkpoint to measured figures. No type of libtorch
// is seen here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accuracy/data/load_dataset.hpp"
#include "accuracy/training/metric.hpp"
#include "accuracy/training/recipe.hpp"
#include "core/base/progress.hpp"
#include "core/network/file_details.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

enum class Device { kAuto, kCpu, kCuda };

// What is trained on. Without images for validation nothing is chosen; those for test are measured once, at the end.
struct TrainingData {
  std::string name;      // as the user gave it
  std::string identity;  // data_identity
  LoadedDataset images;
};
// A hash, as sixteen hexadecimal digits, over all images and what is true of them.
std::string data_identity(const LoadedDataset& data);

// What all trainings with these data and this recipe have in common: key, value.
std::vector<std::pair<std::string, std::string>> common_identity(const TrainingData& data, const Recipe& recipe);

class ModuleChange;  // module_change.hpp

struct TrainingJob {
  std::string name;  // the encoding, or the network's name
  const network::Graph* graph = nullptr;
  // What the network's file says beside the graph, with the numbers of its weights; null: nothing.
  std::shared_ptr<const network::FileDetails> file;
  std::string source;                    // that file, which the trained network is written after; "": there is none
  bool keep_weights = false;             // begins with the numbers of the file, not with first values by the seed
  std::shared_ptr<ModuleChange> change;  // of one training; null: the network as it is
  Recipe recipe;
  std::uint64_t seed = 0;
  Device device = Device::kAuto;
  int threads = 1;
  std::string folder;  // made where it is not there: checkpoint, curve, weights, result; "": nothing is kept
};

// One epoch of the curve.
struct EpochRecord {
  std::int64_t epoch = 0;    // counted from 1
  double learning_rate = 0;  // of its last step
  double train_loss = 0;     // mean over its steps
  std::optional<double> validation_loss;
  std::vector<Metric> validation;          // of the weights as they are; empty without a validation split
  std::vector<Metric> validation_average;  // of the moving average of weights; empty without one
};

struct TrainingResult {
  std::string name;
  std::uint64_t seed = 0;
  std::int64_t parameters = 0, macs = 0;
  std::string task;
  std::vector<EpochRecord> curve;
  // What is kept: the weights of this epoch, as they were or their moving average, and by what that was chosen.
  std::int64_t kept_epoch = 0;
  bool kept_average = false;
  std::string chosen_by;                   // one sentence
  std::vector<Metric> validation;          // of what is kept, on the images that were kept apart
  std::vector<Metric> test;                // of what is kept, once
  std::vector<Metric> train;               // of what is kept, on the first training images without augmentation
  std::int64_t train_measured_images = 0;  // that `train` was measured on
  std::int64_t train_images = 0, validation_images = 0, test_images = 0, steps = 0;
  double seconds = 0;  // of training, over all runs that it took
  bool stopped_early = false;
  std::string device, precision;  // "cpu", "cuda"; "fp32", "bf16"
};

// Throws Error where the network cannot be trained on these data, naming an operator, an output or what is missing:
// what `train` would say before its first step. Writes nothing.
void expect_trainable(const TrainingJob& job, const TrainingData& data);

// Trains, going on from a checkpoint of the same job in `job.folder`. `progress` is told steps. Interrupted leaves a
// checkpoint at the last epoch that ended. On one thread of one machine the result is the same byte for byte however
// often it was interrupted. Throws Error where the network does not fit the data, a checkpoint belongs to another job
// or is damaged, or the loss is no longer a number.
TrainingResult train(const TrainingJob& job, const TrainingData& data, const Progress& progress);

}  // namespace lanewise::accuracy
