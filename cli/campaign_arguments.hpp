// SPDX-License-Identifier: Apache-2.0
// What to measure, as several verbs are told: either networks and an engine, or the file of a campaign.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::cli {

struct CampaignArguments {
  std::vector<std::string> models;  // as given
  EngineOptions engine;
  ImportSettings import;
  std::string file;  // of the campaign, as given; "" where options say what to measure
  study::CampaignOptions campaign;
  std::string sampling;  // as given; "" where it was not

  struct Plan {
    engine::EngineConfig base;
    engine::Family family;
    std::vector<network::Graph> graphs;
    study::CampaignOptions options;
  };

  // Adds MODEL…, --hw, --set, --campaign, --rows, --engines, --sampling and the options of the import. The verb itself
  // adds --seed.
  void add(CLI::App& verb);
  // Whether any of these options was given.
  bool given() const;
  // Whether any of them but --hw and --set was given.
  bool given_beside_engine() const;
  // Throws CLI::RequiredError where neither a file nor both networks and an engine are named.
  void require() const;
  // Reads every file that is named. `seed` is the value of --seed; where that was not given, the seed in the campaign's
  // file takes precedence. Throws Error as the readers of engines, families, networks and campaigns do.
  Plan load(std::uint64_t seed) const;

 private:
  Plan from_options() const;
  Plan from_file() const;
  const CLI::App* verb_ = nullptr;
};

}  // namespace lanewise::cli
