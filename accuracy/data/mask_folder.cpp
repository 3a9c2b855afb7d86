// SPDX-License-Identifier: Apache-2.0
// Images with masks: images/ beside masks/ (or labels/), an image and its mask having one name.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "accuracy/data/files.hpp"
#include "accuracy/data/pictures.hpp"
#include "accuracy/data/reader.hpp"
#include "accuracy/data/splits.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

struct Place {
  std::string split, images, masks;  // folders
};

std::string masks_beside(const std::string& folder, const std::string& below) {
  for (const char* name : {"masks", "labels"}) {
    const std::string path = join(join(folder, name), below);
    if (is_folder(path)) return path;
  }
  throw Error(fmt::format("{}: has no masks/ nor labels/ for {}", folder, join("images", below)));
}

std::vector<Place> places_of(const std::string& root) {
  std::vector<Place> out;
  if (is_folder(join(root, "images"))) {
    for (const std::string& name : folders_in(join(root, "images"))) {
      if (split_of(name).empty()) continue;
      out.push_back({split_of(name), join(join(root, "images"), name), masks_beside(root, name)});
    }
    if (out.empty()) out.push_back({"", join(root, "images"), masks_beside(root, "")});
    return out;
  }
  for (const std::string& name : folders_in(root)) {
    const std::string folder = join(root, name);
    if (split_of(name).empty() || !is_folder(join(folder, "images"))) continue;
    out.push_back({split_of(name), join(folder, "images"), masks_beside(folder, "")});
  }
  if (out.empty()) throw Error(root + ": has no folder images/ beside masks/ or labels/");
  return out;
}

// Names of images that have a mask, and of their masks.
std::map<std::string, std::string> pairs_of(const Place& place, DatasetReport& report) {
  std::map<std::string, std::string> masks, out;
  for (const std::string& name : images_below(place.masks, report)) {
    if (suffix_of(name) != ".png") throw Error(join(place.masks, name) + ": masks are PNG, whose values are exact");
    masks[without_suffix(name)] = name;
  }
  std::set<std::string> stems;
  for (const std::string& name : images_below(place.images, report)) {
    const std::string stem = without_suffix(name);
    if (!stems.insert(stem).second) {
      throw Error(fmt::format("{}: two images have the name '{}', which one is the mask's?", place.images, stem));
    }
    const auto mask = masks.find(stem);
    if (mask == masks.end()) {
      report.leave_out("images without a mask", name);
    } else {
      out[name] = mask->second;
      masks.erase(mask);
    }
  }
  for (const auto& [stem, name] : masks) report.leave_out("masks without an image", name);
  if (out.empty()) throw Error(fmt::format("{}: no image has a mask of its name in {}", place.images, place.masks));
  return out;
}

// The first value of the mask that is no class, or -1.
int beyond(const Image& mask, std::size_t classes) {
  for (const std::uint8_t value : mask.pixels) {
    if (value >= classes && value != Dataset::kIgnored) return value;
  }
  return -1;
}

// `largest`: becomes the largest class that any mask has, where that is more; in the masks as they are in their files,
// since a smaller network must not have fewer classes.
ReadPart read_part(const Place& place, const std::vector<std::string>& classes, const DatasetOptions& options,
                   DatasetReport& report, std::atomic<int>& largest) {
  ReadPart out;
  out.origin = fmt::format("{} with {}", place.images, place.masks);
  const std::map<std::string, std::string> pairs = pairs_of(place, report);
  Dataset& data = out.images;
  data.task = Task::kSegmentation;
  data.classes = classes;
  Pictures pictures;
  pictures.source = pictures.folder = place.images;
  pictures.with_masks = true;
  std::vector<std::string> masks;
  for (const auto& [image, mask] : pairs) {
    pictures.names.push_back(image);
    masks.push_back(join(place.masks, mask));
  }
  pictures.done = [&](std::size_t index, const Placement& at, ImageStore& store) {
    const Image mask = read_mask(masks[index]);
    if (mask.height != at.height || mask.width != at.width) {
      throw Error(fmt::format("{}: has {}x{} pixels (rows x columns), its image {} has {}x{}", masks[index],
                              mask.height, mask.width, pictures.names[index], at.height, at.width));
    }
    if (!classes.empty()) {
      const int value = beyond(mask, classes.size());
      if (value >= 0) {
        throw Error(fmt::format("{}: has the value {}, but there are {} classes, 0 to {}; 255 is ignored", masks[index],
                                value, classes.size(), classes.size() - 1));
      }
    }
    int most = 0;
    for (const std::uint8_t value : mask.pixels) {
      if (value != Dataset::kIgnored) most = std::max(most, int{value});
    }
    for (int known = largest; known < most && !largest.compare_exchange_weak(known, most);) {
    }
    store.put_mask(static_cast<std::int64_t>(index), mask);
  };
  take_out(data, load_pictures(pictures, options, report, data));
  return out;
}

// Without a list of classes they are numbers, up to the largest.
void number_classes(ReadSplits& splits, int largest) {
  std::vector<Dataset*> all = {&splits.train.images};
  if (splits.validation) all.push_back(&splits.validation->images);
  if (splits.test) all.push_back(&splits.test->images);
  for (Dataset* data : all) {
    for (int i = 0; i <= largest; ++i) data->classes.push_back(std::to_string(i));
  }
}

}  // namespace

ReadSplits read_mask_folder(const std::string& path, const DatasetOptions& options, DatasetReport& report) {
  const std::vector<std::string> classes = read_class_names(path);
  if (classes.size() >= Dataset::kIgnored) {
    throw Error(fmt::format("{}: has {} classes, masks hold at most 255, 255 being ignored", path, classes.size()));
  }
  ReadSplits out;
  bool has_train = false;
  std::atomic<int> largest{0};
  std::set<std::string> known;
  for (const Place& place : places_of(path)) {
    if (!known.insert(place.split).second) throw Error(fmt::format("{}: has several folders of {}", path, place.split));
    ReadPart part = read_part(place, classes, options, report, largest);
    if (place.split.empty() || place.split == "train") {
      out.train = std::move(part);
      has_train = true;
    } else {
      (place.split == "test" ? out.test : out.validation) = std::move(part);
    }
  }
  if (!has_train) throw Error(path + ": has no folder of training images");
  if (classes.empty()) number_classes(out, largest);
  return out;
}

}  // namespace lanewise::accuracy
