// SPDX-License-Identifier: Apache-2.0
#include "cli/console/quiet.hpp"

namespace lanewise::cli {
namespace {

// One per process, as its standard error is.
bool silenced = false;

}  // namespace

void add_quiet(CLI::App& app) {
  for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    const bool is_group = !verb->get_subcommands([](const CLI::App*) { return true; }).empty();
    if (is_group) {
      add_quiet(*verb);
    } else {
      verb->add_flag("--quiet", silenced, "Write nothing but errors to standard error: no progress, no warnings");
    }
  }
}

bool quiet() { return silenced; }

}  // namespace lanewise::cli
