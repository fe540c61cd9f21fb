"""Where heed's time goes, by perf's samples of one thread; see training.py and decoding.py, --profile."""

import json
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

from measure import HEED, ROOT, RUNS, machine, markdown, say, write_part

# The first that matches "object symbol" has the sample.
PARTS = (
    ("matrix products", r"gemm|dot_block|multiply_with|brg|jit|dnnl|\[unknown\]|perf-\d|anon\b|mkl_blas|"
                        r"^\S*\[?JIT|\[\.\] 0x0"),  # oneDNN makes its code as it runs: no symbols
    ("attention", r"attend|attention|softmax|score_|transpose|head_loop|hidden_loop|dot_loop|(query|key)_gradient_loop|"
                  r"keep_loop|drop_loop|scale_by"),
    ("soft-max over the vocabulary", r"exponential|best_of|maxima_loop|mark_loop|projection_loss|largest_of|gradient_loop|"
                                     r"least_maximum|exponentiate"),
    ("norms, activations, dropout, cells", r"norm_loop|forward_loop|backward_loop|relu|gelu|dropout|fill_mask|blocks_loop|LayerNorm|"
                                           r"RowwiseMoments|cell|gru|lstm|Tanh|multiply_loop"),
    ("embeddings", r"embed"),
    ("rounding to fewer bits", r"round_loop|quantise|magnitude_loop|copy_loop|narrow|widen"),
    ("optimizer, gradients' sums", r"adam|update|sum_gradients|square_loop|add_columns|add_loop"),
    ("text", r"sentencepiece|heed::(utf8|LineReader)"),
    ("copies", r"memmove|memset|memcpy|copy_kernel"),
    ("memory from the allocator", r"malloc|_int_free|cfree|unlink_chunk|memalign|operator new|operator delete"),
    ("the system: pages, files", r"kernel\.kallsyms|\[kernel"),
    ("start of LibTorch", r"OperatorEntry|SharedParserData|Dispatcher|torch::jit|FunctionSchema|ld-linux|TORCH_LIBRARY"),
    ("LibTorch's other work", r"libtorch|libc10|heed .*(at::|c10::|torch::)"),
    ("the rest", r""),
)


def shares(command):
    """The share of each part of a command's samples."""
    record = RUNS / "perf.data"
    subprocess.run(["perf", "record", "-q", "-F", "999", "-o", record, *map(str, command)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    text = subprocess.run(["perf", "report", "-i", record, "--stdio", "--no-children", "-F", "sample,dso,sym",
                           "--percent-limit", "0", "-t", ";"], capture_output=True, text=True, check=True).stdout
    found = defaultdict(float)
    for line in text.splitlines():
        fields = re.match(r"\s*(\d+)\s*;([^;]*);(.*)", line)
        if not fields:
            continue
        name = f"{fields[2].strip()} {fields[3].strip()}"
        part = next(part for part, pattern in PARTS if re.search(pattern, name))
        found[part] += float(fields[1])
    record.unlink()
    total = sum(found.values())
    return defaultdict(float, {part: 100 * samples / total for part, samples in found.items()})


def table(columns):
    names = [name for name, _ in PARTS if any(own[name] >= 0.05 for own in columns.values())]
    rows = [[name, *(f"{own[name]:.1f} %" for own in columns.values())] for name in names]
    return markdown(["", *columns], rows)


def check():
    if not shutil.which("perf"):
        raise SystemExit("error: --profile needs perf (Debian: linux-perf)")


def limits():
    """Target tokens a second of one thread if the Transformer's step were its products alone; None: not built."""
    program = ROOT / "build/release/kernels_benchmark"
    if not program.exists():
        return None
    done = subprocess.run([program, "--benchmark_filter=^transformer_products", "--benchmark_repetitions=5",
                           "--benchmark_format=json"], capture_output=True, text=True, check=True)
    medians = [entry for entry in json.loads(done.stdout)["benchmarks"] if entry.get("aggregate_name") == "median"]
    return {"bfloat16" if "bfloat16:1" in entry["name"] else "float32": entry["items_per_second"]
            for entry in medians}


def profile_training(work, flags):
    check()
    bound = limits()
    columns = {}
    for model in ("transformer", "recurrent"):
        for precision in ("bfloat16", "float32"):
            out = RUNS / "profile"
            shutil.rmtree(out, ignore_errors=True)
            say(f"{model}, {precision}")
            columns[f"{model}, {precision}"] = shares(
                [HEED, "train", ROOT / f"configs/benchmark/{model}.ini", "--fresh", "--quiet", "--threads", 1,
                 "--precision", precision, f"--output.folder={out}", f"--tokenizer.model={work}/vocabulary.model",
                 "--training.max_steps=25"])
            shutil.rmtree(out, ignore_errors=True)
    words = [f"{machine()}. perf's samples of one thread over 25 updates, start and reading included.", table(columns)]
    if bound:
        words.append(
            "The limit: the Transformer's products alone (`kernels_benchmark --benchmark_filter=transformer_products`, "
            "each forward and for both gradients, by the libraries that do them in training) would allow "
            f"{bound['bfloat16']:,.0f} target tokens a second on each core in bfloat16 and {bound['float32']:,.0f} in "
            "float32. A part that takes p % of the time could, were it free, make training 100 / (100 - p) times as "
            "fast.")
    write_part("training-profile", "\n\n".join(words), flags)


def profile_decoding(models, source, flags):
    check()
    lines = Path(source).read_text(encoding="utf-8")
    repeated = RUNS / "profile-source"
    repeated.write_text(lines * 5, encoding="utf-8")
    columns = {}
    for model in ("transformer", "luong"):
        for beam in (5, 1):
            for batch in (64, 1) if model == "transformer" else (64,):
                say(f"{model}, beam {beam}, batch {batch}")
                columns[f"{model}, beam {beam}, batch {batch}"] = shares(
                    [HEED, "translate", models[model], "-q", "-i", repeated, "-o", "/dev/null", "--threads", 1,
                     "--beam-size", beam, "--batch-size", batch, "--precision", "auto"])
    repeated.unlink()
    write_part("decoding-profile", "\n\n".join([
        f"{machine()}. perf's samples of one thread, test_2016_flickr five times over, `--precision auto`, start included.",
        table(columns)]), flags)
