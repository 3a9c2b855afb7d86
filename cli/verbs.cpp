// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs.hpp"

namespace lanewise::cli {

void add_verbs(CLI::App& app) {
  add_simulate(app);
  add_estimate(app);
  add_sweep(app);
  add_compare(app);
  add_explain(app);
  add_codesign(app);
  add_validate(app);
  add_measure(app);
  add_store(app);
  add_train(app);
  add_evaluate(app);
  add_estimator(app);
  add_engine(app);
  add_network(app);
}

}  // namespace lanewise::cli
