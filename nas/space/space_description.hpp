// SPDX-License-Identifier: Apache-2.0
// spaces/*.yaml, validated. docs/spaces.md explains every key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/space/block_settings.hpp"
#include "nas/space/engine_space.hpp"
#include "nas/space/move_space.hpp"
#include "nas/space/number_rules.hpp"

namespace lanewise::nas {

struct SpaceDescription {
  std::string name;
  MoveSettings moves;                           // on a network that somebody gives
  std::shared_ptr<const BlockSettings> blocks;  // networks of the file's own; null: moves
  std::vector<NumberRule> numbers;              // what layers may become, beside either
  EngineSettings engine;
  double area_budget = 0;     // engine.area_budget: share of the base engine's area, e.g. 1.0; 0: none
  AccuracySettings accuracy;  // what stands for quality, and how: the section of an accuracy oracle
  std::string source;         // the text of the file as it was read; "" where there was none
};
// Throws Error naming file:line, key, value and rule. The values of engine keys are checked by EngineSpace, which has
// an engine.
SpaceDescription load_space(const std::string& path);
// The same of a text that stands for the file at `path`, or is about to be written there.
SpaceDescription parse_space(const std::string& path, const std::string& text);
// Every key of the format, in the reference's order; names in "<>" stand for what a file names.
std::vector<std::string> space_keys();

}  // namespace lanewise::nas
