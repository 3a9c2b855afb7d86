// SPDX-License-Identifier: Apache-2.0
#include "core/network/compression.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/network/layer_numbers.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::network {
namespace {

template <class T>
bool parse_number(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && !text.empty();
}

bool is_depthwise(const Graph& graph, const Operator& op) {
  return op.kind == OperatorKind::kConvolution && op.groups > 1 && inputs_per_group(graph, op) == 1;
}

// By tensor: whether it is an input of the network, or made of inputs and constants alone without a layer between.
std::vector<bool> find_close_to_inputs(const Graph& graph) {
  std::vector<bool> close(graph.tensors().size(), false);
  for (std::size_t id = 0; id < close.size(); ++id) {
    close[id] = graph.producer(static_cast<TensorId>(id)) == kNone;
  }
  for (const Operator& op : graph.operators()) {
    const bool is_layer = has_form(op) || op.kind == OperatorKind::kMatMul || op.kind == OperatorKind::kHost;
    const bool reads_inputs = std::all_of(op.inputs.begin(), op.inputs.end(),
                                          [&](TensorId input) { return close[static_cast<std::size_t>(input)]; });
    for (const TensorId output : op.outputs) close[static_cast<std::size_t>(output)] = !is_layer && reads_inputs;
  }
  return close;
}

std::string what_if_text(const Compression& how) {
  std::string text;
  if (how.prune)
    text += "--prune " + (how.prune->structured() ? fmt::format("{}:{}", how.prune->kept, how.prune->of)
                                                  : fmt::format("{:g}", how.prune->density));
  if (how.clusters) text += fmt::format("{}--cluster {}", text.empty() ? "" : " ", *how.clusters);
  return text;
}

// The last entry that matches each operator; null where none does.
std::vector<const LayerForm*> find_entries(const Graph& graph, const std::vector<LayerForm>& layers) {
  std::vector<const LayerForm*> chosen(graph.operators().size(), nullptr);
  for (const LayerForm& entry : layers) {
    bool found = false, named = false;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const Operator& op = graph.operators()[i];
      if (!matches(entry.layer, op.name)) continue;
      named = true;
      if (!has_form(op)) continue;
      found = true;
      chosen[i] = &entry;
    }
    if (!found) {
      throw Error(fmt::format("{}: '{}' is no {} of network '{}'", entry.origin, entry.layer,
                              named ? "convolution and no fully connected layer" : "operator", graph.name()));
    }
  }
  return chosen;
}

}  // namespace

bool takes(const Graph& graph, const Operator& op, const WeightForm& form) {
  return !form.structured() || inputs_per_group(graph, op) % form.of == 0;
}

WeightForm as_if(const WeightForm& was, const LayerNumbers& numbers) {
  WeightForm form = was;
  if (numbers.prune) {
    form.density = std::min(was.density, numbers.prune->density);
    const bool stricter = was.structured() && was.kept * numbers.prune->of <= numbers.prune->kept * was.of;
    if (numbers.prune->structured() && !stricter) {
      form.kept = numbers.prune->kept;
      form.of = numbers.prune->of;
    }
  }
  if (numbers.clusters) {
    form.clusters = was.clusters == 0 ? *numbers.clusters : std::min(was.clusters, *numbers.clusters);
  }
  return form;
}

WeightForm parse_structure(const std::string& text) {
  WeightForm form;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || !parse_number(text.substr(0, colon), form.kept) ||
      !parse_number(text.substr(colon + 1), form.of) || form.of == 0) {
    throw Error("structure '" + text + "': must be N:M, such as 2:4");
  }
  require_valid(form.of > 0 && form.kept > 0 && form.kept < form.of ? WeightForm{form.kept, form.of, kDensityStep, 0}
                                                                    : form);
  form.density = rounded_density(static_cast<double>(form.kept) / static_cast<double>(form.of));
  return form;
}

WeightForm parse_prune(const std::string& text) {
  if (text.find(':') != std::string::npos) return parse_structure(text);
  WeightForm form;
  if (!parse_number(text, form.density))
    throw Error("'" + text + "': must be N:M, such as 2:4, or the share that is left, such as 0.5");
  require_valid(form);
  if (form.density == 1) throw Error("'" + text + "': a share of 1 prunes nothing");
  return form;
}

bool has_form(const Operator& op) {
  return !op.weights.empty() && (op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected);
}

std::int64_t inputs_per_group(const Graph& graph, const Operator& op) {
  const std::vector<std::int64_t>& shape = graph.tensor(op.weights[0]).shape;
  return op.transposed ? shape.at(0) / op.groups : shape.at(1);
}

std::vector<bool> prunable(const Graph& graph) {
  const std::vector<bool> close = find_close_to_inputs(graph);
  std::vector<bool> result;
  for (const Operator& op : graph.operators()) {
    const bool first = !op.inputs.empty() && close[static_cast<std::size_t>(op.inputs[0])];
    result.push_back(has_form(op) && !first && !is_depthwise(graph, op));
  }
  return result;
}

Graph with_compression(const Graph& graph, const Compression& how, const std::vector<std::vector<float>>& numbers) {
  std::map<TensorId, std::pair<WeightForm, const Operator*>> forms;
  const std::vector<bool> pruned = prunable(graph);
  const std::vector<const LayerForm*> entries = find_entries(graph, how.layers);
  bool taken = false;
  for (std::size_t i = 0; i < graph.operators().size(); ++i) {
    const Operator& op = graph.operators()[i];
    if (!has_form(op)) continue;
    const TensorId id = op.weights[0];
    const Tensor& weight = graph.tensor(id);
    WeightForm form = weight.form;
    if (how.counted) {
      form = counted_form(numbers.at(i), weight.shape, op.groups, op.transposed, bits(weight.precision));
    }
    if (pruned[i] && (how.prune || how.clusters)) {
      // A layer whose channels N:M does not divide is clustered all the same.
      LayerNumbers fitting{how.prune, how.clusters, {}};
      if (how.prune && !takes(graph, op, *how.prune)) fitting.prune.reset();
      form = as_if(form, fitting);
      taken = taken || fitting.prune || fitting.clusters;
    }
    if (entries[i] != nullptr) {
      form = entries[i]->form;
      if (!takes(graph, op, form)) {
        throw Error(fmt::format("{}: {}:{} needs input channels that are a multiple of {}; '{}' has {}{}",
                                entries[i]->origin, form.kept, form.of, form.of, op.name, inputs_per_group(graph, op),
                                op.groups > 1 ? " in each group" : ""));
      }
    }
    require_valid(form);
    const auto [other, is_new] = forms.emplace(id, std::pair(form, &op));
    if (!is_new && other->second.first != form) {
      if (entries[i] == nullptr) continue;  // a what-if changes what it may, once
      throw Error(fmt::format("{}: '{}' shares its weight '{}' with '{}', which has another form", entries[i]->origin,
                              op.name, weight.name, other->second.second->name));
    }
  }
  if ((how.prune || how.clusters) && !taken) {
    throw Error(fmt::format("{}: no layer of network '{}' can be compressed so", what_if_text(how), graph.name()));
  }
  GraphBuilder builder(graph.name());
  for (const Tensor& tensor : graph.tensors()) {
    const TensorId id = builder.add_tensor(tensor);
    if (const auto found = forms.find(id); found != forms.end()) builder.tensor(id).form = found->second.first;
  }
  for (const TensorId input : graph.inputs()) builder.mark_input(input);
  for (const TensorId output : graph.outputs()) builder.mark_output(output);
  for (const Operator& op : graph.operators()) builder.add_operator(op);
  return std::move(builder).build();
}

WeightForm counted_form(const std::vector<float>& numbers, const std::vector<std::int64_t>& shape, std::int64_t groups,
                        bool transposed, int bits) {
  WeightForm form;
  const auto elements = static_cast<std::int64_t>(numbers.size());
  // A transposed weight is [inputs, outputs per group, …], others are [outputs, inputs per group, …].
  const std::int64_t inputs = transposed ? shape.at(0) / groups : shape.at(1);
  const std::int64_t outer = transposed ? groups : shape.at(0);
  const std::int64_t inner = elements / (outer * inputs);
  for (const std::int64_t of : {2, 4, 8, 16}) {
    if (inputs % of != 0) continue;
    std::int64_t most = 0;
    for (std::int64_t o = 0; o < outer && most < of; ++o) {
      for (std::int64_t first = 0; first < inputs && most < of; first += of) {
        for (std::int64_t i = 0; i < inner; ++i) {
          std::int64_t kept = 0;
          for (std::int64_t c = first; c < first + of; ++c) {
            kept += numbers[static_cast<std::size_t>((o * inputs + c) * inner + i)] != 0 ? 1 : 0;
          }
          most = std::max(most, kept);
        }
      }
    }
    most = std::max<std::int64_t>(most, 1);
    const bool better = !form.structured() || most * form.of < form.kept * of;
    if (most < of && better) {
      form.kept = most;
      form.of = of;
    }
  }
  const auto zeros = std::count(numbers.begin(), numbers.end(), 0.0F);
  form.density = rounded_density(static_cast<double>(elements - zeros) / static_cast<double>(elements));
  // Rounding must not make a tensor with zeros dense, nor one without them sparse.
  if (zeros > 0 && form.density == 1) form.density = rounded_density(1 - kDensityStep);
  constexpr int kMostIndexBits = 8;
  const int index_bits = std::min(kMostIndexBits, bits - 1);
  const std::int64_t most_values = std::min(std::int64_t{1} << index_bits, elements / 2);
  std::vector<float> values;  // ascending
  for (const float number : numbers) {
    const auto place = std::lower_bound(values.begin(), values.end(), number);
    if (place != values.end() && *place == number) continue;
    values.insert(place, number);
    if (static_cast<std::int64_t>(values.size()) > most_values) return form;
  }
  if (most_values >= 2) form.clusters = std::max<std::int64_t>(2, static_cast<std::int64_t>(values.size()));
  return form;
}

std::int64_t nonzeros(const Tensor& weight) {
  return std::llround(static_cast<double>(weight.elements()) * weight.form.density);
}

}  // namespace lanewise::network
