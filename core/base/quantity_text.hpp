// SPDX-License-Identifier: Apache-2.0
// Quantities as people write them: a number, a space, a unit ("512 KiB", "1 GHz", "12.8 GB/s").
#pragma once

#include <string>

#include "core/base/units.hpp"

namespace lanewise {

// Each parser throws Error naming the text, what is wrong and the units it takes. Numbers without a unit and negative
// numbers are refused. A decimal may have an exponent, and the space before the unit may be left out. The locale has no
// influence.
Bytes parse_bytes(const std::string& text);                            // B, KiB, MiB, GiB
BytesPerCycle parse_bytes_per_cycle(const std::string& text);          // B/cycle
BytesPerSecond parse_bytes_per_second(const std::string& text);        // MB/s, GB/s (powers of ten)
Hertz parse_hertz(const std::string& text);                            // Hz, kHz, MHz, GHz
Seconds parse_seconds(const std::string& text);                        // ns, us, ms, s
Picojoules parse_picojoules(const std::string& text);                  // fJ, pJ, nJ
PicojoulesPerByte parse_picojoules_per_byte(const std::string& text);  // pJ/B
Milliwatts parse_milliwatts(const std::string& text);                  // uW, mW, W
SquareMillimetres parse_square_millimetres(const std::string& text);   // um2, mm2

// A number without a unit, 0 or above: a ratio. Throws Error naming the text.
double parse_number(const std::string& text);
// The shortest decimal text that parses back to the same value.
std::string number_text(double value);

// The shortest text that parses back to the same value bit for bit, in the largest unit that keeps it at 1 or above;
// bytes in the largest unit that keeps them whole ("1536 KiB"). Throws InternalError for infinities and NaN. A negative
// value gets a minus sign, which no parser accepts.
std::string to_text(Bytes value);
std::string to_text(BytesPerCycle value);
std::string to_text(BytesPerSecond value);
std::string to_text(Hertz value);
std::string to_text(Seconds value);
std::string to_text(Picojoules value);
std::string to_text(PicojoulesPerByte value);
std::string to_text(Milliwatts value);
std::string to_text(SquareMillimetres value);

}  // namespace lanewise
