// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: what every drawing begins with, and what several draw with.
#pragma once

#include <string>

namespace lanewise::report {

// The head of a drawing up to its ground: one image to those who listen to it, with its title and a sentence on what it
// shows. `style` is the content of its style sheet, which has a class "ground".
std::string svg_head(double width, double height, const std::string& title, const std::string& description,
                     const std::string& style);

// A text of class `kind`, anchored at "start", "middle" or "end"; `more` are further attributes, with a space before
// them.
std::string svg_words(double x, double y, const std::string& words, const char* anchor, int size, const char* kind,
                      const std::string& more);
// A line of class `kind`.
std::string svg_line(const char* kind, double x1, double y1, double x2, double y2);

// The colours of viridis (Smith and van der Walt, 2015), 0 to 1: even to the eye, also in grey and for people who tell
// few colours apart.
std::string viridis(double share);

// One of seven colours of Okabe and Ito (2008), which people with few kinds of cones tell apart, on light and on dark.
const char* distinct_colour(std::size_t number);
constexpr std::size_t kDistinctColours = 7;

}  // namespace lanewise::report
