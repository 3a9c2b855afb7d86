// SPDX-License-Identifier: Apache-2.0
#include "study/external/external_answer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace lanewise::study {
namespace {

using Json = nlohmann::json;

constexpr const char* kRule = R"(must be {"cycles": N}, {"failure": "REASON"} or a number of cycles alone)";
// More than an engine of a few GHz does in a month: a number that was meant to be something else.
constexpr double kMostCycles = 1e16;
constexpr double kMostEnergy = 1e18;  // a million joules

ExternalAnswer failed(std::string reason, bool stated = false) {
  ExternalAnswer out;
  out.result.failure = std::move(reason);
  out.stated = stated;
  return out;
}

// A whole number, also as one with a point and nothing behind it.
std::optional<std::int64_t> whole(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  const auto value = json.get<double>();
  if (!std::isfinite(value) || value != std::floor(value) || value < 0 || value > kMostCycles) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// "" or what is wrong with the optional part.
std::string take(const Json& json, const char* name, Bytes& to) {
  if (!json.contains(name)) return "";
  const std::optional<std::int64_t> value = whole(json.at(name));
  if (!value) return fmt::format("'{}' is no whole number of bytes, 0 or above", name);
  to = Bytes(*value);
  return "";
}

std::string take_energy(const Json& json, Picojoules& to) {
  if (!json.contains("energy_pj")) return "";
  const Json& energy = json.at("energy_pj");
  if (!energy.is_number() || !std::isfinite(energy.get<double>()) || energy.get<double>() < 0 ||
      energy.get<double>() > kMostEnergy) {
    return "'energy_pj' is no number from 0 to 1e18";
  }
  to = Picojoules(energy.get<double>());
  return "";
}

ExternalAnswer read_cycles(const Json& cycles) {
  const std::optional<std::int64_t> value = whole(cycles);
  if (!value || *value < 1) {
    return failed(fmt::format("the program's cycles are {}: must be a whole number above 0, at most {:.0e}",
                              shortened_line(cycles.dump(-1, ' ', false, Json::error_handler_t::replace)),
                              kMostCycles));
  }
  ExternalAnswer out;
  out.result.measurement.latency = Cycles(*value);
  return out;
}

ExternalAnswer read_object(const Json& json) {
  if (json.contains("failure") && !json.at("failure").is_null()) {
    if (!json.at("failure").is_string()) return failed("the program's 'failure' is no text");
    const auto reason = json.at("failure").get<std::string>();
    return failed("the program says: " + (reason.empty() ? "no reason" : shortened_line(reason)), true);
  }
  if (!json.contains("cycles")) return failed(std::string("the program's answer has no 'cycles': ") + kRule);
  ExternalAnswer out = read_cycles(json.at("cycles"));
  if (!out.result.failure.empty()) return out;
  record::Measurement& m = out.result.measurement;
  for (const std::string& wrong :
       {take(json, "dram_read_bytes", m.dram_read), take(json, "dram_write_bytes", m.dram_write),
        take(json, "sram_read_bytes", m.sram_read), take(json, "sram_write_bytes", m.sram_write),
        take(json, "peak_sram_bytes", m.peak_sram), take_energy(json, m.energy)}) {
    if (!wrong.empty()) return failed("the program's " + wrong);
  }
  return out;
}

}  // namespace

ExternalAnswer read_external_answer(const std::string& output) {
  const std::string line = last_text_line(output);
  if (line.empty()) return failed("the program said nothing");
  Json json = Json::parse(output, nullptr, false);
  if (!json.is_object() && !json.is_number()) json = Json::parse(line, nullptr, false);
  if (json.is_object()) return read_object(json);
  if (json.is_number()) return read_cycles(json);
  return failed(fmt::format("the program's last line is '{}': {}", shortened_line(line), kRule));
}

}  // namespace lanewise::study
