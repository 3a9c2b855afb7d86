// SPDX-License-Identifier: Apache-2.0
// What a reader of one layout of files makes, before anything is split off. Private to this module.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "accuracy/data/dataset_report.hpp"
#include "accuracy/data/load_dataset.hpp"

namespace lanewise::accuracy {

struct ReadPart {
  Dataset images;
  std::string origin;  // for people: which files
};

struct ReadSplits {
  ReadPart train;
  std::optional<ReadPart> validation, test;    // where the files say it
  std::optional<Normalisation> normalisation;  // what the data set is known by
};

// Each reads the folder or file `path`, counts in the report what it leaves out, and throws Error on one line.
ReadSplits read_idx_folder(const std::string& path, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_fashion_mnist(const DatasetOptions& options, DatasetReport& report);
ReadSplits read_cifar_10(const std::string& path, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_cifar_100(const std::string& path, bool coarse, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_scenes(Task task, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_image_folder(const std::string& path, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_coco(const std::string& path, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_yolo(const std::string& path, const DatasetOptions& options, DatasetReport& report);
ReadSplits read_mask_folder(const std::string& path, const DatasetOptions& options, DatasetReport& report);

// The format of dataset_formats() that lies at `path`; throws Error naming what is taken where it is none.
std::string recognise_format(const std::string& path);

}  // namespace lanewise::accuracy
