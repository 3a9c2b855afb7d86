// SPDX-License-Identifier: Apache-2.0
// A folder of images by class, divided into train, val and test or not.
#include <fmt/format.h>

#include <algorithm>

#include "accuracy/data/files.hpp"
#include "accuracy/data/pictures.hpp"
#include "accuracy/data/reader.hpp"
#include "accuracy/data/splits.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

ReadPart read_part(const std::string& folder, const std::string& origin, const std::vector<std::string>& classes,
                   const DatasetOptions& options, DatasetReport& report) {
  ReadPart out;
  out.origin = origin;
  Dataset& data = out.images;
  data.classes = classes;
  Pictures pictures;
  pictures.source = folder;
  pictures.folder = folder;
  for (const std::string& name : names_in(folder)) {
    if (has_image_suffix(name)) report.leave_out("images outside of a class's folder", name);
  }
  for (const std::string& name : folders_in(folder)) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end()) {
      throw Error(fmt::format("{}: is a class that the training images do not have", join(folder, name)));
    }
    for (const std::string& image : images_below(join(folder, name), report)) {
      pictures.names.push_back(name + "/" + image);
      data.labels.push_back(static_cast<int>(found - classes.begin()));
    }
  }
  if (pictures.names.empty()) throw Error(folder + ": has no PNG or JPEG images in folders by class");
  take_out(data, load_pictures(pictures, options, report, data));
  return out;
}

}  // namespace

ReadSplits read_image_folder(const std::string& path, const DatasetOptions& options, DatasetReport& report) {
  const std::vector<std::string> folders = folders_in(path);
  // A class may be called "train" as well, beside a "car": only folders that all have names of splits are splits.
  const bool is_divided =
      std::find_if(folders.begin(), folders.end(), [](const auto& name) { return split_of(name) == "train"; }) !=
          folders.end() &&
      std::all_of(folders.begin(), folders.end(), [](const auto& name) { return !split_of(name).empty(); });
  ReadSplits out;
  if (!is_divided) {
    out.train = read_part(path, "the folder", folders, options, report);
    return out;
  }
  std::vector<std::string> classes;
  for (const char* split : {"train", "validation", "test"}) {
    std::string known;
    for (const std::string& name : folders) {
      if (split_of(name) != split) continue;
      if (!known.empty()) throw Error(fmt::format("{}: has both {} and {}, there must be one", path, known, name));
      known = name;
    }
    if (known.empty()) continue;
    const std::string folder = join(path, known);
    if (classes.empty()) classes = folders_in(folder);
    ReadPart part = read_part(folder, known + "/", classes, options, report);
    if (split_of(known) == "train") {
      out.train = std::move(part);
    } else {
      (split_of(known) == "test" ? out.test : out.validation) = std::move(part);
    }
  }
  return out;
}

}  // namespace lanewise::accuracy
