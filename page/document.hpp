// SPDX-License-Identifier: Apache-2.0
// One page of HTML that holds all it needs: style, scripts and data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lanewise::page {

// A script or data of a page. Data are JSON texts that its scripts read by id.
struct Data {
  std::string id;    // letters, digits and dashes
  std::string json;  // one JSON value
};

// The whole page in UTF-8: `title` as plain text, the style "page.css", the drawing libraries, then `scripts` (names
// are page/assets.hpp's; each runs in the order given), the data as <script type="application/json" id=…>, and the
// licences of the libraries. Nothing in title or data, whatever it holds, can end the element that it stands in. The
// page asks the browser to load nothing from anywhere.
std::string document(std::string_view title, const std::vector<Data>& data,
                     const std::vector<std::string_view>& scripts = {"page.js"});

}  // namespace lanewise::page
