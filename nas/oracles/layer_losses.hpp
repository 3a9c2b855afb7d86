// SPDX-License-Identifier: Apache-2.0
// What a network loses by each layer's form or precision alone, as somebody measured it: `lanewise-fit compress
// --sensitivity --csv`. And the oracle that adds such losses up.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/network/layer_numbers.hpp"
#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::nas {

class LayerLosses {
 public:
  // Reads a CSV file with the columns layer, form and loss; others are passed over. Forms are those of
  // network::parse_layer_numbers. The row of the layer `*`, whose form is `dense`, holds the loss of the network as it
  // is, which is taken off the others'; without it losses are differences already. Less than nothing counts as nothing:
  // a layer that gains by it gains by chance. Throws Error naming file, line, value and rule.
  explicit LayerLosses(const std::string& path);

  // What the layer loses, in the file's unit: its row, else the sum of its parts' rows, where those of a precision of
  // weights alone, or activations alone, are also those of both. nullopt where one of them is not there.
  std::optional<double> of(const std::string& layer, const network::LayerNumbers& numbers) const;
  // By layer the forms that it has rows of, in the order of the file.
  const std::map<std::string, std::vector<network::LayerNumbers>>& forms() const { return forms_; }
  const std::string& path() const { return path_; }
  std::size_t rows() const { return losses_.size(); }
  // Of the layers and their losses: equal for files that say the same.
  std::string hash() const;

 private:
  std::string path_;
  std::map<std::string, std::vector<network::LayerNumbers>> forms_;
  std::map<std::pair<std::string, std::string>, double> losses_;  // by layer and form

  std::optional<double> find(const std::string& layer, const network::LayerNumbers& numbers) const;
  std::optional<double> precision(const std::string& layer, const network::PrecisionPair& pair) const;
};

// Losses summed over a network's layers as they are in the graph of a query: to first order, as if no layer's change
// made another's worse. A layer in int8 or more bits, and one without zeros or palette, loses nothing where no row says
// so; of any other a missing row is a failure. Of the setting "losses".
std::unique_ptr<AccuracyOracle> make_loss_oracle(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                 const AccuracyContext& context);

}  // namespace lanewise::nas
