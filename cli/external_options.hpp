// SPDX-License-Identifier: Apache-2.0
// A person's program as what measures, as several verbs are told: --with and what goes with it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "study/campaign/campaign_report.hpp"
#include "study/external/external_truth.hpp"

namespace lanewise::cli {

class ExternalOptions {
 public:
  void add(CLI::App& verb);
  // Whether --with was given. Throws CLI's errors where it is given without --allow-commands, or its options without
  // it.
  bool require() const;
  // The program, for a store at path `store`, `jobs` at once (0: one).
  std::unique_ptr<study::ExternalTruth> truth(const std::string& store, int jobs) const;
  // What it did, for an answer.
  study::ExternalReport report(const study::ExternalTruth& truth) const;

 private:
  const CLI::App* verb_ = nullptr;
  std::string command_, source_, keep_;
  double timeout_ = 600;
  int retries_ = 1;
  bool allowed_ = false;
};

}  // namespace lanewise::cli
