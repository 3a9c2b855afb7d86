// SPDX-License-Identifier: Apache-2.0
// A training as text: its curve, its result.
#pragma once

#include <string>
#include <vector>

#include "accuracy/training/checkpoint.hpp"
#include "accuracy/training/train.hpp"

namespace lanewise::accuracy {

// The curve as CSV: epoch, learning_rate, train_loss and, where there was a validation split, validation_loss and
// validation_NAME, average_NAME of each metric.
std::string curve_csv(const std::vector<EpochRecord>& curve);

// A table for people, one line per training.
std::string results_text(const std::vector<TrainingResult>& results);

// JSON that reads back as the same values. `identity` says which job it was.
std::string result_json(const TrainingResult& result, const Checkpoint::Texts& identity);
// Throws Error naming the path for what result_json has not written.
struct KeptResult {
  TrainingResult result;
  Checkpoint::Texts identity;
};
KeptResult parse_result(const std::string& path, const std::string& text);

// What all trainings of a folder have in common.
std::string job_json(const Checkpoint::Texts& common);
Checkpoint::Texts parse_job(const std::string& path, const std::string& text);

// Of a training under way: what a checkpoint holds beside weights.
std::string progress_json(const TrainingResult& so_far);
TrainingResult parse_progress(const std::string& path, const std::string& text);

}  // namespace lanewise::accuracy
