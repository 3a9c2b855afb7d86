// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/load_dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "accuracy/data/reader.hpp"
#include "accuracy/data/splits.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFashionMnist = "fashion-mnist";
constexpr const char* kSceneDetection = "fm28-scenes:detection";
constexpr const char* kSceneSegmentation = "fm28-scenes:segmentation";

void check(const DatasetOptions& options) {
  const auto is_share = [](double share) { return share >= 0 && share < 1; };
  if (!is_share(options.validation_share) || !is_share(options.test_share)) {
    throw Error(fmt::format("the shares of images for validation and test must be in [0, 1), are {} and {}",
                            options.validation_share, options.test_share));
  }
  if (options.channels < 0 || options.height < 0 || options.width < 0) {
    throw Error("channels, rows and columns of the network's input cannot be negative");
  }
  if (!options.format.empty() && std::count(dataset_formats().begin(), dataset_formats().end(), options.format) == 0) {
    throw Error(fmt::format("no such format of data sets: '{}'; there are {}", printable(options.format),
                            fmt::join(dataset_formats(), ", ")));
  }
}

ReadSplits read(const std::string& spec, const DatasetOptions& options, DatasetReport& report) {
  report.format = options.format;
  if (is_dataset_name(spec)) {
    if (!options.format.empty()) throw Error(fmt::format("{} is a data set with a name and has no other format", spec));
    report.format = "by name";
    if (spec == kFashionMnist) return read_fashion_mnist(options, report);
    return read_scenes(spec == kSceneDetection ? Task::kDetection : Task::kSegmentation, options, report);
  }
  std::error_code ignored;
  if (!fs::exists(spec, ignored)) {
    throw Error(fmt::format("{}: no such file or folder, nor the name of a data set ({}, {}, {})", printable(spec),
                            kFashionMnist, kSceneDetection, kSceneSegmentation));
  }
  if (report.format.empty()) report.format = recognise_format(spec);
  const std::string& format = report.format;
  if (format == "idx") return read_idx_folder(spec, options, report);
  if (format == "cifar-10") return read_cifar_10(spec, options, report);
  if (format == "cifar-100") return read_cifar_100(spec, false, options, report);
  if (format == "cifar-100-coarse") return read_cifar_100(spec, true, options, report);
  if (format == "image-folder") return read_image_folder(spec, options, report);
  if (format == "coco") return read_coco(spec, options, report);
  if (format == "yolo") return read_yolo(spec, options, report);
  if (format == "mask-folder") return read_mask_folder(spec, options, report);
  throw InternalError("a format of data sets has no reader");
}

std::string share_text(double share, const char* of, std::uint64_t seed) {
  return fmt::format("{:.4g} % of {}, the same share of every class, seed {}", share * 100, of, seed);
}

// Splits off what the files do not say, and never touches test images that they name.
void split(ReadSplits& read, const DatasetOptions& options) {
  Dataset& train = read.train.images;
  const bool is_undivided = !read.validation && !read.test;
  if (is_undivided && options.test_share > 0) {
    const auto chosen = choose_share(train, options.test_share, options.seed ^ 0x7465737400000000U);
    read.test = ReadPart{take_out(train, chosen), share_text(options.test_share, "all images", options.seed)};
  }
  if (!read.validation && options.validation_share > 0) {
    // A share of all images, also where the test images are gone already.
    const bool both = is_undivided && options.test_share > 0;
    const double share =
        both ? std::min(0.999, options.validation_share / (1 - options.test_share)) : options.validation_share;
    read.validation =
        ReadPart{take_out(train, choose_share(train, share, options.seed)),
                 share_text(options.validation_share, is_undivided ? "all images" : "train", options.seed)};
  }
  if (train.images() == 0) throw Error("no images are left to train on");
}

// What a data set is known by, for as many channels as its images are stored with.
Normalisation for_channels(Normalisation known, std::int64_t channels) {
  const auto fit = [&](std::vector<float>& values) {
    if (values.size() == 1) values.resize(static_cast<std::size_t>(channels), values.front());
  };
  fit(known.mean);
  fit(known.deviation);
  const auto count = static_cast<std::size_t>(channels);
  if (known.mean.size() != count || known.deviation.size() != count) {
    throw Error(fmt::format("the normalisation has {} means and {} deviations for images of {} channels",
                            known.mean.size(), known.deviation.size(), channels));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(known.mean[i]) || !(known.deviation[i] > 0) || !std::isfinite(known.deviation[i])) {
      throw Error("means of a normalisation must be finite and deviations above 0");
    }
  }
  return known;
}

// Each part is read by itself, and what the options leave open comes from its own first image.
void require_one_shape(const std::string& spec, const ReadSplits& splits) {
  const Dataset& train = splits.train.images;
  for (const std::optional<ReadPart>* part : {&splits.validation, &splits.test}) {
    if (!*part) continue;
    const Dataset& other = (*part)->images;
    if (other.channels == train.channels && other.height == train.height && other.width == train.width) continue;
    throw Error(fmt::format(
        "{}: training images have {}x{}x{} (channels, rows, columns), those of {} have {}x{}x{}: the "
        "shape of the network's input must be given",
        spec, train.channels, train.height, train.width, (*part)->origin, other.channels, other.height, other.width));
  }
}

Dataset taken(std::optional<ReadPart>& part, const Dataset& shape) {
  if (part) return std::move(part->images);
  return subset(shape, {});
}

}  // namespace

const std::vector<std::string>& dataset_formats() {
  static const std::vector<std::string> formats = {"idx",          "cifar-10", "cifar-100", "cifar-100-coarse",
                                                   "image-folder", "coco",     "yolo",      "mask-folder"};
  return formats;
}

bool is_dataset_name(const std::string& spec) {
  return spec == kFashionMnist || spec == kSceneDetection || spec == kSceneSegmentation;
}

LoadedDataset load_dataset(const std::string& spec, const DatasetOptions& options) {
  check(options);
  LoadedDataset out;
  out.report.source = spec;
  ReadSplits splits = read(spec, options, out.report);
  require_one_shape(spec, splits);
  split(splits, options);
  DatasetReport& report = out.report;
  const auto origin = [](const std::optional<ReadPart>& part) {
    return part ? part->origin : std::string("there are none");
  };
  const std::string validation_origin = origin(splits.validation), test_origin = origin(splits.test);
  out.train = std::move(splits.train.images);
  out.validation = taken(splits.validation, out.train);
  out.test = taken(splits.test, out.train);
  report.task = out.train.task;
  report.channels = out.train.channels;
  report.height = out.train.height;
  report.width = out.train.width;
  report.classes = out.train.classes;
  report.splits = {summarise("train", splits.train.origin, out.train),
                   summarise("validation", validation_origin, out.validation),
                   summarise("test", test_origin, out.test)};
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    if (report.splits.front().by_class[i] > 0) continue;
    report.notes.push_back(fmt::format("the class '{}' is nowhere in the training images", report.classes[i]));
  }
  if (options.normalisation) {
    out.normalisation = for_channels(*options.normalisation, out.train.channels);
  } else if (splits.normalisation) {
    out.normalisation = for_channels(*splits.normalisation, out.train.channels);
  } else {
    out.normalisation = measure_normalisation(out.train);
  }
  return out;
}

}  // namespace lanewise::accuracy
