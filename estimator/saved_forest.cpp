// SPDX-License-Identifier: Apache-2.0
#include "estimator/saved_forest.hpp"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& rule) { throw Error("saved trees: " + rule); }

// A tree as it is saved: a column for each property of its nodes.
struct Columns {
  std::vector<std::int64_t> left, right, feature, left_without_value;
  std::vector<float> value;  // threshold, or a leaf's answer
};

// Collects what predictions need, without a tree of values in between: a model has millions of them.
class Handler : public nlohmann::json_sax<Json> {
 public:
  std::vector<Columns> trees;
  std::optional<std::string> booster, base_score, outputs;

  bool null() override { return true; }
  bool boolean(bool value) override { return number_integer(value ? 1 : 0); }
  bool number_integer(number_integer_t value) override {
    if (whole_ != nullptr) whole_->push_back(value);
    if (real_ != nullptr) real_->push_back(static_cast<float>(value));
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override {
    if (whole_ != nullptr) refuse("a number that must be whole is not");
    if (real_ != nullptr) real_->push_back(static_cast<float>(value));  // saved in single precision: nothing is lost
    return true;
  }
  bool string(string_t& value) override {
    if (text_ != nullptr) *text_ = value;
    text_ = nullptr;
    return true;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override {
    whole_ = nullptr;
    real_ = nullptr;
    return true;
  }
  bool key(string_t& name) override {
    whole_ = nullptr;
    real_ = nullptr;
    text_ = nullptr;
    if (name == "name" && !booster) {
      text_ = &booster;
    } else if (name == "base_score") {
      text_ = &base_score;
    } else if (name == "num_class") {
      text_ = &outputs;
    } else if (name == "trees") {
      in_trees_ = true;
    } else if (in_trees_) {
      // The columns of a tree are in the order of their names: base weights first.
      if (name == "base_weights") trees.emplace_back();
      if (!trees.empty()) open_column(name, trees.back());
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    refuse("they are no whole document");
  }

 private:
  void open_column(const std::string& name, Columns& tree) {
    if (name == "left_children") whole_ = &tree.left;
    if (name == "right_children") whole_ = &tree.right;
    if (name == "split_indices") whole_ = &tree.feature;
    if (name == "default_left") whole_ = &tree.left_without_value;
    if (name == "split_conditions") real_ = &tree.value;
  }

  bool in_trees_ = false;
  std::vector<std::int64_t>* whole_ = nullptr;
  std::vector<float>* real_ = nullptr;
  std::optional<std::string>* text_ = nullptr;
};

// Root first, children behind their parents, whatever order they are saved in.
std::vector<Forest::Node> nodes_of(const Columns& tree) {
  const std::size_t count = tree.left.size();
  if (count == 0 || tree.right.size() != count || tree.feature.size() != count || tree.value.size() != count ||
      tree.left_without_value.size() != count) {
    refuse("a tree's columns are not of one length");
  }
  std::vector<Forest::Node> nodes(1);
  std::vector<std::size_t> saved_at = {0};
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const std::size_t at = saved_at[n];
    nodes[n].value = tree.value[at];
    if (tree.left[at] < 0) continue;
    if (tree.feature[at] < 0 || tree.feature[at] > std::numeric_limits<std::uint16_t>::max()) {
      refuse("a node asks for a feature that cannot be");
    }
    nodes[n].feature = static_cast<std::uint16_t>(tree.feature[at]);
    nodes[n].left_without_value = tree.left_without_value[at] != 0;
    nodes[n].left = static_cast<std::uint32_t>(nodes.size());
    for (const std::int64_t child : {tree.left[at], tree.right[at]}) {
      if (child <= 0 || static_cast<std::size_t>(child) >= count || saved_at.size() >= count) {
        refuse("a node has a child that is none of its tree");
      }
      saved_at.push_back(static_cast<std::size_t>(child));
    }
    nodes.resize(saved_at.size());
  }
  return nodes;
}

}  // namespace

Forest read_forest(const std::string& ubjson) {
  Handler model;
  if (!Json::sax_parse(ubjson, &model, Json::input_format_t::ubjson)) refuse("are not what XGBoost saves");
  if (model.booster != "gbtree") refuse("the booster must be of trees");
  if (!model.base_score) refuse("there is nothing to start the sums from");
  if (model.outputs.value_or("0") != "0" && model.outputs != "1") refuse("there must be one output");
  Forest forest(std::strtof(model.base_score->c_str(), nullptr));
  for (const Columns& tree : model.trees) forest.add_tree(nodes_of(tree));
  forest.finish();
  return forest;
}

}  // namespace lanewise::estimator
