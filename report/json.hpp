// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: JSON values of what several answers share. Keys keep the order in which they are
// written.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

#include "core/engine/engine_identity.hpp"
#include "report/accuracy.hpp"
#include "report/profile.hpp"
#include "study/calibration/calibration_report.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

using Json = nlohmann::ordered_json;

// The parts that several answers share.
Json units_json(const std::vector<record::UnitTime>& units);
Json totals_json(const study::Totals& total);
// null where the energy has no parts, because it was estimated.
Json energy_json(const std::optional<study::EnergyShares>& energy);
Json energy_parts_json(const std::vector<record::EnergyPart>& parts);
Json area_json(const engine::AreaBreakdown& area);
Json memory_json(const mapping::MemoryMap& memory);
Json accuracy_json(const estimator::Accuracy& row);
Json splits_json(const estimator::AccuracyReport& report);
Json error_json(const study::FitError& error);
Json profile_json(const study::Profile& profile);
Json sensitivity_json(const study::Sensitivity& sensitivity);
// "engine_overrides", key by key, and "engine_hash", beside the engine's name.
void add_identity(Json& out, const engine::EngineIdentity& identity);
// {"level", "low_cycles", "high_cycles"}; null without an interval.
Json interval_json(const std::optional<study::LatencyInterval>& interval);
// What is known of the error of an estimated answer: "unseen_engine_error", and "estimator_family" with whether the
// engine is of another.
void add_estimator(Json& out, const std::optional<study::EstimatorNote>& estimator,
                   const std::optional<estimator::Accuracy>& held_out);

// Indented, one newline at the end. Control characters in names are escaped, also those that JSON lets stand (U+007F to
// U+009F); invalid UTF-8 is replaced, never an error.
std::string dump(const Json& json);
// The same of one text, on one line.
std::string string_json(const std::string& text);

}  // namespace lanewise::report
