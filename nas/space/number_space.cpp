// SPDX-License-Identifier: Apache-2.0
#include "nas/space/number_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

constexpr std::size_t kMostNumberGenes = 4096;

const std::string& place_of(const SpaceLayer& layer, NumberRule::Per per) {
  static const std::string whole;
  switch (per) {
    case NumberRule::Per::kNetwork:
      return whole;
    case NumberRule::Per::kStage:
      return layer.stage;
    case NumberRule::Per::kBlock:
      return layer.block;
    case NumberRule::Per::kLayer:
      break;
  }
  return layer.place;
}

bool means(const NumberRule& rule, const SpaceLayer& layer) {
  if (rule.layers.empty()) return !layer.spared;
  return std::any_of(rule.layers.begin(), rule.layers.end(),
                     [&](const std::string& pattern) { return network::matches(pattern, layer.name); });
}

void take(network::LayerNumbers& all, const network::LayerNumbers& part) {
  if (part.prune) all.prune = part.prune;
  if (part.clusters) all.clusters = part.clusters;
  if (part.precision.weights) all.precision.weights = part.precision.weights;
  if (part.precision.activations) all.precision.activations = part.precision.activations;
}

}  // namespace

NumberSpace::NumberSpace(std::vector<NumberRule> rules, std::unique_ptr<NetworkSpace> networks)
    : rules_(std::move(rules)),
      networks_(std::move(networks)),
      layers_(networks_->layers()),
      genes_(networks_->genes()),
      left_out_(networks_->left_out()) {
  for (std::size_t i = 0; i < layers_.size(); ++i) layer_of_.emplace(layers_[i].name, i);
  assign_rules();
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    add_genes(rule, Property::kPrune, rules_[rule].prune);
    add_genes(rule, Property::kCluster, rules_[rule].cluster);
    add_genes(rule, Property::kWeights, rules_[rule].weights);
    add_genes(rule, Property::kActivations, rules_[rule].activations);
  }
  genes_.insert(genes_.end(), own_.begin(), own_.end());
  std::set<std::string> names;
  for (const Gene& gene : genes_) {
    if (!names.insert(gene.name).second) {
      throw Error(fmt::format("numbers: '{}' is the name of two genes: the rule needs another name", gene.name));
    }
  }
  if (networks_->encode(Genotype(networks_->genes().size(), 0)).find(kNumberMark) != std::string::npos) {
    throw Error(
        fmt::format("numbers: the encodings of the networks hold '{}', which stands before numbers", kNumberMark));
  }
}

void NumberSpace::assign_rules() {
  rule_of_.assign(layers_.size(), rules_.size());
  std::vector<bool> meant(rules_.size(), false);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      if (!means(rules_[rule], layers_[i])) continue;
      meant[rule] = true;
      rule_of_[i] = rule;
    }
  }
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    if (meant[rule]) continue;
    throw Error(fmt::format("numbers.{}: means no convolution and no fully connected layer: layers {}",
                            rules_[rule].name,
                            rules_[rule].layers.empty() ? "beside the first and depthwise ones"
                                                        : fmt::format("{}", fmt::join(rules_[rule].layers, ", "))));
  }
}

void NumberSpace::add_genes(std::size_t rule, Property property, const std::vector<std::string>& values) {
  if (values.empty()) return;
  static constexpr const char* kNames[] = {"prune", "cluster", "weights", "activations"};
  NumberGene pattern;
  pattern.rule = rule;
  pattern.numbers.emplace_back();
  std::vector<std::string> texts = {kAsIs};
  for (const std::string& value : values) {
    network::LayerNumbers numbers;
    if (property == Property::kPrune) numbers.prune = network::parse_prune(value);
    if (property == Property::kCluster) numbers = network::parse_layer_numbers(value + " clusters");
    if (property == Property::kWeights) numbers.precision.weights = parse_precision(value);
    if (property == Property::kActivations) numbers.precision.activations = parse_precision(value);
    pattern.numbers.push_back(numbers);
    texts.push_back(value);
  }
  std::vector<std::string> places;
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (rule_of_[i] != rule) continue;
    const std::string& place = place_of(layers_[i], rules_[rule].per);
    if (groups[place].empty()) places.push_back(place);
    groups[place].push_back(i);
  }
  for (const std::string& place : places) {
    if (own_.size() == kMostNumberGenes) {
      throw Error(fmt::format("numbers.{}: more than {} genes in all", rules_[rule].name, kMostNumberGenes));
    }
    pattern.layers = groups[place];
    own_.push_back({fmt::format("{}.{}{}{}", rules_[rule].name, kNames[static_cast<std::size_t>(property)],
                                place.empty() ? "" : ".", place),
                    texts});
    number_genes_.push_back(pattern);
    list_refused(own_.back(), pattern);
  }
}

// N:M where M does not divide the input channels of the network as given: said, so that nobody wonders.
void NumberSpace::list_refused(const Gene& gene, const NumberGene& decides) {
  for (std::size_t value = 1; value < gene.values.size(); ++value) {
    const auto& prune = decides.numbers[value].prune;
    if (!prune || !prune->structured()) continue;
    for (const std::size_t i : decides.layers) {
      const SpaceLayer& layer = layers_[i];
      if (layer.inputs == 0 || layer.inputs % prune->of == 0) continue;
      left_out_.push_back({fmt::format("{}={} in {}", gene.name, gene.values[value], layer.name),
                           fmt::format("the {} input channels are no multiple of {}: the weight stays as it is",
                                       layer.inputs, prune->of)});
    }
  }
}

Genotype NumberSpace::network_part(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  return Genotype(genotype.begin(), genotype.end() - static_cast<std::ptrdiff_t>(own_.size()));
}

Genotype NumberSpace::number_part(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  return Genotype(genotype.end() - static_cast<std::ptrdiff_t>(own_.size()), genotype.end());
}

Genotype NumberSpace::canonical(const Genotype& genotype) const {
  Genotype out = networks_->canonical(network_part(genotype));
  Genotype numbers = number_part(genotype);
  const bool any = std::any_of(numbers.begin(), numbers.end(), [](int value) { return value != 0; });
  const std::vector<bool> there = any ? networks_->has_layers(out) : std::vector<bool>{};
  for (std::size_t g = 0; any && g < numbers.size(); ++g) {
    const auto& layers = number_genes_[g].layers;
    if (std::none_of(layers.begin(), layers.end(), [&](std::size_t i) { return there[i]; })) numbers[g] = 0;
  }
  out.insert(out.end(), numbers.begin(), numbers.end());
  return out;
}

network::Graph NumberSpace::build(const Genotype& genotype, const engine::EngineConfig& engine) const {
  network::Graph graph = networks_->build(network_part(genotype), engine);
  const Genotype numbers = number_part(genotype);
  if (std::all_of(numbers.begin(), numbers.end(), [](int value) { return value == 0; })) return graph;
  std::vector<network::LayerNumbers> by_layer(layers_.size());
  for (std::size_t g = 0; g < numbers.size(); ++g) {
    const network::LayerNumbers& chosen = number_genes_[g].numbers[static_cast<std::size_t>(numbers[g])];
    for (const std::size_t i : number_genes_[g].layers) take(by_layer[i], chosen);
  }
  // Which layers are the first or depthwise may depend on the network: what a fusion or a choice of blocks makes
  // counts.
  const std::vector<bool> pruned = network::prunable(graph);
  std::vector<network::LayerNumbers> by_operator(graph.operators().size());
  for (std::size_t i = 0; i < by_operator.size(); ++i) {
    const network::Operator& op = graph.operators()[i];
    const auto layer = network::has_form(op) ? layer_of_.find(op.name) : layer_of_.end();
    if (layer == layer_of_.end() || rule_of_[layer->second] == rules_.size()) continue;
    if (rules_[rule_of_[layer->second]].layers.empty() && !pruned[i]) continue;
    by_operator[i] = by_layer[layer->second];
  }
  return network::with_layer_numbers(graph, by_operator);
}

std::string NumberSpace::encode(const Genotype& genotype) const {
  const Genotype canonical = this->canonical(genotype);
  std::string text = networks_->encode(network_part(canonical));
  const std::string changes = encode_changes(own_, number_part(canonical), kNumberMark);
  if (changes != kUnchanged) text += kNumberMark + changes;
  return text;
}

Genotype NumberSpace::decode(const std::string& encoding) const {
  const std::size_t mark = encoding.find(kNumberMark);
  Genotype genotype = networks_->decode(encoding.substr(0, mark));
  const Genotype numbers = mark == std::string::npos ? Genotype(own_.size(), 0)
                                                     : decode_changes(own_, encoding.substr(mark + 1), kNumberMark);
  genotype.insert(genotype.end(), numbers.begin(), numbers.end());
  return canonical(genotype);
}

}  // namespace lanewise::nas
