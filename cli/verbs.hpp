// SPDX-License-Identifier: Apache-2.0
// The verbs. Each function adds one to the command line: its options, its help, and what it calls when it is chosen.
#pragma once

#include <CLI/CLI.hpp>

namespace lanewise::cli {

void add_simulate(CLI::App& app);
void add_measure(CLI::App& app);
void add_store(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_estimate(CLI::App& app);
void add_sweep(CLI::App& app);
void add_compare(CLI::App& app);
void add_codesign(CLI::App& app);
void add_validate(CLI::App& app);
void add_explain(CLI::App& app);
void add_engine(CLI::App& app);
void add_estimator(CLI::App& app);
void add_network(CLI::App& app);

// All of the above, in the order in which the help lists them.
void add_verbs(CLI::App& app);

}  // namespace lanewise::cli
