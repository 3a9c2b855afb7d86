// SPDX-License-Identifier: Apache-2.0
#include "accuracy/fit/data_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise::fit {

void DataOptions::add(CLI::App& verb, const std::string& otherwise) {
  const std::string default_text = otherwise.empty() ? "" : " (default: " + otherwise + ")";
  verb.add_option(
          "--data", spec,
          "Images: fashion-mnist, fm28-scenes:detection, fm28-scenes:segmentation, or a file or folder" + default_text)
      ->type_name("DATA")
      ->required(otherwise.empty());
  verb.add_option("--data-format", format, "What the file or folder is (default: recognised)")->type_name("FORMAT");
  verb.add_option("--fit", fit, "How images of another shape are brought to the network's: stretch or letterbox")
      ->type_name("HOW")
      ->check(CLI::IsMember({"stretch", "letterbox"}))
      ->capture_default_str();
  verb.add_option("--split-seed", split_seed, "Seed of what is kept apart for validation or test")
      ->type_name("S")
      ->capture_default_str();
  verb.add_option("--test-share", test_share,
                  "Share of all images kept apart for test where the files have none for validation nor for test")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  verb.add_option("--image-memory", memory, "Most memory that images and masks take")
      ->type_name("SIZE")
      ->capture_default_str();
  verb.add_flag("--skip-damaged", skip_damaged, "Leave damaged images out instead of refusing them");
  verb.add_option("--fashion-mnist", fashion_mnist, "Folder of Fashion-MNIST's files (default: Debian's package)")
      ->type_name("FOLDER");
}

accuracy::LoadedDataset DataOptions::load(const network::Graph& network, double validation,
                                          const Progress& progress) const {
  accuracy::DatasetOptions options;
  if (network.inputs().size() == 1) {
    const std::vector<std::int64_t>& shape = network.tensor(network.inputs().front()).shape;
    if (shape.size() != 4) {
      throw Error(fmt::format("network '{}': its input is of shape {}: images need [batch, channels, height, width]",
                              network.name(), fmt::join(shape, "x")));
    }
    options.channels = shape[1];
    options.height = shape[2];
    options.width = shape[3];
  }
  options.format = format;
  options.fit = fit == "letterbox" ? accuracy::Fit::kLetterbox : accuracy::Fit::kStretch;
  options.validation_share = validation;
  options.seed = split_seed;
  options.skip_damaged = skip_damaged;
  options.test_share = test_share;
  try {
    options.most_bytes = parse_bytes(memory);
  } catch (const Error& error) {
    throw Error(std::string("--image-memory: ") + error.what());
  }
  options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.progress = progress;
  if (!fashion_mnist.empty()) options.fashion_mnist_folder = fashion_mnist;
  return accuracy::load_dataset(spec, options);
}

}  // namespace lanewise::fit
