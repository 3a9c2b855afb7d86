// SPDX-License-Identifier: Apache-2.0
// lanewise-fit score
#include "accuracy/fit/verbs.hpp"
#include "core/base/error.hpp"

namespace lanewise::fit {
namespace {

struct Score {
  void run() const { throw Error("score is not there yet"); }
};

}  // namespace

void add_score(CLI::App& app) { add_command<Score>(app, "score", "Score networks without training them"); }

}  // namespace lanewise::fit
