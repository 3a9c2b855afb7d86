// SPDX-License-Identifier: Apache-2.0
// Folders of images with COCO files.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "accuracy/data/boxes.hpp"
#include "accuracy/data/coco_file.hpp"
#include "accuracy/data/files.hpp"
#include "accuracy/data/pictures.hpp"
#include "accuracy/data/reader.hpp"
#include "accuracy/data/splits.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;

// "instances_train2017" -> "train": the split whose name a word of the file's begins with.
std::string split_word(const std::string& stem) {
  std::string word;
  for (const char c : stem + "_") {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      continue;
    }
    if (!split_of(word).empty()) return split_of(word);
    word.clear();
  }
  return "";
}

// The folder that the file's images are in, by where the first of them is.
std::string image_folder(const std::string& json, const CocoFile& file) {
  const fs::path path = json;
  const std::string here = path.parent_path().string(), stem = path.stem().string();
  const std::string root = path.parent_path().filename() == "annotations" ? join(here, "..") : here;
  const std::string last = stem.substr(stem.rfind('_') == std::string::npos ? 0 : stem.rfind('_') + 1);
  std::vector<std::string> folders = {join(root, last),
                                      join(join(root, "images"), last),
                                      join(root, "images"),
                                      here,
                                      root,
                                      join(root, split_word(stem))};
  for (const std::string& name : folders_in(root.empty() ? "." : root)) {
    if (split_word(name) == split_word(stem) && !split_word(stem).empty()) folders.push_back(join(root, name));
  }
  for (const std::string& folder : folders) {
    if (is_there(join(folder, file.images.front().name))) return fs::path(folder).lexically_normal().string();
  }
  throw Error(fmt::format("{}: its first image '{}' is in none of {}", json, printable(file.images.front().name),
                          fmt::join(folders, ", ")));
}

// Boxes are in the frame of the size that the file states: where that is the size of the pixels as they lie in the
// image file, and its orientation would exchange rows and columns, the orientation has no say.
Image turned_as_stated(const std::string& json, const CocoFile::ImageRecord& record, DecodedImage decoded) {
  const Image& image = decoded.image;
  const bool is_plain = image.height == record.height && image.width == record.width;
  const bool is_stated = record.height > 0 && record.width > 0;
  constexpr int kFirstExchange = 5;
  if (is_stated && is_plain && decoded.orientation >= kFirstExchange && image.height != image.width) {
    return std::move(decoded.image);
  }
  Image out = oriented(std::move(decoded.image), decoded.orientation);
  if (is_stated && (out.height != record.height || out.width != record.width)) {
    throw Error(fmt::format("{}: says that the image '{}' has {}x{} pixels (rows x columns), it has {}x{}", json,
                            printable(record.name), record.height, record.width, out.height, out.width));
  }
  return out;
}

ReadPart read_part(const std::string& json, const DatasetOptions& options, DatasetReport& report,
                   std::vector<CocoFile::Category>& categories) {
  const CocoFile file = read_coco_file(json, report);
  if (categories.empty()) {
    categories = file.categories;
  } else if (!std::equal(categories.begin(), categories.end(), file.categories.begin(), file.categories.end(),
                         [](const auto& a, const auto& b) { return a.id == b.id && a.name == b.name; })) {
    throw Error(json + ": has other categories than the training images' file");
  }
  ReadPart out;
  out.origin = fs::path(json).filename().string();
  Dataset& data = out.images;
  data.task = Task::kDetection;
  for (const CocoFile::Category& category : categories) data.classes.push_back(category.name);
  Pictures pictures;
  pictures.source = json;
  pictures.folder = image_folder(json, file);
  for (const CocoFile::ImageRecord& image : file.images) pictures.names.push_back(image.name);
  pictures.turn = [&](std::size_t index, DecodedImage decoded) {
    return turned_as_stated(json, file.images[index], std::move(decoded));
  };
  const std::vector<std::int64_t> damaged = load_pictures(pictures, options, report, data);
  data.boxes.resize(file.images.size());
  for (const CocoFile::Annotation& annotation : file.annotations) {
    if (std::binary_search(damaged.begin(), damaged.end(), static_cast<std::int64_t>(annotation.image))) continue;
    StatedBox box;
    box.left = annotation.box[0];
    box.top = annotation.box[1];
    box.right = annotation.box[0] + annotation.box[2];
    box.bottom = annotation.box[1] + annotation.box[3];
    box.label = annotation.label;
    box.is_crowd = annotation.is_crowd;
    box.area = annotation.area;
    box.place = fmt::format("{} annotation {}", out.origin, annotation.number);
    add_box(box, data.placements[annotation.image], data.boxes[annotation.image], report);
  }
  take_out(data, damaged);
  return out;
}

// The annotation files of a folder by their split; under "" those that name none.
std::map<std::string, std::string> files_of(const std::string& root, DatasetReport& report) {
  std::vector<std::pair<std::string, std::string>> found;  // words that say the split, path
  const std::string annotations = join(root, "annotations");
  const std::string folder = is_there(annotations) ? annotations : root;
  for (const std::string& name : names_in(folder)) {
    if (suffix_of(name) == ".json") found.emplace_back(without_suffix(name), join(folder, name));
  }
  if (found.empty()) {
    for (const std::string& split : folders_in(root)) {
      if (split_of(split).empty()) continue;
      for (const std::string& name : names_in(join(root, split))) {
        if (suffix_of(name) == ".json") found.emplace_back(split, join(join(root, split), name));
      }
    }
  }
  // COCO's own folder holds captions and key points of the same images as well.
  const auto is_instances = [](const auto& entry) { return entry.first.rfind("instances", 0) == 0; };
  if (std::any_of(found.begin(), found.end(), is_instances)) {
    const auto others = std::stable_partition(found.begin(), found.end(), is_instances);
    for (auto other = others; other != found.end(); ++other) {
      report.leave_out("annotation files beside those of instances", fs::path(other->second).filename().string());
    }
    found.erase(others, found.end());
  }
  std::map<std::string, std::string> out;
  for (const auto& [words, path] : found) {
    const auto [known, is_new] = out.emplace(split_word(words), path);
    if (!is_new) {
      throw Error(fmt::format("{}: both {} and {} could be the file of {}; name one of them", root, known->second, path,
                              known->first.empty() ? "all images" : known->first));
    }
  }
  if (out.empty()) throw Error(root + ": has no COCO file (.json)");
  if (out.size() > 1 && out.count("train") == 0) {
    throw Error(fmt::format("{}: has no file of training images, with 'train' in its name, beside {}", root,
                            out.begin()->second));
  }
  return out;
}

}  // namespace

ReadSplits read_coco(const std::string& path, const DatasetOptions& options, DatasetReport& report) {
  std::error_code ignored;
  std::map<std::string, std::string> files;
  if (fs::is_directory(path, ignored)) {
    files = files_of(path, report);
  } else {
    files[""] = path;
  }
  const std::string first = files.count("train") == 1 ? "train" : files.begin()->first;
  std::vector<CocoFile::Category> categories;
  ReadSplits out;
  out.train = read_part(files.at(first), options, report, categories);
  if (files.size() > 1 && files.count("") == 1) {
    report.leave_out("annotation files that name no split", fs::path(files.at("")).filename().string());
  }
  if (first != "train") return out;
  if (files.count("validation") == 1) {
    out.validation = read_part(files.at("validation"), options, report, categories);
  }
  if (files.count("test") == 1) out.test = read_part(files.at("test"), options, report, categories);
  return out;
}

}  // namespace lanewise::accuracy
