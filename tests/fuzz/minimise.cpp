// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/minimise.hpp"

#include <onnx/onnx_pb.h>

#include <optional>

namespace lanewise::fuzz {
namespace {

constexpr int kMostTries = 600;

class Minimiser {
 public:
  Minimiser(const Sandbox& sandbox, const Target& target, std::string input)
      : sandbox_(sandbox), target_(target), best_(std::move(input)) {
    kind_ = kind_of(best_);
  }

  std::string run() {
    if (kind_.empty()) return best_;
    if (std::string(target_.format) == "onnx") drop_parts_of_model();
    for (std::size_t block = best_.size() / 2; block > 0 && tries_ < kMostTries; block /= 2) drop_blocks(block);
    return best_;
  }

 private:
  std::string kind_of(const std::string& input) {
    Tally tally;
    std::string kind;
    sandbox_.run(
        target_, 0, 1, [&](std::uint64_t) { return input; }, tally, [&](const Fault& fault) { kind = fault.kind; });
    ++tries_;
    return kind;
  }

  bool keep(const std::string& smaller) {
    if (tries_ >= kMostTries || kind_of(smaller) != kind_) return false;
    best_ = smaller;
    return true;
  }

  void drop_blocks(std::size_t block) {
    for (std::size_t at = 0; at < best_.size() && tries_ < kMostTries;) {
      std::string smaller = best_;
      smaller.erase(at, block);
      if (!keep(smaller)) at += block;
    }
  }

  template <class Parts>
  void drop_each(const Parts& parts) {
    onnx::ModelProto model;
    if (!model.ParseFromString(best_)) return;
    for (int i = parts(model)->size() - 1; i >= 0; --i) {
      onnx::ModelProto smaller = model;
      parts(smaller)->DeleteSubrange(i, 1);
      if (keep(smaller.SerializeAsString())) model = smaller;
    }
  }

  void drop_parts_of_model() {
    drop_each([](onnx::ModelProto& model) { return model.mutable_graph()->mutable_node(); });
    drop_each([](onnx::ModelProto& model) { return model.mutable_graph()->mutable_initializer(); });
    drop_each([](onnx::ModelProto& model) { return model.mutable_graph()->mutable_input(); });
    drop_each([](onnx::ModelProto& model) { return model.mutable_graph()->mutable_value_info(); });
    drop_each([](onnx::ModelProto& model) { return model.mutable_graph()->mutable_output(); });
    drop_each([](onnx::ModelProto& model) { return model.mutable_functions(); });
  }

  const Sandbox& sandbox_;
  const Target& target_;
  std::string best_, kind_;
  int tries_ = 0;
};

}  // namespace

std::string minimise(const Sandbox& sandbox, const Target& target, const std::string& input) {
  return Minimiser(sandbox, target, input).run();
}

}  // namespace lanewise::fuzz
