// SPDX-License-Identifier: Apache-2.0
// The networks that a verb is told of: tables of encodings, single encodings, and files of networks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "accuracy/scores/zero_shot.hpp"

namespace lanewise::fit {

struct NetworkOptions {
  std::vector<std::string> inputs;     // as given: tables (.csv) and files of networks
  std::vector<std::string> encodings;  // as given
  std::string space, column = "encoding", hw;
  void add(CLI::App& verb);
  // In the order in which they were named, tables row by row; equal ones stand as often as they were named. All
  // encodings are read and decoded here. Throws Error naming file, line, value and rule, and CLI::RequiredError where
  // there is none.
  std::vector<accuracy::NetworkToScore> load() const;
};

}  // namespace lanewise::fit
