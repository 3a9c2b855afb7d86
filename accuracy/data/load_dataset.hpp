// SPDX-License-Identifier: Apache-2.0
// The one door to data sets: those with a name, and a person's own files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "accuracy/data/dataset_report.hpp"
#include "core/base/progress.hpp"
#include "core/base/units.hpp"

namespace lanewise::accuracy {

// How an image of another shape is brought to the network's input.
enum class Fit {
  kStretch,    // rows and columns by themselves: all of the image, its proportions changed
  kLetterbox,  // proportions kept, centred, the rest filled with grey 114 (images) or ignored (masks)
};

struct DatasetOptions {
  // Of the network's input. 0: as the data set has it, which images of several sizes do not allow.
  std::int64_t channels = 0, height = 0, width = 0;
  Fit fit = Fit::kStretch;
  // One of dataset_formats(); "": recognised from what lies there.
  std::string format;
  // Shares in [0, 1) that are split off where the data has no images of its own for validation (taken from the training
  // images) or for neither validation nor test (taken from all). A share of 0 leaves the split empty.
  double validation_share = 0.1, test_share = 0.1;
  std::uint64_t seed = 0;  // of what is split off
  // Given, it is used; else a data set with a name has its own, and others are measured on their training images.
  std::optional<Normalisation> normalisation;
  // A damaged image is left out and counted instead of refused.
  bool skip_damaged = false;
  // Most bytes of pixels and masks in memory.
  Bytes most_bytes{std::int64_t{1} << 32};
  int threads = 1;  // that decode images; the result does not depend on them
  Progress progress;
  std::string fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";
};

struct LoadedDataset {
  Dataset train, validation, test;  // validation and test may have no images
  Normalisation normalisation;
  DatasetReport report;
};

// `spec` is a name, "fashion-mnist", "fm28-scenes:detection", "fm28-scenes:segmentation", or a path: docs/datasets.md
// shows the layouts. Nothing of `test` goes into the others nor into the normalisation. The same files, options and
// seed give the same bytes on every machine. Throws Error on one line naming the file, and its line where it has any.
LoadedDataset load_dataset(const std::string& spec, const DatasetOptions& options);

// "idx", "cifar-10", "cifar-100", "cifar-100-coarse", "image-folder", "coco", "yolo", "mask-folder".
const std::vector<std::string>& dataset_formats();
// Whether `spec` is the name of a data set and no path.
bool is_dataset_name(const std::string& spec);

}  // namespace lanewise::accuracy
