// SPDX-License-Identifier: Apache-2.0
// lanewise-fit manual
#include "cli/console/manual.hpp"

#include "accuracy/fit/verbs.hpp"

namespace lanewise::fit {

void add_manual(CLI::App& app) { cli::add_manual_verb(app); }

}  // namespace lanewise::fit
