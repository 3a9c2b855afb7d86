// SPDX-License-Identifier: Apache-2.0
#include "core/base/version.hpp"

namespace lanewise {

const char* version() { return LANEWISE_VERSION; }

}  // namespace lanewise
