// SPDX-License-Identifier: Apache-2.0
// The folder of a set of trainings: what they have in common, a folder of each, and a table of all.
//
//   FOLDER/job.json               what all of them have in common
//   FOLDER/networks/NAME-seedS/   one training: checkpoint, curve.csv, network.onnx, result.json
//   FOLDER/results.csv            a row for each that has ended
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/training/checkpoint.hpp"
#include "accuracy/training/train.hpp"

namespace lanewise::accuracy {

class TrainingFolder {
 public:
  // Makes the folder, or goes on with it. `common` is what all trainings in it share: data and recipe. Throws Error
  // where it cannot be made, or naming the key that the trainings in it have otherwise.
  TrainingFolder(std::string path, const Checkpoint::Texts& common);

  // Where one training lies: the name with what file systems do not take replaced, and a hash where that, or length,
  // changed it.
  std::string of(const std::string& name, std::uint64_t seed) const;
  // The result of one that has ended.
  std::optional<TrainingResult> result(const std::string& name, std::uint64_t seed) const;

  // A training that could not be carried out, and why. Trained anew by the next run.
  void fail(const std::string& name, std::uint64_t seed, const std::string& reason) const;
  void forget_failure(const std::string& name, std::uint64_t seed) const;

  // Writes results.csv anew from all trainings that the folder holds, sorted by name and seed, those of other processes
  // as well. Several processes may do so at once.
  void write_results();
  std::string results_path() const { return path_ + "/results.csv"; }

 private:
  std::string path_;
  std::map<std::string, TrainingResult> known_;  // by folder
};

// Holds a training's folder against other processes while it lives. Throws Error where another one has it.
class TrainingLock {
 public:
  explicit TrainingLock(const std::string& path);
  ~TrainingLock();
  TrainingLock(const TrainingLock&) = delete;
  TrainingLock& operator=(const TrainingLock&) = delete;

 private:
  int file_ = -1;
};

// One row of results.csv: column and cell, in order. The metrics without a prefix are those of the test images where
// there are any, else of the validation images, else of the training images; `measured_on` says which.
std::vector<std::pair<std::string, std::string>> result_row(const TrainingResult& result);
// A table of such rows; a column that a row lacks is empty there.
std::string results_csv(const std::vector<std::vector<std::pair<std::string, std::string>>>& rows);

}  // namespace lanewise::accuracy
