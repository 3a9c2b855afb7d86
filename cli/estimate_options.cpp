// SPDX-License-Identifier: Apache-2.0
#include "cli/estimate_options.hpp"

#include <utility>

#include "core/base/error.hpp"

namespace lanewise::cli {

void add_level(CLI::App& verb, double& level, const std::string& help) {
  verb.add_option("--level", level, help)->type_name("P")->check(CLI::Range(0.01, 0.999))->capture_default_str();
}

void FallbackOptions::add(CLI::App& verb) {
  verb.add_option("--fallback", fallback,
                  "Who answers for subgraphs beyond what the estimator was trained on: simulate (default: nobody else)")
      ->check(CLI::IsMember({"simulate"}));
  verb.add_option("--fallback-width", width, "Also for subgraphs whose interval is wider, in percent of the prediction")
      ->type_name("PERCENT")
      ->check(CLI::PositiveNumber);
  verb.add_option("--store", store, "Store that keeps what was simulated (default: MODEL.lwm.fallback.sqlite)")
      ->type_name("STORE");
}

void FallbackOptions::check() const {
  if (!fallback.empty() || (!width && store.empty())) return;
  throw Error(std::string(width ? "--fallback-width" : "--store") + " is for --fallback simulate");
}

EstimateRun::EstimateRun(double level, const FallbackOptions& fallback, const std::string& model,
                         std::unique_ptr<study::MeasurementSource> simulator)
    : simulator_(std::move(simulator)) {
  fallback.check();
  options.level = level;
  options.fallback_width_percent = fallback.width;
  if (fallback.fallback.empty()) return;
  rows_.emplace(fallback.store.empty() ? model + ".fallback.sqlite" : fallback.store);
  options.fallback = simulator_.get();
  options.store = &*rows_;
}

}  // namespace lanewise::cli
