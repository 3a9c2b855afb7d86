// SPDX-License-Identifier: Apache-2.0
// Advice, and moves that were applied, as people and programs read them.
#pragma once

#include <string>
#include <vector>

#include "core/network/onnx_export.hpp"
#include "study/advice/advice.hpp"
#include "study/advice/apply_moves.hpp"

namespace lanewise::report {

// "fuse ibn1", "depth_multiplier stage2 = 0.75", "channels = aligned", "engine.parallelism_factor = 32"
std::string move_words(const std::string& move, const std::string& place, const std::string& value);
// What a move does, in a sentence with its numbers, and why where it was simulated. `ranked_by`: whose the figures are
// that the gain has as predicted.
std::string move_sentence(const study::MoveGain& gain, const study::DesignCost& start_predicted,
                          const study::DesignCost& start_simulated,
                          record::Source ranked_by = record::Source::kEstimated);
std::string key_sentence(const study::EngineGain& gain, const study::DesignCost& start_predicted,
                         const study::DesignCost& start_simulated,
                         record::Source ranked_by = record::Source::kEstimated);

// `top`: moves and keys that are explained; the others stand in tables.
std::string to_text(const study::Advice& advice, std::size_t top);
std::string to_json(const study::Advice& advice);
// What stands at the head of the moves file that the advice becomes.
std::vector<std::string> moves_head(const study::Advice& advice);

// Where the result went; "" where no file was written.
struct AppliedFiles {
  std::string network, engine;
  network::ExportedWeights weights;
};
std::string to_text(const study::AppliedMoves& applied, const nas::MovesFile& file, const std::string& network,
                    const std::string& engine, const AppliedFiles& files);
std::string to_json(const study::AppliedMoves& applied, const nas::MovesFile& file, const std::string& network,
                    const std::string& engine, const AppliedFiles& files);

}  // namespace lanewise::report
