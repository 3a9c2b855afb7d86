// SPDX-License-Identifier: Apache-2.0
// A supernet whose networks become one while it is trained. No type of libtorch is seen here.
//
// Two things are learnt in turns: the shared weights along the loss of the networks that a step draws, and how likely
// each value of each gene is drawn, along
//
//   E[loss on held-out images] / spread + latency_weight E[max(0, ms / limit - 1)] + entropy_weight(t) H
//
// with expectations over the networks drawn, ms from a table of prices, `spread` the running standard deviation of the
// losses of networks of one step, and H the entropy. Gradients are score functions, each draw held against the mean of
// the others of its step, which cancels what a batch has of easy and hard images. Networks are run for the first term
// alone; a price costs next to nothing, so that the second is the mean over many more of them.
//
// Sources: Cai, Zhu and Han, ProxylessNAS, ICLR 2019 (architecture weights by REINFORCE, expected latency in the loss);
// Bender and others, Can weight sharing outperform random architecture search?, CVPR 2020 (weights and architecture in
// turns, held-out images, shared weights first); Kool, van Hoof and Welling, Buy 4 REINFORCE samples, get a baseline
// for free, 2019.
#pragma once

#include <string>
#include <vector>

#include "accuracy/supernet/architecture_weights.hpp"
#include "accuracy/supernet/latency_prices.hpp"
#include "accuracy/supernet/step_source.hpp"

namespace lanewise::accuracy {

struct ConvergenceSettings {
  double latency_ms = 0;       // the limit, above 0
  double latency_weight = 10;  // of a latency of twice the limit, in spreads of the loss
  double rate = 0.03;          // of Adam
  double begin = 0.3;          // share of the steps before which networks are drawn as for a supernet
  double settle = 0.6;         // share of the steps after which entropy costs, more from step to step
  double entropy_weight = 2;   // of a nat at the last step
  int priced = 32;             // networks whose price is looked at in a step
};

class ConvergingNetworks : public StepSource {
 public:
  // All references must outlive it. Throws Error where settings are out of range, the recipe draws fewer than two
  // networks a step, and as DrawnNetworks does.
  ConvergingNetworks(const SupernetSpace& space, const SupernetRecipe& recipe, std::uint64_t seed,
                     LatencyPrices& prices, const ConvergenceSettings& settings);

  StepNetworks step(std::int64_t t) override;
  void after(std::int64_t t, const StepNetworks& networks,
             const std::function<double(const nas::Genotype&)>& held_out_loss) override;
  Checkpoint::Texts identity() const override;
  std::string columns() const override { return ",held_out_loss,expected_ms,entropy,distance"; }
  std::string cells() override;
  Checkpoint::Texts state() const override;
  bool load(const Checkpoint::Texts& texts) override;

  const ArchitectureWeights& weights() const { return weights_; }
  // What the training ends in: the likeliest network that keeps to the limit and to the recipe's bounds.
  nas::Genotype network() const;

 private:
  bool learns(std::int64_t t) const;
  double entropy_weight(std::int64_t t) const;

  const SupernetSpace& space_;
  const SupernetRecipe& recipe_;
  std::uint64_t seed_;
  LatencyPrices& prices_;
  ConvergenceSettings settings_;
  DrawnNetworks drawn_;
  ArchitectureWeights weights_;
  std::vector<nas::Genotype> asked_;  // of the step at hand as they were drawn, before any became smaller to fit
  double variance_ = 0;               // running, of losses of one step
  std::int64_t learnt_ = 0;           // steps
  double loss_sum_ = 0, ms_sum_ = 0;  // since cells()
  std::int64_t loss_count_ = 0, ms_count_ = 0;
};

}  // namespace lanewise::accuracy
