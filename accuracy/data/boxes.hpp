// SPDX-License-Identifier: Apache-2.0
// Boxes as files state them, made fit for an image. Private to this module.
#pragma once

#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "accuracy/data/dataset_report.hpp"

namespace lanewise::accuracy {

// A box in pixels of its image's file, as precise as it is stated there.
struct StatedBox {
  double left = 0, top = 0, right = 0, bottom = 0;
  int label = 0;
  bool is_crowd = false;
  double area = -1;
  std::string place;  // for the report: "labels/a.txt:2"
};

// The box clipped to an image of this size and brought to where it is stored. What has no area, of itself or once
// clipped, is left out and counted; so is that a box was clipped by more than what rounding does.
void add_box(const StatedBox& stated, const Placement& at, std::vector<Box>& to, DatasetReport& report);

}  // namespace lanewise::accuracy
