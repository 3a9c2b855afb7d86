// SPDX-License-Identifier: Apache-2.0
// Reads the trees of a model that XGBoost saved. Private to this module.
#pragma once

#include <string>

#include "estimator/forest.hpp"

namespace lanewise::estimator {

// `ubjson` must be a model with one output and the booster "gbtree" as XGBoost 1.7 saves it in UBJSON. Throws Error
// naming the rule for anything else.
Forest read_forest(const std::string& ubjson);

}  // namespace lanewise::estimator
