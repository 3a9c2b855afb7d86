// SPDX-License-Identifier: Apache-2.0
// Networks: read from files, looked at, cut into subgraphs, written as ONNX.
#include <optional>

#include "cli/custom_file.hpp"
#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/compression_file.hpp"
#include "core/network/onnx_export.hpp"
#include "core/network/precisions.hpp"
#include "python/bindings/bindings.hpp"
#include "report/describe.hpp"

namespace lanewise::python {
namespace {

// As cli::ImportSettings, but for numbers in place of texts.
struct Settings {
  std::optional<std::int64_t> batch;
  std::vector<std::pair<std::string, std::int64_t>> dims;
  Pairs inputs;
  std::string precision, layer_precision, compression, prune;
  std::optional<std::int64_t> clusters;
  std::string custom;
};

network::Compression compression_of(const Settings& given) {
  network::Compression how;
  how.counted = given.compression == "counted";
  if (!given.compression.empty() && !how.counted) how.layers = network::read_compression(given.compression).forms;
  if (!given.prune.empty()) how.prune = network::parse_prune(given.prune);
  if (given.clusters && (*given.clusters < 2 || *given.clusters > network::kLargestPalette)) {
    throw Error("cluster: " + std::to_string(*given.clusters) + " must be from 2 to " +
                std::to_string(network::kLargestPalette));
  }
  how.clusters = given.clusters;
  return how;
}

network::ImportOptions options_of(const Settings& given) {
  network::ImportOptions options;
  if (given.batch && *given.batch < 1) throw Error("batch: " + std::to_string(*given.batch) + " must be 1 or above");
  for (const auto& [name, size] : given.dims) {
    if (size < 0) throw Error("dim: " + name + "=" + std::to_string(size) + " must be 0 or above");
  }
  options.batch = given.batch;
  options.dims = given.dims;
  options.inputs = given.inputs;
  if (!given.custom.empty()) options.custom = cli::read_custom_operators(given.custom);
  if (!given.precision.empty()) {
    const network::PrecisionPair pair = network::parse_precisions(given.precision);
    options.precision = pair.activations;
    options.weight_precision = pair.weights ? *pair.weights : Precision::kInt8;
  }
  if (!given.layer_precision.empty()) options.layers = network::read_layer_precisions(given.layer_precision);
  options.compression = compression_of(given);
  if (!given.compression.empty() && !options.compression.counted) {
    for (network::LayerPrecision& layer : network::read_compression(given.compression).precisions) {
      options.layers.push_back(std::move(layer));
    }
  }
  return options;
}

NetworkHandle import(const std::string& name, const Settings& given) {
  NetworkHandle made;
  made.path = cli::find_network(name);
  made.options = options_of(given);
  made.sizes = {given.batch, given.dims};
  made.graph = std::make_shared<const network::Graph>(network::import_network(made.path, made.options));
  return made;
}

py::dict row_of(const mapping::Subgraph& subgraph, const std::string& key) {
  const mapping::SubgraphShape& shape = subgraph.shape;
  py::dict row;
  row["subgraph"] = subgraph.name;
  row["block"] = subgraph.block;
  row["family"] = mapping::to_string(shape.family);
  row["macs"] = shape.macs();
  row["parameters"] = subgraph.parameters;
  row["in_channels"] = shape.in_channels;
  row["in_height"] = shape.in_height;
  row["in_width"] = shape.in_width;
  row["out_channels"] = shape.out_channels;
  row["out_height"] = shape.out_height;
  row["out_width"] = shape.out_width;
  row["input_bytes"] = shape.input_bytes().count();
  row["operand_bytes"] = shape.operand_bytes().count();
  row["weight_bytes"] = shape.weight_bytes().count();
  row["output_bytes"] = shape.output_bytes().count();
  row["input_on_chip"] = subgraph.context.input_on_chip;
  row["operand_on_chip"] = subgraph.context.operand_on_chip;
  row["output_on_chip"] = subgraph.context.output_on_chip;
  row["operators"] = static_cast<std::int64_t>(subgraph.operators.size());
  row["subgraph_key"] = key;
  return row;
}

py::list subgraphs_of(const NetworkHandle& network, const EngineHandle& engine) {
  std::vector<std::string> keys;
  const std::vector<mapping::Subgraph> subgraphs = without_gil([&] {
    std::vector<mapping::Subgraph> cut = mapping::partition(*network.graph, engine.config());
    for (const mapping::Subgraph& subgraph : cut) keys.push_back(mapping::subgraph_key(subgraph));
    return cut;
  });
  py::list rows;
  for (std::size_t i = 0; i < subgraphs.size(); ++i) rows.append(row_of(subgraphs[i], keys[i]));
  return rows;
}

py::dict export_to(const NetworkHandle& network, const std::string& path) {
  const network::ExportedWeights weights = without_gil([&] {
    network::OnnxExport options;
    options.weights_from = network.path;
    options.read_as = network.options;
    return network::export_onnx(*network.graph, path, options);
  });
  py::dict counts;
  counts["kept"] = weights.kept;
  counts["stripped"] = weights.stripped;
  return counts;
}

}  // namespace

void bind_network(py::module_& module) {
  py::class_<NetworkHandle>(module, "Network", "A network as Lanewise reads it; constant.")
      .def(py::init([](const std::string& path, std::optional<std::int64_t> batch,
                       std::vector<std::pair<std::string, std::int64_t>> dims, Pairs inputs, std::string precision,
                       std::string layer_precision, std::string compression, std::string prune,
                       std::optional<std::int64_t> clusters, std::string custom) {
             const Settings given{batch,
                                  std::move(dims),
                                  std::move(inputs),
                                  std::move(precision),
                                  std::move(layer_precision),
                                  std::move(compression),
                                  std::move(prune),
                                  clusters,
                                  std::move(custom)};
             return without_gil([&] { return import(path, given); });
           }),
           py::arg("path"), py::arg("batch"), py::arg("dims"), py::arg("inputs"), py::arg("precision"),
           py::arg("layer_precision"), py::arg("compression"), py::arg("prune"), py::arg("clusters"), py::arg("custom"),
           "Reads a file, or a network of models/ by its name.")
      .def_property_readonly("name", [](const NetworkHandle& network) { return network.graph->name(); })
      .def_property_readonly("path", [](const NetworkHandle& network) { return network.path; })
      .def_property_readonly("macs", [](const NetworkHandle& network) { return network::macs(*network.graph); })
      .def_property_readonly("parameters",
                             [](const NetworkHandle& network) { return network::parameters(*network.graph); })
      .def_property_readonly(
          "parameter_bytes",
          [](const NetworkHandle& network) { return network::parameter_bytes(*network.graph).count(); })
      .def_property_readonly(
          "peak_activation_bytes",
          [](const NetworkHandle& network) { return network::peak_activation_bytes(*network.graph).count(); })
      .def_property_readonly("hash", [](const NetworkHandle& network) { return network::graph_hash(*network.graph); })
      .def(
          "json", [](const NetworkHandle& network) { return report::network_json(*network.graph); },
          "What `lanewise network show --json` prints.")
      .def(
          "csv", [](const NetworkHandle& network) { return report::network_csv(*network.graph); },
          "What `lanewise network show --csv` prints.")
      .def("subgraphs", &subgraphs_of, py::arg("engine"), "One dict per subgraph that the engine runs, in order.")
      .def("export", &export_to, py::arg("path"), "Writes ONNX; counts of weights kept and stripped.");
}

}  // namespace lanewise::python
