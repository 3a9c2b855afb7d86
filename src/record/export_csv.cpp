// SPDX-License-Identifier: Apache-2.0
// The store as CSV (RFC 4180). docs/measurements.md says what every column means.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "mapping/subgraph.hpp"
#include "record/file.hpp"
#include "record/store.hpp"

namespace lanewise::record {
namespace {

// What columns the store needs beyond the fixed ones.
struct Columns {
  std::vector<std::string> engine_keys;                // in the order of the first engine, others after it by name
  std::map<std::string, std::set<std::string>> units;  // causes of stall by unit
};

Columns find_columns(const Store& store) {
  Columns columns;
  std::set<std::string> known, later;
  std::string last_hash;
  store.for_each([&](const Row& row) {
    for (const UnitTime& unit : row.measurement.units) {
      std::set<std::string>& causes = columns.units[unit.unit];
      for (const StallTime& stall : unit.stalled) causes.insert(stall.cause);
    }
    if (row.engine_hash == last_hash) return;
    const bool first_engine = last_hash.empty();
    last_hash = row.engine_hash;
    for (const auto& [key, value] : row.engine_values) {
      if (!known.insert(key).second) continue;
      if (first_engine) {
        columns.engine_keys.push_back(key);
      } else {
        later.insert(key);
      }
    }
  });
  columns.engine_keys.insert(columns.engine_keys.end(), later.begin(), later.end());
  return columns;
}

// One line of the file. The header is made by the same calls as the rows, so that they cannot come apart.
class Line {
 public:
  explicit Line(bool header) : header_(header) {}

  void text(std::string_view name, std::string_view value) { field(header_ ? name : value); }
  void number(std::string_view name, std::int64_t value) { header_ ? field(name) : field(fmt::format("{}", value)); }
  // The shortest text that reads back as the same double.
  void number(std::string_view name, double value) { header_ ? field(name) : field(fmt::format("{}", value)); }
  void flag(std::string_view name, bool value) { number(name, std::int64_t{value ? 1 : 0}); }
  // Empty where the row has no such value.
  void number_if(bool present, std::string_view name, std::int64_t value) {
    header_ || present ? number(name, value) : field("");
  }
  void number_if(bool present, std::string_view name, double value) {
    header_ || present ? number(name, value) : field("");
  }
  std::string take() { return std::move(line_) + "\n"; }

 private:
  void field(std::string_view value) {
    if (!first_) line_ += ',';
    first_ = false;
    if (value.find_first_of(",\"\n\r") == std::string_view::npos) {
      line_ += value;
      return;
    }
    line_ += '"';
    for (const char c : value) {
      if (c == '"') line_ += '"';
      line_ += c;
    }
    line_ += '"';
  }

  bool header_;
  bool first_ = true;
  std::string line_;
};

void add_window(Line& line, const std::string& prefix, const network::Window& window) {
  static constexpr const char* kAxes[] = {"height", "width"};
  for (const int axis : {0, 1}) {
    const auto name = [&](const char* what) { return fmt::format("{}{}_{}", prefix, what, kAxes[axis]); };
    line.number(name("kernel"), window.kernel[axis]);
    line.number(name("stride"), window.stride[axis]);
    line.number(name("dilation"), window.dilation[axis]);
    line.number(name("pad_begin"), window.pad_begin[axis]);
    line.number(name("pad_end"), window.pad_end[axis]);
  }
}

void add_shape(Line& line, const mapping::Subgraph& subgraph) {
  const mapping::PassShape& shape = subgraph.shape;
  line.text("pass_family", mapping::to_string(shape.family));
  line.number("batch", shape.batch);
  line.number("in_channels", shape.in_channels);
  line.number("in_height", shape.in_height);
  line.number("in_width", shape.in_width);
  line.number("out_channels", shape.out_channels);
  line.number("out_height", shape.out_height);
  line.number("out_width", shape.out_width);
  add_window(line, "", shape.window);
  line.number("groups", shape.groups);
  line.flag("bias", shape.bias);
  line.text("activation", network::to_string(shape.activation));
  line.text("fused_operand", mapping::to_string(shape.operand));
  line.flag("pooled", shape.pooled);
  add_window(line, "pool_", shape.pool);
  line.number("input_tensors", shape.inputs);
  line.text("input_precision", lanewise::to_string(shape.input_precision));
  line.text("weight_precision", lanewise::to_string(shape.weight_precision));
  line.text("output_precision", lanewise::to_string(shape.output_precision));
  line.flag("input_on_chip", subgraph.context.input_on_chip);
  line.flag("operand_on_chip", subgraph.context.operand_on_chip);
  line.flag("output_on_chip", subgraph.context.output_on_chip);
  line.number("resident_banks", subgraph.context.resident_banks);
}

void add_measurement(Line& line, const Row& row) {
  const Measurement& m = row.measurement;
  const bool measured = row.failure.empty();
  line.text("failure", row.failure);
  line.number_if(measured, "latency_cycles", m.latency.count());
  line.number_if(measured, "macs", m.macs);
  line.number_if(measured, "utilization", m.utilization);
  line.number_if(measured, "dram_read_bytes", m.dram_read.count());
  line.number_if(measured, "dram_write_bytes", m.dram_write.count());
  line.number_if(measured, "sram_read_bytes", m.sram_read.count());
  line.number_if(measured, "sram_write_bytes", m.sram_write.count());
  line.number_if(measured, "peak_sram_bytes", m.peak_sram.count());
  line.number_if(measured, "energy_pj", m.energy.count());
  line.text("bound_by", m.bound_by);
}

void add_units(Line& line, const Columns& columns, const std::vector<UnitTime>& units) {
  for (const auto& [name, causes] : columns.units) {
    const std::string& unit_name = name;
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const UnitTime& candidate) { return candidate.unit == unit_name; });
    const bool present = unit != units.end();
    line.number_if(present, name + "_busy_cycles", present ? unit->busy.count() : 0);
    line.number_if(present, name + "_idle_cycles", present ? unit->idle.count() : 0);
    for (const std::string& cause : causes) {
      std::int64_t cycles = 0;
      if (present) {
        for (const StallTime& stall : unit->stalled) cycles += stall.cause == cause ? stall.cycles.count() : 0;
      }
      line.number_if(present, name + "_stalled_" + cause + "_cycles", cycles);
    }
  }
}

std::string networks_text(const std::vector<NetworkMembership>& networks) {
  std::string text;
  for (const NetworkMembership& member : networks) {
    text += fmt::format("{}{}={}/{}", text.empty() ? "" : ";", member.network, member.occurrences, member.passes);
  }
  return text;
}

std::string csv_line(const Columns& columns, const Row& row, const mapping::Subgraph& subgraph, bool header) {
  Line line(header);
  line.text("engine_hash", row.engine_hash);
  line.text("subgraph_key", row.subgraph_key);
  line.text("tool_version", row.tool_version);
  line.number("occurrences", row.weight);
  line.text("networks", networks_text(row.networks));
  add_shape(line, subgraph);
  add_measurement(line, row);
  add_units(line, columns, row.measurement.units);
  for (const std::string& key : columns.engine_keys) {
    const auto found = std::find_if(row.engine_values.begin(), row.engine_values.end(),
                                    [&](const auto& value) { return value.first == key; });
    line.text(key, found == row.engine_values.end() ? std::string_view() : std::string_view(found->second));
  }
  return line.take();
}

}  // namespace

void Store::export_csv(const std::string& path) const {
  const Columns columns = find_columns(*this);
  std::string content = csv_line(columns, Row{}, mapping::Subgraph{}, true);
  for_each(
      [&](const Row& row) { content += csv_line(columns, row, mapping::parse_subgraph_key(row.subgraph_key), false); });
  write_file(path, content);
}

}  // namespace lanewise::record
