"""Every source file below src/ is tested: src/A/b.cpp by tests/A/b_test.cpp, or as ELSEWHERE says.

A file in ELSEWHERE has no test of its own name. The list names the tests that reach it and why
they are its tests. When a file gets a test of its own, its line goes.
"""

import sys
from pathlib import Path

import sources

# Source file below src/: test files below tests/, and why they are its tests.
ELSEWHERE = {
    "config/decoding_options.cpp": ("config/options_test.cpp", "every row of the table is set"),
    "config/objective_options.cpp": ("config/options_test.cpp", "every row of the table is set"),
    "config/starting_options.cpp": ("config/options_test.cpp", "every row of the table is set"),
    "config/server_options.cpp": ("config/options_test.cpp config/render_test.cpp",
                                  "looks at every row of the table"),
    "config/transformer_options.cpp": ("config/options_test.cpp", "rows of the table like others"),
    "data/batch.cpp": ("data/batcher_test.cpp", "BatchTest makes batches and looks at each row"),
    "decoding/attention_maps.cpp": ("inference/attention_maps_test.cpp", "of every kind of model"),
    "decoding/candidates.cpp": ("decoding/search_test.cpp", "brute force checks what is chosen"),
    "decoding/inspection.cpp": ("apps/inspect_test.py", "pages, reports, gold links, senses"),
    "decoding/preparation.cpp": ("inference/translating_test.cpp", "cuts, splits, demands, words"),
    "decoding/score_targets.cpp": ("decoding/search_test.cpp", "scores equal those of the search"),
    "decoding/scorer.cpp": ("inference/translating_test.cpp", "scores of lines, alone and together"),
    "evaluation/ter_edits.cpp": ("evaluation/ter_test.cpp", "calls it on words and sentences"),
    "evaluation/western_tokens.cpp": ("evaluation/tokenizers_test.cpp", "13a and intl use it"),
    "exchange/able.cpp": ("apps/export_test.py", "what a format has not got is refused by name"),
    "exchange/ctranslate2.cpp": ("apps/export_test.py", "its file, and CTranslate2's translations"),
    "exchange/export.cpp": ("apps/export_test.py", "both formats, and folders that are there"),
    "exchange/hugging_face_export.cpp": ("apps/export_test.py", "imported again it is the same"),
    "exchange/hugging_face_import.cpp": ("exchange/golden_models_test.cpp apps/import_test.py",
                                         "transformers' logits; damaged and foreign files"),
    "exchange/import.cpp": ("apps/import_test.py", "every form, and what is none"),
    "exchange/marian.cpp": ("exchange/golden_models_test.cpp apps/import_test.py",
                            "Marian's translations; damaged and foreign files"),
    "exchange/marian_weights.cpp": ("apps/import_test.py", "tensors that are missing or too many"),
    "exchange/model_files.cpp": ("apps/import_test.py apps/export_test.py", "folders both ways"),
    "exchange/source_files.cpp": ("apps/import_test.py", "folders and zip files"),
    "exchange/transformer_parts.cpp": ("exchange/golden_models_test.cpp", "every part of a layer"),
    "inference/compile.cpp": ("inference/decoding_test.cpp inference/load_test.cpp",
                              "compiles every kind of model, from memory and from files"),
    "inference/describe.cpp": ("apps/translate_test.py", "heed info of builds and models"),
    "inference/model_inference.cpp": ("inference/decoding_test.cpp", "steps equal teacher forcing"),
    "inference/output_layer.cpp": ("inference/decoding_test.cpp inference/shortlist_test.cpp",
                                   "the best of whole rows, and of some pieces alone"),
    "inference/piece_columns.cpp": ("inference/shortlist_test.cpp", "nothing else is chosen"),
    "inference/recurrent.cpp": ("inference/decoding_test.cpp", "rows are sentences of their own"),
    "kernels/cell_rows.cpp": ("kernels/recurrence_test.cpp", "its rows, with gradients"),
    "kernels/decoder_layer.cpp": ("inference/packed_models_test.cpp",
                                  "a layer in one call says what its parts say"),
    "kernels/recurrent_step.cpp": ("inference/packed_models_test.cpp",
                                   "steps of packed recurrent models"),
    "kernels/mask.cpp": ("kernels/dropout_test.cpp", "draws masks, whole and in parts"),
    "kernels/rows.cpp": ("kernels/projection_loss_test.cpp kernels/embedding_test.cpp",
                         "bfloat16 rows that it widens, adds and narrows"),
    "model/attention_score.cpp": ("model/attention_test.cpp", "scores equal PyTorch's"),
    "model/layers.cpp": ("model/transformer_test.cpp", "layers equal PyTorch's"),
    "model/positions.cpp": ("model/transformer_test.cpp model/self_attention_test.cpp",
                            "sinusoids and learned positions; relative and rotary ones"),
    "model/residual.cpp": ("model/transformer_test.cpp", "both orders of norm equal PyTorch's"),
    "model/weights.cpp": ("inference/load_test.cpp", "missing, damaged and foreign weights"),
    "report/attention_svg.cpp": ("report/attention_page_test.cpp", "AttentionSvg renders pictures"),
    "server/call.cpp": ("server/text_translation_test.cpp", "full, late and left callers"),
    "server/channel.cpp": ("apps/serve_test.py", "slow and broken clients, TLS"),
    "server/exchange.cpp": ("apps/serve_test.py", "heads of every kind"),
    "server/http_server.cpp": ("apps/serve_test.py", "hostile requests of every kind"),
    "server/language_signs.cpp": ("server/detection_test.cpp", "sentences of many languages"),
    "server/lobby.cpp": ("apps/serve_test.py", "idle connections stall nobody and end"),
    "server/markup_placer.cpp": ("server/markup_test.cpp", "tags move with their words"),
    "server/openapi.cpp": ("apps/serve_test.py", "the interface described"),
    "server/page.cpp": ("apps/serve_test.py", "every file that the page names"),
    "server/searches.cpp": ("server/text_translation_test.cpp", "n-best lists"),
    "server/serve.cpp": ("apps/serve_test.py", "signals: stops and models loaded anew"),
    "server/service.cpp": ("server/libretranslate_test.cpp", "limits, languages, reloads"),
    "server/status.cpp": ("apps/serve_test.py", "health and metrics"),
    "server/word_links.cpp": ("server/markup_test.cpp", "words by attention and copied ones"),
    "tokenizer/train.cpp": ("tokenizer/tokenizer_test.cpp", "every tokenizer there is learnt"),
    "training/gloo_communicator.cpp": ("training/communicator_test.cpp apps/distributed_test.py",
                                       "agrees and sums, between threads and between processes"),
    "training/setup.cpp": ("apps/train_test.py", "starts, resumes and refuses trainings"),
    "training/train.cpp": ("apps/train_test.py apps/model_files_test.py", "train and average"),
    "util/descriptors.cpp": ("util/file_content_test.cpp util/output_file_test.cpp",
                             "reads, writes, devices and closed pipes"),
    "util/signals.cpp": ("apps/signals_test.py", "sends signals to the executable"),
}


def check(root, elsewhere=None):
    elsewhere = ELSEWHERE if elsewhere is None else elsewhere
    root = Path(root)
    files = sorted(path.relative_to(root / "src") for path in (root / "src").rglob("*.cpp"))
    faults = []
    for file in files:
        own = file.with_name(file.stem + "_test.cpp")
        tested = (root / "tests" / own).exists()
        if tested and str(file) in elsewhere:
            faults.append(f"src/{file}: has tests/{own}; take it out of ELSEWHERE")
        elif not tested and str(file) not in elsewhere:
            faults.append(f"src/{file}: no tests/{own}; write it, or say in ELSEWHERE of "
                          "tests/house/tested_test.py which test covers the file")
    for name, (tests, _) in elsewhere.items():
        if Path(name) not in files:
            faults.append(f"ELSEWHERE: src/{name} is not there; take the line out")
        for test in tests.split():
            if not (root / "tests" / test).exists():
                faults.append(f"ELSEWHERE: src/{name}: tests/{test} is not there")
    return faults


if __name__ == "__main__":
    sys.exit(sources.main(check))
