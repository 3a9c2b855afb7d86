// SPDX-License-Identifier: Apache-2.0
// What a model file says of itself, as plain data.
#pragma once

#include <optional>
#include <string>

#include "estimator/accuracy_report.hpp"
#include "estimator/adaptation.hpp"
#include "estimator/card.hpp"

namespace lanewise::study {

struct ModelCard {
  std::string file;
  std::string read_by;   // version of the tool
  estimator::Card card;  // what the file says of itself
  std::optional<estimator::AdaptationNote> adapted;
  estimator::AccuracyReport accuracy;  // with rows, engines and family; no splits where the file carries none
};

// Throws Error as Estimator::load does.
ModelCard model_card(const std::string& path);

}  // namespace lanewise::study
