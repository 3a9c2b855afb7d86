// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/footprint.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

constexpr double kJoulesPerKwh = 3.6e6;

void check(const char* option, double value) {
  if (!std::isfinite(value) || value <= 0) throw Error(fmt::format("{}: {} is no number above 0", option, value));
}

}  // namespace

void check(const FootprintAssumptions& a) {
  check("--host-power", a.host_watts);
  check("--host-macs-per-second", a.host_macs_per_second);
  if (a.host_seconds) check("--host-time", *a.host_seconds);
  check("--users", a.users);
  check("--inferences-per-day", a.inferences_per_day);
  check("--days-per-year", a.days_per_year);
  check("--charging-efficiency", a.charging_efficiency);
  if (a.charging_efficiency > 1) {
    throw Error(fmt::format("--charging-efficiency: {} is above 1: no device gets more than the socket gives",
                            a.charging_efficiency));
  }
  check("--grid-intensity", a.grid_grams_per_kwh);
}

namespace {

FootprintSide side(double seconds, double joules, const Footprint& of) {
  const FootprintAssumptions& a = of.assumptions;
  FootprintSide out;
  out.seconds = seconds;
  out.joules = joules;
  if (of.macs > 0) out.picojoules_per_mac = joules * 1e12 / static_cast<double>(of.macs);
  out.kwh_per_year = joules * of.inferences_per_year / a.charging_efficiency / kJoulesPerKwh;
  out.kg_co2e_per_year = out.kwh_per_year * a.grid_grams_per_kwh / 1000;
  return out;
}

}  // namespace

Footprint footprint(const NetworkAnswer& answer, const FootprintAssumptions& assumptions) {
  check(assumptions);
  Footprint out;
  out.network = answer.network;
  out.sizes = answer.sizes;
  out.engine_name = answer.engine;
  out.identity = answer.identity;
  out.tool_version = answer.tool_version;
  out.warnings = answer.warnings;
  out.macs = answer.total.macs;
  out.host_share_percent = answer.total.host_share_percent;
  out.assumptions = assumptions;
  if (out.macs == 0 && !assumptions.host_seconds) {
    throw Error(out.network + ": has no multiply-accumulates to take the host's time from; --host-time states it");
  }
  out.inferences_per_year = assumptions.users * assumptions.inferences_per_day * assumptions.days_per_year;
  out.engine = side(answer.total.latency_ms / 1e3, answer.total.energy_uj / 1e6, out);
  const double host_seconds =
      assumptions.host_seconds.value_or(static_cast<double>(out.macs) / assumptions.host_macs_per_second);
  out.host = side(host_seconds, host_seconds * assumptions.host_watts, out);
  return out;
}

}  // namespace lanewise::study
