// SPDX-License-Identifier: Apache-2.0
#include "study/curation/landscape_pricing.hpp"

#include <algorithm>
#include <cmath>

#include "study/codesign/cost_oracle.hpp"

namespace lanewise::study {
namespace {

// Designs priced between two looks at whether to stop.
constexpr std::size_t kTogether = 64;

}  // namespace

LandscapePricing::LandscapePricing(const nas::Space& space, MeasurementSource& source, const Progress& progress)
    : space_(space), progress_(progress), costs_(make_cost_oracle(source)) {
  const auto stop = [this] {
    if (progress_.stopped && progress_.stopped()) throw Interrupted();
  };
  pricer_ = std::make_unique<nas::DesignPricer>(
      space, *costs_, std::vector<nas::Metric>{nas::Metric::kLatency, nas::Metric::kMacs, nas::Metric::kParameters},
      stop);
}

std::vector<const DesignPrice*> LandscapePricing::price(const std::vector<nas::Genotype>& genotypes,
                                                        const std::string& phase) {
  std::vector<nas::Genotype> same, missing;
  for (const nas::Genotype& genotype : genotypes) {
    same.push_back(space_.canonical(genotype));
    if (known_.emplace(same.back(), DesignPrice{"not priced yet"}).second) missing.push_back(same.back());
  }
  try {
    for (std::size_t first = 0; first < missing.size(); first += kTogether) {
      if (!phase.empty()) {
        progress_(phase, static_cast<std::int64_t>(first), static_cast<std::int64_t>(missing.size()));
      }
      const std::size_t end = std::min(first + kTogether, missing.size());
      const std::vector<nas::Genotype> some(missing.begin() + static_cast<std::ptrdiff_t>(first),
                                            missing.begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<nas::PricedDesign> designs = pricer_->price(some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        DesignPrice& price = known_[some[i]];
        price.failure = designs[i].failure;
        if (!price.runs()) {
          ++cannot_run_;
          continue;
        }
        price.latency_ms = designs[i].metrics[nas::Metric::kLatency];
        price.macs = designs[i].metrics[nas::Metric::kMacs];
        price.parameters = designs[i].metrics[nas::Metric::kParameters];
        if (quality_ != nullptr) {
          price.violation = quality_->shortfall({std::llround(price.macs), std::llround(price.parameters)});
        }
      }
    }
  } catch (...) {
    for (const nas::Genotype& genotype : missing) known_.erase(genotype);  // some may have no price
    throw;
  }
  std::vector<const DesignPrice*> out;
  for (const nas::Genotype& genotype : same) out.push_back(&known_.find(genotype)->second);
  return out;
}

}  // namespace lanewise::study
