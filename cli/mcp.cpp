// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/console/quiet.hpp"
#include "cli/verbs.hpp"
#include "core/base/printable.hpp"
#include "mcp/stdio.hpp"
#include "sim/pool/worker_pool.hpp"

namespace lanewise::cli {
namespace {

struct Mcp {
  std::vector<std::string> allowed;
  int jobs = 0, timeout = 600;

  void run() const {
    mcp::ServerSettings settings;
    settings.program = "/proc/self/exe";
    settings.allowed = allowed;
    settings.cores = jobs > 0 ? jobs : sim::default_workers();
    settings.timeout = std::chrono::seconds(timeout);
    if (!quiet()) {
      settings.log = [](const std::string& line) {
        std::fprintf(stderr, "lanewise: note: %s\n", printable(line).c_str());
      };
    }
    const int status = mcp::serve_stdio(settings);
    if (status != 0) throw CLI::RuntimeError(status);
  }
};

}  // namespace

void add_mcp(CLI::App& app) {
  const auto [verb, options] = add_command<Mcp>(
      app, "mcp", "Serve the verbs as tools of the Model Context Protocol, on standard input and output");
  verb->add_option("--allow", options->allowed,
                   "Folder that calls may read and write, beside the current one (may be given again)")
      ->type_name("DIR");
  verb->add_option("--jobs", options->jobs, "Processes that calls may keep busy at once (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--timeout", options->timeout, "Seconds that a call may take; codesign may take a day")
      ->type_name("S")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  verb->footer(
      "A client starts it; docs/mcp.md says how, and what the tools are.\n"
      "Example:\n  lanewise mcp --allow ~/networks");
}

}  // namespace lanewise::cli
