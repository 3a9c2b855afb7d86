// SPDX-License-Identifier: Apache-2.0
// Folders of IDX files: MNIST and its kin.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "accuracy/data/files.hpp"
#include "accuracy/data/idx.hpp"
#include "accuracy/data/image.hpp"
#include "accuracy/data/reader.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;

constexpr int kMostClasses = 256;  // a label is a byte

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// The one file of the folder whose name has both parts; "" if none.
std::string file_of(const std::string& folder, const std::vector<const char*>& split_words, const char* content) {
  std::string found;
  for (const std::string& name : names_in(folder)) {
    if (!contains(name, content) || !(contains(name, "idx3") || contains(name, "idx1") || contains(name, "idx4"))) {
      continue;
    }
    if (std::none_of(split_words.begin(), split_words.end(), [&](const char* word) { return contains(name, word); })) {
      continue;
    }
    if (!found.empty()) {
      // A file and what it was unpacked from are the same images.
      if (found + ".gz" == name) continue;
      throw Error(fmt::format("{}: both {} and {} could be the {}, there must be one", folder, found, name, content));
    }
    found = name;
  }
  return found.empty() ? "" : folder + "/" + found;
}

Dataset read_part(const std::string& images_path, const std::string& labels_path, const DatasetOptions& options) {
  const IdxTensor images = read_idx(images_path, options.most_bytes);
  const IdxTensor labels = read_idx(labels_path, options.most_bytes);
  constexpr std::size_t kGrey = 3, kColour = 4;
  if (images.sizes.size() != kGrey && images.sizes.size() != kColour) {
    throw Error(fmt::format("{}: has {} dimensions, images have 3 (images, rows, columns) or 4 (and channels)",
                            images_path, images.sizes.size()));
  }
  if (labels.sizes.size() != 1) {
    throw Error(fmt::format("{}: has {} dimensions, labels have 1", labels_path, labels.sizes.size()));
  }
  if (images.sizes[0] != labels.sizes[0]) {
    throw Error(fmt::format("{}: holds {} labels for the {} images of {}", labels_path, labels.sizes[0],
                            images.sizes[0], images_path));
  }
  Image image;
  image.height = images.sizes[1];
  image.width = images.sizes[2];
  image.channels = images.sizes.size() == kColour ? images.sizes[3] : 1;
  if (images.bytes.empty()) throw Error(images_path + ": holds no images");
  Dataset out;
  ImageStore store(images_path, options, images.sizes[0], image.channels, image.height, image.width, false, out);
  const auto size = static_cast<std::size_t>(image.channels * image.height * image.width);
  for (std::int64_t i = 0; i < images.sizes[0]; ++i) {
    const auto first = images.bytes.begin() + i * static_cast<std::int64_t>(size);
    image.pixels.assign(first, first + static_cast<std::int64_t>(size));
    store.put(i, image, images_path);
  }
  for (const char label : labels.bytes) out.labels.push_back(static_cast<unsigned char>(label));
  return out;
}

ReadSplits read_folder(const std::string& path, const DatasetOptions& options) {
  const auto part = [&](const std::vector<const char*>& words) {
    ReadPart out;
    const std::string images = file_of(path, words, "images"), labels = file_of(path, words, "labels");
    if (images.empty() || labels.empty()) {
      throw Error(
          fmt::format("{}: has no file of {} for {}: IDX files are named like train-images-idx3-ubyte and "
                      "train-labels-idx1-ubyte, test ones with t10k or test, .gz or not",
                      path, images.empty() ? "images" : "labels", words.front()));
    }
    out.images = read_part(images, labels, options);
    out.origin = fs::path(images).filename().string();
    return out;
  };
  ReadSplits out;
  out.train = part({"train"});
  const std::vector<const char*> test = {"t10k", "test"};
  if (!file_of(path, test, "images").empty() || !file_of(path, test, "labels").empty()) out.test = part(test);
  return out;
}

void name_classes(ReadSplits& splits, std::vector<std::string> names, const std::string& path) {
  int classes = static_cast<int>(names.size());
  const auto largest = [](const Dataset& data) { return *std::max_element(data.labels.begin(), data.labels.end()); };
  const int used = std::max(largest(splits.train.images), splits.test ? largest(splits.test->images) : 0) + 1;
  if (names.empty()) {
    classes = used;
    for (int i = 0; i < std::min(classes, kMostClasses); ++i) names.push_back(std::to_string(i));
  } else if (used > classes) {
    throw Error(fmt::format("{}: has a label {}, but its classes.txt names {} classes", path, used - 1, classes));
  }
  splits.train.images.classes = names;
  if (splits.test) splits.test->images.classes = names;
}

}  // namespace

ReadSplits read_idx_folder(const std::string& path, const DatasetOptions& options, DatasetReport&) {
  ReadSplits out = read_folder(path, options);
  name_classes(out, read_class_names(path), path);
  return out;
}

ReadSplits read_fashion_mnist(const DatasetOptions& options, DatasetReport&) {
  const std::string& folder = options.fashion_mnist_folder;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(folder +
                ": no such folder: Fashion-MNIST comes with Debian's package dataset-fashion-mnist "
                "(apt install dataset-fashion-mnist)");
  }
  ReadSplits out = read_folder(folder, options);
  name_classes(
      out, {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
      folder);
  out.normalisation = Normalisation{{0.2860F}, {0.3530F}};
  return out;
}

}  // namespace lanewise::accuracy
