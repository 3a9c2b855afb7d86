// SPDX-License-Identifier: Apache-2.0
// The result of a calibration, as people and programs read it. docs/cli.md explains every field.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/calibration/calibration_report.hpp"

namespace lanewise::report {

std::string to_json(const study::Calibration& fit);
std::string to_text(const study::Calibration& fit);
// One row per key.
std::string to_csv(const study::Calibration& fit);
// What a key's identifiability means, in words: "known to 2 %", "only together with a, b".
std::string identifiability_text(const study::FittedKey& key);
// The text of the description in the file `hw` with the fitted values and `overrides` written into it. Each changed
// value has a comment that says what it was before and how well it is known. Throws Error as engine::load_engine does.
std::string to_hwconfig(const study::Calibration& fit, const std::string& hw,
                        const std::vector<engine::Override>& overrides);

}  // namespace lanewise::report
