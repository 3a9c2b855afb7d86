// SPDX-License-Identifier: Apache-2.0
// The limit on latency of verbs that choose a network: --prices FILE, --latency-ms MS.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace lanewise::fit {

struct PriceOptions {
  std::string prices;
  double latency_ms = 0;
  void add(CLI::App& verb) {
    verb.add_option("--prices", prices,
                    "What networks of the space take: a table with columns encoding and latency_ms, as lanewise space "
                    "prices writes")
        ->type_name("FILE")
        ->required();
    verb.add_option("--latency-ms", latency_ms, "Most milliseconds that the network may take")
        ->type_name("MS")
        ->check(CLI::PositiveNumber)
        ->required();
  }
};

}  // namespace lanewise::fit
