// SPDX-License-Identifier: Apache-2.0
// An adaptation as the model file's header holds it. Private to this room.
#pragma once

#include <nlohmann/json.hpp>

#include "estimator/adaptation.hpp"

namespace lanewise::estimator {

nlohmann::json to_json(const Adaptation& adaptation);
// Throws nlohmann::json::exception, and Error for an unknown feature or key.
Adaptation adaptation_from(const nlohmann::json& json);

}  // namespace lanewise::estimator
