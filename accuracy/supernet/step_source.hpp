// SPDX-License-Identifier: Apache-2.0
// Who says which networks a step of a supernet's training takes, and learns from how they do. No type of libtorch is
// seen here.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "accuracy/supernet/drawn_networks.hpp"
#include "accuracy/training/checkpoint.hpp"

namespace lanewise::accuracy {

class StepSource {
 public:
  virtual ~StepSource() = default;
  // Of step t from 0 on: canonical, at least one.
  virtual StepNetworks step(std::int64_t t) = 0;
  // After the shared weights took step t. `held_out_loss` measures a network with the weights as they are now on a
  // batch of images held out of training, the same batch for every network of the step.
  virtual void after(std::int64_t t, const StepNetworks& networks,
                     const std::function<double(const nas::Genotype&)>& held_out_loss) = 0;
  // What makes two jobs of one supernet recipe differ.
  virtual Checkpoint::Texts identity() const = 0;
  // What joins the curve, each with a comma before it. cells() are means since it was asked last.
  virtual std::string columns() const = 0;
  virtual std::string cells() = 0;
  // What it has learnt so far, exact, and back; false where the texts are none of its own.
  virtual Checkpoint::Texts state() const = 0;
  virtual bool load(const Checkpoint::Texts& texts) = 0;
};

}  // namespace lanewise::accuracy
