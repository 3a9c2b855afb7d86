// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/lowerings/recurrent_activation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace lanewise::network::importing {

namespace {

// How many numbers a function takes from `activation_alpha` and `activation_beta`, and what they are where these end.
struct Function {
  const char* name;  // in lower case: files write it in any
  bool has_alpha, has_beta;
  double alpha, beta;
};

constexpr Function kFunctions[] = {
    {"affine", true, true, 1.0, 0.0},           {"elu", true, false, 1.0, 0.0},
    {"hardsigmoid", true, true, 0.2, 0.5},      {"leakyrelu", true, false, 0.01, 0.0},
    {"relu", false, false, 0.0, 0.0},           {"scaledtanh", true, true, 1.0, 1.0},
    {"sigmoid", false, false, 0.0, 0.0},        {"softplus", false, false, 0.0, 0.0},
    {"softsign", false, false, 0.0, 0.0},       {"tanh", false, false, 0.0, 0.0},
    {"thresholdedrelu", true, false, 1.0, 0.0},
};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const Function& function_of(const Lowering& lowering, const std::string& name) {
  const std::string lower = lower_case(name);
  for (const Function& function : kFunctions) {
    if (lower == function.name) return function;
  }
  lowering.fail(fmt::format("the activation '{}' is not known", name));
}

std::vector<std::string> names_of(const Lowering& lowering) {
  const std::string& type = lowering.proto().op_type();
  const bool is_gru = type == "GRU", is_rnn = type == "RNN";
  const std::vector<std::string> defaults = is_rnn   ? std::vector<std::string>{"Tanh"}
                                            : is_gru ? std::vector<std::string>{"Sigmoid", "Tanh"}
                                                     : std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"};
  const onnx::AttributeProto* given = find_attribute(lowering.proto(), "activations");
  std::vector<std::string> names;
  if (given != nullptr) names.assign(given->strings().begin(), given->strings().end());
  if (names.empty()) names = defaults;
  if (names.size() == defaults.size()) {
    const std::vector<std::string> of_one = names;  // of both directions
    names.insert(names.end(), of_one.begin(), of_one.end());
  }
  if (names.size() != 2 * defaults.size()) {
    lowering.fail(fmt::format("names {} activations; must be {} a direction", names.size(), defaults.size()));
  }
  return names;
}

double number_of(const Lowering& lowering, const char* list, std::size_t at, double otherwise) {
  const onnx::AttributeProto* given = find_attribute(lowering.proto(), list);
  if (given == nullptr || at >= static_cast<std::size_t>(given->floats_size())) return otherwise;
  return static_cast<double>(given->floats(static_cast<int>(at)));
}

}  // namespace

std::string emit_recurrent_activation(Lowering& lowering, const std::string& x, std::size_t direction,
                                      std::size_t which) {
  const std::vector<std::string> names = names_of(lowering);
  const std::size_t chosen = direction * (names.size() / 2) + which;
  // The two lists hold numbers only for the functions that take one.
  std::size_t alphas = 0, betas = 0;
  for (std::size_t i = 0; i < chosen; ++i) {
    alphas += function_of(lowering, names[i]).has_alpha ? 1U : 0U;
    betas += function_of(lowering, names[i]).has_beta ? 1U : 0U;
  }
  const Function& function = function_of(lowering, names[chosen]);
  const double alpha = number_of(lowering, "activation_alpha", alphas, function.alpha);
  const double beta = number_of(lowering, "activation_beta", betas, function.beta);
  const std::string name = function.name;
  if (name == "affine") {
    return lowering.emit("Add", {lowering.emit("Mul", {x, lowering.number(alpha)}), lowering.number(beta)});
  }
  if (name == "scaledtanh") {
    const std::string inner = lowering.emit("Tanh", {lowering.emit("Mul", {x, lowering.number(beta)})});
    return lowering.emit("Mul", {inner, lowering.number(alpha)});
  }
  if (name == "softsign") {
    return lowering.emit("Div", {x, lowering.emit("Add", {lowering.emit("Abs", {x}), lowering.number(1)})});
  }
  if (name == "elu") return lowering.emit("Elu", {x}, {attribute("alpha", alpha)});
  if (name == "leakyrelu") return lowering.emit("LeakyRelu", {x}, {attribute("alpha", alpha)});
  if (name == "thresholdedrelu") return lowering.emit("ThresholdedRelu", {x}, {attribute("alpha", alpha)});
  if (name == "hardsigmoid") {
    return lowering.emit("HardSigmoid", {x}, {attribute("alpha", alpha), attribute("beta", beta)});
  }
  const char* plain = name == "relu"       ? "Relu"
                      : name == "sigmoid"  ? "Sigmoid"
                      : name == "softplus" ? "Softplus"
                                           : "Tanh";
  return lowering.emit(plain, {x});
}

}  // namespace lanewise::network::importing
