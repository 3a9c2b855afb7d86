// SPDX-License-Identifier: Apache-2.0
// lanewise-fit run as a person runs it.
#pragma once

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {

inline const std::string kFitProgram = std::string(LANEWISE_BINARY_DIR) + "/lanewise-fit";

inline Finished run_fit(const Arguments& arguments) { return Running(arguments, kFitProgram).wait(); }

inline void expect_fit_refused(const Arguments& arguments, int status, const std::vector<std::string>& named) {
  const Finished finished = run_fit(arguments);
  EXPECT_EQ(finished.status, status);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err.rfind("lanewise: error: ", 0), 0u) << finished.err;
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  for (const std::string& word : named) {
    EXPECT_NE(finished.err.find(word), std::string::npos) << word << "\n" << finished.err;
  }
}

}  // namespace lanewise::cli::testing
