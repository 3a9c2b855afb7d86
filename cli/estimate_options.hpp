// SPDX-License-Identifier: Apache-2.0
// Options of the verbs that estimate: the level of intervals, and who answers where the estimator cannot be trusted.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "core/record/store.hpp"
#include "study/evaluation/estimate.hpp"

namespace lanewise::cli {

// --level P.
void add_level(CLI::App& verb, double& level, const std::string& help);

// --fallback simulate, --fallback-width PERCENT, --store STORE.
struct FallbackOptions {
  std::string fallback, store;  // as given; "" where they were not
  std::optional<double> width;
  void add(CLI::App& verb);
  // Throws Error where one of the others is given without --fallback.
  void check() const;
};

// What an estimate with these options needs while it runs.
struct EstimateRun {
  // `model` is the path of the estimator, beside which what is simulated is kept unless --store says where. Throws
  // Error as FallbackOptions::check and where the store cannot be opened.
  EstimateRun(double level, const FallbackOptions& fallback, const std::string& model,
              std::unique_ptr<study::MeasurementSource> simulator);

  study::EstimateOptions options;

 private:
  std::unique_ptr<study::MeasurementSource> simulator_;
  std::optional<record::Store> rows_;
};

}  // namespace lanewise::cli
