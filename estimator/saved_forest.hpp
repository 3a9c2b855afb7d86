// SPDX-License-Identifier: Apache-2.0
// The trees in a model file of XGBoost. Private to this room.
#pragma once

#include <string>

#include "estimator/forest.hpp"

namespace lanewise::estimator {

// `ubjson`: a model of one output with trees as its booster ("gbtree"), as XGBoost 1.7 saves it in UBJSON. Throws Error
// naming the rule on anything else.
Forest read_forest(const std::string& ubjson);

}  // namespace lanewise::estimator
