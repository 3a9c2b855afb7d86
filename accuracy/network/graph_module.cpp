// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/graph_module.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "accuracy/network/batch_axes.hpp"
#include "accuracy/network/initialisation.hpp"
#include "accuracy/network/operation.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {

using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;

namespace {

bool is_map(const torch::Tensor& tensor) { return tensor.dim() == 4; }

WeightRole role_of(const Operator& op, std::size_t place) {
  switch (op.kind) {
    case OperatorKind::kConvolution:
      return place == 0 ? WeightRole::kConvolution : WeightRole::kBias;
    case OperatorKind::kFullyConnected:
      return place == 0 ? WeightRole::kLinear : WeightRole::kBias;
    case OperatorKind::kBatchNormalization:
      return place == 0 || place == 3 ? WeightRole::kScale : WeightRole::kShift;
    case OperatorKind::kLayerNormalization:
      return place == 0 ? WeightRole::kScale : WeightRole::kShift;
    default:
      return WeightRole::kOther;
  }
}

// Whether the gradient of what writes a tensor is computed without the tensor itself.
bool forgets_its_result(const Operator& op) {
  switch (op.kind) {
    case OperatorKind::kConvolution:
    case OperatorKind::kFullyConnected:
    case OperatorKind::kBatchNormalization:
      return true;
    case OperatorKind::kElementwise:
      return op.elementwise == network::ElementwiseFunction::kAdd;
    default:
      return false;
  }
}

bool overwrites_well(const Operator& op) {
  using network::ActivationFunction;
  if (op.kind == OperatorKind::kActivation) {
    return (op.activation == ActivationFunction::kRelu && op.source_type != "ThresholdedRelu" &&
            op.source_type != "Shrink") ||
           op.activation == ActivationFunction::kRelu6 || op.activation == ActivationFunction::kClip;
  }
  return op.kind == OperatorKind::kElementwise && op.elementwise == network::ElementwiseFunction::kAdd &&
         op.inputs.size() == 2 && op.weights.empty() && op.inputs[0] != op.inputs[1];
}

}  // namespace

GraphModule::GraphModule(const network::Graph& graph, const GraphModuleOptions& options)
    : graph_(graph), options_(options) {
  compile();
  register_weights();
}

const network::OperatorDetails* GraphModule::details(const Operator& op) const {
  if (options_.file == nullptr) return nullptr;
  const auto found = options_.file->operators.find(op.name);
  return found == options_.file->operators.end() ? nullptr : &found->second;
}

void GraphModule::compile() {
  batch_axes_ = find_batch_axes(graph_, [this](const Operator& op) { return details(op); });
  std::vector<std::size_t> last_reader(graph_.tensors().size(), 0);
  const auto& operators = graph_.operators();
  for (std::size_t i = 0; i < operators.size(); ++i) {
    for (const TensorId id : operators[i].inputs) last_reader[static_cast<std::size_t>(id)] = i;
  }
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const Operator& op = operators[i];
    Step step;
    step.compute = make_operation({graph_, op, details(op)});
    std::set<TensorId> read(op.inputs.begin(), op.inputs.end());
    for (const TensorId id : read) {
      if (graph_.tensor(id).role == TensorRole::kActivation && last_reader[static_cast<std::size_t>(id)] == i &&
          !graph_.is_output(id))
        step.released.push_back(id);
    }
    choose_overwriting(op, step);
    steps_.push_back(std::move(step));
  }
}

void GraphModule::choose_overwriting(const Operator& op, Step& step) const {
  if (!overwrites_well(op)) return;
  const auto may_go = [&](TensorId id) {
    const network::OperatorId producer = graph_.producer(id);
    return producer != kNone && forgets_its_result(graph_.op(producer)) && graph_.consumers(id).size() == 1 &&
           !graph_.is_output(id) && graph_.tensor(id).shape == graph_.tensor(op.outputs[0]).shape;
  };
  step.overwrites = may_go(op.inputs[0]);
  if (step.overwrites || op.inputs.size() < 2 || !may_go(op.inputs[1])) return;
  step.overwrites = step.swaps = true;
}

void GraphModule::register_weights() {
  for (const Operator& op : graph_.operators()) {
    for (std::size_t place = 0; place < op.weights.size(); ++place) {
      const bool is_statistic = op.kind == OperatorKind::kBatchNormalization && place >= 2;
      register_weight(op, op.weights[place], role_of(op, place), is_statistic);
    }
    for (const TensorId id : op.inputs) {
      if (graph_.tensor(id).role != TensorRole::kWeight) continue;
      register_weight(op, id, WeightRole::kOther, false);
      read_as_inputs_.insert(id);
    }
  }
  std::stable_partition(weights_.begin(), weights_.end(), [](const Weight& w) { return !w.is_statistic; });
  std::set<std::string> taken;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    Weight& weight = weights_[i];
    by_id_[weight.id] = i;
    initialise(weight, Initialisation::kFm28, 0, i);
    std::replace(weight.name.begin(), weight.name.end(), '.', '/');
    if (weight.name.empty()) weight.name = "unnamed";
    const std::string base = weight.name;
    for (int copy = 2; !taken.insert(weight.name).second; ++copy) weight.name = fmt::format("{}_{}", base, copy);
    if (weight.is_statistic) {
      register_buffer(weight.name, weight.tensor);
    } else {
      register_parameter(weight.name, weight.tensor);
    }
  }
  if (options_.file != nullptr) load(*options_.file);
}

void GraphModule::register_weight(const Operator& op, TensorId id, WeightRole role, bool is_statistic) {
  const network::Tensor& tensor = graph_.tensor(id);
  const bool known = constants_.count(id) > 0 ||
                     std::any_of(weights_.begin(), weights_.end(), [&](const Weight& w) { return w.id == id; });
  if (known) return;
  const Described described{graph_, op, details(op)};
  const network::FileDetails* file = options_.file.get();
  const auto real = torch::TensorOptions().dtype(torch::kFloat);
  if (tensor.parameters() == tensor.elements() || is_statistic) {
    torch::Tensor value = torch::empty(tensor.shape, real);
    if (options_.channels_last && role == WeightRole::kConvolution)
      value = value.contiguous(at::MemoryFormat::ChannelsLast);
    weights_.push_back({id, tensor.name, role, value, is_statistic});
    return;
  }
  if (tensor.parameters() == 0) {
    const auto numbers =
        file == nullptr ? std::map<std::string, std::vector<float>>::const_iterator{} : file->numbers.find(tensor.name);
    if (file == nullptr || numbers == file->numbers.end()) {
      described.refuse(fmt::format("its constant '{}' is not trained, and no file gives its numbers", tensor.name));
    }
    constants_[id] =
        register_buffer(fmt::format("constant_{}", id), torch::tensor(numbers->second, real).view(tensor.shape));
    return;
  }
  if (file == nullptr || file->sources.count(tensor.name) == 0) {
    described.refuse(fmt::format("its weight '{}' is made from {} trained numbers, and no file says how", tensor.name,
                                 tensor.parameters()));
  }
  maps_[id] = register_buffer(fmt::format("places_{}", id), torch::tensor(file->sources.at(tensor.name), torch::kLong));
  weights_.push_back({id, tensor.name, role, torch::empty({tensor.parameters()}, real), false});
}

void GraphModule::load(const network::FileDetails& file) {
  torch::NoGradGuard no_gradients;
  for (Weight& weight : weights_) {
    const auto found = file.numbers.find(graph_.tensor(weight.id).name);
    if (found == file.numbers.end()) continue;
    torch::Tensor numbers = torch::tensor(found->second, torch::TensorOptions().dtype(torch::kFloat));
    if (const auto map = maps_.find(weight.id); map != maps_.end()) {
      weight.tensor.index_put_({map->second}, numbers);
    } else if (numbers.numel() == weight.tensor.numel()) {
      weight.tensor.copy_(numbers.view(weight.tensor.sizes()));
    } else {
      continue;
    }
    ++loaded_;
  }
}

torch::Tensor GraphModule::read_weight(TensorId id) const {
  const auto constant = constants_.find(id);
  if (constant != constants_.end()) return constant->second;
  const torch::Tensor& tensor = weights_[by_id_.at(id)].tensor;
  const auto map = maps_.find(id);
  const torch::Tensor whole =
      map == maps_.end() ? tensor : tensor.index_select(0, map->second).view(graph_.tensor(id).shape);
  return weight_view_ ? weight_view_(id, whole) : whole;
}

void GraphModule::set_batch(std::int64_t batch) {
  if (batch == batch_) return;
  const std::int64_t own = batch_of(graph_);
  std::vector<std::vector<std::int64_t>> shapes;
  for (std::size_t id = 0; id < graph_.tensors().size(); ++id) {
    const network::Tensor& tensor = graph_.tensors()[id];
    shapes.push_back(tensor.shape);
    if (batch == own || tensor.role == TensorRole::kWeight) continue;
    if (batch_axes_[id] == kNone) {
      const network::OperatorId producer = graph_.producer(static_cast<TensorId>(id));
      throw Error(
          fmt::format("network '{}': runs at a batch of {} only, not of {}: operator '{}' mixes the images of a batch",
                      graph_.name(), own, batch, producer == kNone ? tensor.name : graph_.op(producer).name));
    }
    std::int64_t& size = shapes.back()[static_cast<std::size_t>(batch_axes_[id])];
    size = size / own * batch;
  }
  shapes_ = std::move(shapes);
  batch_ = batch;
}

std::vector<torch::Tensor> GraphModule::run(const Operator& op, const Step& step, std::vector<torch::Tensor>& values) {
  Call call;
  for (const TensorId id : op.inputs) call.inputs.push_back(values[static_cast<std::size_t>(id)]);
  for (const TensorId id : op.weights) call.weights.push_back(read_weight(id));
  for (const TensorId id : op.outputs) call.shapes.push_back(&shapes_[static_cast<std::size_t>(id)]);
  call.overwrites = step.overwrites && !observer_;
  call.trains = is_training();
  if (call.overwrites && step.swaps) std::swap(call.inputs[0], call.inputs[1]);
  std::vector<torch::Tensor> results = step.compute(call);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].sizes() == *call.shapes[i]) continue;
    throw Error(fmt::format("network '{}': operator '{}' writes [{}], its graph says [{}]", graph_.name(), op.name,
                            fmt::join(results[i].sizes().vec(), ", "), fmt::join(*call.shapes[i], ", ")));
  }
  return results;
}

std::vector<torch::Tensor> GraphModule::forward(const std::vector<torch::Tensor>& inputs) {
  if (inputs.size() != graph_.inputs().size()) {
    throw Error(fmt::format("network '{}': takes {} inputs, {} were given", graph_.name(), graph_.inputs().size(),
                            inputs.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (graph_.tensor(graph_.inputs()[i]).shape.empty() || inputs[i].dim() == 0) continue;
    set_batch(inputs[i].size(0));
    break;
  }
  if (shapes_.empty()) set_batch(batch_of(graph_));
  std::vector<torch::Tensor> values(graph_.tensors().size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto id = static_cast<std::size_t>(graph_.inputs()[i]);
    if (inputs[i].sizes() != shapes_[id]) {
      throw Error(fmt::format("network '{}': input '{}' is [{}], not [{}]", graph_.name(), graph_.tensors()[id].name,
                              fmt::join(shapes_[id], ", "), fmt::join(inputs[i].sizes().vec(), ", ")));
    }
    const bool turns = options_.channels_last && is_map(inputs[i]) && inputs[i].is_floating_point();
    values[id] = turns ? inputs[i].contiguous(at::MemoryFormat::ChannelsLast) : inputs[i];
    if (input_view_) values[id] = input_view_(graph_.inputs()[i], values[id]);
  }
  for (const TensorId id : read_as_inputs_) values[static_cast<std::size_t>(id)] = read_weight(id);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Operator& op = graph_.operators()[i];
    std::vector<torch::Tensor> results = run(op, steps_[i], values);
    for (std::size_t n = 0; n < results.size(); ++n) {
      torch::Tensor value = std::move(results[n]);
      if (observer_) value = observer_(op, op.outputs[n], std::move(value));
      values[static_cast<std::size_t>(op.outputs[n])] = std::move(value);
    }
    for (const TensorId id : steps_[i].released) values[static_cast<std::size_t>(id)] = torch::Tensor();
  }
  std::vector<torch::Tensor> outputs;
  for (const TensorId id : graph_.outputs()) outputs.push_back(values[static_cast<std::size_t>(id)]);
  return outputs;
}

}  // namespace lanewise::accuracy
