// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lanewise {

// The tool's version, "MAJOR.MINOR.PATCH": every measurement row, model and answer carries it.
const char* version();

}  // namespace lanewise
