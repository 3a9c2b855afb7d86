// SPDX-License-Identifier: Apache-2.0
// The store as CSV (RFC 4180). docs/measurements.md says what every column means.
#include "core/record/export_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/plain_value.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/csv.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/file.hpp"

namespace lanewise::record {
namespace {

// What columns the store needs beyond the fixed ones.
struct Columns {
  struct Engine {
    std::string key;
    DataColumn column;
  };
  std::vector<Engine> engine;                          // in the order of the first engine, others after it by name
  std::map<std::string, std::set<std::string>> units;  // causes of stall by unit
  bool external = false;  // a person's program measured: what it left out is 0 in the store and empty here
};

// What keys of engines mean: those of the hwconfig reference, and those that a campaign adds.
std::map<std::string, DataColumn> engine_columns(CsvForm form) {
  const bool plain = form == CsvForm::kNumbers;
  std::map<std::string, DataColumn> columns;
  for (const engine::ParameterReference& parameter : engine::parameter_reference()) {
    const engine::PlainColumn column = engine::plain_column(parameter.key);
    columns[parameter.key] = {plain ? column.name : parameter.key,
                              plain ? column.unit : "in the value: " + parameter.notation, parameter.meaning};
  }
  columns[kOutsideRangesKey] = {kOutsideRangesKey, plain ? "flag" : "in the value: true, false",
                                "the campaign drew the engine from beyond the ranges that its family declares"};
  return columns;
}

Columns find_columns(const Store& store, CsvForm form) {
  Columns columns;
  columns.external = !store.source().empty();
  const std::map<std::string, DataColumn> reference = engine_columns(form);
  const auto column_of = [&](const std::string& key) {
    const auto found = reference.find(key);
    const DataColumn other = {key, form == CsvForm::kNumbers ? "text" : "in the value", "a value of the engine"};
    return Columns::Engine{key, found == reference.end() ? other : found->second};
  };
  std::set<std::string> known, later;
  std::string last_hash;
  store.for_each([&](const Row& row) {
    for (const UnitTime& unit : row.measurement.units) {
      std::set<std::string>& causes = columns.units[to_string(unit.unit)];
      for (const StallTime& stall : unit.stalled) causes.insert(to_string(stall.cause));
    }
    if (row.engine_hash == last_hash) return;
    const bool first_engine = last_hash.empty();
    last_hash = row.engine_hash;
    for (const auto& [key, value] : row.engine_values) {
      if (!known.insert(key).second) continue;
      if (first_engine) {
        columns.engine.push_back(column_of(key));
      } else {
        later.insert(key);
      }
    }
  });
  for (const std::string& key : later) columns.engine.push_back(column_of(key));
  return columns;
}

// The cells of an engine's columns. Rows come engine by engine, so that each is spelled once.
class EngineCells {
 public:
  EngineCells(const Columns& columns, CsvForm form) : columns_(columns), form_(form) {}

  const std::vector<std::string>& of(const Row& row) {
    if (!cells_.empty() && row.engine_hash == hash_) return cells_;
    cells_.clear();
    hash_ = row.engine_hash;
    std::map<std::string, const std::string*> values;
    for (const auto& [key, value] : row.engine_values) values.emplace(key, &value);
    for (const Columns::Engine& column : columns_.engine) {
      const auto found = values.find(column.key);
      cells_.push_back(found == values.end() ? std::string() : spelled(row, column.key, *found->second));
    }
    return cells_;
  }

 private:
  std::string spelled(const Row& row, const std::string& key, const std::string& value) const {
    if (form_ == CsvForm::kTexts) return value;
    if (key == kOutsideRangesKey) return value == "true" ? "1" : value == "false" ? "0" : value;
    try {
      return engine::plain_value(key, value);
    } catch (const Error& error) {
      throw Error(
          fmt::format("engine {}: {}, as a number; --text-columns writes it as it is", row.engine_hash, error.what()));
    }
  }

  const Columns& columns_;
  CsvForm form_;
  std::string hash_;
  std::vector<std::string> cells_;
};

// What a column is, where its words are fixed. Columns with composed names hand over a function that makes a DataColumn
// instead, which is called only where columns are described.
struct Named {
  const char* name;
  const char* unit;
  const char* meaning;
};
DataColumn column_of(const Named& named) { return {named.name, named.unit, named.meaning}; }
template <class Describe>
DataColumn column_of(const Describe& describe) {
  return describe();
}

// What stands in a column, and whether it may leave the rows where it does not vary.
struct Described {
  DataColumn column;
  bool may_leave = false;
};

// The cells of a row, or what its columns are. Both are made by the same calls, so that they cannot come apart.
class Line {
 public:
  // Describes its columns where `columns` is given, and holds a row's cells otherwise.
  explicit Line(std::vector<Described>* columns = nullptr) : columns_(columns) {}

  template <class Column = Named>
  void text(const Column& column, std::string_view value) {
    if (columns_ != nullptr) {
      columns_->push_back({column_of(column), may_leave_});
    } else {
      cells_.emplace_back(value);
    }
  }
  // Empty where the row has no such value. Numbers are the shortest text that reads back as the same.
  template <class Number, class Column = Named>
  void number_if(bool present, const Column& column, Number value) {
    text(column, present ? fmt::format("{}", value) : std::string());
  }
  template <class Number, class Column = Named>
  void number(const Column& column, Number value) {
    number_if(true, column, value);
  }
  void flag(const char* name, const char* meaning, bool value) { number(Named{name, "flag", meaning}, value ? 1 : 0); }
  // Whether columns from here on may leave the rows where they do not vary.
  void may_leave(bool may) { may_leave_ = may; }
  const std::vector<std::string>& cells() const { return cells_; }

 private:
  std::vector<Described>* columns_;
  bool may_leave_ = false;
  std::vector<std::string> cells_;
};

void add_window(Line& line, const char* prefix, const char* of, const network::Window& window) {
  static constexpr const char* kAxes[] = {"height", "width"};
  static constexpr const char* kSizes[] = {"height of the window", "width of the window"};
  static constexpr const char* kBegins[] = {"padding above", "padding on the left"};
  static constexpr const char* kEnds[] = {"padding below", "padding on the right"};
  for (const int axis : {0, 1}) {
    const auto size = [&](const char* what, const char* meaning, std::int64_t value) {
      line.number(
          [&] {
            return DataColumn{fmt::format("{}{}_{}", prefix, what, kAxes[axis]), "elements",
                              fmt::format("{}{}", meaning, of)};
          },
          value);
    };
    size("kernel", kSizes[axis], window.kernel[axis]);
    size("stride", "step of the window", window.stride[axis]);
    size("dilation", "distance of neighbouring taps of the window", window.dilation[axis]);
    size("pad_begin", kBegins[axis], window.pad_begin[axis]);
    size("pad_end", kEnds[axis], window.pad_end[axis]);
  }
}

void add_shape(Line& line, const mapping::Subgraph& subgraph) {
  const mapping::SubgraphShape& shape = subgraph.shape;
  const auto elements = [&](const char* name, const char* meaning, std::int64_t value) {
    line.number(Named{name, "elements", meaning}, value);
  };
  line.text({"pass_family", "text", "what the pass does with the units"}, mapping::to_string(shape.family));
  line.number(Named{"batch", "count", "inputs at once"}, shape.batch);
  elements("in_channels", "channels read", shape.in_channels);
  elements("in_height", "rows of the input", shape.in_height);
  elements("in_width", "columns of the input", shape.in_width);
  elements("out_channels", "channels written", shape.out_channels);
  elements("out_height", "rows of the output, after fused pooling", shape.out_height);
  elements("out_width", "columns of the output, after fused pooling", shape.out_width);
  add_window(line, "", " of the convolution or pooling", shape.window);
  line.number(Named{"groups", "count", "groups of the convolution; as many as in_channels when depthwise"},
              shape.groups);
  line.flag("bias", "a bias is added", shape.bias);
  line.text({"activation", "text", "activation function that the pass applies, or none"},
            network::to_string(shape.activation));
  line.text({"fused_operand", "text",
             "second operand of a fused element-wise step: none, tensor (as large as the output) or per_channel"},
            mapping::to_string(shape.operand));
  line.flag("pooled", "a pooling follows inside the pass; the columns pool_* are its window", shape.pooled);
  add_window(line, "pool_", " of the pooling fused behind", shape.pool);
  line.number(Named{"input_tensors", "count", "tensors read by element-wise and moving passes"}, shape.inputs);
  line.text({"input_precision", "text", "of the activations read"}, lanewise::to_string(shape.input_precision));
  line.text({"weight_precision", "text", "of the weights"}, lanewise::to_string(shape.weight_precision));
  line.text({"output_precision", "text", "of the activations written"}, lanewise::to_string(shape.output_precision));
  line.flag("input_on_chip", "the input is on chip when the pass starts", subgraph.context.input_on_chip);
  line.flag("operand_on_chip", "the fused operand is on chip when the pass starts", subgraph.context.operand_on_chip);
  line.flag("output_on_chip", "the output stays on chip", subgraph.context.output_on_chip);
  line.number(Named{"resident_banks", "banks",
                    "activation banks that tensors kept on chip occupy during the pass, its own included"},
              subgraph.context.resident_banks);
  line.number(Named{"resident_weight_banks", "banks",
                    "weight banks that the weights of a cascade occupy from its first stripe to its last; 0 outside"},
              subgraph.context.resident_weight_banks);
  line.flag("weights_on_chip", "an earlier stripe of the cascade has loaded the weights",
            subgraph.context.weights_on_chip);
}

void add_measurement(Line& line, const Row& row, bool external) {
  const Measurement& m = row.measurement;
  const bool measured = row.failure.empty();
  const auto number = [&](const char* name, const char* unit, const char* meaning, auto value) {
    line.number_if(measured && (!external || value > 0), Named{name, unit, meaning}, value);
  };
  line.text({"failure", "text", "empty, or why the point could not be measured; then what was found is empty"},
            row.failure);
  number("latency_cycles", "cycles", "first command to last byte of the pass alone, in cycles of engine.clock",
         m.latency.count());
  number("macs", "count", "multiply-accumulates of the pass as the network counts them", m.macs);
  number("utilization", "fraction", "macs over latency_cycles times the array's peak int8 multiply-accumulates a cycle",
         m.utilization);
  number("dram_read_bytes", "bytes", "read from DRAM, partly used bursts counted whole", m.dram_read.count());
  number("dram_write_bytes", "bytes", "written to DRAM, partly used bursts counted whole", m.dram_write.count());
  number("sram_read_bytes", "bytes", "read from on-chip memory", m.sram_read.count());
  number("sram_write_bytes", "bytes", "written to on-chip memory", m.sram_write.count());
  number("peak_sram_bytes", "bytes", "most on-chip memory in use, as planned", m.peak_sram.count());
  number("energy_pj", "picojoules", "actions times their energies, plus what the engine draws at rest over the latency",
         m.energy.count());
  line.text({"bound_by", "text", "resource that would save most if it were doubled"}, m.bound_by);
}

void add_units(Line& line, const Columns& columns, const std::vector<UnitTime>& units) {
  for (const auto& [name, causes] : columns.units) {
    const std::string& unit_name = name;
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const UnitTime& candidate) { return to_string(candidate.unit) == unit_name; });
    const bool present = unit != units.end();
    const auto cycles = [&](const char* state, const std::string& cause, const char* meaning, std::int64_t value) {
      line.number_if(
          present,
          [&] {
            return DataColumn{fmt::format("{}_{}{}_cycles", unit_name, state, cause), "cycles",
                              fmt::format("{} {}{}", unit_name, meaning, cause)};
          },
          value);
    };
    cycles("busy", "", "works", present ? unit->busy.count() : 0);
    cycles("idle", "", "has nothing to do", present ? unit->idle.count() : 0);
    for (const std::string& cause : causes) {
      std::int64_t stalled = 0;
      if (present) {
        for (const StallTime& stall : unit->stalled)
          stalled += to_string(stall.cause) == cause ? stall.cycles.count() : 0;
      }
      cycles("stalled_", cause, "has work but waits: ", stalled);
    }
  }
}

void add_engine(Line& line, const Columns& columns, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < columns.engine.size(); ++i) {
    line.text([&] { return columns.engine[i].column; },
              cells.empty() ? std::string_view() : std::string_view(cells[i]));
  }
}

std::string networks_text(const std::vector<NetworkMembership>& networks) {
  std::string text;
  for (const NetworkMembership& member : networks) {
    if (member.occurrences == 0) continue;  // of a variant
    text += fmt::format("{}{}={}/{}", text.empty() ? "" : ";", member.network, member.occurrences, member.subgraphs);
  }
  return text;
}

// `engine`: the cells of the engine's columns; none where columns are described.
void add_row(Line& line, const Columns& columns, const std::vector<AddedColumn>& added, const Row& row,
             const mapping::Subgraph& subgraph, const std::vector<std::string>& engine) {
  line.text({"engine_hash", "text", "16 hexadecimal digits over every engine value that can change a measurement"},
            row.engine_hash);
  line.text({"subgraph_key", "text", "shape, precision and context of the pass as one text"}, row.subgraph_key);
  line.text({"tool_version", "text", "version of the tool that measured"}, row.tool_version);
  line.number(Named{"occurrences", "count",
                    "how often the pass occurs in the networks that the campaign sampled from, all together"},
              row.weight);
  line.text(
      {"networks", "text",
       "those networks, NAME=OCCURRENCES/PASSES with the passes of the whole network on this engine, separated by ;"},
      networks_text(row.networks));
  for (const AddedColumn& column : added) {
    line.text([&] { return column.column; }, column.text ? column.text(row) : std::string());
  }
  line.may_leave(true);
  add_shape(line, subgraph);
  line.may_leave(false);
  add_measurement(line, row, columns.external);
  line.may_leave(true);
  add_units(line, columns, row.measurement.units);
  add_engine(line, columns, engine);
}

std::vector<Described> describe(const Columns& columns, const std::vector<AddedColumn>& added) {
  std::vector<Described> described;
  std::vector<AddedColumn> unread = added;
  for (AddedColumn& column : unread) column.text = nullptr;
  Line line(&described);
  add_row(line, columns, unread, Row{}, mapping::Subgraph{}, {});
  return described;
}

// Shows every row's cells. `added` columns are asked once for each row, in the store's order.
template <class Visit>
void for_each_line(const Store& store, const Columns& columns, const std::vector<AddedColumn>& added, CsvForm form,
                   const Visit& visit) {
  EngineCells engines(columns, form);
  store.for_each([&](const Row& row) {
    Line line;
    add_row(line, columns, added, row, mapping::parse_subgraph_key(row.subgraph_key), engines.of(row));
    visit(line.cells());
  });
}

// Which columns leave the rows, and the value that each has in all of them.
struct Constants {
  std::vector<bool> leaves;
  std::vector<std::string> values;
};

Constants find_constants(const Store& store, const Columns& columns, const std::vector<Described>& described,
                         const std::vector<AddedColumn>& added, CsvForm form) {
  Constants constants;
  for (const Described& column : described) constants.leaves.push_back(column.may_leave);
  std::vector<AddedColumn> unread = added;
  for (AddedColumn& column : unread) column.text = nullptr;
  std::int64_t rows = 0;
  for_each_line(store, columns, unread, form, [&](const std::vector<std::string>& cells) {
    if (rows++ == 0) constants.values = cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (constants.leaves[i] && cells[i] != constants.values[i]) constants.leaves[i] = false;
    }
  });
  // One row says nothing about what varies.
  if (rows < 2) constants.leaves.assign(described.size(), false);
  return constants;
}

void append_cell(std::string& line, const std::string& value) {
  if (value.find_first_of(",\"\n\r") == std::string::npos) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<bool>& leaves) {
  std::string line;
  bool first = true;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (leaves[i]) continue;
    if (!first) line += ',';
    first = false;
    append_cell(line, cells[i]);
  }
  return line + "\n";
}

void write_constants(const std::string& path, const std::vector<ConstantColumn>& constants) {
  std::string text = csv_line({"column", "unit", "value", "meaning"});
  for (const ConstantColumn& constant : constants) {
    text += csv_line({constant.column.name, constant.column.unit, constant.value, constant.column.meaning});
  }
  write_file(path, text);
}

}  // namespace

std::string constants_path(const std::string& path, CsvForm form) {
  namespace fs = std::filesystem;
  if (form == CsvForm::kTexts) return "";
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  if (fs::exists(status) && !fs::is_regular_file(status)) return "";
  fs::path beside(path);
  const std::string extension = beside.extension().string();
  beside.replace_extension();
  return beside.string() + ".constants" + (extension.empty() ? ".csv" : extension);
}

CsvContents export_csv(const Store& store, const std::string& path, const std::vector<AddedColumn>& more,
                       CsvForm form) {
  std::vector<AddedColumn> added = more;
  if (const std::string source = store.source(); !source.empty()) {
    added.insert(added.begin(),
                 {{"measured_by", "text", "the name of the program, other than the simulator, that measured the row"},
                  [source](const Row&) { return source; }});
  }
  const Columns columns = find_columns(store, form);
  const std::vector<Described> described = describe(columns, added);
  const std::string beside = constants_path(path, form);
  Constants constants;
  constants.leaves.assign(described.size(), false);
  if (!beside.empty()) constants = find_constants(store, columns, described, added, form);
  CsvContents contents;
  std::vector<std::string> header;
  for (std::size_t i = 0; i < described.size(); ++i) {
    header.push_back(described[i].column.name);
    if (constants.leaves[i]) {
      contents.constants.push_back({described[i].column, constants.values[i]});
    } else {
      contents.columns.push_back(described[i].column);
    }
  }
  FileWriter file(path);
  file.write(line_of(header, constants.leaves));
  for_each_line(store, columns, added, form,
                [&](const std::vector<std::string>& cells) { file.write(line_of(cells, constants.leaves)); });
  // First what is beside: rows that are there have their constants.
  if (!beside.empty()) write_constants(beside, contents.constants);
  file.finish();
  return contents;
}

void Store::export_csv(const std::string& path, CsvForm form) const { record::export_csv(*this, path, {}, form); }

}  // namespace lanewise::record
