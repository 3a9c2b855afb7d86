// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <filesystem>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
#include "cli/verbs.hpp"
#include "core/base/installation.hpp"
#include "report/validation.hpp"
#include "study/validation/validate.hpp"

namespace lanewise::cli {
namespace {

struct Validate {
  std::string rows;
  study::ValidationSettings settings;
  EngineOptions engine;
  OutputOptions output;
  PageOption page;

  study::Validation validation() const {
    study::ValidationSettings complete = settings;
    complete.overrides = engine.overrides();
    complete.hw_folder = find_data_folder(settings.hw_folder);
    if (!settings.hw.empty()) complete.hw = find_engine(settings.hw);
    Terminal terminal;
    return study::validate(rows, complete, terminal.progress());
  }

  void run() const {
    output.check();
    page.check(output);
    expect_table("ROWS", rows);
    const study::Validation result = validation();
    std::vector<std::string> made;
    page.write(
        "validate", "Simulated and measured cycles of " + std::filesystem::path(rows).filename().string(),
        [&] { return report::to_json(result); }, made,
        [&] {
          return std::vector<report::PageData>{{"rows", report::rows_json(result)}};
        });
    output.emit([&] { return report::to_json(result); }, [&] { return report::to_csv(result); },
                [&] { return report::to_text(result); }, made);
  }
};

}  // namespace

void add_validate(CLI::App& app) {
  const auto [verb, options] =
      add_command<Validate>(app, "validate", "The simulator beside measured cycles, RTL's or your own silicon's");
  verb->add_option("ROWS", options->rows, "CSV file of measured rows, or a profiler's log")->required();
  verb->add_option("--hw-dir", options->settings.hw_folder, "Folder of the engines that the column `engine` names")
      ->type_name("DIR")
      ->capture_default_str();
  verb->add_option("--hw", options->settings.hw,
                   "One engine for all rows, a file or a name of hwconfigs/; it wins over the column `engine`, and "
                   "must be given where there is none")
      ->type_name("FILE");
  verb->add_option("--cycles", options->settings.cycles_column,
                   "Column of a layer's measured cycles (default cycles, else cycles_latest)")
      ->type_name("COLUMN");
  options->engine.add_sets(*verb);
  options->output.add(*verb, true);
  options->page.add(*verb);
  verb->footer(
      "A layer's row needs in_w, in_h, in_c, out_c, kernel_w, kernel_h and cycles; docs/cli.md lists what else is "
      "read.\n"
      "Examples:\n  lanewise validate benchmarks/validation/rtl_layers.csv\n"
      "  lanewise validate my_chip.csv --hw hwconfigs/ne-256.yaml --json\n"
      "  lanewise validate rknn_eval_perf.txt --hw hwconfigs/ne-256.yaml");
}

}  // namespace lanewise::cli
