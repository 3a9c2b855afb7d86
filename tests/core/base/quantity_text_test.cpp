// SPDX-License-Identifier: Apache-2.0
#include "core/base/quantity_text.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>
#include <locale>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise {
namespace {

template <class Parser>
std::string error_of(Parser parse, const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(QuantityText, every_unit_is_read) {
  EXPECT_EQ(parse_bytes("7 B").count(), 7);
  EXPECT_EQ(parse_bytes("512 KiB").count(), 524288);
  EXPECT_EQ(parse_bytes("1.5 KiB").count(), 1536);
  EXPECT_EQ(parse_bytes("2 MiB").count(), 2097152);
  EXPECT_EQ(parse_bytes("1 GiB").count(), 1073741824);
  EXPECT_EQ(parse_bytes_per_cycle("16 B/cycle").count(), 16.0);
  EXPECT_EQ(parse_bytes_per_second("12.8 GB/s").count(), 12.8e9);
  EXPECT_EQ(parse_bytes_per_second("800 MB/s").count(), 8e8);
  EXPECT_EQ(parse_hertz("32768 Hz").count(), 32768.0);
  EXPECT_EQ(parse_hertz("4 kHz").count(), 4e3);
  EXPECT_EQ(parse_hertz("800 MHz").count(), 8e8);
  EXPECT_EQ(parse_hertz("1 GHz").count(), 1e9);
  EXPECT_EQ(parse_seconds("100 ns").count(), 100e-9);
  EXPECT_EQ(parse_seconds("3 us").count(), 3e-6);
  EXPECT_EQ(parse_seconds("2 ms").count(), 2e-3);
  EXPECT_EQ(parse_seconds("1 s").count(), 1.0);
  EXPECT_EQ(parse_picojoules("84.3 fJ").count(), 0.0843);
  EXPECT_EQ(parse_picojoules("0.21 pJ").count(), 0.21);
  EXPECT_EQ(parse_picojoules("1.3 nJ").count(), 1300.0);
  EXPECT_EQ(parse_picojoules_per_byte("40 pJ/B").count(), 40.0);
  EXPECT_EQ(parse_milliwatts("5 uW").count(), 0.005);
  EXPECT_EQ(parse_milliwatts("5 mW").count(), 5.0);
  EXPECT_EQ(parse_milliwatts("2 W").count(), 2000.0);
  EXPECT_EQ(parse_square_millimetres("310 um2").count(), 310e-6);
  EXPECT_EQ(parse_square_millimetres("0.002 mm2").count(), 0.002);
  EXPECT_EQ(parse_number("0.25"), 0.25);
}

TEST(QuantityText, space_is_optional_and_exponents_are_read) {
  EXPECT_EQ(parse_bytes("512KiB"), parse_bytes("512 KiB"));
  EXPECT_EQ(parse_hertz("  1 GHz "), parse_hertz("1 GHz"));
  EXPECT_EQ(parse_hertz("1e9 Hz"), parse_hertz("1 GHz"));
  EXPECT_EQ(parse_seconds("1E-7 s"), parse_seconds("100 ns"));
}

TEST(QuantityText, the_largest_unit_that_keeps_it_at_one_or_above_is_written) {
  EXPECT_EQ(to_text(Bytes(0)), "0 B");
  EXPECT_EQ(to_text(Bytes(1023)), "1023 B");
  EXPECT_EQ(to_text(Bytes(524288)), "512 KiB");
  EXPECT_EQ(to_text(Bytes(1536 * 1024)), "1536 KiB");
  EXPECT_EQ(to_text(Bytes(1 << 30)), "1 GiB");
  EXPECT_EQ(to_text(BytesPerCycle(0.5)), "0.5 B/cycle");
  EXPECT_EQ(to_text(BytesPerSecond(12.8e9)), "12.8 GB/s");
  EXPECT_EQ(to_text(BytesPerSecond(1e3)), "0.001 MB/s");
  EXPECT_EQ(to_text(Hertz(999e6)), "999 MHz");
  EXPECT_EQ(to_text(Hertz(1e12)), "1000 GHz");
  EXPECT_EQ(to_text(Seconds(100e-9)), "100 ns");
  EXPECT_EQ(to_text(Seconds(0)), "0 s");
  EXPECT_EQ(to_text(Picojoules(0.21)), "210 fJ");
  EXPECT_EQ(to_text(Picojoules(1300)), "1.3 nJ");
  EXPECT_EQ(to_text(PicojoulesPerByte(162.5)), "162.5 pJ/B");
  EXPECT_EQ(to_text(Milliwatts(27.8)), "27.8 mW");
  EXPECT_EQ(to_text(SquareMillimetres(0.002)), "2000 um2");
  EXPECT_EQ(to_text(SquareMillimetres(3.3)), "3.3 mm2");
  EXPECT_EQ(number_text(0.25), "0.25");
  EXPECT_EQ(number_text(0), "0");
}

TEST(QuantityText, every_double_survives_the_round_trip) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::ldexp(1.0 + random.unit(), static_cast<int>(random.between(-200, 200)));
    ASSERT_EQ(parse_seconds(to_text(Seconds(value))).count(), value);
    ASSERT_EQ(parse_hertz(to_text(Hertz(value))).count(), value);
    ASSERT_EQ(parse_bytes_per_second(to_text(BytesPerSecond(value))).count(), value);
    ASSERT_EQ(parse_bytes_per_cycle(to_text(BytesPerCycle(value))).count(), value);
    ASSERT_EQ(parse_picojoules(to_text(Picojoules(value))).count(), value);
    ASSERT_EQ(parse_picojoules_per_byte(to_text(PicojoulesPerByte(value))).count(), value);
    ASSERT_EQ(parse_milliwatts(to_text(Milliwatts(value))).count(), value);
    ASSERT_EQ(parse_square_millimetres(to_text(SquareMillimetres(value))).count(), value);
    ASSERT_EQ(parse_number(number_text(value)), value);
  }
  for (const double value :
       {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(), 1e-7, 1e15, 1e16}) {
    EXPECT_EQ(parse_hertz(to_text(Hertz(value))).count(), value);
    EXPECT_EQ(parse_number(number_text(value)), value);
  }
}

TEST(QuantityText, every_byte_count_survives_the_round_trip) {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const auto count = static_cast<std::int64_t>(random.next() >> random.between(1, 62));
    ASSERT_EQ(parse_bytes(to_text(Bytes(count))).count(), count);
  }
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(parse_bytes(to_text(Bytes(largest))).count(), largest);
}

TEST(QuantityText, written_quantities_come_back_as_they_were) {
  for (const char* text : {"12.8 GB/s", "1.6 GB/s", "19.2 GB/s", "51.2 GB/s"}) {
    EXPECT_EQ(to_text(parse_bytes_per_second(text)), text);
  }
  for (const char* text : {"25 ns", "50 ns", "100 ns", "200 ns", "1 ms"}) EXPECT_EQ(to_text(parse_seconds(text)), text);
  for (const char* text : {"310 um2", "1013 um2", "3.3 mm2"}) EXPECT_EQ(to_text(parse_square_millimetres(text)), text);
}

TEST(QuantityText, what_is_not_a_number_and_a_unit_is_refused) {
  EXPECT_EQ(error_of(parse_bytes, "512"), "'512' has no unit: must be a number and a unit, one of B, KiB, MiB, GiB");
  EXPECT_EQ(error_of(parse_bytes, "512 KB"),
            "'512 KB' has an unknown unit 'KB': must be a number and a unit, one of B, KiB, MiB, GiB");
  EXPECT_EQ(error_of(parse_bytes, "-1 KiB"),
            "'-1 KiB' is negative: must be a number and a unit, one of B, KiB, MiB, GiB, 0 or above");
  EXPECT_EQ(error_of(parse_bytes, "0.1 KiB"), "'0.1 KiB' is not a whole number of bytes");
  EXPECT_EQ(error_of(parse_bytes, "9223372036854775807 KiB"),
            "'9223372036854775807 KiB' is too large a number of bytes");
  EXPECT_EQ(error_of(parse_bytes, "99999999999999999999 B"), "'99999999999999999999 B' is too large a number of bytes");
  EXPECT_EQ(error_of(parse_bytes, "1e300 B"), "'1e300 B' is too large a number of bytes");
  EXPECT_EQ(error_of(parse_hertz, "nan GHz"),
            "'nan GHz' is not a number: must be a number and a unit, one of Hz, kHz, MHz, GHz");
  EXPECT_EQ(error_of(parse_hertz, "inf GHz"),
            "'inf GHz' is not a number: must be a number and a unit, one of Hz, kHz, MHz, GHz");
  EXPECT_EQ(error_of(parse_hertz, "1e400 Hz"), "'1e400 Hz' is too large or too small a number");
  EXPECT_EQ(error_of(parse_seconds, ""), "'' is empty: must be a number and a unit, one of ns, us, ms, s");
  EXPECT_EQ(error_of(parse_bytes_per_cycle, "16"), "'16' has no unit: must be a number in B/cycle");
  EXPECT_EQ(error_of(parse_picojoules, "0.2 pJ/B"),
            "'0.2 pJ/B' has an unknown unit 'pJ/B': must be a number and a unit, one of fJ, pJ, nJ");
  EXPECT_EQ(error_of(parse_number, "0.5 x"), "'0.5 x' has 'x' behind it: must be a number without a unit");
  EXPECT_EQ(error_of(parse_number, "-1"), "'-1' is negative: must be a number, 0 or above");
  EXPECT_EQ(error_of(parse_number, "nan"), "'nan' is not a number");
}

TEST(QuantityText, differences_are_written_and_what_is_no_number_is_refused) {
  EXPECT_EQ(to_text(Bytes(-524288)), "-512 KiB");
  EXPECT_EQ(to_text(Picojoules(-0.21)), "-210 fJ");
  EXPECT_EQ(number_text(-0.5), "-0.5");
  EXPECT_THROW(to_text(Hertz(std::numeric_limits<double>::infinity())), InternalError);
  EXPECT_THROW(number_text(std::nan("")), InternalError);
}

TEST(QuantityText, trailing_junk_and_other_notations_are_refused) {
  for (const char* text : {"1 GHz x", "1 GHz 1", "1,5 GHz", "0x10 Hz", "+1 GHz", ".5 GHz", "1. GHz", "1 ghz", "1 G Hz",
                           "GHz", "1e GHz", "--1 GHz", "1_000 Hz", "\t1 GHz", "1 GHz\n"}) {
    EXPECT_NE(error_of(parse_hertz, text), "no error") << text;
  }
}

TEST(QuantityText, the_text_is_the_same_under_every_locale) {
  struct CommaDecimals : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommaDecimals));
  EXPECT_EQ(parse_bytes_per_second("12.8 GB/s").count(), 12.8e9);
  EXPECT_EQ(to_text(BytesPerSecond(12.8e9)), "12.8 GB/s");
  EXPECT_EQ(to_text(Bytes(1234567)), "1234567 B");
  std::locale::global(before);
}

}  // namespace
}  // namespace lanewise
