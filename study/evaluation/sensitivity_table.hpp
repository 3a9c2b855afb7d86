// SPDX-License-Identifier: Apache-2.0
// What changes of an engine's keys would do to a network, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::study {

struct Price {
  std::int64_t latency_cycles = 0;
  double latency_ms = 0;
  double energy_uj = 0;
  double area_mm2 = 0;
};

struct ChangedKey {
  std::string key, before, after;  // values as --set takes them
};

struct SensitivityRow {
  std::string group;             // what the keys make larger or faster together; "" for one key
  std::vector<ChangedKey> keys;  // one, but for groups
  std::string failure;           // "", or why the changed engine cannot run the network; then `after` is empty
  Price after;
  // Percent of the latency that the change saves, in tenths as reports show it; negative where it costs some.
  double gain_percent = 0;
};

// A change that was not tried.
struct Untried {
  std::string key, value, reason;  // value: "" where there is no other
};

// Each list is sorted by gain; equal gains by area, then energy, both the least first, then by the order of the keys.
struct Sensitivity {
  Price before;
  std::vector<SensitivityRow> changes;       // a quantity made larger, or a time made shorter or longer
  std::vector<SensitivityRow> groups;        // keys that belong together, and the clock, which all units share
  std::vector<SensitivityRow> alternatives;  // enumerations and switches
  std::vector<SensitivityRow> reductions;    // a quantity made smaller: mostly what it saves
  std::vector<SensitivityRow> costs;         // of energy.* and area.*: those that move the latency
  std::int64_t costs_tried = 0;              // changes of energy.* and area.* in all
  std::vector<Untried> refused;              // the engine would be invalid
  std::vector<Untried> left_out;             // at a limit, without a double, or not read by this kind of engine

  // The first three of `changes` that save anything.
  std::vector<const SensitivityRow*> best() const;
};

}  // namespace lanewise::study
