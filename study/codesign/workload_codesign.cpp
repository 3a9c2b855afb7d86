// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/workload_codesign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/search.hpp"
#include "study/codesign/finalist_files.hpp"
#include "study/codesign/workload_designs.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

constexpr std::pair<WorkloadObjective, const char*> kObjectives[] = {
    {WorkloadObjective::kWorstResponseRatio, "worst_response_ratio"},
    {WorkloadObjective::kWeightedLatency, "weighted_latency_ms"},
    {WorkloadObjective::kAveragePower, "average_power_mw"},
    {WorkloadObjective::kArea, "area_mm2"},
};

// What a YAML file may hold as one text.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text)
    out += letter == '"' || letter == '\\' ? std::string("\\") + letter : std::string(1, letter);
  return out + "\"";
}

// The workload with the finalist's own files.
std::string workload_text(const WorkloadJob& job, const std::string& name, const std::vector<std::string>& models) {
  const Workload& workload = job.workload;
  std::string out = fmt::format("# Networks and engines of a codesign of {}.\nformat: 1\nname: {}\npolicy: {}\n",
                                workload.name, quoted(workload.name + " " + name), to_string(workload.policy));
  if (workload.duration) out += fmt::format("duration: {}\n", to_text(*workload.duration));
  if (workload.frames) out += fmt::format("frames: {}\n", *workload.frames);
  if (!workload.shares_dram) out += "shares_dram: false\n";
  out += "engines:\n";
  for (std::size_t e = 0; e < job.engines.size(); ++e) {
    const bool several = !workload.engines.empty();
    out += fmt::format("  {}:\n    hw: {}\n", several ? quoted(workload.engines[e].name) : "engine",
                       several ? fmt::format("{}-{}.yaml", name, workload.engines[e].name) : name + ".yaml");
  }
  out += "networks:\n";
  for (std::size_t n = 0; n < workload.networks.size(); ++n) {
    const WorkloadNetwork& network = workload.networks[n];
    out += fmt::format(
        "  {}:\n    model: {}\n    period: {}\n    offset: {}\n    deadline: {}\n    priority: {}\n"
        "    weight: {}\n",
        quoted(network.name), quoted(models[n]), to_text(network.period), to_text(network.offset),
        to_text(network.deadline), network.priority, network.weight);
    if (!network.engine.empty()) out += fmt::format("    engine: {}\n", quoted(network.engine));
    if (network.banks) out += fmt::format("    banks: {}\n", *network.banks);
    if (network.queue) out += fmt::format("    queue: {}\n", *network.queue);
  }
  return out;
}

// Writes the engines, the networks and the workload of one finalist; notes their names.
void write_files(const WorkloadJob& job, const std::string& folder, const BuiltDesign& built, std::size_t number,
                 WorkloadDesign& design, std::vector<std::string>& notes) {
  const std::string name = fmt::format("finalist-{}", number);
  const auto path = [&](const std::string& file) { return (fs::path(folder) / file).string(); };
  for (std::size_t e = 0; e < built.engines.size(); ++e) {
    const std::vector<WorkloadEngine>& engines = job.workload.engines;
    const std::string file = engines.empty() ? name + ".yaml" : name + "-" + engines[e].name + ".yaml";
    record::write_file(path(file),
                       engine_file_text(job.hwconfigs[e], built.engines[e], job.engines[e].name + "-" + name,
                                        {fmt::format("Engine of finalist {} of a codesign of the workload {}.", number,
                                                     job.workload.name)}));
    design.files.push_back(file);
  }
  std::vector<std::string> models;
  for (std::size_t n = 0; n < built.graphs.size(); ++n) {
    const WorkloadNetwork& network = job.workload.networks[n];
    const std::string file = name + "-" + network.name + ".onnx";
    try {
      network::OnnxExport options;
      options.weights_from = network.model;
      options.read_as = network.import;
      network::export_onnx(built.graphs[n], path(file), options);
      design.files.push_back(file);
      models.push_back(file);
    } catch (const Error& error) {
      notes.push_back(fmt::format("{}: {} has no file: {}", name, network.name, error.what()));
    }
  }
  if (models.size() < built.graphs.size()) return;
  const std::string file = name + "-workload.yaml";
  record::write_file(path(file), workload_text(job, name, models));
  design.files.push_back(file);
}

WorkloadAnswer simulated(const WorkloadJob& job, const BuiltDesign& built, MeasurementSource& simulator,
                         const Progress& progress) {
  WorkloadQuestion question;
  question.workload = &job.workload;
  for (const network::Graph& graph : built.graphs) question.graphs.push_back(&graph);
  for (const engine::EngineConfig& engine : built.engines) question.engines.push_back(&engine);
  WorkloadAnswer answer = answer_workload(question, simulator, progress);
  answer.frames.clear();
  answer.runs.clear();
  return answer;
}

// Evenly along the front, both ends first.
std::vector<std::size_t> spread(std::size_t front, std::size_t wanted) {
  std::vector<std::size_t> places;
  if (wanted >= front) {
    for (std::size_t i = 0; i < front; ++i) places.push_back(i);
    return places;
  }
  for (std::size_t i = 0; i < wanted; ++i) places.push_back(wanted == 1 ? 0 : i * (front - 1) / (wanted - 1));
  return places;
}

}  // namespace

const char* to_string(WorkloadObjective objective) {
  for (const auto& [known, name] : kObjectives) {
    if (known == objective) return name;
  }
  throw InternalError("an objective without a name");
}

std::vector<WorkloadObjective> parse_workload_objectives(const std::string& text) {
  std::vector<WorkloadObjective> objectives;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const auto* const found = std::find_if(std::begin(kObjectives), std::end(kObjectives),
                                           [&](const auto& known) { return word == known.second; });
    if (found == std::end(kObjectives)) {
      std::string names;
      for (const auto& [objective, name] : kObjectives) names += (names.empty() ? "" : ", ") + std::string(name);
      throw Error(fmt::format("--objectives {}: '{}' must be one of {} for a workload", text, word, names));
    }
    if (std::find(objectives.begin(), objectives.end(), found->first) != objectives.end()) {
      throw Error(fmt::format("--objectives {}: '{}' is given twice", text, word));
    }
    objectives.push_back(found->first);
    begin = end + 1;
  }
  return objectives;
}

double value_of(WorkloadObjective objective, const WorkloadAnswer& answer) {
  switch (objective) {
    case WorkloadObjective::kWorstResponseRatio:
      return answer.objectives.worst_response_ratio;
    case WorkloadObjective::kWeightedLatency:
      return answer.objectives.weighted_latency_ms;
    case WorkloadObjective::kAveragePower:
      return answer.objectives.average_power_mw;
    case WorkloadObjective::kArea:
      break;
  }
  return answer.area_mm2;
}

WorkloadCodesignResult codesign_workload(const WorkloadJob& job, const std::string& folder, MeasurementSource& source,
                                         MeasurementSource& simulator, const Progress& progress) {
  const WorkloadDesigns designs(job);
  WorkloadCodesignResult result;
  result.source = source.source();
  result.left_out = designs.left_out();
  result.baseline = designs.price({designs.defaults()}, source, progress).front();
  result.baseline.simulated = simulated(job, designs.build(designs.defaults()), simulator, progress);
  if (!result.baseline.simulated->failure.empty()) throw Error(result.baseline.simulated->failure);

  WorkloadProblem problem(job, designs, source, progress);
  nas::SearchOptions options;
  options.seed = job.seed;
  options.population = job.population;
  const auto algorithm = nas::make_algorithm(job.algorithm, problem, options);
  nas::SearchBudget budget;
  budget.evaluations = job.evaluations;
  const nas::SearchResult found = nas::search(problem, *algorithm, budget);
  result.evaluations = found.evaluations;
  result.end = nas::to_string(found.end);
  result.feasible = !found.front.empty();
  const std::vector<nas::Individual>& best = result.feasible ? found.front : found.least_violating;
  std::set<nas::Genotype> front;
  for (const nas::Individual& individual : found.front) front.insert(individual.genotype);
  for (const nas::Individual& told : algorithm->told()) {
    result.history.push_back({designs.describe(told.genotype), told.evaluation.objectives, told.evaluation.violation,
                              front.count(told.genotype) > 0});
  }
  std::vector<nas::Genotype> chosen;
  for (const std::size_t place : spread(best.size(), static_cast<std::size_t>(job.finalists))) {
    chosen.push_back(best[place].genotype);
  }
  result.finalists = designs.price(chosen, source, progress);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    WorkloadDesign& design = result.finalists[i];
    const BuiltDesign built = designs.build(chosen[i]);
    progress("simulating finalists", static_cast<std::int64_t>(i), static_cast<std::int64_t>(chosen.size()));
    design.simulated = simulated(job, built, simulator, progress);
    write_files(job, folder, built, i + 1, design, result.notes);
    if (design.violation == 0 && !design.simulated->fits) {
      result.notes.push_back(fmt::format("finalist-{}: fits as predicted, but not as simulated", i + 1));
    }
  }
  if (!result.feasible)
    result.notes.push_back("no design keeps all deadlines and limits: these miss them by the least");
  if (static_cast<int>(result.finalists.size()) < job.finalists) {
    result.notes.push_back(
        fmt::format("{} finalists for {}: the front has no more designs", result.finalists.size(), job.finalists));
  }
  return result;
}

}  // namespace lanewise::study
