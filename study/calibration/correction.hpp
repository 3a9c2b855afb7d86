// SPDX-License-Identifier: Apache-2.0
// What effective values leave unexplained, as a small linear model.
#pragma once

#include <vector>

#include "estimator/adaptation.hpp"

namespace lanewise::study {

// Ridge regression (Hoerl and Kennard, 1970) of `wanted`, the log factors that predictions lack, on `features`, a row
// of correction_features() each. The penalty is the one with the least mean absolute leave-one-out error; no terms
// where none is at least 5 % below that of leaving the predictions alone. Features that do not vary are left out.
std::vector<estimator::CorrectionTerm> fit_correction(const std::vector<std::vector<double>>& features,
                                                      const std::vector<double>& wanted);

}  // namespace lanewise::study
