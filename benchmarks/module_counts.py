# SPDX-License-Identifier: Apache-2.0
# What benchmarks/module_counts runs once lanewise-fit is built.
import csv
import json
import os
import subprocess
import sys
import tempfile

IMAGE_NETWORKS = ["convnext_tiny", "deeplabv3_mobilenet_v3_large", "efficientnet_b0", "lraspp_mobilenet_v3_large", "mnasnet1_0",
                  "mobilenet_v2", "mobilenet_v3_large", "regnet_y_400mf", "resnet18", "resnet50", "shufflenet_v2_x1_0",
                  "squeezenet1_1", "ssdlite320_mobilenet_v3_large", "vit_b_16"]
LARGE = 1000  # networks of a table, beyond which --every counts


def count(program, arguments):
    """The rows of `lanewise-fit count`; its exit status says again whether all are equal."""
    done = subprocess.run([program, "count", *arguments, "--json"], stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        sys.exit(1)
    return json.loads(done.stdout)["rows"]


def column(rows, names):
    for name in names:
        if name in rows[0]:
            return name
    sys.exit(f"lanewise: error: the table has no column '{names[0]}'")


def of_table(program, space, path, every):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    encoding = column(rows, ["encoding", "arch"])
    parameters = column(rows, ["parameters", "params"])
    macs = column(rows, ["macs", "flops"])
    networks = {row[encoding]: (int(row[parameters]), int(row[macs])) for row in rows}
    taken = list(networks)[::every if len(networks) > LARGE else 1]
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "encodings.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write("encoding\n" + "".join(f'"{text}"\n' for text in taken))
        counted = count(program, [table, "--space", space])
    wrong = [row["network"] for row in counted
             if not row["equal"] or (row["parameters"], row["macs"]) != networks[row["network"]]]
    return {"space": space, "networks_of_the_table": len(networks), "networks": len(counted),
            "equal": len(counted) - len(wrong), "different": wrong[:20]}


def main():
    program, *words = sys.argv[1:]
    as_json = "--json" in words
    every = 1
    tables = []
    words = [word for word in words if word != "--json"]
    while words:
        word = words.pop(0)
        if word == "--every":
            every = int(words.pop(0))
        else:
            tables.append(word.split("=", 1))
    result = {"tables": [of_table(program, space, path, every) for space, path in tables]}
    shipped = count(program, IMAGE_NETWORKS)
    result["shipped"] = [{key: row[key] for key in ("network", "parameters", "macs", "equal")} for row in shipped]
    result["all_equal"] = all(row["equal"] for row in shipped) and all(t["equal"] == t["networks"] for t in result["tables"])
    text = json.dumps(result, indent=2)
    print(text)
    if not as_json:
        with open("benchmarks/results/module_counts.json", "w", encoding="utf-8") as file:
            file.write(text + "\n")
    sys.exit(0 if result["all_equal"] else 1)


main()
