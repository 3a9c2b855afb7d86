// SPDX-License-Identifier: Apache-2.0
// What a space file says about the oracle that stands for a network's quality, read by the table of oracles.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"

namespace lanewise::nas {

// A key in an oracle's section of a space file: capacity.parameters.
struct AccuracyKey {
  enum class Kind {
    kNumber,    // from `low` to `high`
    kWhole,     // the same without a fraction
    kDuration,  // with its unit; from `low` to `high` seconds
    kChoice,    // one of `choices`
    kText,      // any text
    kFile,      // a path, relative to the folder of the space file
    kWords,     // a program and its arguments: a list, or one text that is cut at its spaces
  };
  const char* name;  // "parameters"
  Kind kind = Kind::kNumber;
  double low = 0, high = 0;
  bool required = false;
  std::vector<const char*> choices = {};
};

// The settings of an oracle as validated, by the names of its keys.
struct AccuracySettings {
  std::string oracle = "capacity";                        // AccuracyOracleKind::name
  std::map<std::string, double> numbers;                  // durations in seconds
  std::map<std::string, std::string> texts;               // files as paths that can be opened
  std::map<std::string, std::vector<std::string>> words;  // of programs
  std::string folder;                                     // of the space file, for programs; "" where there is none
  std::map<std::string, std::string> places;              // "FILE:LINE: key 'KEY': ", for messages

  // `otherwise` where the key was not given.
  double number(const std::string& key, double otherwise = 0) const;
  std::string text(const std::string& key, const std::string& otherwise = "") const;
  // The place of a key, or "" where the settings come from no file.
  std::string place(const std::string& key) const;
};

// Every key of every oracle with its section, each once: "capacity.macs", "accuracy.table".
std::vector<std::string> accuracy_keys();
// Reads the entries of the file that are among accuracy_keys(). Without any the first oracle is chosen, with no
// settings. Throws Error naming file, line, key, value and rule, also where two oracles are chosen, none is, or a key
// belongs to another.
AccuracySettings read_accuracy_settings(const engine::RawConfig& raw);

}  // namespace lanewise::nas
