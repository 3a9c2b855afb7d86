// SPDX-License-Identifier: Apache-2.0
#include "report/footprint.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/base/quantity_text.hpp"
#include "core/engine/engine_config.hpp"
#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;
using study::Footprint;
using study::FootprintSide;

// A line of the arithmetic: what is computed, from which numbers, and what comes out.
struct Line {
  const char* what;
  std::string from;
  double value = 0;
  const char* unit;
};

std::vector<Line> lines_of_side(const Footprint& f, const FootprintSide& side, const char* name) {
  const study::FootprintAssumptions& a = f.assumptions;
  const std::string joules = compact(side.joules);
  return {
      {name,
       fmt::format("{} inferences x {} J / {} / 3,600,000 J per kWh", compact(f.inferences_per_year), joules,
                   number_text(a.charging_efficiency)),
       side.kwh_per_year, "kWh a year"},
      {name, fmt::format("{} kWh x {} g per kWh / 1000", compact(side.kwh_per_year), number_text(a.grid_grams_per_kwh)),
       side.kg_co2e_per_year, "kg CO2e a year"}};
}

std::vector<Line> arithmetic(const Footprint& f) {
  const study::FootprintAssumptions& a = f.assumptions;
  std::vector<Line> lines = {{"engine, an inference", "simulated", f.engine.joules, "J"}};
  if (a.host_seconds) {
    lines.push_back({"host, an inference", "stated", f.host.seconds, "s"});
  } else {
    lines.push_back({"host, an inference",
                     fmt::format("{} MACs / {} MACs per second", grouped(f.macs), compact(a.host_macs_per_second)),
                     f.host.seconds, "s"});
  }
  lines.push_back({"host, an inference", fmt::format("{} s x {} W", compact(f.host.seconds), number_text(a.host_watts)),
                   f.host.joules, "J"});
  lines.push_back({"fleet",
                   fmt::format("{} users x {} inferences a day x {} days", compact(a.users),
                               number_text(a.inferences_per_day), number_text(a.days_per_year)),
                   f.inferences_per_year, "inferences a year"});
  for (const Line& line : lines_of_side(f, f.engine, "engine, fleet")) lines.push_back(line);
  for (const Line& line : lines_of_side(f, f.host, "host, fleet")) lines.push_back(line);
  return lines;
}

Json side_json(const FootprintSide& side) {
  return {{"seconds", side.seconds},
          {"joules", side.joules},
          {"picojoules_per_mac", side.picojoules_per_mac},
          {"kwh_per_year", side.kwh_per_year},
          {"kg_co2e_per_year", side.kg_co2e_per_year}};
}

}  // namespace

std::string to_json(const Footprint& f) {
  const study::FootprintAssumptions& a = f.assumptions;
  Json lines = Json::array();
  for (const Line& line : arithmetic(f)) {
    lines.push_back({{"what", line.what}, {"from", line.from}, {"value", line.value}, {"unit", line.unit}});
  }
  Json out = {{"network", f.network}};
  add_sizes(out, f.sizes);
  out["engine"] = f.engine_name;
  add_identity(out, f.identity);
  out["tool_version"] = f.tool_version;
  out["macs"] = f.macs;
  out["host_share_percent"] = f.host_share_percent;
  out["assumptions"] = {{"host_watts", a.host_watts},
                        {"host_macs_per_second", a.host_seconds ? Json() : Json(a.host_macs_per_second)},
                        {"host_seconds", a.host_seconds ? Json(*a.host_seconds) : Json()},
                        {"users", a.users},
                        {"inferences_per_day", a.inferences_per_day},
                        {"days_per_year", a.days_per_year},
                        {"charging_efficiency", a.charging_efficiency},
                        {"grid_grams_per_kwh", a.grid_grams_per_kwh}};
  out["inferences_per_year"] = f.inferences_per_year;
  out["on_engine"] = side_json(f.engine);
  out["on_host"] = side_json(f.host);
  out["saved"] = {{"kwh_per_year", f.host.kwh_per_year - f.engine.kwh_per_year},
                  {"kg_co2e_per_year", f.host.kg_co2e_per_year - f.engine.kg_co2e_per_year}};
  out["arithmetic"] = lines;
  return dump(out);
}

std::string to_csv(const Footprint& f) {
  std::string out = record::csv_line({"network", "engine", "on", "seconds", "joules", "picojoules_per_mac",
                                      "inferences_per_year", "kwh_per_year", "kg_co2e_per_year", "engine_hash"});
  for (const bool engine : {true, false}) {
    const FootprintSide& side = engine ? f.engine : f.host;
    out += record::csv_line({f.network, f.engine_name, engine ? "engine" : "host", record::csv_number(side.seconds),
                             record::csv_number(side.joules), record::csv_number(side.picojoules_per_mac),
                             record::csv_number(f.inferences_per_year), record::csv_number(side.kwh_per_year),
                             record::csv_number(side.kg_co2e_per_year), f.identity.hash});
  }
  return out;
}

std::string to_text(const Footprint& f) {
  std::string out = fmt::format("{} on {}, and on a host CPU that is assumed\n\n", f.network, f.engine_name);
  Table sides({{"", Align::kLeft}, {"ms"}, {"mJ"}, {"pJ per MAC"}, {"kWh a year"}, {"kg CO2e a year"}});
  for (const bool engine : {true, false}) {
    const FootprintSide& side = engine ? f.engine : f.host;
    sides.add({engine ? "engine, simulated" : "host, assumed", compact(side.seconds * 1e3), compact(side.joules * 1e3),
               f.macs > 0 ? compact(side.picojoules_per_mac) : "-", compact(side.kwh_per_year),
               compact(side.kg_co2e_per_year)});
  }
  out += sides.text() + "\nThe arithmetic\n\n";
  Table lines({{"what", Align::kLeft}, {"from", Align::kLeft}, {"is"}, {"unit", Align::kLeft}});
  for (const Line& line : arithmetic(f)) lines.add({line.what, line.from, compact(line.value), line.unit});
  out += lines.text();
  out += fmt::format("\nThe engine saves {} kWh and {} kg CO2e a year ({} times less energy an inference)\n",
                     compact(f.host.kwh_per_year - f.engine.kwh_per_year),
                     compact(f.host.kg_co2e_per_year - f.engine.kg_co2e_per_year),
                     compact(f.host.joules / f.engine.joules));
  if (f.host_share_percent > 0) {
    out += fmt::format(
        "{} % of the latency is in operators that the engine leaves to the host, whose energy is not counted\n",
        fixed(f.host_share_percent, 1));
  }
  return out + "Numbers that are not simulated are assumptions: each has an option (docs/footprint.md)\n";
}

}  // namespace lanewise::report
