// SPDX-License-Identifier: Apache-2.0
#include "cli/workload_codesign.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/workload.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"
#include "core/record/file.hpp"
#include "estimator/default_estimator.hpp"
#include "report/workload_codesign.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/codesign/workload_codesign.hpp"

namespace lanewise::cli {
namespace {

namespace fs = std::filesystem;

// Another job's folder keeps what it holds.
void make_folder(const std::string& folder) {
  std::error_code failed;
  if (fs::exists(fs::path(folder) / "settings.yaml", failed)) {
    throw Error("--out " + folder + ": holds a job that is no workload's");
  }
  fs::create_directories(folder, failed);
  if (failed) throw Error("cannot make the folder '" + folder + "': " + failed.message());
}

study::WorkloadJob job_of(const WorkloadCodesignOptions& asked, const WorkloadArguments& arguments,
                          const study::CodesignJob& options) {
  study::WorkloadJob job;
  job.workload = arguments.workload();
  job.graphs = arguments.graphs();
  job.engines = arguments.engines();
  job.hwconfigs = arguments.hwconfigs();
  for (const std::string& path : job.hwconfigs) job.families.push_back(engine::load_family(path));
  job.space = asked.space.empty() ? study::default_space(job.families.front())
                                  : nas::load_space(find_data("spaces", asked.space));
  if (!asked.objectives.empty()) job.objectives = study::parse_workload_objectives(asked.objectives);
  job.algorithm = options.algorithm;
  job.population = options.population;
  job.evaluations = options.evaluations > 0 ? options.evaluations
                                            : static_cast<std::int64_t>(options.population) * (options.generations + 1);
  job.finalists = options.finalists;
  job.seed = options.seed;
  return job;
}

}  // namespace

void codesign_workload(const WorkloadCodesignOptions& asked, const EngineOptions& engine, const ImportSettings& import,
                       const study::CodesignJob& options, const OutputOptions& output) {
  if (asked.folder.empty()) throw CLI::RequiredError("--out");
  const WorkloadArguments arguments(asked.workload, engine, import);
  const study::WorkloadJob job = job_of(asked, arguments, options);
  make_folder(asked.folder);
  if (!asked.estimator.empty()) expect_estimator("--estimator", asked.estimator);
  const std::optional<std::string> model =
      asked.estimator.empty() ? estimator::find_default_estimator(arguments.hwconfig(), arguments.family())
                              : std::optional<std::string>(asked.estimator);
  std::optional<estimator::Estimator> regressor;
  if (model) regressor = estimator::Estimator::load(*model);
  const int workers = asked.jobs > 0 ? asked.jobs : sim::default_workers();
  const auto simulator =
      workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
  const auto estimated = regressor ? study::make_estimated(*regressor) : nullptr;
  const study::WorkloadCodesignResult result = [&] {
    Terminal terminal;
    return study::codesign_workload(job, asked.folder, estimated ? *estimated : *simulator, *simulator,
                                    terminal.progress());
  }();
  const std::map<std::string, std::string> files = {{"result.json", report::to_json(result, job)},
                                                    {"front.csv", report::front_csv(result, job)},
                                                    {"history.csv", report::history_csv(result, job)}};
  std::vector<std::string> made;
  for (const auto& [name, text] : files) {
    made.push_back((fs::path(asked.folder) / name).string());
    record::write_file(made.back(), text);
  }
  for (const study::WorkloadDesign& design : result.finalists) {
    for (const std::string& file : design.files) made.push_back((fs::path(asked.folder) / file).string());
  }
  output.emit([&] { return report::to_json(result, job); }, [&] { return report::front_csv(result, job); },
              [&] { return report::to_text(result, job); }, made);
}

}  // namespace lanewise::cli
