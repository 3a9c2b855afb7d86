// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/fit_program.hpp"

#include <unistd.h>

#include <cstdlib>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"

namespace lanewise::study {

std::string fit_program(const std::string& place) {
  // Killed, a search can end nobody: lanewise-fit looks after that itself, so that no training goes on in a folder in
  // which the next run of the job trains.
  ::setenv("LANEWISE_PARENT", std::to_string(::getpid()).c_str(), 1);
  const char* const named = std::getenv("LANEWISE_FIT");
  if (named != nullptr && *named != '\0') return named;
  try {
    return find_program("lanewise-fit");
  } catch (const Error&) {
    throw Error(place +
                "needs lanewise-fit, which is not built here: scripts/install-packages --torch, cmake --preset release "
                "-DLANEWISE_WITH_TORCH=ON, cmake --build --preset release --target lanewise-fit");
  }
}

void require_own_networks(const ProgramPlace& programs, const std::string& place) {
  if (!programs.space.empty()) return;
  throw Error(place +
              "needs a space with networks of its own (network.stages): encodings of moves on another network "
              "are not enough for lanewise-fit");
}

void write_fit_input(const std::string& folder, const std::string& space, const std::vector<std::string>& encodings) {
  std::string text = "encoding\n";
  for (const std::string& encoding : encodings) text += record::csv_line({encoding});
  record::write_file(folder + "/space.yaml", space);
  record::write_file(folder + "/encodings.csv", text);
}

}  // namespace lanewise::study
