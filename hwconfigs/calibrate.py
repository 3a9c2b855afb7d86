#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the area and energy figures of the family ne come from; prints them. docs/hwconfig.md states the sources.

Area and stand-by power: least squares over NVDLA's published design points. Energy per action: Horowitz's 45 nm table,
scaled to 16 nm.
"""

import math

# NVDLA's design points at 16 nm and 1 GHz on ResNet-50: MACs, buffer KB, frames a second, mm2, average mW.
DESIGN_POINTS = [
    (2048, 512, 269, 3.3, 291),
    (1024, 256, 153, 1.8, 143),
    (512, 256, 93, 1.4, 80),
    (256, 256, 46, 1.0, 48),
    (128, 256, 20, 0.84, 31),
    (64, 128, 7.3, 0.55, 21),
    (32, 128, 3.6, 0.51, 17),
]
RESNET50_GMACS = 4.089

# Horowitz, "Computing's energy problem", ISSCC 2014: 45 nm, 0.9 V, pJ.
MULTIPLY_INT8, MULTIPLY_INT32, ADD_INT32 = 0.2, 3.1, 0.1
MULTIPLY_FP16, ADD_FP16 = 1.1, 0.4
SRAM_64_BIT = {8: 10.0, 32: 20.0, 1024: 100.0}  # by KiB: about the square root of the size
SRAM_32_KIB_64_BIT = SRAM_64_BIT[32]
DRAM_64_BIT = 1300.0  # the lower end of 1.3 to 2.6 nJ
# Area at 45 nm, um2, of the same units as synthesised for Dally's and Han's tutorials on efficient inference.
AREA_MULTIPLY_INT32, AREA_ADD_INT32 = 3495.0, 137.0

# Interfaces to DRAM, pads and PLL included: name, mm2, nm, GB/s.
# Synopsys' 16-bit DDR3-2133 PHY as McPAT 1.3 gives it (memoryctrl.cc), and the 16-bit LPDDR4 PHY of Chae et al., "A 690mV
# 4.4Gbps/pin all-digital LPDDR4 PHY in 10nm FinFET technology", ESSCIRC 2016.
DRAM_PHYS = [("DDR3-2133 PHY, 40 nm", 1.3, 40, 16 * 2.133 / 8), ("LPDDR4-4400 PHY, 10 nm", 0.57, 10, 16 * 4.4 / 8)]
# CACTI-IO (Jouppi et al., IEEE TVLSI 2015) for LPDDR, as its source has it: phase rotators, receivers and PLL, mW; bias, mA;
# the differential clock's 1 V swing into 480 ohm; supply, V. Its sample is a bus of 32 bits at 800 MHz.
PHY_STATIC, IO_BIAS, IO_SUPPLY = 5.0 + 3.0 + 2.0, 5.0, 1.2
CLOCK_BIAS = IO_SUPPLY * 1.0 / 480 * 1000
CACTI_IO_BANDWIDTH = 32 * 2 * 0.8 / 8  # GB/s

# Energy is capacitance x voltage squared; capacitance goes with the feature size.
SCALE = (16 / 45) * (0.8 / 0.9) ** 2


def least_squares(rows, targets):
    """Coefficients that minimise the squared relative errors, by the normal equations."""
    rows = [[x / y for x in row] for row, y in zip(rows, targets)]
    n = len(rows[0])
    system = [[sum(r[i] * r[j] for r in rows) for j in range(n)] + [sum(r[i] for r in rows)] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(system[k][i]))
        system[i], system[pivot] = system[pivot], system[i]
        for k in range(n):
            if k != i:
                factor = system[k][i] / system[i][i]
                system[k] = [a - factor * b for a, b in zip(system[k], system[i])]
    return [system[i][n] / system[i][i] for i in range(n)]


def report(title, names, rows, targets):
    coefficients = least_squares(rows, targets)
    errors = [sum(c * x for c, x in zip(coefficients, row)) / y - 1 for row, y in zip(rows, targets)]
    print(title)
    for name, coefficient in zip(names, coefficients):
        print(f"  {name:28} {coefficient:.6g}")
    print("  errors %                    ", " ".join(f"{100 * e:+.1f}" for e in errors))
    return coefficients


def split_of_mac(slope, per_kib):
    """What a MAC costs once accumulators and post-processing, which the slope includes, are counted on their own."""
    accumulator_per_kib = 2 * per_kib  # two ports, small arrays
    lane = 2 * (AREA_MULTIPLY_INT32 + 2 * AREA_ADD_INT32) * (16 / 45) ** 2 * 1e-6  # as much again for registers and pooling
    macs, dot_products, width = 2048, 32, 16  # the largest design point
    mac = slope - (dot_products * 1.0 * accumulator_per_kib + width * lane) / macs  # 1 KiB of sums a dot product
    print(f"  mm2 a KiB of accumulators    {accumulator_per_kib:.6f}")
    print(f"  mm2 a post-processing lane   {lane:.6f}")
    print(f"  mm2 a MAC without those      {mac:.6f}")


def dram_interface():
    """Drivers and pads do not shrink as logic does: a PHY follows the feature size, not its square (McPAT says the same)."""
    print("interface to DRAM at 16 nm, for each GB/s")
    areas = [area * (16 / node) / bandwidth for _, area, node, bandwidth in DRAM_PHYS]
    for (name, *_), area in zip(DRAM_PHYS, areas):
        print(f"  mm2 of the {name:21} {area:.4f}")
    print(f"  mm2, the mean of the two     {sum(areas) / len(areas):.3f}")
    idle = PHY_STATIC + IO_BIAS * IO_SUPPLY + CLOCK_BIAS
    print(f"  mW at rest (not scaled)      {idle / CACTI_IO_BANDWIDTH:.2f}")


def main():
    areas = [row[3] for row in DESIGN_POINTS]
    slope, per_kib, _ = report("area, mm2", ["mm2 a MAC", "mm2 a KiB", "mm2 fixed"], [(r[0], r[1], 1.0) for r in DESIGN_POINTS], areas)
    split_of_mac(slope, per_kib)
    report("average power, mW", ["pJ a MAC on chip", "mW a mm2 whatever it does"],
           [(r[2] * RESNET50_GMACS, r[3]) for r in DESIGN_POINTS], [r[4] for r in DESIGN_POINTS])
    print(f"energy per action at 16 nm, pJ (45 nm x {SCALE:.3f})")
    for bits in (4, 8, 16):
        print(f"  mac int{bits:<21} {SCALE * (MULTIPLY_INT8 * (bits / 8) ** 2 + ADD_INT32):.4f}")
    print(f"  mac fp16                     {SCALE * (MULTIPLY_FP16 + ADD_FP16):.4f}")
    for kib in (1, 4, 8, 16, 32, 64):
        print(f"  SRAM of {kib:2} KiB, a byte        {SCALE * SRAM_32_KIB_64_BIT / 8 * (kib / 32) ** 0.5:.4f}")
    for small, large in ((8, 32), (32, 1024), (8, 1024)):
        exponent = math.log(SRAM_64_BIT[large] / SRAM_64_BIT[small]) / math.log(large / small)
        print(f"  exponent, {small:2} to {large:4} KiB     {exponent:.2f}")
    print(f"  post-processing, an element  {SCALE * (ADD_INT32 + MULTIPLY_INT32 + ADD_INT32):.4f}")
    print(f"  DRAM, a byte (not scaled)    {DRAM_64_BIT / 8:.1f}")
    dram_interface()


if __name__ == "__main__":
    main()
