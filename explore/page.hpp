// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: the page itself, one document that holds all it needs.
#pragma once

#include <string>

namespace lanewise::explore {

// `nonce`: what scripts must carry so that the browser runs them.
std::string page_html(const std::string& nonce);
// The Content-Security-Policy that goes with it: scripts of this document alone, requests to its own server alone.
std::string page_policy(const std::string& nonce);

}  // namespace lanewise::explore
