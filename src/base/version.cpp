// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"

namespace lanewise {

const char* version() { return LANEWISE_VERSION; }

}  // namespace lanewise
