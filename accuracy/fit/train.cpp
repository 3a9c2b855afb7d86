// SPDX-License-Identifier: Apache-2.0
// lanewise-fit train
#include "accuracy/fit/verbs.hpp"
#include "core/base/error.hpp"

namespace lanewise::fit {
namespace {

struct Train {
  void run() const { throw Error("train is not there yet"); }
};

}  // namespace

void add_train(CLI::App& app) { add_command<Train>(app, "train", "Train networks and measure their accuracy"); }

}  // namespace lanewise::fit
