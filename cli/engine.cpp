// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/engine/rtl_check.hpp"
#include "core/record/file.hpp"
#include "report/calibration.hpp"
#include "report/describe.hpp"
#include "report/engine_keys.hpp"
#include "study/calibration/calibration.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::cli {
namespace {

struct EngineShow {
  EngineOptions engine;
  OutputOptions output;

  void run() const {
    const engine::LoadedEngine loaded = engine.load();
    warn(warnings_of_scale(loaded.config));
    output.emit([&] { return report::engine_json(loaded, study::rtl_check_summary(engine.path(), loaded.config)); },
                [&] { return report::engine_csv(loaded); }, [&] { return report::engine_text(loaded); });
  }
};

// Everything that a verb reads of an engine, read: its own file and its family's.
struct EngineValidate {
  std::vector<std::string> files;
  EngineOptions engine;
  OutputOptions output;

  report::EngineCheck check(const std::string& file) const {
    EngineOptions one = engine;
    one.hw = file;
    const std::string path = find_engine_file("FILE", file);
    const engine::LoadedEngine loaded = one.load();
    engine::load_family(path);
    engine::load_follow_rules(path, loaded.config.family);
    engine::load_rtl_check(path, loaded.config.family);
    return {path, loaded.config.name, loaded.config.family, engine::identity_of(loaded.config),
            warnings_of_scale(loaded.config)};
  }

  void run() const {
    std::vector<report::EngineCheck> checks;
    for (const std::string& file : files) checks.push_back(check(file));
    output.emit([&] { return report::to_json(checks); }, [&] { return report::to_csv(checks); },
                [&] { return report::to_text(checks); });
  }
};

// The keys that begin with one of the given texts, or all of them.
struct EngineKeys {
  std::vector<std::string> prefixes;
  OutputOptions output;

  std::vector<engine::ParameterReference> keys() const {
    const std::vector<engine::ParameterReference> all = engine::parameter_reference();
    if (prefixes.empty()) return all;
    std::vector<engine::ParameterReference> chosen;
    for (const std::string& prefix : prefixes) {
      const std::size_t before = chosen.size();
      for (const engine::ParameterReference& key : all) {
        if (key.key.rfind(prefix, 0) == 0) chosen.push_back(key);
      }
      if (chosen.size() == before) throw Error(fmt::format("KEY: no key of an engine begins with '{}'", prefix));
    }
    return chosen;
  }

  void run() const {
    output.emit([&] { return report::engine_keys_json(keys()); }, [&] { return report::engine_keys_csv(keys()); },
                [&] { return report::engine_keys_text(keys()); });
  }
};

struct EngineFit {
  std::string rows, out;
  bool force = false;
  study::CalibrationSettings settings;
  EngineOptions engine;
  OutputOptions output;

  void run() const {
    expect_writable(out);
    expect_table("ROWS", rows);
    study::CalibrationSettings complete = settings;
    complete.hw = engine.path();
    complete.overrides = engine.overrides();
    study::Calibration fit = [&] {
      Terminal terminal;
      return study::calibrate_engine(rows, complete, terminal.progress());
    }();
    if (!out.empty() && !force && fit.left_out_worse()) {
      throw Error(fmt::format(
          "{}: not written, since the rows left out of the fit became worse: MAPE {:.2f} % as described, {:.2f} % as "
          "fitted; more rows or fewer --fit keys may help, --force writes it all the same",
          out, fit.left_out.before.mape_percent, fit.left_out.after.mape_percent));
    }
    if (!out.empty()) record::write_file(out, report::to_hwconfig(fit, complete.hw, engine.overrides()));
    fit.out = out;
    output.emit([&] { return report::to_json(fit); }, [&] { return report::to_csv(fit); },
                [&] { return report::to_text(fit); },
                out.empty() ? std::vector<std::string>() : std::vector<std::string>{out});
  }
};

void add_fit(CLI::App& group) {
  const auto [verb, options] =
      add_command<EngineFit>(group, "fit", "Fit a description's numbers to measured rows, RTL's or your silicon's");
  verb->add_option("ROWS", options->rows, "CSV file of measured rows, as validate reads it")->required();
  options->engine.add(*verb);
  verb->add_option("--fit", options->settings.keys,
                   "Keys to fit (default: the overheads, latencies and bandwidths of this kind of engine)")
      ->type_name("KEY[,KEY…]");
  verb->add_option("--engine", options->settings.engine_name,
                   "Fit to the rows that the column `engine` gives this name (default: the description's)")
      ->type_name("NAME");
  verb->add_option("--cycles", options->settings.cycles_column,
                   "Column of a layer's measured cycles (default cycles, else cycles_latest)")
      ->type_name("COLUMN");
  CLI::Option* share = verb->add_option("--hold-out", options->settings.hold_out,
                                        "Share of the shapes that are left out and only judged by")
                           ->type_name("SHARE")
                           ->check(CLI::Range(0.0, 0.9))
                           ->capture_default_str();
  verb->add_option("--folds", options->settings.folds,
                   "Instead: leave each row out once, in N folds, and fit to all of them in the end")
      ->type_name("N")
      ->check(CLI::Range(2, 1000))
      ->excludes(share);
  verb->add_option("--seed", options->settings.seed, "Seed of what is left out")->type_name("S")->capture_default_str();
  verb->add_option("--out", options->out, "Write the description with the fitted values")->type_name("FILE.yaml");
  verb->add_flag("--force", options->force, "Write it even where the rows left out became worse by the fit");
  options->output.add(*verb, true, false);
  verb->footer(
      "Examples:\n  lanewise engine fit my_chip.csv --hw hwconfigs/ne-256.yaml --out my_chip.yaml\n"
      "  lanewise engine fit benchmarks/validation/rtl_layers.csv --hw hwconfigs/nvdla-small.yaml \\\n"
      "    --set \"dram.bandwidth=5 GB/s\" --fit dram.bandwidth,dma.start_cycles --folds 5");
}

void add_validate_engine(CLI::App& group) {
  const auto [verb, options] = add_command<EngineValidate>(
      group, "validate",
      "Check that descriptions are right, and their families' files; rows of cycles are for validate");
  verb->add_option("FILE", options->files, "Engine configurations, files or names of hwconfigs/")->required();
  options->engine.add_sets(*verb);
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise engine validate my_chip.yaml");
}

void add_keys(CLI::App& group) {
  const auto [verb, options] =
      add_command<EngineKeys>(group, "keys", "Print every key of a description: unit, range, default and meaning");
  verb->add_option("KEY", options->prefixes, "Only keys that begin so, such as dram (may be given again)");
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise engine keys dram.");
}

}  // namespace

void add_engine(CLI::App& app) {
  CLI::App* group = app.add_subcommand("engine", "Look at engine configurations, and fit them to measurements");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise engine show hwconfigs/ne-256.yaml");
  const auto [verb, options] =
      add_command<EngineShow>(*group, "show", "Print the effective configuration and where each value comes from");
  verb->add_option("FILE", options->engine.hw, "Engine configuration, a file or a name of hwconfigs/")->required();
  options->engine.add_sets(*verb);
  options->engine.scale_with.add(*verb);
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise engine show hwconfigs/ne-256.yaml --set engine.clock=\"1.2 GHz\" --json");
  add_keys(*group);
  add_validate_engine(*group);
  add_fit(*group);
}

}  // namespace lanewise::cli
