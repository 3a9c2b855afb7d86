// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "core/base/error.hpp"
#include "core/network/rewrite_channels.hpp"
#include "nas/space/stretch.hpp"

namespace lanewise::nas {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

class MoveStretches {
 public:
  explicit MoveStretches(const Graph& graph)
      : graph_(graph), groups_(graph), sites_(network::find_move_sites(graph)), of_(graph.operators().size(), 0) {
    find_ends();
  }

  std::vector<Stretch> run(const std::vector<Gene>& genes) {
    if (ends_.empty()) return {};
    std::vector<Stretch> out(ends_.size() + 1);
    for (std::size_t i = 0; i < ends_.size(); ++i) out[i].end = graph_.tensor(ends_[i]).name;
    for (std::size_t gene = 0; gene < genes.size(); ++gene) {
      const std::vector<bool> reached = reach(genes[gene].name);
      for (std::size_t i = 0; i < out.size(); ++i) {
        if (reached[i]) out[i].genes.push_back(gene);
      }
    }
    return out;
  }

 private:
  static std::size_t index(int id) { return static_cast<std::size_t>(id); }

  // An end is the only tensor alive between two operators. No engine fuses across it: a convolution reads it, which
  // nothing absorbs, and where others read it too it has to exist.
  // Nothing ends within a block: moves may take out what is between its operators.
  bool may_end(TensorId tensor) const {
    const OperatorId writer = graph_.producer(tensor);
    if (writer == kNone || graph_.is_output(tensor)) return false;
    const auto goes_on = [&](const network::Block& block) {
      return block.operators.front() <= writer && block.operators.back() > writer;
    };
    if (std::any_of(graph_.blocks().begin(), graph_.blocks().end(), goes_on)) return false;
    const std::vector<OperatorId>& readers = graph_.consumers(tensor);
    return std::any_of(readers.begin(), readers.end(), [&](OperatorId id) {
      const Operator& op = graph_.op(id);
      return op.kind == OperatorKind::kConvolution && op.inputs.size() == 1 && op.inputs[0] == tensor;
    });
  }

  void find_ends() {
    std::vector<TensorId> alive = graph_.inputs();
    for (OperatorId id = 0; id < static_cast<OperatorId>(graph_.operators().size()); ++id) {
      of_[index(id)] = ends_.size();
      const Operator& op = graph_.op(id);
      alive.insert(alive.end(), op.outputs.begin(), op.outputs.end());
      alive.erase(std::remove_if(alive.begin(), alive.end(),
                                 [&](TensorId tensor) {
                                   const std::vector<OperatorId>& readers = graph_.consumers(tensor);
                                   return !graph_.is_output(tensor) && (readers.empty() || readers.back() <= id);
                                 }),
                  alive.end());
      if (alive.size() == 1 && may_end(alive[0])) ends_.push_back(alive[0]);
    }
  }

  std::vector<bool> reach(const std::string& gene) const {
    const std::size_t dot = gene.find('.');
    const std::string kind = gene.substr(0, dot), site = dot == std::string::npos ? "" : gene.substr(dot + 1);
    if (kind == "fuse") {
      for (const network::Block& block : graph_.blocks()) {
        if (block.name == site) return of_block(block);
      }
    }
    if (kind == "depth_multiplier") {
      for (std::size_t stage = 0; stage < groups_.stages().size(); ++stage) {
        if (groups_.stages()[stage].name == site) return of_stage(stage);
      }
    }
    if (kind == "kernel") {
      for (const network::KernelSite& layer : sites_.kernels) {
        if (layer.name == site) return of_layer(layer.op);
      }
    }
    if (kind == "groups") {
      for (const network::GroupSite& layer : sites_.groups) {
        if (layer.name == site) return of_layer(layer.op);
      }
    }
    return std::vector<bool>(ends_.size() + 1, true);
  }

  // The layer, and what may pad its input.
  std::vector<bool> of_layer(OperatorId layer) const {
    std::vector<bool> reached(ends_.size() + 1, false);
    reached[of_[index(layer)]] = true;
    for (const TensorId input : graph_.op(layer).inputs) {
      if (graph_.producer(input) != kNone) reached[of_[index(graph_.producer(input))]] = true;
    }
    return reached;
  }

  std::vector<bool> of_block(const network::Block& block) const {
    std::vector<bool> reached(ends_.size() + 1, false);
    for (const OperatorId id : block.operators) reached[of_[index(id)]] = true;
    return reached;
  }

  // Twice as many channels change every tensor that has channels of the stage.
  std::vector<bool> of_stage(std::size_t stage) const {
    std::vector<bool> reached(ends_.size() + 1, false);
    std::vector<double> multipliers(groups_.stages().size(), 1.0);
    const std::vector<std::int64_t> before = groups_.scaled_channels(multipliers, 1);
    multipliers[stage] = 2;
    std::vector<std::int64_t> after;
    try {
      after = groups_.scaled_channels(multipliers, 1);
    } catch (const Error&) {  // more channels than any network has
      return std::vector<bool>(ends_.size() + 1, true);
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i] == after[i]) continue;
      const auto id = static_cast<TensorId>(i);
      if (graph_.producer(id) != kNone) reached[of_[index(graph_.producer(id))]] = true;
      for (const OperatorId reader : graph_.consumers(id)) reached[of_[index(reader)]] = true;
    }
    return reached;
  }

  const Graph& graph_;
  network::ChannelGroups groups_;
  network::MoveSites sites_;
  std::vector<TensorId> ends_;
  std::vector<std::size_t> of_;  // by operator: its stretch
};

}  // namespace

std::vector<Stretch> move_stretches(const Graph& graph, const std::vector<Gene>& genes) {
  return MoveStretches(graph).run(genes);
}

}  // namespace lanewise::nas
