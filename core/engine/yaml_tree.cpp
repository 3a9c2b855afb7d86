// SPDX-License-Identifier: Apache-2.0
#include "core/engine/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::engine {
namespace {

// Builds the tree from what the parser comes across. Counting here and not afterwards keeps a document from ever being
// larger than the limits.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& path) : path_(path) {}

  const YamlNode& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(node(mark), anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode scalar = node(mark);
    scalar.kind = YamlNode::Kind::kScalar;
    scalar.text = value;
    add(std::move(scalar), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::kList, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::kMap, anchor);
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = named_.find(anchor);
    if (found == named_.end()) fail(mark.line + 1, "an alias stands inside of what it names");
    const Named& named = found->second;
    count(mark.line + 1, named.nodes);
    require_depth(mark.line + 1, named.depth);
    attach(named.node, named.depth);
  }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;  // 0: none
    int nodes_before = 0;
    int depth = 0;  // of what is in it
  };
  struct Named {
    YamlNode node;
    int nodes = 0, depth = 0;
  };

  [[noreturn]] void fail(int line, const std::string& what) const {
    throw Error(path_ + ":" + std::to_string(line) + ": " + what);
  }
  YamlNode node(const YAML::Mark& mark) {
    YamlNode fresh;
    fresh.line = mark.line + 1;
    count(fresh.line, 1);
    return fresh;
  }
  void count(int line, int more) {
    if (more > kMostNodes - nodes_) {
      fail(line, "more than " + std::to_string(kMostNodes) + " keys and values, those that aliases stand for included");
    }
    nodes_ += more;
  }
  void require_depth(int line, int below) const {
    if (static_cast<int>(open_.size()) + below >= kDeepestNesting) fail(line, "nested too deep");
  }

  void add(YamlNode fresh, YAML::anchor_t anchor) {
    if (anchor != 0) named_[anchor] = {fresh, 1, 0};
    attach(std::move(fresh), 0);
  }
  void open(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    require_depth(mark.line + 1, 0);
    Open fresh;
    fresh.nodes_before = nodes_;
    fresh.node = node(mark);
    fresh.node.kind = kind;
    fresh.anchor = anchor;
    // A name that is given again stands for the new node, which is not complete yet.
    if (anchor != 0) named_.erase(anchor);
    open_.push_back(std::move(fresh));
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) named_[done.anchor] = {done.node, nodes_ - done.nodes_before, done.depth + 1};
    attach(std::move(done.node), done.depth + 1);
  }
  void attach(YamlNode child, int depth) {
    if (open_.empty()) {
      root_ = std::move(child);
      return;
    }
    open_.back().node.items.push_back(std::move(child));
    open_.back().depth = std::max(open_.back().depth, depth);
  }

  const std::string& path_;
  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Named> named_;
  int nodes_ = 0;
};

}  // namespace

YamlNode parse_yaml(const std::string& path, const std::string& text) {
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder builder(path);
    if (!parser.HandleNextDocument(builder) || builder.root().kind == YamlNode::Kind::kNull) {
      throw Error(path + ": is empty");
    }
    YamlNode root = builder.root();
    TreeBuilder next(path);
    if (parser.HandleNextDocument(next)) throw Error(path + ": holds several YAML documents, must be one");
    return root;
  } catch (const YAML::Exception& error) {
    throw Error(path + ":" + std::to_string(error.mark.line + 1) + ": is not YAML: " + error.msg);
  }
}

}  // namespace lanewise::engine
