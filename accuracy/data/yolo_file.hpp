// SPDX-License-Identifier: Apache-2.0
// YOLO's files: data.yaml and labels. Private to this module, and tried by its fuzz targets.
#pragma once

#include <string>
#include <vector>

namespace lanewise::accuracy {

struct YoloConfig {
  std::string path;                           // of the data set, as stated; "": the folder of the file
  std::vector<std::string> train, val, test;  // folders, or text files that list images; as stated
  std::vector<std::string> names;             // of classes; a gap in a map of names gets its number
};

// Throws Error "PATH: …" for what is no YAML, for names that are missing or odd, and for an `nc` that says otherwise.
YoloConfig read_yolo_config(const std::string& path);

// A row of a label file: `class centre-x centre-y width height` or `class x1 y1 x2 y2 x3 y3 …`, a polygon, whose bounds
// are the box. All but the class are shares of the image's width and height.
struct YoloRow {
  int label = 0;
  double left = 0, top = 0, right = 0, bottom = 0;
  int line = 0;  // counted from 1
};

// Throws Error "PATH:LINE: …" for a row of another kind, a number that is none, and a class of `classes` or above.
std::vector<YoloRow> read_yolo_labels(const std::string& path, int classes);

}  // namespace lanewise::accuracy
