// SPDX-License-Identifier: Apache-2.0
// What is installed and what is missing, for people and for programs.
#pragma once

#include <string>

#include "study/installation/doctor.hpp"

namespace lanewise::report {

std::string to_json(const study::Diagnosis& diagnosis);
std::string to_text(const study::Diagnosis& diagnosis);

}  // namespace lanewise::report
