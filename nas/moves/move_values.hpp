// SPDX-License-Identifier: Apache-2.0
// The values that moves take, as texts. Private to this folder: moves_file.hpp is what others read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace lanewise::nas {

inline constexpr const char* kEngineMove = "engine";
inline constexpr const char* kEveryPlace = "all";
inline constexpr const char* kFused = "fused_ibn";
inline constexpr const char* kAligned = "aligned";
inline constexpr const char* kEven = "even";
inline constexpr const char* kLanes = "lanes";
inline constexpr const char* kStandard = "standard";

// channels, input_resolution, output_resolution: there is one place of each.
bool is_of_whole_network(const std::string& move);
// What the value of a move must be, as in "must be 3, 5 or 7"; "" where this is one.
std::string value_rule(const std::string& move, const std::string& value);

// "1.25"; nullopt for what is no number from low to high.
std::optional<double> number_of(const std::string& text, double low, double high);
std::optional<std::int64_t> whole_of(const std::string& text, std::int64_t low, std::int64_t high);
// "192x128"; nullopt for what is no size.
std::optional<std::pair<std::int64_t, std::int64_t>> size_of(const std::string& text);

}  // namespace lanewise::nas
