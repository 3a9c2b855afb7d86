// SPDX-License-Identifier: Apache-2.0
// The folder of a job: whose job it holds, how far it is, and whether it is done. One job at a time works in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "study/codesign/codesign_result.hpp"
#include "study/codesign/job_settings.hpp"

namespace lanewise::study {

class JobFolder {
 public:
  // Makes the folder where it is missing and locks it. Throws Error where it cannot be made, where another process
  // works in it, or where it holds something else's measurements.
  explicit JobFolder(const std::string& path);
  ~JobFolder();
  JobFolder(const JobFolder&) = delete;
  JobFolder& operator=(const JobFolder&) = delete;

  // Paths in it: of what people read, and of what the job goes on from.
  std::string file(const std::string& name) const;
  std::string work(const std::string& name) const;

  // Takes the folder for a job with these settings. Returns what they change of the settings that were there. Throws
  // Error as changes_of, and leaves the folder as it was.
  std::vector<std::string> claim(const Settings& settings);

  // Rounds of trust that are done. Kept on disk by keep_round.
  const std::vector<TrustRound>& rounds() const { return rounds_; }
  void keep_round(const TrustRound& round);

  // Whether finish() was called for these settings and every file is as it was then.
  bool finished() const;
  // Names of the files that the result consists of, once it is done.
  std::vector<std::string> files() const;
  // Marks the job as done. `files`: names of everything that the result consists of.
  void finish(const std::vector<std::string>& files);

 private:
  void load_state();
  void save_state() const;
  void sweep_leftovers() const;

  std::string path_;
  int lock_ = -1;
  std::string settings_hash_;  // of the settings claimed
  std::vector<TrustRound> rounds_;
  struct File {
    std::string name, hash;
    std::int64_t bytes = 0;
  };
  std::string finished_settings_;  // hash of the settings that finish() was called for
  std::vector<File> files_;
};

}  // namespace lanewise::study
