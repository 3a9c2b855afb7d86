// SPDX-License-Identifier: Apache-2.0
// What compressing and measuring one network needs, made once.
#pragma once

#include <memory>
#include <string>

#include "accuracy/compression/compress.hpp"
#include "accuracy/compression/compression.hpp"
#include "accuracy/compression/fold.hpp"
#include "accuracy/training/evaluate.hpp"

namespace lanewise::accuracy {

class CompressionSetting {
 public:
  // Reads the network, folds it, and draws the images for calibration. Throws Error as `compress` does.
  CompressionSetting(const CompressionJob& job, const TrainingData& data);

  const FoldedNetwork& folded() const { return folded_; }
  const ComputeDevice& compute() const { return compute_; }
  const Calibration& calibration() const { return calibration_; }
  // The network as its file has it, before folding.
  std::shared_ptr<GraphModule> original() const;
  // After folding, on the device.
  std::shared_ptr<GraphModule> module() const;
  // Of the first `count` images.
  Measured measure(GraphModule& module, const Dataset& images, std::int64_t count, const Progress& progress) const;

 private:
  const CompressionJob& job_;
  ComputeDevice compute_;
  std::unique_ptr<Objective> objective_;
  Normalisation normalisation_;
  FoldedNetwork folded_;
  Calibration calibration_;
};

}  // namespace lanewise::accuracy
