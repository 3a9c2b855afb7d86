// SPDX-License-Identifier: Apache-2.0
#include "core/network/scale_sim/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/inputs.hpp"

namespace lanewise::network::scale_sim {

namespace {

using importing::attribute;
using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t kLargestSize = 1 << 20;
constexpr std::size_t kMostLayers = 10000;
constexpr int kWrittenOpset = 17;

// In the order in which files without the names of their columns have them.
const std::vector<const char*> kConvolutionColumns = {"ifmapheight", "ifmapwidth", "filterheight", "filterwidth",
                                                      "channels",    "numfilter",  "strides"};
const std::vector<const char*> kProductColumns = {"m", "n", "k"};

std::string without_blanks(const std::string& text) {
  const char* blanks = " \t\r\"";
  const std::size_t first = text.find_first_not_of(blanks);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Fields between commas; the one behind the last comma is none where it is empty.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) fields.push_back(without_blanks(field));
  while (!fields.empty() && fields.back().empty()) fields.pop_back();
  return fields;
}

// A heading's letters alone, in lower case, and under the spelling that is looked for: files write "IFMAP Height",
// "ifmap_h", "Filter height", "Num Filter", "Number of Filters", "Stride".
std::string column_name(const std::string& heading) {
  std::string name;
  for (const char letter : heading) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalpha(byte) != 0) name += static_cast<char>(std::tolower(byte));
  }
  const auto is = [&](std::initializer_list<const char*> spellings) {
    return std::find(spellings.begin(), spellings.end(), name) != spellings.end();
  };
  if (is({"ifmaph", "ifmapsh", "ifmapsheight", "inputheight"})) return "ifmapheight";
  if (is({"ifmapw", "ifmapsw", "ifmapswidth", "inputwidth"})) return "ifmapwidth";
  if (is({"filterh", "filtersheight", "kernelheight"})) return "filterheight";
  if (is({"filterw", "filterswidth", "kernelwidth"})) return "filterwidth";
  if (is({"channel", "numchannels", "numchannel", "inputchannels"})) return "channels";
  if (is({"numfilters", "filters", "numberoffilters", "numberoffilter", "outputchannels"})) return "numfilter";
  if (is({"stride", "strideheight", "strideh"})) return "strides";
  return name;
}

bool is_first_column(const std::string& name) {
  return name == "layer" || name == "layername" || name == "layers" || name == "name";
}

struct Layer {
  std::string name, origin;  // origin: "FILE:LINE"
  Sizes sizes;               // in the order of the columns
};

struct Table {
  bool is_product = false;
  std::vector<std::size_t> places;          // of each column that is read
  std::optional<std::size_t> stride_width;  // some files give both strides
  std::vector<Layer> layers;
};

std::int64_t parse_size(const std::string& text, const char* column, const std::string& origin) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end || number < 1 || number > kLargestSize) {
    throw Error(
        fmt::format("{}: {} '{}', must be a whole number between 1 and {}", origin, column, text, kLargestSize));
  }
  return number;
}

// Where the columns stand.
void read_heading(const std::vector<std::string>& headings, const std::string& origin, Table& table) {
  std::vector<std::string> names;
  for (const std::string& heading : headings) names.push_back(column_name(heading));
  const auto place = [&](const std::string& name) {
    const auto found = std::find(names.begin() + 1, names.end(), name);
    return found == names.end() ? std::optional<std::size_t>()
                                : std::optional<std::size_t>(static_cast<std::size_t>(found - names.begin()));
  };
  const bool named = !names.empty() && is_first_column(names[0]);
  if (!named) {
    throw Error(fmt::format("{}: heading '{}', must begin with 'Layer name' (convolutions) or 'Layer' (M, N, K)",
                            origin, headings.empty() ? "" : headings[0]));
  }
  table.is_product = place("m") && place("n") && place("k");
  for (const char* column : table.is_product ? kProductColumns : kConvolutionColumns) {
    const std::optional<std::size_t> at = place(column);
    if (!at)
      throw Error(fmt::format("{}: heading without a column '{}', which a list of {} needs", origin, column,
                              table.is_product ? "products" : "convolutions"));
    table.places.push_back(*at);
  }
  table.stride_width = place("stridewidth");
  if (!table.stride_width) table.stride_width = place("stridew");
}

Layer read_layer(const std::vector<std::string>& fields, const std::string& origin, const Table& table) {
  const auto& columns = table.is_product ? kProductColumns : kConvolutionColumns;
  Layer layer{fields[0], origin, {}};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (table.places[i] >= fields.size()) {
      throw Error(fmt::format("{}: {} fields, must be at least {}: the {} is missing", origin, fields.size(),
                              table.places[i] + 1, columns[i]));
    }
    layer.sizes.push_back(parse_size(fields[table.places[i]], columns[i], origin));
  }
  if (table.is_product) return layer;
  const bool both = table.stride_width && *table.stride_width < fields.size();
  layer.sizes.push_back(both ? parse_size(fields[*table.stride_width], "stride width", origin) : layer.sizes[6]);
  if (layer.sizes[2] > layer.sizes[0] || layer.sizes[3] > layer.sizes[1]) {
    throw Error(fmt::format("{}: filter of {}x{}, must not be larger than its input of {}x{}", origin, layer.sizes[2],
                            layer.sizes[3], layer.sizes[0], layer.sizes[1]));
  }
  return layer;
}

Table read_table(const std::string& path) {
  std::istringstream file(read_input(path, kLargestTable, "a topology"));
  Table table;
  std::set<std::string> names;
  std::string line;
  bool has_heading = false;
  for (int number = 1; std::getline(file, line); ++number) {
    constexpr const char* kMark = "\xEF\xBB\xBF";  // of bytes that spell text, which some programs begin with
    if (number == 1 && line.rfind(kMark, 0) == 0) line.erase(0, 3);
    const std::vector<std::string> fields = fields_of(line);
    if (fields.empty()) continue;
    const std::string origin = fmt::format("{}:{}", path, number);
    if (!has_heading) {
      read_heading(fields, origin, table);
      has_heading = true;
      continue;
    }
    Layer layer = read_layer(fields, origin, table);
    // Files repeat names; operators have names of their own.
    const std::string base = layer.name.empty() ? fmt::format("layer{}", table.layers.size() + 1) : layer.name;
    layer.name = base;
    for (int copy = 2; !names.insert(layer.name).second; ++copy) layer.name = fmt::format("{}_{}", base, copy);
    table.layers.push_back(std::move(layer));
    if (table.layers.size() > kMostLayers) throw Error(fmt::format("{}: more than {} layers", path, kMostLayers));
  }
  if (table.layers.empty()) throw Error(path + ": has no layers");
  return table;
}

onnx::ValueInfoProto declared(const std::string& name, const Sizes& shape, bool open) {
  onnx::ValueInfoProto info;
  info.set_name(name);
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    auto& dimension = *type.mutable_shape()->add_dim();
    if (i == 0 && open) {
      dimension.set_dim_param("batch");
    } else {
      dimension.set_dim_value(shape[i]);
    }
  }
  return info;
}

onnx::NodeProto& add_layer(onnx::GraphProto& graph, const Layer& layer, const char* type, const Sizes& in,
                           const Sizes& weight, std::vector<std::string>& weights) {
  *graph.add_input() = declared(layer.name + "/input", in, true);
  *graph.add_input() = declared(layer.name + "/weight", weight, false);
  weights.push_back(layer.name + "/weight");
  onnx::NodeProto& node = *graph.add_node();
  node.set_name(layer.name);
  node.set_op_type(type);
  node.add_input(layer.name + "/input");
  node.add_input(layer.name + "/weight");
  node.add_output(layer.name + "/output");
  graph.add_output()->set_name(layer.name + "/output");
  return node;
}

}  // namespace

bool is_topology(const std::string& first_bytes) {
  const std::string line = first_bytes.substr(0, first_bytes.find('\n'));
  const std::vector<std::string> fields = fields_of(line);
  const std::size_t kLeast = kProductColumns.size() + 1;
  return fields.size() >= kLeast && is_first_column(column_name(fields[0]));
}

onnx::ModelProto read_model(const std::string& path) {
  constexpr int kWrittenVersion = 8;
  const Table table = read_table(path);
  onnx::ModelProto model;
  model.set_ir_version(kWrittenVersion);
  model.add_opset_import()->set_version(kWrittenOpset);
  std::vector<std::string> weights;
  std::int64_t written = 0;  // channels of the layer before
  for (const Layer& layer : table.layers) {
    onnx::GraphProto& graph = *model.mutable_graph();
    const Sizes& n = layer.sizes;
    if (table.is_product) {
      add_layer(graph, layer, "MatMul", {1, n[0], n[2]}, {n[2], n[1]}, weights);
      continue;
    }
    const bool depthwise = n[4] == 1 && n[5] > 1 && n[5] == written;
    onnx::NodeProto& node =
        add_layer(graph, layer, "Conv", {1, depthwise ? n[5] : n[4], n[0], n[1]}, {n[5], n[4], n[2], n[3]}, weights);
    *node.add_attribute() = attribute("kernel_shape", Sizes{n[2], n[3]});
    *node.add_attribute() = attribute("strides", Sizes{n[6], n[7]});
    *node.add_attribute() = attribute("group", depthwise ? n[5] : std::int64_t{1});
    written = n[5];
  }
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(importing::kWeightInputs);
  for (const std::string& name : weights) *entry.mutable_value() += name + "\n";
  return model;
}

}  // namespace lanewise::network::scale_sim
