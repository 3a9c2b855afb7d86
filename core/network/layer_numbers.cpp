// SPDX-License-Identifier: Apache-2.0
#include "core/network/layer_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/base/error.hpp"
#include "core/network/compression_file.hpp"

namespace lanewise::network {
namespace {

constexpr const char* kBetweenNumbers = " + ";
constexpr const char* kClustersWord = " clusters";

// What follows a layer and is stored in its place, or only seen in another shape.
bool finishes_layer(const Operator& op) {
  return op.kind == OperatorKind::kActivation || op.kind == OperatorKind::kBatchNormalization ||
         op.kind == OperatorKind::kReshape;
}

void read_number_part(const std::string& text, LayerNumbers& numbers) {
  const auto refuse_twice = [&](bool is_set) {
    if (is_set) throw Error(fmt::format("'{}': a layer has one of each kind", text));
  };
  const std::string word = kClustersWord;
  if (text.size() > word.size() && text.compare(text.size() - word.size(), word.size(), word) == 0) {
    refuse_twice(numbers.clusters.has_value());
    const char* const end = text.data() + text.size() - word.size();
    std::int64_t clusters = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, clusters);
    if (error != std::errc{} || stop != end || clusters < 2 || clusters > kLargestPalette) {
      throw Error(fmt::format("'{}': must be 2 to {} clusters", text, kLargestPalette));
    }
    numbers.clusters = clusters;
    return;
  }
  const bool is_number = !text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
  if (is_number) {
    // "2:4 + 0.3": more zeros than the structure asks for, as `network show` says it.
    const bool sparser = numbers.prune && numbers.prune->structured() && text.find(':') == std::string::npos;
    refuse_twice(numbers.prune.has_value() && !sparser);
    WeightForm form = parse_prune(text);
    if (sparser) {
      form = {numbers.prune->kept, numbers.prune->of, form.density, 0};
      require_valid(form);
    }
    numbers.prune = form;
    return;
  }
  const PrecisionPair pair = parse_precisions(text);
  refuse_twice((pair.weights && numbers.precision.weights) || (pair.activations && numbers.precision.activations));
  if (pair.weights) numbers.precision.weights = pair.weights;
  if (pair.activations) numbers.precision.activations = pair.activations;
}

}  // namespace

LayerNumbers parse_layer_numbers(const std::string& text) {
  LayerNumbers numbers;
  const std::string between = kBetweenNumbers;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(between, begin), text.size());
    read_number_part(text.substr(begin, end - begin), numbers);
    begin = end + between.size();
  }
  return numbers;
}

std::string to_string(const LayerNumbers& numbers) {
  std::vector<std::string> parts;
  if (numbers.prune) {
    const WeightForm& form = *numbers.prune;
    if (form.structured()) parts.push_back(fmt::format("{}:{}", form.kept, form.of));
    if (!form.structured() || form.density != parse_structure(parts.back()).density) {
      parts.push_back(fmt::format("{:.4g}", form.density));
    }
  }
  if (numbers.clusters) parts.push_back(fmt::format("{}{}", *numbers.clusters, kClustersWord));
  const PrecisionPair& pair = numbers.precision;
  if (pair.weights && pair.activations) {
    parts.push_back(
        *pair.weights == *pair.activations
            ? std::string(to_string(*pair.weights))
            : fmt::format("weights={},activations={}", to_string(*pair.weights), to_string(*pair.activations)));
  } else if (pair.weights) {
    parts.push_back(fmt::format("weights={}", to_string(*pair.weights)));
  } else if (pair.activations) {
    parts.push_back(fmt::format("activations={}", to_string(*pair.activations)));
  }
  return fmt::format("{}", fmt::join(parts, kBetweenNumbers));
}

Graph with_layer_numbers(const Graph& graph, const std::vector<LayerNumbers>& numbers) {
  if (numbers.size() != graph.operators().size()) throw InternalError("numbers for another network");
  std::vector<Tensor> tensors = graph.tensors();
  const auto at = [&](TensorId id) -> Tensor& { return tensors[static_cast<std::size_t>(id)]; };
  std::set<TensorId> decided;
  std::vector<bool> written(tensors.size(), false);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Operator& op = graph.operators()[i];
    const LayerNumbers& wanted = numbers[i];
    if (finishes_layer(op) && written[static_cast<std::size_t>(op.inputs.at(0))]) {
      at(op.outputs.at(0)).precision = at(op.inputs[0]).precision;
      written[static_cast<std::size_t>(op.outputs[0])] = true;
    }
    if (wanted.empty()) continue;
    if (!has_form(op)) throw InternalError("numbers for an operator without a weight");
    if (decided.insert(op.weights[0]).second) {
      LayerNumbers fitting = wanted;
      if (wanted.prune && !takes(graph, op, *wanted.prune)) fitting.prune.reset();
      at(op.weights[0]).form = as_if(at(op.weights[0]).form, fitting);
      for (const TensorId weight : op.weights) {
        if (wanted.precision.weights) at(weight).precision = *wanted.precision.weights;
      }
    }
    for (const TensorId output : op.outputs) {
      if (!wanted.precision.activations) continue;
      at(output).precision = *wanted.precision.activations;
      written[static_cast<std::size_t>(output)] = true;
    }
  }
  GraphBuilder builder(graph.name());
  for (Tensor& tensor : tensors) builder.add_tensor(std::move(tensor));
  for (const TensorId input : graph.inputs()) builder.mark_input(input);
  for (const TensorId output : graph.outputs()) builder.mark_output(output);
  for (const Operator& op : graph.operators()) builder.add_operator(op);
  return std::move(builder).build();
}

std::string layer_precisions_text(const Graph& graph, const std::string& path) {
  // A line gives what a layer writes, and what finishes it, one precision. Where a file said otherwise the line is
  // silent, and the network's own file speaks.
  std::vector<bool> uniform(graph.tensors().size(), true);
  for (auto op = graph.operators().rbegin(); op != graph.operators().rend(); ++op) {
    if (!finishes_layer(*op)) continue;
    const TensorId in = op->inputs.at(0), out = op->outputs.at(0);
    const bool same = graph.tensor(in).precision == graph.tensor(out).precision;
    if (!same || !uniform[static_cast<std::size_t>(out)]) uniform[static_cast<std::size_t>(in)] = false;
  }
  std::string lines;
  for (const Operator& op : graph.operators()) {
    if (!has_form(op)) continue;
    lines +=
        fmt::format("{} weights={}", name_in_line(graph, op, path), to_string(graph.tensor(op.weights[0]).precision));
    if (uniform[static_cast<std::size_t>(op.outputs.at(0))]) {
      lines += fmt::format(",activations={}", to_string(graph.tensor(op.outputs[0]).precision));
    }
    lines += "\n";
  }
  if (lines.empty()) {
    throw Error(fmt::format("{}: network '{}' has no convolution and no fully connected layer", path, graph.name()));
  }
  return "# Precisions of layers, for `--layer-precision` (docs/cli.md).\n" + lines;
}

}  // namespace lanewise::network
