// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lanewise {

// The tool's version, "MAJOR.MINOR.PATCH": recorded in every measurement row, model and answer.
const char* version();

}  // namespace lanewise
