// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "report/installation.hpp"
#include "study/installation/doctor.hpp"

namespace lanewise::cli {
namespace {

struct Doctor {
  OutputOptions output;

  void run() const {
    output.check();
    const study::Diagnosis diagnosis = study::diagnose();
    output.emit([&] { return report::to_json(diagnosis); }, {}, [&] { return report::to_text(diagnosis); });
    if (!diagnosis.works()) throw CLI::RuntimeError(1);
  }
};

}  // namespace

void add_doctor(CLI::App& app) {
  const auto [verb, options] =
      add_command<Doctor>(app, "doctor", "Say what is installed, what is missing, and how to get it");
  options->output.add(*verb, false);
  verb->footer(
      "Its exit status is 1 where something is missing or wrong that measuring, searching or proving needs.\n"
      "Example:\n  lanewise doctor --json");
}

}  // namespace lanewise::cli
