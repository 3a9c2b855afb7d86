// SPDX-License-Identifier: Apache-2.0
// The estimator that answers for a family of engines when none is named.
#pragma once

#include <optional>
#include <string>

namespace lanewise::estimator {

// FAMILY.lwm in the first of these folders that has it: $LANEWISE_ESTIMATORS, estimators/ beside the folder of the
// engine's file, estimators/ here.
std::optional<std::string> find_default_estimator(const std::string& hwconfig_path, const std::string& family);
// The same. Throws Error naming the folders and the command that makes one where there is none.
std::string default_estimator(const std::string& hwconfig_path, const std::string& family);

}  // namespace lanewise::estimator
