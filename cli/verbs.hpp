// SPDX-License-Identifier: Apache-2.0
// The table of verbs. A new verb is a file VERB.cpp in this folder that defines its function, a declaration and a line
// of the table here.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/console/run.hpp"

namespace lanewise::cli {

// Each adds one verb to the command line: its options, its help, and what it calls when it is chosen.
void add_simulate(CLI::App& app);
void add_estimate(CLI::App& app);
void add_sweep(CLI::App& app);
void add_compare(CLI::App& app);
void add_explain(CLI::App& app);
void add_explore(CLI::App& app);
void add_footprint(CLI::App& app);
void add_codesign(CLI::App& app);
void add_advise(CLI::App& app);
void add_apply(CLI::App& app);
void add_landscape(CLI::App& app);
void add_patterns(CLI::App& app);
void add_validate(CLI::App& app);
void add_measure(CLI::App& app);
void add_store(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_estimator(CLI::App& app);
void add_engine(CLI::App& app);
void add_network(CLI::App& app);
void add_space(CLI::App& app);
void add_curate(CLI::App& app);
void add_mcp(CLI::App& app);
void add_doctor(CLI::App& app);
void add_completion(CLI::App& app);
void add_manual(CLI::App& app);

// In the order in which the help lists them, one on a line, so that a new one changes one line.
// clang-format off
constexpr void (*kVerbs[])(CLI::App&) = {
    add_simulate,
    add_estimate,
    add_sweep,
    add_compare,
    add_explain,
    add_explore,
    add_footprint,
    add_codesign,
    add_advise,
    add_apply,
    add_patterns,
    add_curate,
    add_landscape,
    add_validate,
    add_measure,
    add_store,
    add_train,
    add_evaluate,
    add_estimator,
    add_engine,
    add_network,
    add_space,
    add_mcp,
    add_doctor,
    add_completion,
    add_manual,
};
// clang-format on

}  // namespace lanewise::cli
