// SPDX-License-Identifier: Apache-2.0
// What to measure, as several verbs are told it: networks and an engine, or a campaign's file.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::cli {

struct CampaignArguments {
  std::vector<std::string> models;
  EngineOptions engine;
  ImportSettings import;
  std::string file;  // the campaign's, "" where options say what to measure
  study::CampaignOptions campaign;
  std::string sampling;

  struct Plan {
    engine::EngineConfig base;
    engine::Family family;
    std::vector<network::Graph> graphs;
    study::CampaignOptions options;
  };

  // MODEL…, --hw, --set, --campaign, --rows, --engines, --sampling and the import's options. The verb adds --seed.
  void add(CLI::App& verb);
  // Whether any of them was given.
  bool given() const;
  // Whether any but --hw and --set was.
  bool given_beside_engine() const;
  // Throws CLI::RequiredError where neither a file nor models and an engine are named.
  void require() const;
  // Loads everything. `seed` is the value of --seed: where that was not given, a file's own seed goes before it.
  Plan load(std::uint64_t seed) const;

 private:
  Plan from_options() const;
  Plan from_file() const;
  const CLI::App* verb_ = nullptr;
};

}  // namespace lanewise::cli
