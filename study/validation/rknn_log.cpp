// SPDX-License-Identifier: Apache-2.0
#include "study/validation/rknn_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

using mapping::FusedOperand;
using mapping::SubgraphFamily;
using mapping::SubgraphShape;
using network::ActivationFunction;
using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t kLargestSize = 1'000'000;
constexpr std::int64_t kLargestWindow = 1024;
constexpr double kLongestTime = 1e9;  // µs
constexpr double kMostWork = 1e15;    // MACs, and elements of a tensor

// The runtime prints tables through its logger, which puts "D RKNN: [14:05:06.123] " before each line.
std::string_view without_logger(std::string_view line) {
  const std::size_t at = line.find("RKNN: [");
  if (at == std::string_view::npos || at > 4) return line;
  const std::size_t end = line.find("] ", at);
  return end == std::string_view::npos ? line : line.substr(end + 2);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t\r", at)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

// The names of the table's columns: "DDR Cycles" of older versions is one.
std::vector<std::string> columns_of(std::string_view line) {
  std::vector<std::string> columns;
  for (const std::string_view word : words_of(line)) {
    const bool second = word == "Cycles" && !columns.empty() &&
                        (columns.back() == "DDR" || columns.back() == "NPU" || columns.back() == "Total");
    if (second) {
      columns.back() += " Cycles";
    } else {
      columns.emplace_back(word);
    }
  }
  return columns;
}

bool is_header(std::string_view line) {
  const std::vector<std::string_view> words = words_of(without_logger(line));
  return words.size() > 3 && words[0] == "ID" && words[1] == "OpType" && words[2] == "DataType";
}

// "---" and "===" and what stands below a table.
bool ends_table(std::string_view line) { return line.empty() || line[0] < '0' || line[0] > '9'; }

// "(1,64,160,160),(64,64,3,3),(64)"; nullopt where the text is cut or is no such list.
std::optional<std::vector<Sizes>> shapes_of(std::string_view text) {
  std::vector<Sizes> shapes;
  if (text == "\\") return shapes;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (*at++ != '(') return std::nullopt;
    Sizes sizes;
    for (;;) {
      std::int64_t size = 0;
      const auto read = std::from_chars(at, end, size);
      if (read.ec != std::errc() || size < 1 || size > kLargestSize || read.ptr == end) return std::nullopt;
      sizes.push_back(size);
      at = read.ptr + 1;
      if (*read.ptr == ')') break;
      if (*read.ptr != ',') return std::nullopt;
    }
    shapes.push_back(sizes);
    if (at == end) break;
    if (*at++ != ',' || at == end) return std::nullopt;
  }
  return shapes;
}

double elements(const Sizes& sizes) {
  double product = 1;
  for (const std::int64_t size : sizes) product *= static_cast<double>(size);
  return product;
}

std::optional<Precision> precision_of(std::string_view type) {
  static const std::map<std::string_view, Precision> known = {
      {"INT4", Precision::kInt4},   {"INT8", Precision::kInt8},    {"UINT8", Precision::kInt8},
      {"INT16", Precision::kInt16}, {"UINT16", Precision::kInt16}, {"FLOAT16", Precision::kFp16},
      {"FLOAT", Precision::kFp32},  {"FLOAT32", Precision::kFp32},
  };
  const auto found = known.find(type);
  return found == known.end() ? std::nullopt : std::optional<Precision>(found->second);
}

// Activations by the ends of operators' types: "ConvExSwish", "exSwish", "Relu".
std::optional<ActivationFunction> activation_of(std::string_view type) {
  if (type.substr(0, 2) == "Ex" || type.substr(0, 2) == "ex") type.remove_prefix(2);
  static const std::map<std::string_view, ActivationFunction> known = {
      {"Relu", ActivationFunction::kRelu},
      {"Relu6", ActivationFunction::kRelu6},
      {"ReluX", ActivationFunction::kClip},
      {"Clip", ActivationFunction::kClip},
      {"LeakyRelu", ActivationFunction::kLeakyRelu},
      {"PRelu", ActivationFunction::kPRelu},
      {"Elu", ActivationFunction::kElu},
      {"Sigmoid", ActivationFunction::kSigmoid},
      {"HardSigmoid", ActivationFunction::kHardSigmoid},
      {"Tanh", ActivationFunction::kTanh},
      {"HardSwish", ActivationFunction::kHardSwish},
      {"Swish", ActivationFunction::kSilu},
      {"SiLU", ActivationFunction::kSilu},
      {"Gelu", ActivationFunction::kGelu},
      {"Exp", ActivationFunction::kExp},
      {"Softplus", ActivationFunction::kSoftplus},
  };
  const auto found = known.find(type);
  return found == known.end() ? std::nullopt : std::optional<ActivationFunction>(found->second);
}

// One layer while its shape is made; `reason` says why there is none.
struct Draft {
  std::string_view type;
  std::vector<Sizes> inputs;
  Sizes output;
  SubgraphShape shape;
  std::string reason;

  bool refuse(std::string why) {
    reason = std::move(why);
    return false;
  }

  // NCHW; what has fewer axes is a map of one row, or of one pixel.
  static bool is_map(const Sizes& sizes) { return sizes.size() == 4; }

  bool set_maps(const Sizes& in, const Sizes& out) {
    if (in[0] != out[0]) return refuse("input and output have unlike batches");
    shape.batch = in[0];
    shape.in_channels = in[1];
    shape.in_height = in[2];
    shape.in_width = in[3];
    shape.out_channels = out[1];
    shape.out_height = out[2];
    shape.out_width = out[3];
    return true;
  }

  // Which stride makes `to` of `from`, of the kernels' usual paddings (half a kernel on both sides, or one less in
  // all), then without padding, then by any: the smallest beyond which no further place would fit.
  static std::int64_t stride_of(std::int64_t from, std::int64_t to, std::int64_t reach) {
    for (const std::int64_t padding : {2 * (reach / 2), reach - 1, std::int64_t{0}}) {
      const std::int64_t left = from + padding - reach;
      if (left < 0) continue;
      // left / stride + 1 = to: the smallest stride of those that give it.
      const std::int64_t stride = left / to + 1;
      if (left / stride + 1 == to) return stride;
    }
    return std::max<std::int64_t>(1, (from - reach) / to + 1);
  }

  bool set_window(const Sizes& in, const Sizes& out, const Sizes& kernel) {
    for (int axis = 0; axis < 2; ++axis) {
      const std::int64_t from = in[static_cast<std::size_t>(axis) + 2], to = out[static_cast<std::size_t>(axis) + 2];
      const std::int64_t reach = kernel[static_cast<std::size_t>(axis)];
      if (reach > kLargestWindow) return refuse(fmt::format("a kernel of {} is more than {}", reach, kLargestWindow));
      const std::int64_t stride = stride_of(from, to, reach);
      const std::int64_t padding = std::max<std::int64_t>(0, (to - 1) * stride + reach - from);
      if (padding > 2 * (reach - 1) || stride > kLargestWindow) {
        return refuse(fmt::format("no stride and padding make {} of {} by a kernel of {}", to, from, reach));
      }
      shape.window.kernel[axis] = reach;
      shape.window.stride[axis] = stride;
      shape.window.pad_begin[axis] = padding / 2;
      shape.window.pad_end[axis] = padding - padding / 2;
    }
    return true;
  }

  // "Conv" and what is fused behind it: inputs are the map, the weights, the bias, and for a sum its other operand.
  bool convolution(std::string_view fused) {
    if (!fused.empty() && fused != "Add") {
      const auto activation = activation_of(fused);
      if (!activation) return refuse(fmt::format("what is fused into '{}' is not known", type));
      shape.activation = *activation;
    }
    if (inputs.size() < 2 || !is_map(inputs[0]) || !is_map(inputs[1]) || !is_map(output)) {
      return refuse("a convolution has a map, weights and an output of four axes");
    }
    const Sizes& weights = inputs[1];
    if (!set_maps(inputs[0], output)) return false;
    // Weights of a depthwise layer are printed as (1, channels, height, width) or (channels, 1, height, width).
    const bool depthwise =
        shape.in_channels > 1 &&
        ((weights[0] == 1 && weights[1] == shape.in_channels && shape.out_channels == shape.in_channels) ||
         (weights[1] == 1 && weights[0] == shape.out_channels && shape.out_channels % shape.in_channels == 0));
    if (depthwise) {
      shape.groups = shape.in_channels;
      shape.family = SubgraphFamily::kDepthwise;
    } else {
      if (weights[0] != shape.out_channels || shape.in_channels % weights[1] != 0 ||
          shape.out_channels % (shape.in_channels / weights[1]) != 0) {
        return refuse("weights are not of this input and output");
      }
      shape.groups = shape.in_channels / weights[1];
      if (shape.groups > 1) shape.family = SubgraphFamily::kGrouped;
    }
    for (std::size_t i = 2; i < inputs.size(); ++i) {
      if (inputs[i].size() == 1) {
        shape.bias = true;
      } else if (inputs[i] == output && shape.operand == FusedOperand::kNone) {
        shape.operand = FusedOperand::kTensor;
      } else {
        return refuse("an operand is neither a bias nor as large as the output");
      }
    }
    return set_window(inputs[0], output, {weights[2], weights[3]});
  }

  bool pooling(bool global) {
    if (inputs.empty() || !is_map(inputs[0]) || !is_map(output)) return refuse("a pooling has maps of four axes");
    if (!set_maps(inputs[0], output)) return false;
    if (shape.in_channels != shape.out_channels) return refuse("a pooling keeps the channels");
    if (global || (output[2] == 1 && output[3] == 1)) {
      shape.family = SubgraphFamily::kReduction;
      shape.window.kernel[0] = shape.in_height;
      shape.window.kernel[1] = shape.in_width;
      return true;
    }
    return refuse("a log does not give the kernel of a pooling");
  }

  bool elementwise(std::size_t operands, ActivationFunction activation) {
    if (inputs.size() != operands) return refuse(fmt::format("it has {} inputs, not {}", inputs.size(), operands));
    if (!is_map(output) || !is_map(inputs[0])) return refuse("its maps have not four axes");
    shape.family = SubgraphFamily::kElementwise;
    shape.activation = activation;
    set_maps(output, output);
    Sizes per_channel(output.size(), 1);
    per_channel[1] = output[1];
    std::int64_t full = 0;
    for (const Sizes& input : inputs) {
      if (input == output) {
        ++full;
      } else if (input == per_channel && shape.operand == FusedOperand::kNone) {
        shape.operand = FusedOperand::kPerChannel;
      } else {
        return refuse("an operand is neither as large as the output nor one value per channel");
      }
    }
    if (full == 0) return refuse("no operand is as large as the output");
    shape.inputs = full;
    return true;
  }

  bool make() {
    if (type.substr(0, 13) == "ConvTranspose") return refuse("transposed convolutions are not compared");
    if (type.substr(0, 4) == "Conv") return convolution(type.substr(4));
    if (type == "GlobalAveragePool" || type == "GlobalMaxPool") return pooling(true);
    if (type == "AveragePool" || type == "MaxPool") return pooling(false);
    if (type == "Add" || type == "Sub" || type == "Mul" || type == "Max" || type == "Min") {
      return elementwise(2, ActivationFunction::kNone);
    }
    if (const auto activation = activation_of(type)) return elementwise(1, *activation);
    return refuse(fmt::format("operators of type '{}' are not compared", type));
  }
};

class Table {
 public:
  Table(const std::string& path, int line, std::string_view header) : path_(path), columns_(columns_of(header)) {
    type_ = column(line, "OpType");
    precision_ = column(line, "DataType");
    target_ = column(line, "Target");
    input_ = column(line, "InputShape");
    output_ = column(line, "OutputShape");
    time_ = column(line, "Time(us)");
    const auto name = std::find(columns_.begin(), columns_.end(), "FullName");
    if (name != columns_.end()) name_ = static_cast<std::size_t>(name - columns_.begin());
  }

  LoggedLayer read(int line, std::string_view text) const {
    std::vector<std::string_view> cells = words_of(text);
    // A layer without a name leaves the last cell empty.
    if (cells.size() + 1 == columns_.size()) cells.emplace_back();
    if (cells.size() != columns_.size()) {
      throw Error(fmt::format("{}:{}: {} cells: must be {}, as the table's header has", path_, line, cells.size(),
                              columns_.size()));
    }
    LoggedLayer layer;
    layer.line = line;
    layer.type = cells[type_];
    layer.name = name_ && !cells[*name_].empty() ? cells[*name_] : cells[type_];
    layer.time_us = time_of(line, cells[time_]);
    layer.reason = fill_in(layer, cells);
    return layer;
  }

 private:
  std::size_t column(int line, const char* name) const {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end()) throw Error(fmt::format("{}:{}: column '{}': missing", path_, line, name));
    return static_cast<std::size_t>(found - columns_.begin());
  }

  double time_of(int line, std::string_view cell) const {
    double time = 0;
    const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), time);
    if (read.ec != std::errc() || read.ptr != cell.data() + cell.size() || !(time >= 0) || time > kLongestTime) {
      throw Error(
          fmt::format("{}:{}: column 'Time(us)': value '{}': must be a number from 0 to 1e9", path_, line, cell));
    }
    return time;
  }

  // Why no row is made of it, or "".
  std::string fill_in(LoggedLayer& layer, const std::vector<std::string_view>& cells) const {
    const std::string_view target = cells[target_];
    if (target.substr(0, 3) != "NPU") return fmt::format("runs on {}", target);
    if (layer.time_us <= 0) return "took less than a microsecond";
    const auto precision = precision_of(cells[precision_]);
    if (!precision) return fmt::format("numbers of type '{}' are not known", cells[precision_]);
    const auto inputs = shapes_of(cells[input_]), outputs = shapes_of(cells[output_]);
    if (!inputs || !outputs) return "its shapes are cut in the log";
    if (outputs->size() != 1) return fmt::format("it has {} outputs", outputs->size());
    Draft draft{cells[type_], *inputs, outputs->front(), {}, {}};
    draft.shape.input_precision = draft.shape.weight_precision = draft.shape.output_precision = *precision;
    if (!draft.make()) return draft.reason;
    const double depth = draft.shape.uses_array() ? elements(draft.inputs[1]) : 1;
    if (elements(draft.output) * depth > kMostWork || elements(draft.inputs[0]) > kMostWork) {
      return "it has more than 10^15 MACs or elements";
    }
    layer.shape = draft.shape;
    return "";
  }

  const std::string& path_;
  std::vector<std::string> columns_;
  std::size_t type_, precision_, target_, input_, output_, time_;
  std::optional<std::size_t> name_;
};

template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  int line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    take(++line, text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

bool is_rknn_log(std::string_view text) {
  bool found = false;
  for_each_line(text, [&](int, std::string_view line) { found = found || is_header(line); });
  return found;
}

LayerLog read_rknn_log(const std::string& path, std::string_view text) {
  LayerLog log;
  log.resolution_us = 1;
  std::optional<Table> table;
  int tables = 0;
  bool rows = false;  // of this table
  for_each_line(text, [&](int number, std::string_view whole) {
    if (is_header(whole)) {
      table.emplace(path, number, without_logger(whole));
      ++tables;
      rows = false;
      return;
    }
    if (!table) return;
    const std::string_view line = without_logger(whole);
    if (ends_table(line)) {
      // The rule below the header stands before the first row.
      if (rows) table.reset();
      return;
    }
    rows = true;
    log.layers.push_back(table->read(number, line));
    log.layers.back().part = fmt::format("table {}", tables);
  });
  if (log.layers.empty()) throw Error(path + ": no row stands below the header of its table");
  return log;
}

}  // namespace lanewise::study
