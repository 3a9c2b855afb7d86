// SPDX-License-Identifier: Apache-2.0
// A workload in the place of MODEL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "core/engine/followers.hpp"
#include "study/evaluation/sweep.hpp"
#include "study/workload/answer_workload.hpp"

namespace lanewise::cli {

// Path of the workload that stands among the names given as MODEL: a file, or the bare name of a shipped one that no
// network has. nullopt where all are networks. Throws Error where it does not stand alone.
std::optional<std::string> workload_among(const std::vector<std::string>& models);

// The workload at a path with its networks and engines read.
class WorkloadArguments {
 public:
  // Throws Error as the readers do, where options say how networks are read, which the workload's file says, and where
  // the engine is named twice; CLI::RequiredError where it is not named.
  WorkloadArguments(const std::string& path, const EngineOptions& options, const ImportSettings& import);

  const study::Workload& workload() const { return workload_; }
  const std::vector<network::Graph>& graphs() const { return graphs_; }
  const std::vector<engine::EngineConfig>& engines() const { return engines_; }
  const std::vector<std::string>& hwconfigs() const { return hwconfigs_; }  // paths, of its engines
  const std::string& hwconfig() const { return hwconfigs_.front(); }
  const std::string& family() const { return engines_.front().family; }

  // Runs it, prints the answer and writes the trace unless its path is "".
  void run(study::MeasurementSource& source, bool with_sets, const std::string& trace,
           const OutputOptions& output) const;
  void sweep(study::MeasurementSource& source, const std::vector<study::Axis>& axes, const engine::Scaling* scaling,
             const OutputOptions& output) const;

 private:
  study::Workload workload_;
  std::vector<network::Graph> graphs_;
  std::vector<engine::EngineConfig> engines_;
  std::vector<std::string> hwconfigs_;
};

}  // namespace lanewise::cli
