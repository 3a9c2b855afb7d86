// SPDX-License-Identifier: Apache-2.0
// Images changed at random before each time they are trained on, so that a network sees more than there is. Works on
// bytes; boxes and masks go along.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {

// An operation as a recipe names it: "flip=0.5".
struct Augmentation {
  std::string name;
  double amount = 0;
};

// One row of the table of operations. `apply` changes image `index` of the batch, whose draws come from `random`.
struct AugmentationKind {
  const char* name;
  const char* help;  // what the amount means, and its range
  double low, high;  // of the amount
  void (*apply)(Dataset& batch, std::int64_t index, double amount, Random& random);
};
const std::vector<AugmentationKind>& augmentation_kinds();

// Throws Error naming the text and the rule.
Augmentation parse_augmentation(const std::string& text);

// The order in which an epoch takes the images of a split: a permutation that seed and epoch alone decide, the same for
// every network and whatever ran before. Epochs count from 1.
std::vector<std::int64_t> epoch_order(std::int64_t images, std::uint64_t seed, std::int64_t epoch);

// The images of these numbers with the operations applied in order. What happens to an image is decided by seed, epoch
// and its number alone: not by its place in the batch, nor by the size of batches.
Dataset augmented_batch(const Dataset& from, const std::vector<std::int64_t>& images,
                        const std::vector<Augmentation>& operations, std::uint64_t seed, std::int64_t epoch);

}  // namespace lanewise::accuracy
