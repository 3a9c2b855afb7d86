// SPDX-License-Identifier: Apache-2.0
// Programs beside the main one, found and asked.
#pragma once

#include "study/installation/doctor.hpp"

namespace lanewise::study {

// The simulator's process: whether it is there and answers as this process does.
Finding look_at_worker();
// The program that trains networks: whether it is there, and of this version.
Finding look_at_fit();
// The package for Python: whether the python3 of the PATH has it, in this version.
Finding look_at_python();
// Which of the shells that are installed complete command lines of lanewise.
std::vector<Finding> look_at_shells();
// Whether man finds the manual of the installation that this program belongs to.
Finding look_at_manual();
// Of the libraries that matter, with versions by Debian's packages where these say them.
std::vector<Library> look_at_libraries();

}  // namespace lanewise::study
