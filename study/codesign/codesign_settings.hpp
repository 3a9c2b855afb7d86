// SPDX-License-Identifier: Apache-2.0
// What a codesign's results depend on, and the folder that holds them.
#pragma once

#include <string>

#include "study/codesign/codesign.hpp"

namespace lanewise::study {

// Everything that a result depends on and nothing else, as readable text: equal texts mean equal results.
std::string settings_text(const CodesignJob& job, const Campaign& campaign);

// Writes OUT/settings.json, or finds the same text there, in which case the job goes on. Throws Error when the folder
// holds another job's settings, or measurements without settings, or cannot be written.
void claim_folder(const std::string& out, const std::string& settings);

}  // namespace lanewise::study
