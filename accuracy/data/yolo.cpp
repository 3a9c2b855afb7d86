// SPDX-License-Identifier: Apache-2.0
// Folders of images and labels as YOLO's programs take them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <tuple>

#include "accuracy/data/boxes.hpp"
#include "accuracy/data/files.hpp"
#include "accuracy/data/pictures.hpp"
#include "accuracy/data/reader.hpp"
#include "accuracy/data/splits.hpp"
#include "accuracy/data/yolo_file.hpp"
#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;

// a/images/b/c.png -> a/labels/b/c.txt: the last folder that is called images.
std::string label_path(const std::string& image) {
  std::vector<std::string> parts;
  for (const fs::path& part : fs::path(image)) parts.push_back(part.string());
  for (std::size_t i = parts.size(); i-- > 0;) {
    if (parts[i] != "images" || i + 1 == parts.size()) continue;
    parts[i] = "labels";
    break;
  }
  fs::path out;
  for (const std::string& part : parts) out /= part;
  return out.replace_extension(".txt").string();
}

// Where a split's folder or list lies: as stated from the data set's folder; exports of some programs begin with a
// "../" too many.
std::string place_of(const std::string& root, const std::string& stated) {
  const std::string path = join(root, stated);
  if (!is_there(path) && stated.rfind("../", 0) == 0 && is_there(join(root, stated.substr(3)))) {
    return join(root, stated.substr(3));
  }
  return path;
}

// The images of one split, as whole paths.
std::vector<std::string> images_of(const std::string& yaml, const std::string& root,
                                   const std::vector<std::string>& stated, DatasetReport& report) {
  std::vector<std::string> out;
  for (const std::string& one : stated) {
    const std::string place = place_of(root, one);
    if (is_folder(place)) {
      for (const std::string& name : images_below(place, report)) out.push_back(join(place, name));
    } else if (suffix_of(place) == ".txt" && is_there(place)) {
      std::istringstream list(read_input(place, kLargestTable, "a list of images"));
      const std::string folder = fs::path(place).parent_path().string();
      for (std::string line; std::getline(list, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (!line.empty()) out.push_back(join(folder, line));
      }
    } else {
      throw Error(fmt::format("{}: '{}' is neither a folder nor a list of images (.txt): {} is not there", yaml,
                              printable(one), printable(place)));
    }
  }
  for (std::string& path : out) path = fs::path(path).lexically_normal().string();
  std::sort(out.begin(), out.end());
  const auto last = std::unique(out.begin(), out.end());
  report.leave_out("images that are listed twice", yaml, out.end() - last);
  out.erase(last, out.end());
  return out;
}

void add_labels(const std::string& path, const Placement& at, int classes, std::vector<Box>& boxes,
                DatasetReport& report) {
  std::set<std::tuple<int, double, double, double, double>> known;
  for (const YoloRow& row : read_yolo_labels(path, classes)) {
    StatedBox box;
    box.place = fmt::format("{}:{}", path, row.line);
    if (!known.emplace(row.label, row.left, row.top, row.right, row.bottom).second) {
      report.leave_out("boxes that come twice", box.place);
      continue;
    }
    box.label = row.label;
    box.left = row.left * at.width;
    box.right = row.right * at.width;
    box.top = row.top * at.height;
    box.bottom = row.bottom * at.height;
    add_box(box, at, boxes, report);
  }
}

ReadPart read_part(const std::string& source, const std::string& origin, const std::vector<std::string>& images,
                   const std::vector<std::string>& classes, const DatasetOptions& options, DatasetReport& report) {
  if (images.empty()) throw Error(fmt::format("{}: {} has no PNG or JPEG images", source, printable(origin)));
  ReadPart out;
  out.origin = origin;
  Dataset& data = out.images;
  data.task = Task::kDetection;
  data.classes = classes;
  Pictures pictures;
  pictures.source = source;
  pictures.names = images;
  const std::vector<std::int64_t> damaged = load_pictures(pictures, options, report, data);
  data.boxes.resize(images.size());
  std::int64_t without = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (std::binary_search(damaged.begin(), damaged.end(), static_cast<std::int64_t>(i))) continue;
    const std::string labels = label_path(images[i]);
    if (is_there(labels)) {
      add_labels(labels, data.placements[i], static_cast<int>(classes.size()), data.boxes[i], report);
    } else {
      ++without;
    }
  }
  if (without > 0) {
    report.notes.push_back(fmt::format("{} of {} images of {} have no label file and count as background", without,
                                       images.size(), origin));
  }
  // What was meant as labels and lies elsewhere would be trained as background without a word.
  if (without == static_cast<std::int64_t>(images.size() - damaged.size())) {
    throw Error(fmt::format("{}: none of the images of {} has a label file; that of the first would be {}", source,
                            printable(origin), printable(label_path(images.front()))));
  }
  take_out(data, damaged);
  return out;
}

// images/ and labels/ without a data.yaml: undivided, or by folders of splits on either side.
ReadSplits read_plain(const std::string& root, const DatasetOptions& options, DatasetReport& report) {
  std::vector<std::string> classes = read_class_names(root);
  if (classes.empty()) classes = read_class_names(join(root, "labels"));
  if (classes.empty()) throw Error(root + ": has neither a data.yaml nor a classes.txt, which name the classes");
  ReadSplits out;
  const std::string images = join(root, "images");
  std::vector<std::pair<std::string, std::string>> splits;  // split, folder
  for (const std::string& folder : is_folder(images) ? folders_in(images) : std::vector<std::string>()) {
    if (!split_of(folder).empty()) splits.emplace_back(split_of(folder), "images/" + folder);
  }
  for (const std::string& folder : folders_in(root)) {
    if (!split_of(folder).empty()) splits.emplace_back(split_of(folder), folder + "/images");
  }
  if (splits.empty()) splits.emplace_back("train", "images");
  std::set<std::string> known;
  for (const auto& [split, folder] : splits) {
    if (!known.insert(split).second) throw Error(fmt::format("{}: has several folders of {}", root, split));
    ReadPart part = read_part(root, folder, images_of(root, root, {folder}, report), classes, options, report);
    if (split == "train") {
      out.train = std::move(part);
    } else {
      (split == "test" ? out.test : out.validation) = std::move(part);
    }
  }
  if (known.count("train") == 0) throw Error(root + ": has no folder of training images");
  return out;
}

std::string yaml_of(const std::string& folder) {
  std::string found;
  for (const std::string& name : names_in(folder)) {
    if (suffix_of(name) != ".yaml" && suffix_of(name) != ".yml") continue;
    if (!found.empty()) throw Error(fmt::format("{}: both {} and {} could describe it; name one", folder, found, name));
    found = name;
  }
  return found;
}

}  // namespace

ReadSplits read_yolo(const std::string& path, const DatasetOptions& options, DatasetReport& report) {
  std::string yaml = path;
  if (is_folder(path)) {
    const std::string name = yaml_of(path);
    if (name.empty()) return read_plain(path, options, report);
    yaml = join(path, name);
  }
  const YoloConfig config = read_yolo_config(yaml);
  const std::string here = fs::path(yaml).parent_path().string();
  std::string root = config.path.empty() ? here : join(here, config.path);
  // A `path` that was true on another machine: the file lies in the data set itself.
  if (!is_folder(root.empty() ? "." : root)) root = here;
  if (config.train.empty()) throw Error(yaml + ": has no 'train', the folder of the training images");
  const auto part = [&](const std::vector<std::string>& places) {
    return read_part(yaml, fmt::format("{}", fmt::join(places, ", ")), images_of(yaml, root, places, report),
                     config.names, options, report);
  };
  ReadSplits out;
  out.train = part(config.train);
  // Some descriptions name one folder for both, which would be to choose by what was trained on.
  if (!config.val.empty() && config.val != config.train) out.validation = part(config.val);
  if (config.val == config.train) {
    report.notes.push_back("'val' names the training images; validation images are set apart from them instead");
  }
  if (!config.test.empty() && config.test != config.train && config.test != config.val) out.test = part(config.test);
  return out;
}

}  // namespace lanewise::accuracy
