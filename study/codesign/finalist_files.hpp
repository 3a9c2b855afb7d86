// SPDX-License-Identifier: Apache-2.0
// Finalists as files that other tools take: the network as ONNX, the engine as an hwconfig.
#pragma once

#include <string>
#include <vector>

#include "study/codesign/designs.hpp"
#include "study/codesign/job_folder.hpp"

namespace lanewise::study {

// Writes finalist-N.onnx and finalist-N.yaml of the genotypes, which are those of `finalists`, and notes their names in
// these. Files of finalists that there are no more are removed. Returns the names of the files. A network that cannot
// be said in ONNX has no file; the design says why.
std::vector<std::string> write_finalists(const CodesignJob& job, const JobFolder& folder, const Designs& designs,
                                         const std::vector<nas::Genotype>& genotypes, std::vector<Design>& finalists);

// The text of the hwconfig at `path` with the values of `engine` and the name `name`.
std::string engine_file_text(const std::string& path, const engine::EngineConfig& engine, const std::string& name,
                             const std::vector<std::string>& head);

}  // namespace lanewise::study
