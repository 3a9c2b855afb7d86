// SPDX-License-Identifier: Apache-2.0
// Numbers of an engine's description as measured rows would have them. docs/cli.md explains every field.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/calibration/calibration_report.hpp"

namespace lanewise::report {

std::string to_json(const study::Calibration& fit);
std::string to_text(const study::Calibration& fit);
// A row a key.
std::string to_csv(const study::Calibration& fit);
// What `standing` means for people: "known to 2 %", "only together with a, b".
std::string standing_text(const study::FittedKey& key);
// The text of the description `hw` with the fitted values and `overrides` written into it, each with a comment that
// says what it was and how far it is known. Throws Error as load_engine.
std::string to_hwconfig(const study::Calibration& fit, const std::string& hw,
                        const std::vector<engine::Override>& overrides);

}  // namespace lanewise::report
