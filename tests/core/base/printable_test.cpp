// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.hpp"

#include <gtest/gtest.h>

namespace lanewise {
namespace {

TEST(Printable, text_without_control_characters_stays_as_it_is) {
  for (const char* text : {"", "conv1/relu", "größe ×2 → 三", "C:\\data\\x", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable_lines(text), text);
  }
}

TEST(Printable, control_characters_are_spelled_out) {
  EXPECT_EQ(printable("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(printable("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  // The control characters above ASCII: U+009B begins a sequence as ESC [ does.
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");
}

TEST(Printable, marks_that_turn_or_break_a_line_are_spelled_out) {
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\u{202e}b");
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u{2028}");
}

TEST(Printable, bytes_that_are_no_utf8_are_spelled_out) {
  EXPECT_EQ(printable("\xff\x80"), "\\xff\\x80");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80");                    // longer than needed
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond the last code point
  EXPECT_EQ(printable("a\xe2\x80"), "a\\xe2\\x80");                  // cut short
}

TEST(Printable, every_text_comes_out_once_and_for_all) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const std::string once = printable(text);
      EXPECT_EQ(printable(once), once);
      for (const char c : once) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << first << " " << second;
    }
  }
}

TEST(Printable, lines_of_a_whole_text_stay) { EXPECT_EQ(printable_lines("a\n\x1b\r\nb\n"), "a\n\\x1b\\r\nb\n"); }

}  // namespace
}  // namespace lanewise
