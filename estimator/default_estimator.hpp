// SPDX-License-Identifier: Apache-2.0
// The estimator that answers for a family of engines when the user names none.
#pragma once

#include <optional>
#include <string>

namespace lanewise::estimator {

// Path of FAMILY.lwm in the first of these folders that has it: $LANEWISE_ESTIMATORS; trained/ beside the folder of the
// engine's file; trained/ in each of data_folders() (core/base/installation.hpp), the current folder first. nullopt
// where none has it.
std::optional<std::string> find_default_estimator(const std::string& hwconfig_path, const std::string& family);
// The same. Throws Error, naming every folder that was searched and the command that makes one, where there is none.
std::string default_estimator(const std::string& hwconfig_path, const std::string& family);

}  // namespace lanewise::estimator
