// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "accuracy/data/load_dataset.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {
namespace {

namespace fs = std::filesystem;
using accuracy::Dataset;

void check_boxes(const Dataset& data) {
  for (const std::vector<accuracy::Box>& boxes : data.boxes) {
    for (const accuracy::Box& box : boxes) {
      const float width = static_cast<float>(data.width), height = static_cast<float>(data.height);
      // Half a pixel is what rounding to floats may do.
      const bool is_inside = box.left >= -0.5F && box.top >= -0.5F && box.right <= width + 0.5F &&
                             box.bottom <= height + 0.5F && box.right > box.left && box.bottom > box.top;
      if (!is_inside) {
        throw Nonsense(fmt::format("a box {} {} {} {}", box.left, box.top, box.right, box.bottom));
      }
      require_sane("label", box.label, static_cast<double>(data.classes.size()) - 1);
    }
  }
}

void check(const Dataset& data) {
  const auto images = static_cast<std::size_t>(data.images());
  if (data.pixels.size() != images * static_cast<std::size_t>(data.image_elements())) throw Nonsense("parts of images");
  const auto is_one_each = [&](std::size_t count) { return count == images; };
  switch (data.task) {
    case accuracy::Task::kClassification:
      if (!is_one_each(data.labels.size())) throw Nonsense("labels and images differ in number");
      for (const int label : data.labels) require_sane("label", label, static_cast<double>(data.classes.size()) - 1);
      return;
    case accuracy::Task::kDetection:
      if (!is_one_each(data.boxes.size())) throw Nonsense("lists of boxes and images differ in number");
      check_boxes(data);
      return;
    case accuracy::Task::kSegmentation:
      if (data.masks.size() != images * static_cast<std::size_t>(data.height * data.width)) {
        throw Nonsense("masks and images differ in number");
      }
      for (const std::uint8_t value : data.masks) {
        if (value != Dataset::kIgnored) require_sane("mask", value, static_cast<double>(data.classes.size()) - 1);
      }
      return;
  }
}

}  // namespace

void load_and_check(const std::string& folder, const std::string& format) {
  accuracy::DatasetOptions options;
  options.channels = 1;
  options.height = 8;
  options.width = 8;
  options.format = format;
  options.validation_share = options.test_share = 0.25;
  options.most_bytes = Bytes{std::int64_t{1} << 26};
  options.fit = accuracy::Fit::kLetterbox;
  const accuracy::LoadedDataset loaded = accuracy::load_dataset(folder, options);
  for (const Dataset* data : {&loaded.train, &loaded.validation, &loaded.test}) check(*data);
  for (const float deviation : loaded.normalisation.deviation) require_sane("deviation", deviation, 1);
  for (const accuracy::DatasetReport::Count& count : loaded.report.left_out) {
    require_sane("what was left out", static_cast<double>(count.count));
  }
  accuracy::to_text(loaded.report);
  accuracy::to_json(loaded.report);
}

void place(const std::string& file, const std::string& at) {
  fs::create_directories(fs::path(at).parent_path());
  fs::copy_file(file, at, fs::copy_options::overwrite_existing);
}

void place_picture(const std::string& at) { place(source_folder() + "/tests/fuzz/corpus/png/good_grey.png", at); }

}  // namespace lanewise::fuzz
