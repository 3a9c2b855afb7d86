// SPDX-License-Identifier: Apache-2.0
// Which images a verb is about, and how they are read.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "accuracy/data/load_dataset.hpp"
#include "core/base/progress.hpp"
#include "core/network/graph.hpp"

namespace lanewise::fit {

struct DataOptions {
  std::string spec;                                    // as given
  std::string format, fit = "stretch", fashion_mnist;  // as given
  std::uint64_t split_seed = 0;
  bool skip_damaged = false;
  double test_share = 0.1;
  std::string memory = "4 GiB";  // as given
  // Whether --data must be given; where it need not be, what stands for it is said in `otherwise`.
  void add(CLI::App& verb, const std::string& otherwise = "");
  // The images, of the size that the network reads, with this share of the training images kept apart for validation
  // where they have none of their own and the share is above 0. Throws Error as accuracy::load_dataset.
  accuracy::LoadedDataset load(const network::Graph& network, double validation, const Progress& progress) const;
};

}  // namespace lanewise::fit
