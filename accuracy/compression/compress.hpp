// SPDX-License-Identifier: Apache-2.0
// A trained network compressed, and how good it is before, after, and after training went on. No type of libtorch is
// seen here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/compression/form_options.hpp"
#include "accuracy/training/train.hpp"
#include "core/base/precision.hpp"

namespace lanewise::accuracy {

struct CompressionJob {
  const network::Graph* graph = nullptr;  // its precisions are those that weights and activations are rounded to
  std::shared_ptr<const network::FileDetails> file;  // with the numbers of its weights
  std::string source;                                // that file
  bool quantises = false;                            // to the graph's precisions; otherwise nothing is rounded
  std::vector<LayerForm> prune, cluster;
  std::int64_t calibration_images = 256;  // of the training images, drawn by the seed
  double percentile = 99.99;              // compression.hpp
  bool fine_tunes = false;                // by the recipe
  Recipe recipe;                          // its batch and normalisation hold for measuring too
  std::uint64_t seed = 0;
  Device device = Device::kAuto;
  int threads = 1;
  std::string folder;  // of the training's checkpoint; needed where it fine-tunes
  std::string out;     // the compressed network as ONNX, and its precisions beside it; "": none is written
};

// The metrics of the network at one stage.
struct CompressionStage {
  std::string name;  // "before", "after", "fine-tuned"
  std::vector<Metric> validation;
  std::optional<double> validation_loss;  // mean over the images
  std::vector<Metric> test;               // before and at the last stage, once each; empty without test images
};

// What became of one layer's weights.
struct CompressedLayer {
  std::string name;
  network::WeightForm form;  // as wanted
  Precision precision = Precision::kFp32;
  std::int64_t weights = 0, nonzero = 0, values = 0;  // values: different ones, zero among them
  double change = 0;  // sum of squared differences to the weights before over that of their squares, before training
};

struct CompressionResult {
  std::string network, task;
  std::int64_t folded = 0, left = 0;  // batch normalizations (fold.hpp)
  std::int64_t calibration_images = 0;
  std::int64_t rounded_activations = 0;
  std::vector<CompressionStage> stages;
  std::vector<CompressedLayer> layers;     // of the last stage
  std::optional<TrainingResult> training;  // of fine-tuning
  std::string precision_file;              // "": none was written
};

// Throws Error where the network does not fit the data, a form names no layer, a weight has no numbers in the file, or
// there are no images for validation; as train does.
CompressionResult compress(const CompressionJob& job, const TrainingData& data, const Progress& progress);

// One layer alone compressed.
struct LayerSensitivity {
  std::string layer, form;  // "int8", "int4", "2:4", "0.5", "16 clusters"
  double loss = 0;          // the objective's, mean over the images
  std::vector<Metric> metrics;
};
struct Sensitivity {
  double loss = 0;  // of the network as it is
  std::vector<Metric> metrics;
  std::int64_t images = 0;  // the first of those kept apart for validation
  std::vector<LayerSensitivity> layers;
};
// Each layer with a weight alone in each form that changes it: its weight, and for a precision also what it writes.
// `most_images` of the validation images, all where there are fewer.
Sensitivity measure_sensitivity(const CompressionJob& job, const TrainingData& data, std::int64_t most_images,
                                const Progress& progress);

}  // namespace lanewise::accuracy
