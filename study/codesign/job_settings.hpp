// SPDX-License-Identifier: Apache-2.0
// A job as text: what settings.yaml holds, what of it must stay the same when a job goes on in its folder, and what
// may change.
#pragma once

#include <string>
#include <vector>

namespace lanewise::study {

enum class Bearing {
  kKept,     // everything in the folder depends on it: another value is another job
  kChanged,  // the search depends on it: another value goes on from what is there
  kNote,     // how a person named a file, whose contents are compared instead
};

// A key of the section `job` is an option of the command line, with '_' for '-'; one of the section `made_from` says
// what the files were that the options name.
struct Setting {
  std::string key;  // "job.generations", "made_from.network"
  std::vector<std::string> values;
  bool is_list = false;
  Bearing bearing = Bearing::kKept;
};
using Settings = std::vector<Setting>;

// The text of settings.yaml. Settings without values are left out.
std::string settings_text(const Settings& settings);

// What `now` changes of `before`, one line per key: "generations: 40, was 20". Throws Error naming `path`, key, old and
// new value where a setting differs that must stay the same.
std::vector<std::string> changes_of(const Settings& before, const Settings& now, const std::string& path);

// An entry of a job file: an option's name without its dashes, or "model".
struct JobEntry {
  std::string option;  // "model", "hw", "interval-folds"
  std::vector<std::string> values;
  std::string place;  // "FILE:LINE: key 'KEY': ", for errors
};

// The options that a job file may hold. A file or folder that one of them names is a path from the job file's own
// folder where there is one, else as on the command line.
struct JobOption {
  const char* key;  // "interval_folds"
  Bearing bearing;
  bool is_list = false;
  bool is_path = false;
};
const std::vector<JobOption>& job_options();

// Reads a settings.yaml or a job file that a person wrote. Throws Error naming file, line, key and rule.
std::vector<JobEntry> read_job_file(const std::string& path);
// The settings as they stand in the file: bearings as job_options() gives them.
Settings read_settings(const std::string& path);

}  // namespace lanewise::study
