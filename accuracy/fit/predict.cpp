// SPDX-License-Identifier: Apache-2.0
// lanewise-fit predict
#include "accuracy/fit/verbs.hpp"
#include "core/base/error.hpp"

namespace lanewise::fit {
namespace {

struct Predict {
  void run() const { throw Error("predict is not there yet"); }
};

}  // namespace

void add_predict(CLI::App& app) {
  add_command<Predict>(app, "predict", "Predict accuracy from a few measured networks");
}

}  // namespace lanewise::fit
