// SPDX-License-Identifier: Apache-2.0
#include "estimator/xgboost_model.hpp"

#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

void check(int result) {
  if (result == 0) return;
  // The library's messages are lines of its source and a stack trace, which say nothing to a person.
  throw Error("the estimator's trees cannot be trained or read: XGBoost refuses what it is given");
}

// The library's verbosity is kept for each thread.
void silence() { check(XGBSetGlobalConfig("{\"verbosity\": 0}")); }

class Matrix {
 public:
  Matrix(const std::vector<float>& features, const std::vector<float>& labels) {
    const std::size_t columns = features.size() / labels.size();
    check(XGDMatrixCreateFromMat(features.data(), labels.size(), columns, std::numeric_limits<float>::quiet_NaN(),
                                 &handle_));
    if (XGDMatrixSetFloatInfo(handle_, "label", labels.data(), labels.size()) != 0) {
      XGDMatrixFree(handle_);
      throw Error("the estimator's trees cannot be trained: XGBoost refuses the measured values");
    }
  }
  ~Matrix() { XGDMatrixFree(handle_); }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  DMatrixHandle handle() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

Parameters parameters_of(const BoosterOptions& options) {
  Parameters parameters = {{"booster", "gbtree"},
                           {"tree_method", "hist"},
                           {"base_score", "0"},
                           {"max_depth", std::to_string(options.depth)},
                           {"learning_rate", fmt::format("{}", options.learning_rate)},
                           {"max_bin", "128"},
                           {"min_child_weight", "5"},
                           {"reg_lambda", "1"},
                           {"subsample", "0.8"},
                           {"colsample_bytree", "0.5"},
                           {"seed", std::to_string(options.seed % 0x7fffffff)},
                           {"seed_per_iteration", "1"},
                           {"nthread", "1"}};
  if (options.huber_slope > 0) {
    parameters.emplace_back("objective", "reg:pseudohubererror");
    parameters.emplace_back("huber_slope", fmt::format("{}", options.huber_slope));
  } else {
    parameters.emplace_back("objective", "reg:squarederror");
  }
  return parameters;
}

bool holds_key(const nlohmann::json& tree, const std::string& key) {
  if (!tree.is_structured()) return false;
  if (tree.is_object() && tree.contains(key)) return true;
  for (const nlohmann::json& child : tree) {
    if (holds_key(child, key)) return true;
  }
  return false;
}

// XGBoost takes a parameter that it does not know without a word: each must show in its effective configuration.
void check_known(BoosterHandle handle, const Parameters& parameters) {
  bst_ulong length = 0;
  const char* text = nullptr;
  check(XGBoosterSaveJsonConfig(handle, &length, &text));
  const nlohmann::json config = nlohmann::json::parse(text, text + length);
  for (const auto& [name, value] : parameters) {
    if (!holds_key(config, name)) throw InternalError("XGBoost does not know the parameter '" + name + "'");
  }
}

// Runs in a thread of its own: the library's random numbers are kept for each thread, and a fresh one starts them anew.
template <class Action>
void in_fresh_thread(const Action& action) {
  std::exception_ptr failure;
  std::thread worker([&] {
    try {
      silence();
      action();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  worker.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

XgboostModel::XgboostModel(XgboostModel&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

XgboostModel& XgboostModel::operator=(XgboostModel&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

XgboostModel::~XgboostModel() {
  if (handle_ != nullptr) XGBoosterFree(handle_);
}

XgboostModel XgboostModel::train(const std::vector<float>& features, const std::vector<float>& labels,
                                 const BoosterOptions& options) {
  if (labels.empty() || features.size() % labels.size() != 0) throw InternalError("features and labels do not match");
  XgboostModel model;
  in_fresh_thread([&] {
    const Matrix matrix(features, labels);
    const DMatrixHandle cached[] = {matrix.handle()};
    check(XGBoosterCreate(cached, 1, &model.handle_));
    const Parameters parameters = parameters_of(options);
    for (const auto& [name, value] : parameters) check(XGBoosterSetParam(model.handle_, name.c_str(), value.c_str()));
    for (int tree = 0; tree < options.trees; ++tree) {
      check(XGBoosterUpdateOneIter(model.handle_, tree, matrix.handle()));
    }
    check_known(model.handle_, parameters);
    // What is saved is what predicts: a trained booster and a loaded one give the same numbers.
    model = from_bytes(model.to_bytes());
  });
  return model;
}

XgboostModel XgboostModel::from_bytes(const std::string& bytes) {
  silence();
  XgboostModel model;
  check(XGBoosterCreate(nullptr, 0, &model.handle_));
  check(XGBoosterLoadModelFromBuffer(model.handle_, bytes.data(), bytes.size()));
  check(XGBoosterSetParam(model.handle_, "nthread", "1"));
  return model;
}

std::string XgboostModel::to_bytes() const {
  bst_ulong length = 0;
  const char* bytes = nullptr;
  check(XGBoosterSaveModelToBuffer(handle_, "{\"format\": \"ubj\"}", &length, &bytes));
  return std::string(bytes, length);
}

std::vector<float> XgboostModel::predict(const std::vector<float>& features, std::size_t rows) const {
  if (rows == 0) return {};
  silence();
  const std::string matrix =
      fmt::format("{{\"data\": [{}, true], \"shape\": [{}, {}], \"typestr\": \"<f4\", \"version\": 3}}",
                  reinterpret_cast<std::uintptr_t>(features.data()), rows, features.size() / rows);
  constexpr const char* kConfig =
      "{\"type\": 0, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, \"strict_shape\": false,"
      " \"missing\": NaN, \"cache_id\": 0}";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  check(XGBoosterPredictFromDense(handle_, matrix.c_str(), kConfig, nullptr, &shape, &dimensions, &values));
  if (dimensions != 1 || shape[0] != rows) throw InternalError("XGBoost returned another number of predictions");
  return std::vector<float>(values, values + rows);
}

std::vector<float> XgboostModel::contributions(const std::vector<float>& features) const {
  silence();
  const Matrix matrix(features, {0.0F});
  constexpr const char* kConfig =
      "{\"type\": 2, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, \"strict_shape\": true}";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  check(XGBoosterPredictFromDMatrix(handle_, matrix.handle(), kConfig, &shape, &dimensions, &values));
  std::size_t count = 1;
  for (bst_ulong d = 0; d < dimensions; ++d) count *= shape[d];
  if (count != features.size() + 1) throw InternalError("XGBoost returned another number of contributions");
  return std::vector<float>(values, values + count);
}

}  // namespace lanewise::estimator
