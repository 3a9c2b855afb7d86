// SPDX-License-Identifier: Apache-2.0
// CIFAR-10 and CIFAR-100 in their binary version: rows of a label (or a coarse and a fine one) and 3x32x32 bytes.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "accuracy/data/files.hpp"
#include "accuracy/data/image.hpp"
#include "accuracy/data/reader.hpp"
#include "core/base/error.hpp"
#include "core/base/input_file.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSide = 32, kChannels = 3, kPixels = kSide * kSide;

struct Layout {
  std::int64_t label_bytes = 1, label_at = 0;
  int classes = 10;
};

std::vector<std::string> read_names(const std::string& path, int classes) {
  std::vector<std::string> out;
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    std::istringstream text(read_input(path, kLargestConfiguration, "a list of classes"));
    for (std::string line; std::getline(text, line);) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
      if (!line.empty()) out.push_back(line);
    }
    if (static_cast<int>(out.size()) != classes) {
      throw Error(fmt::format("{}: names {} classes, must name {}", path, out.size(), classes));
    }
  } else {
    for (int i = 0; i < classes; ++i) out.push_back(std::to_string(i));
  }
  return out;
}

// What files of the folder hold, one after the other.
Dataset read_rows(const std::string& folder, const std::vector<std::string>& names, const Layout& layout,
                  const DatasetOptions& options) {
  const std::int64_t row = layout.label_bytes + kChannels * kPixels;
  std::int64_t rows = 0;
  for (const std::string& name : names) {
    std::error_code error;
    const auto size = static_cast<std::int64_t>(fs::file_size(join(folder, name), error));
    if (error) throw Error(fmt::format("{}: cannot be read: {}", join(folder, name), error.message()));
    if (size == 0 || size % row != 0) {
      throw Error(fmt::format("{}: has {} bytes, must have a multiple of {}: is it damaged or of another kind?",
                              join(folder, name), size, row));
    }
    rows += size / row;
  }
  Dataset out;
  ImageStore store(folder, options, rows, kChannels, kSide, kSide, false, out);
  out.labels.reserve(static_cast<std::size_t>(rows));
  std::int64_t index = 0;
  Image image;
  for (const std::string& name : names) {
    const std::string path = join(folder, name);
    const std::string bytes = read_input(path, options.most_bytes, "a file of images");
    for (std::int64_t at = 0; at + row <= static_cast<std::int64_t>(bytes.size()) && index < rows; at += row, ++index) {
      const int label = static_cast<unsigned char>(bytes[static_cast<std::size_t>(at + layout.label_at)]);
      if (label >= layout.classes) {
        throw Error(
            fmt::format("{}: image {} has the label {}, must be below {}", path, at / row, label, layout.classes));
      }
      out.labels.push_back(label);
      const char* planes = bytes.data() + at + layout.label_bytes;
      image = {kChannels, kSide, kSide, std::vector<std::uint8_t>(static_cast<std::size_t>(kChannels * kPixels))};
      for (std::int64_t i = 0; i < kPixels; ++i) {
        for (std::int64_t channel = 0; channel < kChannels; ++channel) {
          image.pixels[static_cast<std::size_t>(i * kChannels + channel)] =
              static_cast<std::uint8_t>(planes[channel * kPixels + i]);
        }
      }
      store.put(index, std::move(image), path);
    }
  }
  if (index != rows) throw Error(folder + ": its files changed while they were read");
  return out;
}

ReadSplits read_both(const std::string& path, const std::vector<std::string>& train, const std::string& test,
                     const Layout& layout, const std::vector<std::string>& classes, const DatasetOptions& options) {
  ReadSplits out;
  out.train = {read_rows(path, train, layout, options), fmt::format("{}", fmt::join(train, ", "))};
  out.train.images.classes = classes;
  std::error_code ignored;
  if (fs::exists(join(path, test), ignored)) {
    out.test = ReadPart{read_rows(path, {test}, layout, options), test};
    out.test->images.classes = classes;
  }
  return out;
}

}  // namespace

ReadSplits read_cifar_10(const std::string& path, const DatasetOptions& options, DatasetReport&) {
  std::vector<std::string> batches;
  for (const std::string& name : names_in(path)) {
    if (name.rfind("data_batch", 0) == 0 && suffix_of(name) == ".bin") batches.push_back(name);
  }
  if (batches.empty())
    throw Error(path + ": has no data_batch_1.bin, the training images of CIFAR-10's binary version");
  const Layout layout;
  return read_both(path, batches, "test_batch.bin", layout, read_names(join(path, "batches.meta.txt"), layout.classes),
                   options);
}

ReadSplits read_cifar_100(const std::string& path, bool coarse, const DatasetOptions& options, DatasetReport&) {
  Layout layout;
  layout.label_bytes = 2;
  layout.label_at = coarse ? 0 : 1;
  layout.classes = coarse ? 20 : 100;
  const char* names = coarse ? "coarse_label_names.txt" : "fine_label_names.txt";
  return read_both(path, {"train.bin"}, "test.bin", layout, read_names(join(path, names), layout.classes), options);
}

}  // namespace lanewise::accuracy
