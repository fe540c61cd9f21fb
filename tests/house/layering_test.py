"""A folder below src/ includes only itself and folders of a lower layer."""

import re
import sys

import sources

LAYERS = {
    "util": 0,
    "config": 1,
    "alignment": 1,
    "report": 2,
    "evaluation": 2,
    "tokenizer": 2,
    "data": 3,
    "decoding": 4,
    "server": 5,
    "kernels": 5,
    "model": 6,
    "exchange": 7,
    "inference": 7,
    "training": 8,
    "apps": 9,
}
WITHOUT_TORCH = {
    "util", "config", "alignment", "report", "evaluation", "tokenizer", "data", "decoding", "server",
}
# A kernel or a packed weight is a matter of models and of what they are compiled to.
WITHOUT_KERNELS = {"decoding", "training", "apps"}
TORCH_FOLDERS = {"torch", "ATen", "c10", "caffe2"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


def layer_folder(root, path):
    parts = path.relative_to(root).parts
    return "apps" if parts[0] == "apps" else parts[1]


def include_fault(path, folder, quoted, included):
    """What is wrong with an include in a file of `folder`, or None."""
    if ".." in included.split("/"):
        return "goes through a parent folder"
    first = included.split("/")[0]
    if first in TORCH_FOLDERS and folder in WITHOUT_TORCH:
        return f"{folder} builds without LibTorch"
    if "/" not in included:
        beside = folder == "apps" and (path.parent / included).exists()
        return "name the folder too" if quoted and not beside else None
    if first not in LAYERS:
        return "no folder of the project" if quoted else None
    if first == "kernels" and folder in WITHOUT_KERNELS:
        return f"{folder} knows no kernel"
    if first != folder and LAYERS[first] >= LAYERS[folder]:
        return f"{folder} is layer {LAYERS[folder]}, {first} is layer {LAYERS[first]}"
    return None


def check_file(root, path):
    name = path.relative_to(root)
    text = sources.read(path)
    folder = layer_folder(root, path)
    if folder not in LAYERS:
        return [f"{name}: {folder} has no layer; give it one in tests/house/layering_test.py"]
    faults = []
    if path.suffix == ".h" and not re.search(r"^#pragma once$", text, re.MULTILINE):
        faults.append(f"{name}: no #pragma once")
    for match in INCLUDE.finditer(text):
        included = match.group(1) or match.group(2)
        fault = include_fault(path, folder, match.group(1) is not None, included)
        if fault:
            line = text.count("\n", 0, match.start()) + 1
            faults.append(f"{name}:{line}: includes {included}: {fault}")
    return faults


def check(root):
    faults = []
    for path in sources.source_files(root):
        faults += check_file(root, path)
    return faults


if __name__ == "__main__":
    sys.exit(sources.main(check))
