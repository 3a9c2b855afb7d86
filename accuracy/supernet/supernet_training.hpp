// SPDX-License-Identifier: Apache-2.0
// The training of a supernet, from first values or a checkpoint to its file. No type of libtorch is seen here.
#pragma once

#include <cstdint>
#include <string>

#include "accuracy/supernet/step_source.hpp"
#include "accuracy/supernet/supernet_file.hpp"
#include "accuracy/training/train.hpp"
#include "core/base/progress.hpp"

namespace lanewise::accuracy {

struct SupernetJob {
  std::string space_path;  // for messages
  std::string space;       // its text
  SupernetRecipe recipe;
  std::uint64_t seed = 0;  // of first weights, networks, order and augmentation
  int threads = 1;
  std::string file;  // that the supernet goes to; FILE.checkpoint beside it while it is trained
};

struct SupernetResult {
  Checkpoint::Texts state;  // of the source of networks, as it ended
  SupernetFile file;        // without its weights
  std::int64_t shared_parameters = 0, places = 0;
  std::int64_t images = 0, held_out = 0;
  double seconds = 0;  // of training, over all runs that it took; 0 where it was there before
  bool was_there = false;
};

// The first network of a supernet's space as its data must fit it.
network::Graph supernet_example(const SupernetJob& job);

// Trains, going on from a checkpoint of the same job, and writes `job.file`. Each step draws networks
// (DrawnNetworks), runs all of them on one batch and changes the shared weights along the mean of their gradients. With
// the largest network among them, the others of a classification learn from its answers, in place: `distill` times the
// cross-entropy towards its probabilities, and the rest towards the labels. Networks train with statistics of their own
// batch. On one thread of one machine the file is the same byte for byte however often it was interrupted. Throws Error
// where the data do not fit the space, a file belongs to another job or is damaged, or the loss is no longer a number.
// With a `source` it says which networks a step takes and is asked after each; its columns join the curve, its state
// the checkpoints and the file.
SupernetResult train_supernet(const SupernetJob& job, const TrainingData& data, const Progress& progress,
                              StepSource* source = nullptr);

}  // namespace lanewise::accuracy
