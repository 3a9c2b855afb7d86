// SPDX-License-Identifier: Apache-2.0
// Text that came from a file, made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace lanewise {

// The same text with all spelled out that a terminal would obey or a reader could not see: control characters (ESC as
// \x1b, a line break as \n), marks that turn the direction of writing or break lines (\u{202e}), and bytes that are no
// UTF-8 (\xff). What is left is valid UTF-8 on one line. Backslashes stay as they are, so that text without such
// characters, and text that went through here before, comes out unchanged.
std::string printable(std::string_view text);

// The same for a whole text of several lines, whose line breaks stay.
std::string printable_lines(std::string_view text);

}  // namespace lanewise
