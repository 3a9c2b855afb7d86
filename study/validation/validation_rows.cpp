// SPDX-License-Identifier: Apache-2.0
#include "study/validation/validation_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <regex>
#include <set>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/mapping/mapping_text.hpp"
#include "study/validation/row_engines.hpp"
#include "study/validation/validation_cells.hpp"

namespace lanewise::study {
namespace {

using mapping::SubgraphFamily;
using mapping::SubgraphShape;

constexpr std::int64_t kLargestSize = 1'000'000;
constexpr std::int64_t kLargestWindow = 1024;
constexpr std::int64_t kMostCycles = 1'000'000'000'000'000;
constexpr double kMostWork = 1e15;  // MACs, and elements of a tensor
constexpr const char* kTimeColumn = "time_us";
constexpr const char* kOwnTiling = "cycles_own_tiling";
constexpr const char* kThisMapping = "cycles_this_mapping";

// Columns that change the engine for their row. A cell becomes the key's value with `unit` behind it.
struct EngineColumn {
  const char* column;
  const char* key;
  const char* unit;
};
constexpr EngineColumn kEngineColumns[] = {
    {"activation_banks", "memory.activation_banks", ""},
    {"weight_banks", "memory.weight_banks", ""},
    {"read_latency_cycles", "dram.latency", " cycles"},
    {"read_interval_cycles", "dram.read_interval_cycles", ""},
    {"address_interval_cycles", "dram.request_interval_cycles", ""},
    {"write_interval_cycles", "dram.write_interval_cycles", ""},
    {"write_address_interval_cycles", "dram.write_request_interval_cycles", ""},
    {"write_response_cycles", "dram.write_response_cycles", ""},
    {"fetch_grain", "dma.fetch_grain_rows", ""},
    {"accumulator_bytes", "accumulators.size", " B"},
    {"scratchpad_bytes", "memory.bank_size", kOverAllBanks},
};

ValidationSubgraph read_subgraph(const ValidationCells& cells) {
  ValidationSubgraph subgraph;
  subgraph.line = cells.line();
  if (const auto engine = cells.text("engine")) {
    static const std::regex kName("[A-Za-z0-9_][A-Za-z0-9_.-]*");
    if (!std::regex_match(*engine, kName)) {
      cells.refuse("engine", *engine, "must be the name of an engine: letters, digits, '-', '_' and '.'");
    }
    subgraph.engine = *engine;
  } else if (cells.has("engine")) {
    cells.refuse("engine", "", "must not be empty");
  }
  for (const EngineColumn& column : kEngineColumns) {
    const auto value = cells.optional_number(column.column, 0, kLargestSize);
    if (!value) continue;
    const std::string cell = std::to_string(*value);
    subgraph.overrides.push_back({column.column, cell, {column.key, cell + column.unit}});
  }
  return subgraph;
}

// Output height (axis 0) or width (axis 1), rounded down; below 1 where the window does not fit.
std::int64_t output_size(const network::Window& w, int axis, std::int64_t input) {
  const std::int64_t reach = (w.kernel[axis] - 1) * w.dilation[axis] + 1;
  const std::int64_t left = input + w.pad_begin[axis] + w.pad_end[axis] - reach;
  return left < 0 ? 0 : left / w.stride[axis] + 1;
}

void keep_size(network::Window& window) {
  for (int axis = 0; axis < 2; ++axis) {
    window.pad_begin[axis] = (window.kernel[axis] - 1) / 2;
    window.pad_end[axis] = window.kernel[axis] / 2;
  }
}

// The schema that names output, kernel and stride: half a kernel of padding stands before the map, and behind it as
// much as the output needs.
void read_output_shape(const ValidationCells& cells, SubgraphShape& s) {
  const auto size = [&](const char* column) { return cells.number(column, 1, kLargestSize); };
  s.batch = cells.number_or("batch", 1, 1, kLargestSize);
  s.in_channels = size("in_c");
  s.out_channels = size("out_c");
  s.out_height = size("out_h");
  s.out_width = size("out_w");
  network::Window& w = s.window;
  w.kernel[0] = cells.number("kernel_h", 1, kLargestWindow);
  w.kernel[1] = cells.number("kernel_w", 1, kLargestWindow);
  w.stride[0] = w.stride[1] = cells.number_or("stride", 1, 1, kLargestWindow);
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t outputs = axis == 0 ? s.out_height : s.out_width;
    const std::int64_t inputs = outputs * w.stride[axis];
    (axis == 0 ? s.in_height : s.in_width) = inputs;
    w.pad_begin[axis] = w.kernel[axis] / 2;
    w.pad_end[axis] =
        std::max<std::int64_t>(0, (outputs - 1) * w.stride[axis] + w.kernel[axis] - inputs - w.pad_begin[axis]);
  }
}

// Sums in int64 stay exact beyond this point.
void require_workable(const ValidationCells& cells, const SubgraphShape& s) {
  const auto product = [](std::initializer_list<std::int64_t> factors) {
    double result = 1;
    for (const std::int64_t factor : factors) result *= static_cast<double>(factor);
    return result;
  };
  const double inputs = product({s.in_width, s.in_height, s.in_channels});
  const double outputs = product({s.out_width, s.out_height, s.out_channels});
  const double depth = product({s.in_channels / s.groups, s.window.kernel[0], s.window.kernel[1]});
  if (std::max(inputs, outputs * depth) > kMostWork) {
    throw Error(fmt::format("{}: must be a shape of at most 10^15 MACs and elements", cells.place()));
  }
}

void require_output(const ValidationCells& cells, const char* column, std::int64_t size) {
  if (const auto given = cells.optional_number(column, 1, kLargestSize); given && *given != size) {
    cells.refuse(column, std::to_string(*given),
                 fmt::format("must be {}, as input, kernel, stride, padding and dilation give", size));
  }
}

// The schema that names input and window one by one.
void read_full_shape(const ValidationCells& cells, SubgraphShape& s) {
  const auto size = [&](const char* column) { return cells.number(column, 1, kLargestSize); };
  s.in_width = size("in_w");
  s.in_height = size("in_h");
  s.in_channels = size("in_c");
  s.out_channels = size("out_c");
  network::Window& w = s.window;
  w.kernel[0] = cells.number("kernel_h", 1, kLargestWindow);
  w.kernel[1] = cells.number("kernel_w", 1, kLargestWindow);
  w.stride[0] = cells.number_or("stride_y", 1, 1, kLargestWindow);
  w.stride[1] = cells.number_or("stride_x", 1, 1, kLargestWindow);
  w.pad_begin[0] = cells.number_or("pad_top", 0, 0, kLargestWindow);
  w.pad_end[0] = cells.number_or("pad_bottom", 0, 0, kLargestWindow);
  w.pad_begin[1] = cells.number_or("pad_left", 0, 0, kLargestWindow);
  w.pad_end[1] = cells.number_or("pad_right", 0, 0, kLargestWindow);
  w.dilation[0] = w.dilation[1] = cells.number_or("dilation", 1, 1, kLargestWindow);
  s.out_height = output_size(w, 0, s.in_height);
  s.out_width = output_size(w, 1, s.in_width);
  for (const auto& [column, out] : {std::pair{"kernel_h", s.out_height}, std::pair{"kernel_w", s.out_width}}) {
    if (out < 1) cells.refuse(column, *cells.text(column), "must fit into the padded input");
  }
  require_output(cells, "out_h", s.out_height);
  require_output(cells, "out_w", s.out_width);
}

// The schema that names a square kernel and the output: padding keeps the size.
void read_short_shape(const ValidationCells& cells, SubgraphShape& s) {
  const auto size = [&](const char* column) { return cells.number(column, 1, kLargestSize); };
  s.in_channels = size("in_c");
  s.out_channels = size("out_c");
  s.in_height = s.out_height = size("out_h");
  s.in_width = s.out_width = size("out_w");
  s.window.kernel[0] = s.window.kernel[1] = cells.number("kernel", 1, kLargestWindow);
  keep_size(s.window);
}

void read_groups(const ValidationCells& cells, SubgraphShape& s) {
  const bool depthwise = cells.number_or("depthwise", 0, 0, 1) == 1;
  s.groups = cells.number_or("groups", depthwise ? s.in_channels : 1, 1, kLargestSize);
  if (depthwise && s.groups != s.in_channels) {
    cells.refuse("groups", std::to_string(s.groups), "must be in_c where depthwise is 1");
  }
  if (s.in_channels % s.groups != 0 || s.out_channels % s.groups != 0) {
    cells.refuse(
        depthwise ? "depthwise" : "groups", depthwise ? "1" : std::to_string(s.groups),
        fmt::format("in_c {} and out_c {} must be multiples of {} groups", s.in_channels, s.out_channels, s.groups));
  }
  if (s.groups > 1) s.family = s.groups == s.in_channels ? SubgraphFamily::kDepthwise : SubgraphFamily::kGrouped;
}

// The precisions that weights of whole numbers may have, for messages.
std::string whole_widths() {
  std::string widths;
  for (int i = 0; i < kPrecisionCount; ++i) {
    const auto precision = static_cast<Precision>(i);
    if (std::string(to_string(precision)).rfind("int", 0) != 0) continue;
    widths += (widths.empty() ? "" : ", ") + std::to_string(bits(precision));
  }
  return widths;
}

// A width that no engine can have is this row's failure, not the file's: the others are still worth an answer.
void read_weight_bits(const ValidationCells& cells, ValidationSubgraph& subgraph) {
  const auto width = cells.optional_number("weight_bits", 1, 64);
  if (!width) return;
  try {
    subgraph.subgraph.shape.weight_precision = parse_precision("int" + std::to_string(*width));
  } catch (const Error&) {
    subgraph.failure = refusal("weight_bits", std::to_string(*width), "must be one of " + whole_widths());
  }
}

// The cycles, at least one, that lie in `time_us` microseconds.
std::int64_t cycles_in(double time_us, Hertz clock) {
  return std::max<std::int64_t>(1, std::llround(time_us * clock.count() / 1e6));
}

// Measured cycles, or a measured time in microseconds, which counts from the command.
void read_cycles(const ValidationCells& cells, const RowSettings& settings, LayerRow& row) {
  if (cells.has(settings.cycles_column) || !cells.has(kTimeColumn)) {
    row.cycles = cells.number(settings.cycles_column, 1, kMostCycles);
    return;
  }
  const std::string time = cells.required_text(kTimeColumn);
  double value = 0;
  const auto read = std::from_chars(time.data(), time.data() + time.size(), value);
  if (read.ec != std::errc() || read.ptr != time.data() + time.size() || !(value > 0) || value > 1e9) {
    cells.refuse(kTimeColumn, time, "must be a number of microseconds above 0, at most 1e9");
  }
  if (!settings.clock) {
    cells.refuse(kTimeColumn, time, "is a time: --hw FILE must name the engine whose clock makes cycles of it");
  }
  row.cycles = cycles_in(value, *settings.clock);
  row.subgraph.from_command = true;
}

LayerRow read_layer(const ValidationCells& cells, const RowSettings& settings) {
  LayerRow row;
  row.subgraph = read_subgraph(cells);
  SubgraphShape& shape = row.subgraph.subgraph.shape;
  cells.has("kernel") && !cells.has("in_w") ? read_short_shape(cells, shape) : read_full_shape(cells, shape);
  read_groups(cells, shape);
  require_workable(cells, shape);
  read_weight_bits(cells, row.subgraph);
  read_cycles(cells, settings, row);
  row.set = cells.text("set").value_or(row.set);
  row.tag = cells.text("tag").value_or("");
  for (const TimestampColumn& timestamp : timestamp_columns()) {
    if (const auto measured = cells.optional_number(timestamp.column, 1, kMostCycles)) {
      row.timestamps.emplace_back(&timestamp, *measured);
    }
  }
  row.subgraph.subgraph.name = row.tag.empty() ? cells.place() : row.tag;
  return row;
}

// "14x14x32->32 3x3 stride 2 pad 1": width x height x channels, output channels, kernel width x height.
SubgraphShape shape_of_layer(const ValidationCells& cells, const std::string& text) {
  static const std::regex kLayer(
      R"((\d{1,6})x(\d{1,6})x(\d{1,6})->(\d{1,6}) (\d{1,3})x(\d{1,3})(?: stride (\d{1,3}))?(?: pad (\d{1,3}))?)");
  std::smatch match;
  if (!std::regex_match(text, match, kLayer)) {
    cells.refuse("layer", text, "must be like '14x14x32->32 3x3 stride 2 pad 1', stride and pad where there are any");
  }
  const auto number = [&](std::size_t group, std::int64_t fallback) {
    return match[group].matched ? std::stoll(match[group]) : fallback;
  };
  SubgraphShape s;
  s.in_width = number(1, 0);
  s.in_height = number(2, 0);
  s.in_channels = number(3, 0);
  s.out_channels = number(4, 0);
  for (int axis = 0; axis < 2; ++axis) {
    s.window.kernel[axis] = number(axis == 0 ? 6 : 5, 0);
    s.window.stride[axis] = number(7, 1);
    s.window.pad_begin[axis] = s.window.pad_end[axis] = number(8, 0);
  }
  if (std::min({s.in_width, s.in_height, s.in_channels, s.out_channels, s.window.kernel[0], s.window.kernel[1],
                s.window.stride[0]}) < 1) {
    cells.refuse("layer", text, "every size, the kernel and the stride must be at least 1");
  }
  s.out_height = output_size(s.window, 0, s.in_height);
  s.out_width = output_size(s.window, 1, s.in_width);
  if (std::min(s.out_height, s.out_width) < 1) cells.refuse("layer", text, "the kernel must fit into the padded input");
  return s;
}

// A line that was measured with tiles that a library chose, and with those of its loops.
void read_tiled_layers(const ValidationCells& cells, std::vector<LayerRow>& rows) {
  LayerRow row;
  row.subgraph = read_subgraph(cells);
  mapping::Subgraph& subgraph = row.subgraph.subgraph;
  read_output_shape(cells, subgraph.shape);
  require_workable(cells, subgraph.shape);
  subgraph.name = cells.place();
  row.tag = fmt::format("{}->{} {}x{} {}x{}", subgraph.shape.in_channels, subgraph.shape.out_channels,
                        subgraph.shape.out_height, subgraph.shape.out_width, subgraph.shape.window.kernel[0],
                        subgraph.shape.window.kernel[1]);
  LayerRow own = row;
  own.subgraph.variant = own.set = "own_tiling";
  own.subgraph.overrides.push_back({kOwnTiling, "", {"mapping.half_tiles", "true"}});
  own.subgraph.from_command = true;
  own.cycles = cells.number(kOwnTiling, 1, kMostCycles);
  row.subgraph.variant = row.set = "this_mapping";
  row.subgraph.from_command = true;
  row.cycles = cells.number(kThisMapping, 1, kMostCycles);
  const std::string text = cells.required_text("mapping");
  try {
    subgraph.tiles = mapping::parse_mapping(text, subgraph.shape);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: column 'mapping': {}", cells.place(), error.what()));
  }
  rows.push_back(std::move(own));
  rows.push_back(std::move(row));
}

SequenceRow read_sequence(const ValidationCells& cells) {
  SequenceRow row;
  row.subgraph = read_subgraph(cells);
  row.sequence = cells.required_text("sequence");
  row.prefetch = cells.text("prefetch").value_or("");
  row.layer = cells.required_text("layer");
  row.position = cells.number("position", 0, kLargestSize);
  row.subgraph.subgraph.shape = shape_of_layer(cells, row.layer);
  row.subgraph.subgraph.name = fmt::format("{} {}", row.sequence, row.position);
  require_workable(cells, row.subgraph.subgraph.shape);
  row.done = cells.number("done_cycle", 1, kMostCycles);
  row.load_enabled = cells.optional_number("load_enabled_cycle", 0, kMostCycles);
  return row;
}

std::smatch require_match(const ValidationCells& cells, const std::string& operation, const std::regex& pattern,
                          const char* rule) {
  std::smatch match;
  if (!std::regex_match(operation, match, pattern)) cells.refuse("operation", operation, rule);
  return match;
}

// "lrn5_int8_0": every element is scaled by five channels around it. The window lies across channels, so that it
// changes no size of the subgraph: kernel[0] carries it.
void read_channel_normalisation(const ValidationCells& cells, const std::string& operation, SubgraphShape& s) {
  static const std::regex kName(R"(lrn([1-9]\d{0,2})(_.*)?)");
  const std::smatch match = require_match(cells, operation, kName, "must be lrnN, N channels wide, then any words");
  s.family = SubgraphFamily::kNormalization;
  s.window.kernel[0] = std::stoll(match[1]);
}

// "3x3_ave_int8_0": the kernel is all that the name says; stride 1 and padding that keeps the size stand for the rest.
// Of a map that is "split" into two, side by side, the columns under half a window are read twice.
void read_pooling(const ValidationCells& cells, const std::string& operation, SubgraphShape& s) {
  static const std::regex kName(R"(([1-9]\d{0,2})x([1-9]\d{0,2})(_.*)?)");
  const std::smatch match =
      require_match(cells, operation, kName, "must be WxH, the kernel's width and height, then any words");
  s.family = SubgraphFamily::kPooling;
  s.window.kernel[1] = std::stoll(match[1]);
  s.window.kernel[0] = std::stoll(match[2]);
  keep_size(s.window);
  if (('_' + operation + '_').find("_split_") != std::string::npos) {
    s.in_width += s.window.kernel[1] / 2;
    s.window.pad_begin[1] -= std::min(s.window.pad_begin[1], s.window.kernel[1] / 2);
  }
}

// "bn_int8_mem_0": an operand a channel is read where the name has the word `mem`; otherwise it lies in registers.
void read_post_processing(const std::string& operation, SubgraphShape& s) {
  s.family = SubgraphFamily::kElementwise;
  if (('_' + operation + '_').find("_mem_") != std::string::npos) s.operand = mapping::FusedOperand::kPerChannel;
}

PostProcessingRow read_post_processing_row(const ValidationCells& cells) {
  PostProcessingRow row;
  row.subgraph = read_subgraph(cells);
  row.unit = cells.required_text("unit");
  row.operation = cells.required_text("operation");
  SubgraphShape& s = row.subgraph.subgraph.shape;
  s.in_width = s.out_width = cells.number("in_w", 1, kLargestSize);
  s.in_height = s.out_height = cells.number("in_h", 1, kLargestSize);
  s.in_channels = s.out_channels = cells.number("in_c", 1, kLargestSize);
  if (row.unit == "channel_normalisation") {
    read_channel_normalisation(cells, row.operation, s);
  } else if (row.unit == "pooling") {
    read_pooling(cells, row.operation, s);
  } else if (row.unit == "post_processing") {
    read_post_processing(row.operation, s);
  } else {
    cells.refuse("unit", row.unit, "must be channel_normalisation, pooling or post_processing");
  }
  require_workable(cells, s);
  row.subgraph.subgraph.name = row.operation;
  row.cycles = cells.number("cycles", 1, kMostCycles);
  return row;
}

std::string cycles_column_of(const record::CsvTable& table, const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  return !table.find("cycles") && table.find("cycles_latest") ? "cycles_latest" : "cycles";
}

}  // namespace

const std::vector<TimestampColumn>& timestamp_columns() {
  using record::Timestamps;
  static const std::vector<TimestampColumn> columns = {
      {"first_mac_cycle", "first_mac", [](const Timestamps& l) { return l.first_mac.count(); }},
      {"last_mac_cycle", "last_mac", [](const Timestamps& l) { return l.last_mac.count(); }},
      {"mac_active_cycles", "mac_active", [](const Timestamps& l) { return l.mac_active.count(); }},
      {"read_beats", "read_beats", [](const Timestamps& l) { return l.read_beats; }},
      {"write_beats", "write_beats", [](const Timestamps& l) { return l.write_beats; }},
  };
  return columns;
}

namespace {

ValidationRows rows_of_log(const std::string& path, std::string_view text, const LayerLogFormat& format,
                           const RowSettings& settings) {
  if (!settings.cycles_column.empty()) {
    throw Error(fmt::format("{}: --cycles is for tables, not for a log of the {}", path, format.tool));
  }
  if (!settings.clock) {
    throw Error(fmt::format(
        "{}: a log of the {} has times and names no engine: --hw FILE must name one, whose clock makes cycles of them",
        path, format.tool));
  }
  const LayerLog log = format.read(path, text);
  ValidationRows rows;
  rows.path = path;
  rows.log.tool = format.tool;
  rows.log.resolution_us = log.resolution_us;
  rows.log.clock_hz = settings.clock->count();
  for (const LoggedLayer& layer : log.layers) {
    if (!layer.reason.empty()) {
      rows.log.left_out.push_back({layer.line, layer.name, layer.reason});
      continue;
    }
    LayerRow row;
    row.subgraph.line = layer.line;
    row.subgraph.from_command = true;
    row.subgraph.subgraph.shape = layer.shape;
    row.subgraph.subgraph.name = layer.name;
    row.set = layer.type;
    row.tag = layer.name;
    row.cycles = cycles_in(layer.time_us, *settings.clock);
    rows.layers.push_back(std::move(row));
  }
  if (rows.layers.empty()) {
    const LeftOutLayer& first = rows.log.left_out.front();
    throw Error(fmt::format("{}:{}: layer '{}': {}; nor could a row be made of any other", path, first.line,
                            first.layer, first.reason));
  }
  return rows;
}

}  // namespace

ValidationRows read_validation_rows(const std::string& path, const RowSettings& settings) {
  const std::string text = read_input(path, kLargestTable, "a table");
  if (const LayerLogFormat* format = layer_log_format(text)) return rows_of_log(path, text, *format, settings);
  const record::CsvTable table = record::read_csv(path);
  const bool sequences = table.find("sequence") && table.find("layer");
  const bool post_processing = table.find("unit") && table.find("operation");
  const bool tiled = table.find(kOwnTiling) && table.find(kThisMapping) && settings.cycles_column.empty();
  if (!settings.cycles_column.empty() && (sequences || post_processing)) {
    throw Error(path + ": --cycles is for rows of single layers, not for sequences and post-processing");
  }
  RowSettings complete = settings;
  complete.cycles_column = cycles_column_of(table, settings.cycles_column);
  ValidationRows rows;
  rows.path = path;
  std::set<std::string> used;
  for (const record::CsvRow& row : table.rows) {
    const ValidationCells cells(table, row, used);
    if (sequences) {
      rows.sequences.push_back(read_sequence(cells));
    } else if (post_processing) {
      rows.post_processing.push_back(read_post_processing_row(cells));
    } else if (tiled) {
      read_tiled_layers(cells, rows.layers);
    } else {
      rows.layers.push_back(read_layer(cells, complete));
    }
  }
  for (const std::string& column : table.columns) {
    if (used.count(column) == 0) rows.ignored_columns.push_back(column);
  }
  return rows;
}

}  // namespace lanewise::study
