// SPDX-License-Identifier: Apache-2.0
// Job files and settings: read as options and as settings, and written again.
#include <fstream>

#include "core/base/error.hpp"
#include "study/codesign/job_settings.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_job(const std::string& path, const std::string& folder) {
  study::read_job_file(path);
  const study::Settings settings = study::read_settings(path);
  const std::string again = folder + "/settings.yaml";
  std::ofstream(again, std::ios::binary) << study::settings_text(settings);
  const study::Settings read = study::read_settings(again);
  if (!study::changes_of(settings, read, again).empty()) throw Nonsense("settings are others once they are written");
}

}  // namespace lanewise::fuzz
