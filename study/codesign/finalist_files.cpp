// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/finalist_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <regex>

#include "core/base/error.hpp"
#include "core/engine/hwconfig_text.hpp"
#include "core/network/compression_file.hpp"
#include "core/network/layer_numbers.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

void remove_others(const JobFolder& folder, std::size_t finalists) {
  static const std::regex kName("finalist-([0-9]{1,9})\\.(onnx|yaml|forms|precisions)");
  std::error_code ignored;
  std::vector<fs::path> stale;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.file(""), ignored)) {
    const std::string name = entry.path().filename().string();
    std::smatch match;
    if (std::regex_match(name, match, kName) && std::stoul(match[1]) > finalists) stale.push_back(entry.path());
  }
  for (const fs::path& path : stale) fs::remove(path, ignored);
}

// What the ONNX file cannot say of the layers: which weights are pruned or clustered. The precisions, which it says as
// well, stand beside it for those who start from another file of the network.
void write_numbers(const network::Graph& graph, const JobFolder& folder, const std::string& name, Design& design,
                   std::vector<std::string>& files) {
  const std::string forms = name + ".forms", precisions = name + ".precisions";
  record::write_file(folder.file(forms), network::compression_text(graph, folder.file(forms)));
  record::write_file(folder.file(precisions), network::layer_precisions_text(graph, folder.file(precisions)));
  design.forms_file = forms;
  design.precisions_file = precisions;
  files.insert(files.end(), {forms, precisions});
}

}  // namespace

std::string engine_file_text(const std::string& path, const engine::EngineConfig& engine, const std::string& name,
                             const std::vector<std::string>& head) {
  const engine::EngineConfig given = engine::load_engine(path).config;
  std::vector<engine::ChangedValue> changes = {{"name", name, "was " + given.name}};
  for (const std::string& key : engine::parameter_keys()) {
    if (key == "name" || key == "family" || key == "description") continue;
    const std::string was = engine::value_text(given, key), is = engine::value_text(engine, key);
    if (was != is) changes.push_back({key, is, "was " + was});
  }
  return engine::with_changed_values(path, changes, head);
}

std::vector<std::string> write_finalists(const CodesignJob& job, const JobFolder& folder, const Designs& designs,
                                         const std::vector<nas::Genotype>& genotypes, std::vector<Design>& finalists) {
  remove_others(folder, finalists.size());
  std::vector<std::string> files;
  for (std::size_t i = 0; i < finalists.size(); ++i) {
    Design& design = finalists[i];
    const nas::Candidate candidate = designs.candidate(genotypes[i]);
    const std::string name = fmt::format("finalist-{}", i + 1);
    design.engine_file = name + ".yaml";
    const std::string engine_name = fmt::format("{}-{}", job.engine.name, name);
    record::write_file(folder.file(design.engine_file),
                       engine_file_text(job.engine_path, candidate.engine, engine_name,
                                        {fmt::format("Engine of finalist {} of a codesign around {}.", i + 1,
                                                     engine::engine_title(job.engine))}));
    files.push_back(design.engine_file);
    try {
      const network::ExportedWeights weights =
          network::export_onnx(*candidate.graph, folder.file(name + ".onnx"), {job.network_path, job.read_as});
      if (!job.space.numbers.empty()) write_numbers(*candidate.graph, folder, name, design, files);
      design.network_file = name + ".onnx";
      design.weights_kept = weights.kept;
      design.weights_stripped = weights.stripped;
      files.push_back(design.network_file);
    } catch (const Error& error) {
      design.no_network_file = error.what();
      std::error_code ignored;
      fs::remove(folder.file(name + ".onnx"), ignored);
    }
  }
  return files;
}

}  // namespace lanewise::study
