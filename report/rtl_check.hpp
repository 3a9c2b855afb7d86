// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: how far the simulator was checked against RTL of an engine's family, as JSON.
#pragma once

#include "report/json.hpp"

namespace lanewise::report {

Json rtl_check_json(const study::RtlCheckSummary& rtl);

}  // namespace lanewise::report
