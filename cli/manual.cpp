// SPDX-License-Identifier: Apache-2.0
#include "cli/console/manual.hpp"

#include "cli/verbs.hpp"

namespace lanewise::cli {

void add_manual(CLI::App& app) { add_manual_verb(app); }

}  // namespace lanewise::cli
