// SPDX-License-Identifier: Apache-2.0
// Which layout a folder has, by the names in it.
#include <fmt/format.h>

#include <algorithm>

#include "accuracy/data/files.hpp"
#include "accuracy/data/reader.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

// Whether a file of that suffix lies in the folder or in a folder of it.
bool holds(const std::string& folder, const std::string& suffix, int depth = 1) {
  if (!is_folder(folder)) return false;
  for (const std::string& name : names_in(folder)) {
    if (suffix_of(name) == suffix) return true;
    if (depth > 0 && is_folder(join(folder, name)) && holds(join(folder, name), suffix, depth - 1)) return true;
  }
  return false;
}

bool is_coco(const std::string& path) {
  if (holds(join(path, "annotations"), ".json", 0)) return true;
  for (const std::string& name : names_in(path)) {
    if (suffix_of(name) == ".json") return true;
    if (!split_of(name).empty() && is_there(join(join(path, name), "_annotations.coco.json"))) return true;
  }
  return false;
}

// images/ beside labels/ or masks/, in the folder or in those of its splits.
std::string beside_images(const std::string& path) {
  std::vector<std::string> folders = {path};
  for (const std::string& name : folders_in(path)) {
    if (!split_of(name).empty()) folders.push_back(join(path, name));
  }
  for (const std::string& folder : folders) {
    if (!is_folder(join(folder, "images"))) continue;
    if (holds(join(folder, "masks"), ".png") || holds(join(folder, "labels"), ".png")) return "mask-folder";
    if (holds(join(folder, "labels"), ".txt")) return "yolo";
  }
  return "";
}

}  // namespace

std::string recognise_format(const std::string& path) {
  if (!is_folder(path)) {
    const std::string suffix = suffix_of(path);
    if (suffix == ".json") return "coco";
    if (suffix == ".yaml" || suffix == ".yml") return "yolo";
    throw Error(path + ": is a file: a data set is a folder, a COCO file (.json) or a YOLO file (.yaml)");
  }
  const std::vector<std::string> names = names_in(path);
  const auto has = [&](const auto& is_one) { return std::any_of(names.begin(), names.end(), is_one); };
  const auto contains = [](const std::string& name, const char* part) { return name.find(part) != std::string::npos; };
  if (has([&](const std::string& name) { return contains(name, "idx3") || contains(name, "idx1"); })) return "idx";
  if (has([&](const std::string& name) { return contains(name, "data_batch") && suffix_of(name) == ".bin"; })) {
    return "cifar-10";
  }
  if (is_there(join(path, "train.bin"))) return "cifar-100";
  if (has([](const std::string& name) { return suffix_of(name) == ".yaml" || suffix_of(name) == ".yml"; })) {
    return "yolo";
  }
  if (is_coco(path)) return "coco";
  const std::string beside = beside_images(path);
  if (!beside.empty()) return beside;
  if (!folders_in(path).empty()) return "image-folder";
  throw Error(path +
              ": is no data set that is known: takes IDX and CIFAR files, a folder of images by class, images with a "
              "COCO or YOLO file, images with masks");
}

}  // namespace lanewise::accuracy
