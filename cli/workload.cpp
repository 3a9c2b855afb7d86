// SPDX-License-Identifier: Apache-2.0
#include "cli/workload.hpp"

#include <filesystem>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/record/file.hpp"
#include "report/workload.hpp"
#include "study/workload/fitting_sets.hpp"
#include "study/workload/workload_file.hpp"
#include "study/workload/workload_sweep.hpp"

namespace lanewise::cli {
namespace {

std::optional<std::string> workload_named(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) {
    return study::is_workload_file(name) ? std::optional<std::string>(name) : std::nullopt;
  }
  if (look_for_data("models", name)) return std::nullopt;
  const std::optional<std::string> found = look_for_data("workloads", name);
  return found && study::is_workload_file(*found) ? found : std::nullopt;
}

}  // namespace

std::optional<std::string> workload_among(const std::vector<std::string>& models) {
  for (const std::string& name : models) {
    const std::optional<std::string> workload = workload_named(name);
    if (workload && models.size() > 1) throw Error("MODEL " + name + ": is a workload, which stands alone");
    if (workload) return workload;
  }
  return std::nullopt;
}

WorkloadArguments::WorkloadArguments(const std::string& path, const EngineOptions& options,
                                     const ImportSettings& import)
    : workload_(study::load_workload(path)) {
  const bool sized = import.batch || !import.dims.empty() || !import.inputs.empty();
  if (sized || !import.precision.empty() || !import.layer_precision.empty() || !import.custom.empty() ||
      import.compresses()) {
    throw Error("MODEL " + path + ": is a workload, whose file says how its networks are read");
  }
  if (workload_.engines.empty()) {
    hwconfigs_.push_back(options.path());
    engines_.push_back(options.load().config);
  } else {
    if (!options.hw.empty()) throw Error("--hw " + options.hw + ": the workload " + path + " names its engines");
    if (options.scale_with.option != nullptr && !options.scale_with.option->empty()) {
      throw Error("--scale-with: is for a workload on one engine, given with --hw");
    }
    for (const study::WorkloadEngine& engine : workload_.engines) {
      std::vector<engine::Override> overrides = engine.overrides;
      for (const engine::Override& more : options.overrides()) overrides.push_back(more);
      expect_yaml("engines." + engine.name + ".hw", engine.hwconfig);
      engines_.push_back(engine::load_engine(engine.hwconfig, overrides).config);
      hwconfigs_.push_back(engine.hwconfig);
    }
  }
  graphs_ = study::import_networks(workload_);
}

void WorkloadArguments::run(study::MeasurementSource& source, bool with_sets, const std::string& trace,
                            const OutputOptions& output) const {
  output.check();
  expect_writable(trace);
  if (!trace.empty() && trace == output.out) {
    throw CLI::ValidationError("--trace", "'" + trace + "' is what --out writes too");
  }
  study::WorkloadQuestion question;
  question.workload = &workload_;
  for (const network::Graph& graph : graphs_) question.graphs.push_back(&graph);
  for (const engine::EngineConfig& engine : engines_) question.engines.push_back(&engine);
  report::WorkloadReport report;
  {
    Terminal terminal;
    report.answer = study::answer_workload(question, source, terminal.progress());
    if (!report.answer.failure.empty()) throw Error(report.answer.failure);
    if (with_sets) report.sets = study::fitting_sets(question, source, terminal.progress());
  }
  std::vector<std::string> made;
  if (!trace.empty()) {
    record::FileWriter file(trace);
    report::write_workload_trace(file, report.answer);
    made.push_back(trace);
  }
  for (const engine::EngineConfig& engine : engines_) {
    for (std::string& warning : warnings_of_scale(engine)) report.warnings.push_back(std::move(warning));
  }
  warn(report.warnings);
  output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
              [&] { return report::to_text(report); }, made);
}

void WorkloadArguments::sweep(study::MeasurementSource& source, const std::vector<study::Axis>& axes,
                              const engine::Scaling* scaling, const OutputOptions& output) const {
  Terminal terminal;
  const study::WorkloadSweepTable table =
      study::sweep_workload(workload_, graphs_, engines_, axes, source, terminal.progress(), scaling);
  output.emit([&] { return report::to_json(table); }, [&] { return report::to_csv(table); },
              [&] { return report::to_text(table); });
}

}  // namespace lanewise::cli
