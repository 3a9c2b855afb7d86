// SPDX-License-Identifier: Apache-2.0
// A small linear model of the error that effective values leave unexplained.
#pragma once

#include <vector>

#include "estimator/adaptation.hpp"

namespace lanewise::study {

// Ridge regression (Hoerl and Kennard, 1970) of `wanted`, the log factors by which predictions must grow, on
// `features`, one row of estimator::correction_features() per entry of `wanted`. The penalty is the one with the
// smallest mean absolute leave-one-out error. Returns no terms unless that error is at least 5 % below the error of
// uncorrected predictions. Features that do not vary are left out.
std::vector<estimator::CorrectionTerm> fit_correction(const std::vector<std::vector<double>>& features,
                                                      const std::vector<double>& wanted);

}  // namespace lanewise::study
