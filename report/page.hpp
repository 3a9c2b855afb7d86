// SPDX-License-Identifier: Apache-2.0
// An answer as one page of HTML to look at, print and send: what `--report` writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

// What a page draws besides the answer itself.
struct PageData {
  std::string id;    // letters, digits and dashes; scripts read it by this name
  std::string json;  // one JSON value
};

// The page of `answer`, the text that the verb prints with --json. `verb` says how it is drawn (report/page.cpp has
// the table of views; an answer of another verb is shown as tables), `title` what it is about. The same answer gives
// the same bytes.
std::string page(std::string_view verb, const std::string& title, const std::string& answer,
                 const std::vector<PageData>& more = {});

// JSON for pages: of every answer its profile, which must be there, in an array.
std::string profiles_json(const std::vector<study::NetworkAnswer>& answers);
// Texts as one array of JSON values, or as strings.
std::string json_array(const std::vector<std::string>& values);
std::string json_string(const std::string& text);

}  // namespace lanewise::report
